"""Checking whole files beside the least a program could do: a plain Python loop that slices the fields."""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time

from deploy.bench.results import Goal, Results
from exchange.runtime import utc_now
from schemas.catalog import LAYOUTS
from schemas.checking import CheckRules, check
from schemas.record import Layout
from schemas.sample import SampleOrder, sample

SLUGS = ("lump-sum", "debt-inquiry", "termination", "data-match", "data-match-inquiry")
"""The layouts that come in large files."""
MEMORY_GOAL = 300_000_000
"""Bytes that checking may take, whatever the size of the file."""
CHECKED, SLICED = "checked", "sliced"
GOALS = tuple(Goal(f"{slug}, {CHECKED}", f"{slug}, {SLICED}", 1.0, 2.0) for slug in SLUGS)


class NotAsMadeError(Exception):
    """A file was not found as it was made: its figures say nothing."""


@dataclass
class Measured:
    """Records a processor second by layout and way, and the most memory (bytes) that a check took."""

    results: Results = field(default_factory=Results)
    memory: int = 0


def measure(records: int, rounds: int, folder: Path | None, advance: Callable[[int], None]) -> Measured:
    """Check and slice a clean file of each layout in turn. Raises `NotAsMadeError`."""
    measured = Measured()
    with tempfile.TemporaryDirectory(prefix="portal-bench-", dir=folder) as place:
        for slug in SLUGS:
            path = Path(place) / slug
            with path.open("wb") as out:
                sample(LAYOUTS[slug], SampleOrder(records), out)
            for _ in range(rounds):
                measured.results.add(f"{slug}, {CHECKED}", records / checking(path, LAYOUTS[slug], records))
                measured.results.add(f"{slug}, {SLICED}", records / slicing(path, LAYOUTS[slug]))
                advance(1)
            measured.memory = max(measured.memory, _memory_of_a_check(path, slug))
            path.unlink()
    return measured


def checking(path: Path, layout: Layout, records: int) -> float:
    """Processor seconds of a full check."""
    now = utc_now()
    began = process_time()
    with path.open("rb") as source:
        checked = check(layout, source, rules=CheckRules(today=now.date(), now=now, synthetic=True))
        findings = sum(len(block.findings) for block in checked)
    if findings or checked.summary.accepted != records:
        raise NotAsMadeError(f"{layout.slug}: {findings} findings in a clean file")
    return process_time() - began


def slicing(path: Path, layout: Layout) -> float:
    """Processor seconds of the plain loop."""
    places = [(place.first - 1, place.last) for place in layout.details[0].fields]
    began = process_time()
    with path.open("rb") as source:
        for line in source:
            [line[first:last] for first, last in places]
    return process_time() - began


def _memory_of_a_check(path: Path, slug: str) -> int:
    """Peak resident bytes of `portal validate`, the largest child so far."""
    command = (sys.executable, "-P", "-m", "deploy.cli", "validate", slug, str(path))
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 -- this program itself
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
