"""Those who connected and have not said a word yet: the parent holds them, at the price of a descriptor each.

Only for whoever speaks a process is made, so that a thousand silent ones cost next to nothing. When there are
too many, room is made at the expense of whoever is missed least: the oldest of the source that has most.
"""

import resource
import select
import socket
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

_AT_ONCE = 4  # who spoke and is told of in one look: a process for each costs milliseconds
_DESCRIPTORS_KEPT = 64  # for everything else that the parent has open
_T = TypeVar("_T")


@dataclass(frozen=True)
class Arrival:
    """A connected client. `source` is what it counts as; `until` (monotonic) is when its silence ends."""

    connection: socket.socket
    address: str
    source: str
    until: float


@dataclass(frozen=True)
class Turn:
    """What one look at the door showed: somebody new, those who speak now, those who were silent too long."""

    knocked: bool
    spoke: list[Arrival]
    overdue: list[Arrival]


class Doorstep:
    """The listening socket and those before it; `patience` in seconds is how long they may be silent."""

    def __init__(self, listening: socket.socket, most: int, patience: float) -> None:
        self._listening = listening
        self._most = min(most, _room_for(most))
        self._patience = patience
        self._waiting: dict[int, Arrival] = {}  # by descriptor; the oldest first
        self._poll = select.poll()
        self._poll.register(listening, select.POLLIN)

    def __len__(self) -> int:
        return len(self._waiting)

    def look(self, seconds: float) -> Turn:
        """Wait at most so long for something to happen. Who spoke or was silent too long is here no more.

        When many speak at once the newest come first: in a storm nobody waits for the oldest any more.
        """
        ready = {descriptor for descriptor, _ in self._poll.poll(seconds * 1000)}
        speaking = [one for descriptor, one in self._waiting.items() if descriptor in ready]
        spoke = [self._let_go(one) for one in speaking[-_AT_ONCE:]]
        now = time.monotonic()
        overdue = [self._let_go(one) for one in list(self._waiting.values()) if one.until <= now]
        return Turn(self._listening.fileno() in ready, spoke, overdue)

    def take(self, connection: socket.socket, address: str, source: str) -> Arrival | None:
        """Let somebody wait here; whoever had to leave for that, if the place was full."""
        leaving = None
        if len(self._waiting) >= self._most:
            leaving = self._let_go(least_missed((one, one.source) for one in self._waiting.values()))
        descriptor = connection.fileno()
        self._waiting[descriptor] = Arrival(
            connection, address, source, until=time.monotonic() + self._patience
        )
        self._poll.register(descriptor, select.POLLIN)
        return leaving

    def count_of(self, source: str) -> int:
        """How many of one source wait here."""
        return sum(one.source == source for one in self._waiting.values())

    def oldest_of(self, source: str) -> Arrival | None:
        """Who of a source has waited longest, and is here no more."""
        oldest = next((one for one in self._waiting.values() if one.source == source), None)
        return self._let_go(oldest) if oldest else None

    def shut(self) -> None:
        """Let nobody new knock; those who wait may still speak."""
        self._poll.unregister(self._listening)
        self._listening.close()

    def close(self) -> None:
        """Close every descriptor of this process: the peers notice when no process holds theirs any more."""
        self._listening.close()
        for one in self._waiting.values():
            one.connection.close()
        self._waiting.clear()

    def _let_go(self, arrival: Arrival) -> Arrival:
        self._poll.unregister(arrival.connection)
        return self._waiting.pop(arrival.connection.fileno())


def least_missed(held: Iterable[tuple[_T, str]]) -> _T:
    """Of those held, the oldest first, each with its source: the oldest of the source that holds most."""
    pairs = list(held)
    counted = Counter(source for _, source in pairs)
    return max(pairs, key=lambda pair: counted[pair[1]])[0]


def end(arrival: Arrival) -> None:
    """Hang up, also where a process that is just being made still holds the descriptor."""
    with suppress(OSError):
        arrival.connection.shutdown(socket.SHUT_RDWR)
    arrival.connection.close()


def _room_for(wanted: int) -> int:
    """How many descriptors may wait; the process' own bound is raised for them as far as it goes."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _DESCRIPTORS_KEPT
    if allowed < needed:
        allowed = needed if most == resource.RLIM_INFINITY else min(needed, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    return max(1, allowed - _DESCRIPTORS_KEPT)
