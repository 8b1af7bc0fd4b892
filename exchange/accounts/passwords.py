"""Password hashes: Argon2id (RFC 9106), with a bound on how many are computed at once.

Each hash takes 32 MiB. The bound holds for a process and all it has forked (the SFTP gateway forks one for
every connection), so that a flood of sign-ins can exhaust neither memory nor processors.
"""

import fcntl
import os
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM_LENGTH = 15
MAXIMUM_LENGTH = 256
_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
AT_ONCE = max(1, (os.cpu_count() or 1) // 2)
"""Hashes computed at the same time by one process: half the processors stay free for everything else."""
_TURN = threading.BoundedSemaphore(AT_ONCE)
_SLOTS = list(range(AT_ONCE))
_AMONG_PROCESSES = os.memfd_create("argon2")
# Compared against when there is no such account, so that the answer takes as long as for a wrong password.
_NOBODY = _HASHER.hash("no account has this password")


def hash_password(password: str) -> str:
    """The encoded Argon2id hash of a password."""
    with _turn():
        return _HASHER.hash(_octets(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password has that hash; takes as long when there is no hash."""
    with _turn():
        try:
            right = _HASHER.verify(password_hash or _NOBODY, _octets(password))
        except (VerificationError, InvalidHashError):
            return False
    return right and password_hash is not None


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for a turn among the threads of this process, then among the processes forked from one.

    A record lock belongs to a process and goes with it, however it ends; a semaphore shared by all would stay
    taken by one that was killed.
    """
    with _TURN:
        slot = _SLOTS.pop()
        place = (slot + os.getpid()) % AT_ONCE
        fcntl.lockf(_AMONG_PROCESSES, fcntl.LOCK_EX, 1, place)
        try:
            yield
        finally:
            fcntl.lockf(_AMONG_PROCESSES, fcntl.LOCK_UN, 1, place)
            _SLOTS.append(slot)


def _octets(password: str) -> bytes:
    """What is hashed: one spelling of each character (NFKC), also of what is no proper Unicode."""
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")
