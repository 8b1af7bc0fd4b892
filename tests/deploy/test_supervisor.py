"""The supervisor against real processes: what is killed comes back, what is stopped leaves nothing."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from deploy.supervisor import GRACE

PROGRAM = Path(__file__).with_name("supervised.py")
ROOT = Path(__file__).parents[2]


class Stage:
    """One supervisor that runs as a program of its own."""

    def __init__(self, folder: Path, *kinds: str) -> None:
        self.note = folder / "note.json"
        self.log = (folder / "log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, PROGRAM, "supervise", self.note, *kinds],
            stdout=self.log,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        until(self.note.exists)

    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def ask(self) -> tuple[int, str]:
        with socket.create_connection(("127.0.0.1", json.loads(self.note.read_text())["port"]), 20) as caller:
            number, words = caller.makefile().read().split(" ")
        return int(number), words

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read()


def until(holds: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    stages: list[Stage] = []

    def begin(*kinds: str) -> Stage:
        stages.append(Stage(tmp_path, *kinds))
        return stages[-1]

    yield begin
    for each in stages:
        with suppress(ProcessLookupError):
            each.process.kill()
        each.process.wait()
        each.log.close()


def test_a_killed_part_comes_back_on_the_same_port_and_no_caller_is_refused(
    stage: Callable[..., Stage],
) -> None:
    running = stage("door")
    first, opening = running.ask()
    assert opening == "hello"
    for _ in range(3):
        os.kill(first, signal.SIGKILL)
        until(lambda pid=first: gone(pid))
        second, _ = running.ask()
        assert second != first
        first = second


def test_one_part_that_dies_leaves_the_others_alone(stage: Callable[..., Stage]) -> None:
    running = stage("door", "brood")
    until(lambda: len(running.children()) == 2)
    door, _ = running.ask()
    (brood,) = set(running.children()) - {door}
    os.kill(brood, signal.SIGKILL)
    until(lambda: "brood stopped (signal SIGKILL)" in running.said())
    assert running.ask()[0] == door


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=str)
def test_a_signal_stops_every_part_and_what_the_parts_have_forked(
    stage: Callable[..., Stage], number: int
) -> None:
    running = stage("door", "brood")
    until(lambda: len(running.children()) == 2)
    running.ask()
    family = running.children() + grandchildren(running)
    running.process.send_signal(number)
    assert running.process.wait(5) == 0
    assert all(gone(pid) for pid in family)


def test_a_part_that_will_not_stop_is_killed_in_bounded_time(stage: Callable[..., Stage]) -> None:
    running = stage("stubborn")
    until(lambda: ignores_sigterm(running.children()))
    (child,) = running.children()
    began = time.monotonic()
    running.process.terminate()
    assert running.process.wait(GRACE + 5) == 0
    assert GRACE - 1 < time.monotonic() - began < GRACE + 3
    assert gone(child)
    assert f"did not stop within {GRACE:.0f} seconds" in running.said()


def test_no_part_outlives_a_supervisor_that_is_killed(stage: Callable[..., Stage]) -> None:
    running = stage("door", "stubborn")
    until(lambda: len(running.children()) == 2)
    running.ask()
    until(lambda: any(ignores_sigterm([pid]) for pid in running.children()))
    family = running.children()
    running.process.kill()
    until(lambda: all(gone(pid) for pid in family), 5)


def test_a_part_that_never_comes_up_stops_the_whole_with_exit_code_1(stage: Callable[..., Stage]) -> None:
    running = stage("broken")
    assert running.process.wait(30) == 1
    assert "broken does not stay up: giving up" in running.said()


def grandchildren(running: Stage) -> list[int]:
    found: list[int] = []
    for pid in running.children():
        found += [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found


def ignores_sigterm(pids: list[int]) -> bool:
    """Whether all of them have set SIGTERM aside (read from the kernel: bit 15 of the ignored signals)."""
    if not pids:
        return False
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return all(int(line.split()[1], 16) >> 14 & 1 for line in lines if line.startswith("SigIgn"))
