"""The benchmark itself: every server in turn, several rounds, one file, one client."""

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from deploy.bench import driving
from deploy.bench.memory import MemoryWatch
from deploy.bench.portal import Portal, portal
from deploy.bench.results import Goal, Results
from deploy.bench.servers import Server, nginx, rclone_crypt

MEBIBYTE = 1 << 20
NGINX_UP, NGINX_DOWN = "nginx, plain, PUT", "nginx, plain, GET"
RCLONE_UP, RCLONE_DOWN = "rclone, crypt, PUT", "rclone, crypt, GET"
API_UP, FORM_UP, API_DOWN = "portal, API upload", "portal, form upload", "portal, API download"
ROWS = (NGINX_UP, RCLONE_UP, API_UP, FORM_UP, NGINX_DOWN, RCLONE_DOWN, API_DOWN)
GOALS = (
    Goal(API_UP, NGINX_UP, 0.35),
    Goal(API_UP, RCLONE_UP, 2.0),
    Goal(FORM_UP, NGINX_UP, 0.35),
    Goal(FORM_UP, RCLONE_UP, 2.0),
    Goal(API_DOWN, NGINX_DOWN, 0.8),
)


@dataclass(frozen=True)
class Measured:
    """What a run came to: the rates, and the peak memory of every process."""

    results: Results
    peaks: dict[tuple[str, int, str], int]


def measure(size: int, rounds: int, folder: Path | None, advance: Callable[[int], None]) -> Measured:
    """Measure with a file of `size` bytes; everything stands under a temporary folder (in `folder`)."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-", dir=folder) as place, ExitStack() as stack:
        source = source_of(Path(place) / "bench.bin", size)
        plain = stack.enter_context(nginx(Path(place) / "nginx"))
        crypt = stack.enter_context(rclone_crypt(Path(place) / "rclone"))
        ours = stack.enter_context(portal(Path(place) / "portal"))
        watched = {"nginx": plain.pid, "rclone": crypt.pid, "portal": ours.pid}
        memory = stack.enter_context(MemoryWatch(watched))
        results = Results()
        for _ in range(rounds):
            _round(results, source, (plain, crypt), ours)
            advance(1)
        memory.look()
    return Measured(results, memory.peaks)


def _round(results: Results, source: Path, others: tuple[Server, Server], ours: Portal) -> None:
    plain, crypt = others
    size = source.stat().st_size
    for row, server in ((NGINX_UP, plain), (RCLONE_UP, crypt)):
        driving.settle()
        results.add(row, driving.upload(source, server.url + source.name).rate)
    for row, upload in ((API_UP, ours.upload_api), (FORM_UP, ours.upload_form)):
        driving.settle()
        results.add(row, upload(source).rate)
        transfer = ours.settled()
    for row, server in ((NGINX_DOWN, plain), (RCLONE_DOWN, crypt)):
        driving.settle()
        results.add(row, driving.download(size, server.url + source.name).rate)
    driving.settle()
    results.add(API_DOWN, ours.download(size, transfer).rate)


def source_of(path: Path, size: int) -> Path:
    """A file of random bytes, which nobody can compress."""
    with path.open("wb") as file:
        for start in range(0, size, MEBIBYTE):
            file.write(os.urandom(min(MEBIBYTE, size - start)))
    return path
