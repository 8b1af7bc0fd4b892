"""Password hashes: Argon2id (RFC 9106), with a bound on how many are computed at once.

Each hash takes 32 MiB; the bound keeps a flood of sign-ins from exhausting memory.
"""

import os
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM_LENGTH = 15
MAXIMUM_LENGTH = 256
_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
AT_ONCE = max(1, (os.cpu_count() or 1) // 2)
"""Hashes computed at the same time by one process: half the processors stay free for everything else."""
_TURN = threading.BoundedSemaphore(AT_ONCE)
# Compared against when there is no such account, so that the answer takes as long as for a wrong password.
_NOBODY = _HASHER.hash("no account has this password")


def hash_password(password: str) -> str:
    """The encoded Argon2id hash of a password."""
    with _TURN:
        return _HASHER.hash(_octets(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password has that hash; takes as long when there is no hash."""
    with _TURN:
        try:
            right = _HASHER.verify(password_hash or _NOBODY, _octets(password))
        except (VerificationError, InvalidHashError):
            return False
    return right and password_hash is not None


def _octets(password: str) -> bytes:
    """What is hashed: one spelling of each character (NFKC), also of what is no proper Unicode."""
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")
