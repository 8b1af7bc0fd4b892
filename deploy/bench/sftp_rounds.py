"""The SFTP benchmark: every server in turn, several rounds, one client; a row is a server's measure."""

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from deploy.bench import driving, sftp_crowd, sftp_driving, sftp_servers, sftp_stages
from deploy.bench.portal import Portal, portal
from deploy.bench.results import MEGA, Goal, Results
from deploy.bench.rounds import source_of
from deploy.bench.sftp_crowd import Crowd
from deploy.bench.sftp_servers import SftpDoor
from deploy.bench.sftp_stages import Stages

UP, FOUR_UP, DOWN, SMALL, LOGINS = "1 up", "4 up", "1 down", "small files", "log-ins"
UNITS = {
    UP: ("MB/s", MEGA),
    FOUR_UP: ("MB/s", MEGA),
    DOWN: ("MB/s", MEGA),
    SMALL: ("/s", 1),
    LOGINS: ("/s", 1),
}
DOORS = ("OpenSSH", "ProFTPD", "rclone crypt", "portal")
BARE = "bare loop"
"""Write, fsync, rename, one file after another, without any server."""
SMALL_FILE = 4096
_LOGINS = 7


def row(door: str, measure: str) -> str:
    """The name of a row."""
    return f"{door}, {measure}"


GOALS = (
    Goal(row("portal", UP), row("OpenSSH", UP), 1.1, 1.4),
    Goal(row("portal", UP), row("rclone crypt", UP), 2.5),
    Goal(row("portal", FOUR_UP), row("OpenSSH", FOUR_UP), 1.2, 1.5),
    Goal(row("portal", DOWN), row("OpenSSH", DOWN), 1.1, 1.3),
    Goal(row("portal", SMALL), row(BARE, SMALL), 1 / 3),
    Goal(row("portal", LOGINS), row("OpenSSH", LOGINS), 1.0),
)


@dataclass(frozen=True)
class Plan:
    """How much is moved: bytes of the large file, number of small ones, rounds."""

    size: int
    files: int
    rounds: int


@dataclass
class Measured:
    """What a run came to."""

    results: Results = field(default_factory=Results)
    stages: Stages = field(default_factory=Stages)
    crowd: Crowd = field(default_factory=Crowd)


def measure(plan: Plan, folder: Path | None, advance: Callable[[int], None]) -> Measured:
    """Measure; everything stands under a temporary folder (in `folder`). Raises as the servers do."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-", dir=folder) as name, ExitStack() as stack:
        place = Path(name)
        key = sftp_servers.client_key(place)
        peers = [
            stack.enter_context(start(place / start.__name__, key))
            for start in (sftp_servers.openssh, sftp_servers.proftpd, sftp_servers.rclone_crypt)
        ]
        run = _Run(plan, place, stack.enter_context(portal(place / "portal")), Measured())
        for number in range(plan.rounds):
            run.round(number, peers)
            advance(1)
        run.measured.stages = sftp_stages.measure(place / "portal", run.ours, plan.size)
        run.measured.crowd = sftp_crowd.measure(run.ours.sftp, place)
    return run.measured


class _Run:
    """One run: the files that are sent, the portal, and what was measured so far."""

    def __init__(self, plan: Plan, place: Path, ours: Portal, measured: Measured) -> None:
        self.plan, self.place, self.ours, self.measured = plan, place, ours, measured
        self._large = source_of(place / "bench.bin", plan.size)
        self._small = place / "small"
        self._small.mkdir()
        for number in range(plan.files):
            (self._small / f"{number:05}.bin").write_bytes(os.urandom(SMALL_FILE))

    def round(self, number: int, peers: list[SftpDoor]) -> None:
        """Everything once, each server after the other."""
        for measure in (self._up, self._four_up, self._small_files, self._logins):
            for door in [*peers, self.ours.sftp]:
                measure(door, number)
                self._settle(door)
        self._bare(number)
        self._make_room()

    def _make_room(self) -> None:
        """Take away what the others hold of this round; only the portal keeps what it acknowledged."""
        for held in self.place.glob("*/files/*"):
            held.unlink()

    def _settle(self, door: SftpDoor) -> None:
        if door is self.ours.sftp:
            self.ours.settled()
        driving.settle()

    def _up(self, door: SftpDoor, number: int) -> None:
        """One file up, and down again."""
        there = _there(door, f"large-{number}.bin")
        self._timed(door, UP, [[sftp_driving.put(self._large, there)]], self.plan.size)
        self._settle(door)
        self._timed(door, DOWN, [[sftp_driving.get(there, Path(os.devnull))]], self.plan.size)

    def _four_up(self, door: SftpDoor, number: int) -> None:
        names = [_there(door, f"four-{number}-{each}.bin") for each in range(4)]
        batches = [[sftp_driving.put(self._large, name)] for name in names]
        self._timed(door, FOUR_UP, batches, 4 * self.plan.size)

    def _small_files(self, door: SftpDoor, number: int) -> None:
        del number  # sent again under the same names: each time a new file, durable and with its receipt
        self._timed(door, SMALL, [[f'put {self._small}/* "{_there(door, "")}"']], self.plan.files)

    def _logins(self, door: SftpDoor, number: int) -> None:
        del number
        for _ in range(_LOGINS):
            self._timed(door, LOGINS, [["ls"]], 1)

    def _timed(self, door: SftpDoor, what: str, batches: list[list[str]], amount: int) -> None:
        self.measured.results.add(row(door.name, what), amount / sftp_driving.timed(door, batches))

    def _bare(self, number: int) -> None:
        folder = self.place / f"bare-{number}"
        folder.mkdir()
        content = os.urandom(SMALL_FILE)
        began = time.perf_counter()
        for each in range(self.plan.files):
            _write_durably(folder / f"{each}.part", folder / f"{each}.bin", content)
        self.measured.results.add(row(BARE, SMALL), self.plan.files / (time.perf_counter() - began))


def _there(door: SftpDoor, name: str) -> str:
    return f"{door.folder}/{name}" if door.folder else name or "."


def _write_durably(draft: Path, final: Path, content: bytes) -> None:
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(final)
