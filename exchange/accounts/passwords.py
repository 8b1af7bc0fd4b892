"""Password hashes: Argon2id (RFC 9106), with a bound on how many are computed at once.

Each hash takes 19 MiB. The bound holds for a process and all it has forked (the SFTP gateway forks one for
every connection), so that a flood of sign-ins can exhaust neither memory nor processors.
"""

import fcntl
import os
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM_LENGTH = 15
MAXIMUM_LENGTH = 256
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
AT_ONCE = max(1, (os.cpu_count() or 1) // 2)
"""Hashes computed at the same time by one process: half the processors stay free for everything else."""
_GIVES_WAY = 10
"""By how much hashing is nicer than everything else: pages of those who are in come first."""
_SLOTS = list(range(AT_ONCE))
_AMONG_PROCESSES = os.memfd_create("argon2")
_LINES: dict[int, ThreadPoolExecutor] = {}
_OPENING = threading.Lock()
Hashed = TypeVar("Hashed")
# Compared against when there is no such account, so that the answer takes as long as for a wrong password.
_NOBODY = _HASHER.hash("no account has this password")


def hash_password(password: str) -> str:
    """The encoded Argon2id hash of a password."""
    return _in_turn(lambda: _HASHER.hash(_octets(password)))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password has that hash; takes as long when there is no hash."""
    try:
        right = _in_turn(lambda: _HASHER.verify(password_hash or _NOBODY, _octets(password)))
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


def _in_turn(work: Callable[[], Hashed]) -> Hashed:
    """Do the work in one of this process's few hashing threads, when its turn has come."""
    with _OPENING:
        line = _LINES.get(os.getpid())  # a forked process has none of its parent's threads
        if line is None:
            line = _LINES[os.getpid()] = ThreadPoolExecutor(AT_ONCE, "argon2", _give_way)
    return line.submit(_among_processes, work).result()


def _give_way() -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _GIVES_WAY)


def _among_processes(work: Callable[[], Hashed]) -> Hashed:
    """Wait for a turn among the processes forked from one.

    A record lock belongs to a process and goes with it, however it ends; a semaphore shared by all would stay
    taken by one that was killed.
    """
    slot = _SLOTS.pop()
    place = (slot + os.getpid()) % AT_ONCE
    fcntl.lockf(_AMONG_PROCESSES, fcntl.LOCK_EX, 1, place)
    try:
        return work()
    finally:
        fcntl.lockf(_AMONG_PROCESSES, fcntl.LOCK_UN, 1, place)
        _SLOTS.append(slot)


def _octets(password: str) -> bytes:
    """What is hashed: one spelling of each character (NFKC), also of what is no proper Unicode."""
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")
