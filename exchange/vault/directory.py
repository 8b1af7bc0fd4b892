"""Blobs as files under one folder: `drafts/` while they are written, `blobs/xx/` once finished.

Names are random ids; nothing a user typed becomes part of a path. A draft's writer holds a lock that the
kernel drops when its process dies. What a second store (S3) will have to offer is what this class offers.
"""

import errno
import fcntl
import math
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from exchange.errors import BlobBusyError, BlobMissingError, StoreUnavailableError
from exchange.vault.keyring import sync_folder

BLOB_ID = re.compile(r"[0-9a-f]{32}")
GIVEN_OUT = 8 * 1024 * 1024
"""Bytes after which the disk is told to begin, long before they have to be on it; of a reader, to forget."""
LOCK_WAIT = 0.5
"""Seconds to wait for a lock: rotation holds one for a few milliseconds."""


@dataclass(frozen=True)
class _Together:
    """Blobs whose names become durable together: what their ids begin with, and the folders they are in."""

    beginning: str = field(default_factory=lambda: secrets.token_hex(1))
    folders: set[Path] = field(default_factory=set)


_TOGETHER: ContextVar[_Together | None] = ContextVar(
    "blobs whose names become durable together", default=None
)


@contextmanager
def names_together() -> Iterator[None]:
    """Blobs made and finished by the block, in this thread, stand in one folder, which is synced at its end.

    For whoever names several of them in one transaction behind the block: till then none has a durable name.
    Raises `StoreUnavailableError`.
    """
    before = _TOGETHER.set(together := _Together())
    try:
        yield
    finally:
        _TOGETHER.reset(before)
    with store_errors():
        for folder in together.folders:
            sync_folder(folder)


def new_id() -> str:
    """A random id for a blob."""
    together = _TOGETHER.get()
    return together.beginning + secrets.token_hex(15) if together else secrets.token_hex(16)


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
        self._passing = False
        self._read_from = self._read_to = 0

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
            found = os.preadv(self._descriptor, [view], position)
        if self._passing:
            self._pass(position, position + found)
        return found

    def pass_through(self) -> None:
        """What is read in order from now on is read further ahead, and of much nothing is kept behind.

        The next bytes come into pages that the last ones left; others the system would first have to find.
        """
        self._passing = True
        self._advise(0, 0, os.POSIX_FADV_SEQUENTIAL)

    def _pass(self, start: int, end: int) -> None:
        if start != self._read_to:
            self._read_from = start
        self._read_to = end
        if end - self._read_from >= GIVEN_OUT:
            behind = max(self._read_from - GIVEN_OUT, 0)  # large pages may reach over where it ended before
            self._advise(behind, end - behind, os.POSIX_FADV_DONTNEED)
            self._read_from = end

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
        self._advise(start, end - start, os.POSIX_FADV_DONTNEED)
        self._given_out = end

    def _advise(self, start: int, length: int, advice: int) -> None:
        with suppress(OSError):  # it is advice only
            os.posix_fadvise(self._descriptor, start, length, advice)

    def truncate(self, size: int) -> None:
        """Cut the file."""
        with store_errors():
            os.ftruncate(self._descriptor, size)

    def sync(self) -> None:
        """Return once everything written is on the disk."""
        with store_errors():
            os.fsync(self._descriptor)
        if self._given_out:  # of pages left here and there in the cache, the next reader is the slower
            self._advise(0, 0, os.POSIX_FADV_DONTNEED)

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

    def publish(self, blob_id: str, unsynced: BlobFile | None = None) -> None:
        """Turn a draft whose bytes are durable into a finished blob, durably; see `names_together`.

        `unsynced`: the draft, where its bytes are not durable yet. They become so after the renaming: a file
        system with a journal then writes down both at once, and the folder's turn costs it next to nothing.
        """
        place, together = self._blob(blob_id), _TOGETHER.get()
        with store_errors():
            _make_folder(place.parent)
            self._draft(blob_id).rename(place)
            if unsynced is not None:
                unsynced.sync()
            if together is None:
                sync_folder(place.parent)
            else:
                together.folders.add(place.parent)

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
