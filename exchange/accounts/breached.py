"""The installation's own list of breached passwords: the first eight bytes of each SHA-1, sorted.

Lines may be as Have I Been Pwned gives them (`SHA1:COUNT`), a bare SHA-1, or the password itself. Memory is
bounded whatever the size of the list: a billion lines become eight gigabytes on disk, searched in place.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

_WIDTH = 8
_HASHED = re.compile(rb"([0-9A-Fa-f]{40})(?::[0-9]+)?")
_AT_ONCE = 1_000_000
_FIRST_BYTES = 256


def load(lines: Iterable[bytes], file: Path) -> int:
    """Make `file` from a list, replacing an earlier one whole; returns how many passwords it holds."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".passwords-") as folder:
        buckets = [Path(folder) / f"{first:02x}" for first in range(_FIRST_BYTES)]
        for hashes in _batches(lines):
            _sort_in(hashes, buckets)
        return _join(buckets, file, Path(folder) / "all")


def holds(file: Path, password: str) -> bool:
    """Whether the list holds this password, by binary search; False where no list was loaded."""
    wanted = _hash_of(password.encode(errors="surrogatepass"))
    try:
        with file.open("rb") as opened:
            return _found(opened.fileno(), wanted)
    except FileNotFoundError:
        return False


def _found(descriptor: int, wanted: bytes) -> bool:
    low, high = 0, os.fstat(descriptor).st_size // _WIDTH
    while low < high:
        middle = (low + high) // 2
        found = os.pread(descriptor, _WIDTH, middle * _WIDTH)
        if found == wanted:
            return True
        low, high = (middle + 1, high) if found < wanted else (low, middle)
    return False


def _batches(lines: Iterable[bytes]) -> Iterator["np.ndarray[tuple[int], np.dtype[np.uint64]]"]:
    hashes = (_hash_of_line(line.rstrip(b"\r\n")) for line in lines if line.strip())
    while some := b"".join(islice(hashes, _AT_ONCE)):
        yield np.frombuffer(some, dtype=">u8").astype(np.uint64)


def _hash_of_line(line: bytes) -> bytes:
    if hashed := _HASHED.fullmatch(line):
        return bytes.fromhex(hashed[1].decode())[:_WIDTH]
    return _hash_of(line)


def _hash_of(password: bytes) -> bytes:
    return hashlib.sha1(password, usedforsecurity=False).digest()[:_WIDTH]


def _sort_in(hashes: "np.ndarray[tuple[int], np.dtype[np.uint64]]", buckets: list[Path]) -> None:
    """Append each hash to the file of its first byte."""
    ordered = np.sort(hashes)
    edges = np.searchsorted(ordered, np.arange(_FIRST_BYTES, dtype=np.uint64) << np.uint64(56))
    for bucket, part in zip(buckets, np.split(ordered, edges[1:]), strict=True):
        with bucket.open("ab") as opened:
            opened.write(part.tobytes())


def _join(buckets: list[Path], file: Path, made: Path) -> int:
    with made.open("wb") as opened:
        for bucket in buckets:
            if bucket.exists():
                part = np.unique(np.frombuffer(bucket.read_bytes(), dtype=np.uint64))
                opened.write(part.astype(">u8").tobytes())
        opened.flush()
        os.fsync(opened.fileno())
        count = opened.tell() // _WIDTH
    made.replace(file)
    return count
