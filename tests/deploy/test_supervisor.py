"""The supervisor against real processes: what is killed comes back, what is stopped leaves nothing."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from deploy.process import Part
from deploy.relief import READY_WITHIN, Relief
from tests.deploy.supervised import GRACE

PROGRAM = Path(__file__).with_name("supervised.py")
ROOT = Path(__file__).parents[2]
PATIENCE = 20.0
"""Seconds; what is waited for takes a tenth of one, on a machine that is not busy."""


class Stage:
    """One supervisor that runs as a program of its own."""

    def __init__(self, folder: Path, *kinds: str) -> None:
        self.note = folder / "note.json"
        self.mood = folder / "mood"
        self.log = (folder / "log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, PROGRAM, "supervise", self.note, *kinds],
            stdout=self.log,
            start_new_session=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        until(lambda: self.note.exists() and self.note.stat().st_size)

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


def until(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):  # the second when it vanishes between opening and reading
        return True


@pytest.fixture(autouse=True)
def hang_ups_count() -> Iterator[None]:
    """Tests that were started under nohup(1) would start supervisors that let SIGHUP be ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


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
    running.process.terminate()
    assert running.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=str)
def test_a_signal_stops_every_part_and_what_the_parts_have_forked(
    stage: Callable[..., Stage], number: int
) -> None:
    running = stage("door", "brood")
    until(lambda: len(running.children()) == 2)
    running.ask()
    family = running.children() + grandchildren(running)
    running.process.send_signal(number)
    assert running.process.wait(PATIENCE) == 0
    until(lambda: all(gone(pid) for pid in family))  # a grandchild was killed, and may not have noticed yet


def test_a_part_that_will_not_stop_is_killed_in_bounded_time(stage: Callable[..., Stage]) -> None:
    running = stage("stubborn")
    until(lambda: ignores_sigterm(running.children()))
    (child,) = running.children()
    began = time.monotonic()
    running.process.terminate()
    assert running.process.wait(GRACE + PATIENCE) == 0
    assert GRACE - 1 < time.monotonic() - began < GRACE + PATIENCE
    assert gone(child)
    assert f"did not stop within {GRACE:.0f} seconds" in running.said()


def test_no_part_outlives_a_supervisor_that_is_killed(stage: Callable[..., Stage]) -> None:
    running = stage("door", "stubborn")
    until(lambda: len(running.children()) == 2)
    running.ask()
    until(lambda: any(ignores_sigterm([pid]) for pid in running.children()))
    family = running.children()
    running.process.kill()
    until(lambda: all(gone(pid) for pid in family))


def test_a_part_that_never_comes_up_stops_the_whole_with_exit_code_1(stage: Callable[..., Stage]) -> None:
    running = stage("broken")
    assert running.process.wait(30) == 1
    assert "broken does not stay up: giving up" in running.said()


def test_a_reload_relieves_every_part_and_no_caller_is_refused(stage: Callable[..., Stage]) -> None:
    running = stage("door", "brood")
    until(lambda: len(running.children()) == 2)
    old = running.ask()[0]
    family = running.children() + grandchildren(running)
    with hammering(running) as answers:
        until(lambda: answers)
        for _ in range(2):
            before = set(running.children())
            running.process.send_signal(signal.SIGHUP)
            until(lambda before=before: not before & set(running.children()))
            until(lambda before=before: answers[-1] not in before)
    assert old in answers
    assert len(set(answers)) == 3
    assert running.ask() == (answers[-1], "hello")
    until(lambda: all(gone(pid) for pid in family))
    running.process.terminate()
    assert running.process.wait(PATIENCE) == 0


@contextmanager
def hammering(running: Stage) -> Iterator[list[int]]:
    """Who answered, while callers come one after the other; one that is refused makes the test fail."""
    answers: list[int] = []
    over = threading.Event()

    def call() -> None:
        while not over.is_set():
            answers.append(running.ask()[0])

    with ThreadPoolExecutor() as pool:
        caller = pool.submit(call)
        try:
            yield answers
        finally:
            over.set()
        caller.result(20)


@pytest.mark.parametrize(
    ("mood", "told"),
    [
        ("breaks", "not reloaded: moody: stopped before it took over (exit code 3)"),
        ("hangs", "not reloaded: moody: stopped before it took over (signal SIGKILL)"),
    ],
)
def test_what_ran_before_runs_on_when_a_new_part_does_not_come_up(
    stage: Callable[..., Stage], mood: str, told: str
) -> None:
    running = stage("door", "moody")
    until(running.mood.with_name("well").exists)
    old, before = running.ask()[0], set(running.children())
    running.mood.write_text(mood)
    running.process.send_signal(signal.SIGHUP)
    if mood == "hangs":
        until(lambda: parts_of(running, "moody") - before)
        (hanging,) = parts_of(running, "moody") - before
        os.kill(hanging, signal.SIGKILL)
    until(lambda: told in running.said())
    until(lambda: set(running.children()) == before)
    assert running.ask()[0] == old


def test_a_new_part_that_never_says_that_it_is_ready_is_given_up() -> None:
    relief = Relief.start((Part("silent", ("/bin/sleep", "600")),))
    assert (relief.is_ready(), relief.failure()) == (False, None)
    relief.deadline = time.monotonic()
    assert relief.failure() == f"silent was not ready within {READY_WITHIN:.0f} seconds"
    assert relief.withdraw() == []
    assert relief.processes[0].has_ended()


def test_one_that_has_something_in_hand_may_leave_late_and_a_stop_ends_it_with_the_rest(
    stage: Callable[..., Stage],
) -> None:
    running = stage("busy")
    for reloads in (1, 2):
        until(lambda reloads=reloads: ready_for_a_hang_up(running.children(), reloads))
        running.process.send_signal(signal.SIGHUP)
        until(lambda reloads=reloads: running.said().count("reloaded: ") == reloads)
    family = running.children()
    assert len(family) == 3
    running.process.terminate()
    assert running.process.wait(PATIENCE) == 0
    assert all(gone(pid) for pid in family)


def test_a_terminal_that_is_closed_stops_everything(stage: Callable[..., Stage]) -> None:
    near, far = pty.openpty()
    running = stage(os.ttyname(far), "door")
    old = running.ask()[0]
    running.process.send_signal(signal.SIGHUP)
    until(lambda: running.ask()[0] != old)
    family = running.children()
    os.close(far)
    os.close(near)
    assert running.process.wait(PATIENCE) == 0
    assert all(gone(pid) for pid in family)


def parts_of(running: Stage, kind: str) -> set[int]:
    """The parts of a kind; a process that was forked and is not yet a part is none."""
    words = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in running.children()}
    return {pid for pid, told in words.items() if {b"part", kind.encode()} <= set(told)}


def ready_for_a_hang_up(pids: list[int], count: int) -> bool:
    """Whether so many parts handle SIGHUP (read from the kernel: bit 1 of the caught signals).

    A process that was forked and is not yet a part still handles what the supervisor does.
    """
    parts = [pid for pid in pids if b"part" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]
    lines = [line for pid in parts for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return sum(int(line.split()[1], 16) & 1 for line in lines if line.startswith("SigCgt")) == count


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
