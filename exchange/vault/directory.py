"""Blobs as files under one folder: `drafts/` while they are written, `blobs/xx/` once finished.

Names are random ids; nothing a user typed becomes part of a path. A draft's writer holds a lock that the
kernel drops when its process dies. What a second store (S3) will have to offer is what this class offers.
"""

import errno
import fcntl
import math
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from exchange.errors import BlobBusyError, BlobMissingError, StoreUnavailableError
from exchange.vault.keyring import sync_folder

BLOB_ID = re.compile(r"[0-9a-f]{32}")
GIVEN_OUT = 8 * 1024 * 1024
"""Bytes after which the disk is told to begin, long before they have to be on it."""
LOCK_WAIT = 0.5
"""Seconds to wait for a lock: rotation holds one for a few milliseconds."""


@contextmanager
def store_errors() -> Iterator[None]:
    """What the operating system refuses becomes one of the portal's errors."""
    try:
        yield
    except FileNotFoundError:
        raise BlobMissingError from None
    except OSError as refused:
        raise StoreUnavailableError(why=errno.errorcode.get(refused.errno or 0, "error")) from refused


class BlobFile:
    """An open blob or draft. Positions and sizes in bytes; raises `StoreUnavailableError`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._given_out = 0

    @property
    def size(self) -> int:
        """Bytes in the file."""
        with store_errors():
            return os.fstat(self._descriptor).st_size

    def read(self, position: int, length: int) -> bytes:
        """Up to `length` bytes; fewer only at the file's end."""
        with store_errors():
            return os.pread(self._descriptor, length, position)

    def read_into(self, position: int, view: memoryview) -> int:
        """Fill `view`; returns the bytes read, fewer only at the file's end."""
        with store_errors():
            return os.preadv(self._descriptor, [view], position)

    def write(self, position: int, data: bytes | memoryview) -> None:
        """Write all of `data` at `position`."""
        rest = memoryview(data)
        with store_errors():
            while rest:
                written = os.pwrite(self._descriptor, rest, position)
                position, rest = position + written, rest[written:]
        if position - self._given_out >= GIVEN_OUT:
            self._give_out(position)

    def _give_out(self, end: int) -> None:
        """Start the disk on what was written, and take from the page cache what it has by now.

        A large file would else wait for `sync` as a whole and fill the cache with pages that are dear to get.
        """
        start = max(self._given_out - GIVEN_OUT, 0)
        with suppress(OSError):  # it is advice only
            os.posix_fadvise(self._descriptor, start, end - start, os.POSIX_FADV_DONTNEED)
        self._given_out = end

    def truncate(self, size: int) -> None:
        """Cut the file."""
        with store_errors():
            os.ftruncate(self._descriptor, size)

    def sync(self) -> None:
        """Return once everything written is on the disk."""
        with store_errors():
            os.fsync(self._descriptor)

    def is_at(self, place: Path) -> bool:
        """Whether `place` still names this file."""
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(self._descriptor), place.stat())
        return False

    def close(self) -> None:
        """Give back the file and, with it, the lock. May be called again."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()


class DirectoryStore:
    """A store in the folder `root`, which it makes, readable by its own user only."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._drafts = root / "drafts"
        self._blobs = root / "blobs"
        with store_errors():
            root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (root, self._drafts, self._blobs):
                _make_folder(folder)

    def create(self, blob_id: str) -> BlobFile:
        """A new, empty draft, locked for its writer."""
        with store_errors():
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
            return _locked(os.open(self._draft(blob_id), flags, 0o600))

    def reopen(self, blob_id: str) -> BlobFile:
        """A draft to go on with; raises `BlobBusyError` while another writer holds it."""
        return self._open_locked(self._draft(blob_id))

    def edit(self, blob_id: str, wait: float = LOCK_WAIT) -> BlobFile:
        """A draft or blob whose headers are to change, locked as for writing within `wait` seconds."""
        place = self._blob(blob_id)
        return self._open_locked(place if place.exists() else self._draft(blob_id), wait)

    def open(self, blob_id: str) -> BlobFile:
        """A finished blob, to read."""
        with store_errors():
            return BlobFile(os.open(self._blob(blob_id), os.O_RDONLY))

    def look(self, blob_id: str) -> BlobFile:
        """A draft or blob, to look at without the lock that a writer holds."""
        with suppress(BlobMissingError), store_errors():
            return BlobFile(os.open(self._draft(blob_id), os.O_RDONLY))
        return self.open(blob_id)  # in this order, for that is how a file moves when it is finished

    def keep(self, blob_id: str) -> None:
        """Make the name of a draft durable, once its bytes are."""
        with store_errors():
            self._draft(blob_id)
            sync_folder(self._drafts)

    def publish(self, blob_id: str) -> None:
        """Turn a draft whose bytes are durable into a finished blob, durably."""
        place = self._blob(blob_id)
        with store_errors():
            _make_folder(place.parent)
            self._draft(blob_id).rename(place)
            sync_folder(place.parent)

    def withdraw(self, blob_id: str) -> None:
        """Turn a finished blob back into a draft, durably."""
        place = self._blob(blob_id)
        with store_errors():
            place.rename(self._draft(blob_id))
            sync_folder(self._drafts)
            sync_folder(place.parent)

    def remove(self, blob_id: str) -> None:
        """Take the name away, durably; the caller has destroyed the keys."""
        for place in (self._draft(blob_id), self._blob(blob_id)):
            with store_errors():
                if place.exists():
                    place.unlink()
                    sync_folder(place.parent)

    def exists(self, blob_id: str) -> bool:
        """Whether a finished blob has this id."""
        return BLOB_ID.fullmatch(blob_id) is not None and self._blob(blob_id).exists()

    def ids(self, older_than: float = 0) -> Iterator[str]:
        """Every draft and blob, drafts first, or those not written to for `older_than` seconds."""
        before = time.time() - older_than
        for folder, pattern in ((self._drafts, "*"), (self._blobs, "??/*")):
            for place in folder.glob(pattern):
                if not older_than or _changed(place) < before:
                    yield place.name

    def _draft(self, blob_id: str) -> Path:
        return self._drafts / _checked(blob_id)

    def _blob(self, blob_id: str) -> Path:
        return self._blobs / _checked(blob_id)[:2] / blob_id

    def _open_locked(self, place: Path, wait: float = LOCK_WAIT) -> BlobFile:
        with store_errors():
            file = _locked(os.open(place, os.O_RDWR), wait)
        if not file.is_at(place):  # finished or removed between open and lock
            file.close()
            raise BlobMissingError
        return file


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def _changed(place: Path) -> float:
    with suppress(FileNotFoundError):
        return place.stat().st_mtime
    return math.inf


def _checked(blob_id: str) -> str:
    if BLOB_ID.fullmatch(blob_id) is None:
        raise BlobMissingError
    return blob_id


def _locked(descriptor: int, wait: float = LOCK_WAIT) -> BlobFile:
    """Lock or close; raises `BlobBusyError` when another holds it for longer than `wait` seconds."""
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise BlobBusyError from None
            time.sleep(0.005)
        else:
            return BlobFile(descriptor)
