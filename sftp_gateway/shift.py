"""What a gateway and whoever runs it tell one another: that it accepts, that it is to leave, or to stop."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Self


@dataclass
class Shift:
    """One run of the gateway. Nobody waits for the marks: the gateway and its children look at them.

    `ready` is called once it accepts. `leaving`: take nobody new, let who is here finish. `stopping`: soon.
    """

    ready: Callable[[], None] = lambda: None
    leaving: bool = False
    stopping: bool = False

    def told_by_signals(self) -> Self:
        """Let SIGHUP mean leave, SIGTERM and SIGINT stop, in this process and those it forks."""
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told)
        return self

    def _told(self, number: int, _frame: FrameType | None) -> None:
        self.leaving = True
        self.stopping = self.stopping or number != signal.SIGHUP
