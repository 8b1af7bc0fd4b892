"""Which upload goes through which door, how far, and what is killed then: all of it follows from a seed."""

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.files import lump_sum
from tests.acceptance.running import Portal
from tests.acceptance.uploads import Outcome

MIB = 1024 * 1024
HALTS_AFTER = 1.6 * MIB
"""Bytes after which every door has written a draft's row: the web door seals batches of a mebibyte."""
SFTP_DOORS = ("sftp", "draft")
_VICTIMS = {"web": 3, "sftp": 3, "connection": 3, "worker": 2, None: 13}
_DOORS = {"api": 4, "web": 2, "script": 2, "sftp": 4, "draft": 3}
_HALTING = {
    "web": ("api", "web", "script"),
    "sftp": ("sftp", "draft"),
    "everything": ("api", "draft", "script", "sftp", "web"),
    "supervisor": ("web", "api", "script", "draft", "sftp"),
}
_RECORD = 401


@dataclass
class Plan:
    """One upload and the kill that goes with it; `point` over 1 lies so many seconds after the last byte.

    `pause` is what the client waits after each piece, so that the portal is as far as the client.
    """

    door: str
    program: str
    local: Path
    size: int
    sha256: str
    victim: str | None
    point: float
    pause: float
    outcome: Outcome = field(default_factory=Outcome)

    @property
    def filename(self) -> str:
        """The name it is sent under."""
        return self.local.name


class Planner:
    """Makes plans out of a seed, and their files in a folder."""

    def __init__(self, dice: random.Random, fein: str, folder: Path) -> None:
        """`fein` is the organization's own."""
        self._dice, self._fein, self._folder = dice, fein, folder
        self._made = 0

    def groups(self, count: int, at_once: int, most: int) -> Iterator[tuple[str, list[Plan]]]:
        """Uploads of 2 MiB to `most` bytes that halt together, half-way, and what is killed then."""
        order = list(_HALTING)
        self._dice.shuffle(order)
        for number in range(count):
            victim = order[number % len(order)]
            yield victim, [self._halting(door, victim, most) for door in _HALTING[victim][:at_once]]

    def moving(self, count: int, most: int) -> list[Plan]:
        """Uploads of up to `most` bytes, one fifth too small for a draft; kills while bytes travel."""
        return [self._moving(most) for _ in range(count)]

    def _halting(self, door: str, victim: str, most: int) -> Plan:
        size = self._dice.randint(2 * MIB, most)
        point = self._dice.uniform(HALTS_AFTER, size - MIB // 8) / size  # never within the last piece
        return self._plan(door, size, victim, point)

    def _moving(self, most: int) -> Plan:
        dice = self._dice
        small, large = int(2 ** dice.uniform(10, 20)), dice.randint(MIB, most)
        door = _drawn(dice, _DOORS)
        victim = _drawn(dice, _VICTIMS)
        points = (dice.random(), 1 + dice.uniform(0, 0.05), 1 + dice.uniform(0, 0.6))
        point = dice.choices(points, [6, 2, 1])[0]
        return self._plan(str(door), dice.choices([small, large], [1, 4])[0], victim, point)

    def _plan(self, door: str, size: int, victim: str | None, point: float) -> Plan:
        self._made += 1
        program = self._dice.choices(["lump-sum", "files"], [1, 2])[0]
        local = self._folder / f"kill-{self._made:03d}.txt"
        if program == "lump-sum":
            content = lump_sum(self._fein, f"KILL{self._made:05d}", max(1, size // _RECORD - 2))
        else:
            content = self._dice.randbytes(size)
        local.write_bytes(content)
        pause = self._dice.choice([0.001, 0.004, 0.01])
        digest = hashlib.sha256(content).hexdigest()
        return Plan(door, program, local, len(content), digest, victim, point, pause)


def _drawn(dice: random.Random, weights: dict[str, int] | dict[str | None, int]) -> str | None:
    return dice.choices(list(weights), list(weights.values()))[0]


class Killings:
    """Kills parts of one installation, counts them, and lets nobody begin while it is being started again."""

    def __init__(self, portal: Portal) -> None:
        self.portal, self.counted = portal, Counter[str]()
        self._is_up = threading.Event()
        self._is_up.set()

    def wait(self) -> None:
        """Return when the installation is up."""
        assert self._is_up.wait(180)

    def kill(self, victim: str) -> None:
        """SIGKILL a part, or the whole: `everything` at once, or the `supervisor` alone."""
        self.counted[victim] += 1
        if victim not in {"everything", "supervisor"}:
            self.portal.kill(victim)
            return
        self._is_up.clear()
        self.portal.kill_all(at_once=victim == "everything")
        self.portal.start()
        self._is_up.set()


class Killer:
    """Carries out one kill when an upload comes to its point, which may lie behind the last byte."""

    def __init__(self, killings: Killings, victim: str | None, point: float, pause: float = 0.0) -> None:
        self._killings, self._victim, self._point, self._pause = killings, victim, point, pause
        self._timer: threading.Timer | None = None

    def passing(self, behind: float) -> None:
        """The upload has come so far."""
        time.sleep(self._pause)
        if self._victim is None:
            return
        if behind >= 1.0:
            self.after(max(0.0, self._point - 1))
        elif behind >= self._point:
            self._kill()

    def after(self, seconds: float) -> None:
        """Kill in so many seconds."""
        victim, self._victim = self._victim, None
        if victim is not None:
            self._timer = threading.Timer(seconds, self._killings.kill, [victim])
            self._timer.start()

    def end(self) -> None:
        """Return when nothing will be killed any more; a kill that was not reached does not happen."""
        self._victim = None
        if self._timer is not None:
            self._timer.join()

    def _kill(self) -> None:
        victim, self._victim = self._victim, None
        assert victim is not None
        self._killings.kill(victim)
