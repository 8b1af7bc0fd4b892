"""However many sign in at once, few hashes are computed together, among threads and forked processes."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from exchange.accounts import passwords


class Counting:
    """A hasher that notes how many are at work at once, in all processes, in a file."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.most = folder, folder / "most"

    def verify(self, _hash: str, _password: bytes) -> bool:
        mine = self.folder / f"at-work-{os.getpid()}-{threading.get_ident()}"
        mine.touch()
        time.sleep(0.02)
        with self.most.open("ab") as told:
            told.write(bytes([len(list(self.folder.glob("at-work-*")))]))
        mine.unlink()
        return True


@pytest.fixture
def counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counting:
    made = Counting(tmp_path)
    monkeypatch.setattr(passwords, "_HASHER", made)
    return made


def test_few_threads_hash_at_the_same_time(counting: Counting) -> None:
    running = [threading.Thread(target=passwords.matches, args=("hash", "password")) for _ in range(20)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert len(counting.most.read_bytes()) == 20
    assert max(counting.most.read_bytes()) <= passwords.AT_ONCE


def test_forked_processes_take_turns_and_one_that_is_killed_gives_its_turn_back(counting: Counting) -> None:
    killed = _fork(lambda: passwords._in_turn(lambda: time.sleep(60)))
    time.sleep(0.1)
    children = [_fork(lambda: passwords.matches("hash", "password")) for _ in range(8)]
    os.kill(killed, signal.SIGKILL)
    for child in (killed, *children):
        os.waitpid(child, 0)
    assert len(counting.most.read_bytes()) == 8
    assert max(counting.most.read_bytes()) <= passwords.AT_ONCE


def _fork(work: Callable[[], object]) -> int:
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    return child
