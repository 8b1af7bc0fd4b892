"""A large lump-sum file on a large registry, beside the bare database; and single inquiries meanwhile."""

import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from deploy.bench.caller import Caller, calling
from deploy.bench.driving import TransferFailedError, settle
from deploy.bench.inquiries import Inquiries, WrongAnswerError
from deploy.bench.memory import MemoryWatch
from deploy.bench.portal import Portal, portal
from deploy.bench.registry import Home, bare_seconds
from deploy.bench.results import Goal, Results
from deploy.console import Advance
from deploy.installation import opened
from exchange.registry.overlap import Overlap, overlap
from exchange.runtime import Exchange
from schemas.catalog import LAYOUTS
from schemas.sample import SampleOrder, sample

PROGRAM = "lump-sum"
OURS, BARE = "file to answer", "bare database"
GOALS = (Goal(OURS, BARE, 1 / 3),)
SLOWEST = 25.0
"""Milliseconds: goal for the 99th percentile of single inquiries, also while a large file is processed."""
MEMORY_GOAL = 300_000_000
"""Bytes that the worker may take, whatever the size of the file."""
ALONE = 300
"""Inquiries while nothing else is done."""
_STARTED = 10.0
"""Seconds after which a portal that was started does nothing by itself: doors read the guide first."""
_LOOK_EVERY = 0.05
_PATIENCE = 600.0
"""Seconds that one file may take."""


@dataclass(frozen=True)
class Plan:
    """How many lines a file has, and how often."""

    lines: int
    rounds: int


@dataclass
class Measured:
    """Lines a second by row; milliseconds of each inquiry, alone and beside a file; peak bytes by process."""

    results: Results = field(default_factory=Results)
    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    memory: dict[str, int] = field(default_factory=dict)


def measure(plan: Plan, home: Home, advance: Advance) -> Measured:
    """Each round send a file and ask the bare database the same, then send one with inquiries beside it.

    Raises `WrongAnswerError`, `TransferFailedError`, `ToolMissingError`.
    """
    with (
        tempfile.TemporaryDirectory(prefix="portal-bench-") as place,
        portal(home.folder, home.environment) as ours,
        opened(home.source) as exchange,
    ):
        measured = _Rounds(plan, exchange, ours, Path(place)).run(advance)
        measured.memory = _memory(ours)
    return measured


def _memory(ours: Portal) -> dict[str, int]:
    watch = MemoryWatch({ours.username: ours.pid})
    watch.look()
    return {title: peak for (_, _, title), peak in sorted(watch.peaks.items())}


@dataclass(frozen=True)
class _Sample:
    """A lump-sum file, and how many of its lines match."""

    path: Path
    matches: int


@dataclass(frozen=True)
class _Rounds:
    plan: Plan
    exchange: Exchange
    ours: Portal
    place: Path

    def run(self, advance: Advance) -> Measured:
        """All rounds."""
        time.sleep(_STARTED)
        inquiries = Inquiries(self.ours, self._known())
        measured = Measured(alone=inquiries.some(ALONE))
        for _ in range(self.plan.rounds):
            self._round(inquiries, measured)
            advance(1)
        return measured

    def _round(self, inquiries: Inquiries, measured: Measured) -> None:
        lines = self.plan.lines
        made = self._sample()
        measured.results.add(OURS, lines / self._send(made))
        measured.results.add(BARE, lines / bare_seconds(self.exchange, made.path))
        made.path.unlink()
        made = self._sample()
        with inquiries.beside() as took:
            self._send(made)
        measured.beside += took
        made.path.unlink()

    def _known(self) -> Overlap:
        """Other people each time."""
        return overlap(self.exchange, self.ours.username, time.time_ns() % 1_000_000_007)

    def _sample(self) -> _Sample:
        """A file that nobody has sent before."""
        known = self._known()
        path = self.place / f"bonuses-{known.seed}.txt"
        with path.open("wb") as out:
            order = SampleOrder(self.plan.lines, known.seed, population=known)
            matches = len(sample(LAYOUTS[PROGRAM], order, out)["matches"])
        settle()
        return _Sample(path, matches)

    def _send(self, made: _Sample) -> float:
        """Seconds from the last byte to the answer in the outbox."""
        with calling(self.ours) as caller:
            sending = f"/api/v1/transfers?program={PROGRAM}&filename={made.path.name}"
            handed, sent = caller.send(sending, made.path)
            path = f"/api/v1/transfers/{handed['id']}"
            while (status := caller.get(path)["status"]) != "COMPLETE":
                if status in {"REJECTED", "QUARANTINED"} or time.perf_counter() - sent > _PATIENCE:
                    raise TransferFailedError(f"{made.path.name} ended or stayed as {status}")
                time.sleep(_LOOK_EVERY)
            took = time.perf_counter() - sent
            _compare(caller, handed["id"], made.matches)
        return took


def _compare(caller: Caller, identifier: str, matches: int) -> None:
    """Hold the trailer of the result against the truth."""
    items = caller.get(f"/api/v1/transfers?direction=outbound&program={PROGRAM}")["items"]
    mine = (one for one in items if one["answers_to"] == identifier and one["filename"].endswith(".res"))
    trailer = LAYOUTS[f"{PROGRAM}-result"].trailer
    tail = caller.tail(f"/api/v1/transfers/{next(mine)['id']}/content", trailer.length + 1)
    found = trailer.parse(tail[:-1])["matched_count"]
    if found != matches:
        raise WrongAnswerError(f"{found} lines matched instead of {matches}")
