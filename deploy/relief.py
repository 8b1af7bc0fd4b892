"""New processes that are to take over from those that serve: together, or not at all."""

import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from deploy.process import Part, Process, how

READY_WITHIN = 120.0
"""Seconds in which new processes have to say that they are ready."""


@dataclass
class Relief:
    """Started beside those that serve. `deadline` is of the monotonic clock."""

    processes: list[Process]
    deadline: float

    @classmethod
    def start(cls, parts: Iterable[Part]) -> Self:
        """Start all of them; raises OSError when one cannot be, and leaves none then."""
        relief = cls([], time.monotonic() + READY_WITHIN)
        try:
            for part in parts:
                relief.processes.append(Process.start(part))
        except OSError:
            relief.withdraw()
            raise
        return relief

    def awaited(self) -> list[socket.socket]:
        """The lines on which somebody is still to say that it is ready."""
        return [process.line for process in self.processes if process.is_heard]

    def is_ready(self) -> bool:
        """Whether all of them are."""
        for process in self.processes:
            process.look()
        return all(process.is_ready for process in self.processes)

    def failure(self) -> str | None:
        """Why they will not take over, in words; None while they may."""
        for process in self.processes:
            if process.last_words or process.has_ended():
                why = process.last_words or f"stopped before it took over ({how(process.clear_up())})"
                return f"{process.part.name}: {why}"
        late = [process.part.name for process in self.processes if not process.is_ready]
        if late and time.monotonic() >= self.deadline:
            return f"{late[0]} was not ready within {READY_WITHIN:.0f} seconds"
        return None

    def withdraw(self) -> list[Process]:
        """End them; returned are those that end by themselves, since callers may have come to them."""
        leaving = [process for process in self.processes if process.is_ready and not process.has_ended()]
        for process in self.processes:
            if process in leaving:
                process.leave()
            else:
                process.clear_up()
        return leaving
