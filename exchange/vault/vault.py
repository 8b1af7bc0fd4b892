"""The vault: what the rest of the house asks for. Names are random ids, bytes are sealed as they come."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag

from exchange.errors import (
    BlobBusyError,
    BlobMissingError,
    DraftUnfinishedError,
    KeyringUnusableError,
    VaultLockedError,
)
from exchange.vault.cells import Cells
from exchange.vault.container import CHUNK_SIZE, Closing, Kind, MalformedError
from exchange.vault.digest import StreamDigest
from exchange.vault.directory import BlobFile, DirectoryStore, new_id
from exchange.vault.headers import Chain, destroy_keys, open_chain, plaintext_held, rewrap
from exchange.vault.keyring import Keyring, KeyringFile
from exchange.vault.reader import SealedReader
from exchange.vault.recovery import recover
from exchange.vault.writer import Held, Sealed, SealedWriter, Sealing, SegmentWriter

SMALL_CHUNK = 32 * 1024
"""Chunk and batch of a small writer; the container's header says the size, so readers need not know."""


@dataclass
class Rotation:
    """What a re-wrapping came to, in blobs and drafts. Run it again for those that were busy."""

    rewrapped: int = 0
    already: int = 0
    busy: int = 0
    damaged: int = 0
    locked: int = 0


@dataclass(frozen=True)
class Vault:
    """Sealed blobs in a store and the keyring they are sealed to. Holds nothing open, so it may be forked."""

    keyring: KeyringFile
    store: DirectoryStore
    clock: Callable[[], datetime]
    chunk_size: int = CHUNK_SIZE

    @cached_property
    def cells(self) -> Cells:
        """Sealed columns, keyed hashes and row authenticators."""
        return Cells(self.keyring.current)

    def create(self, *, small: bool = False) -> SealedWriter:
        """A new draft to write; needs the public half of the active key only.

        A writer holds about three batches of plaintext, 3 MiB. Who opens many at once makes them `small`.
        """
        sealing = self._sealing(new_id())
        if small:
            sealing = replace(sealing, chunk_size=SMALL_CHUNK, batch_size=SMALL_CHUNK)
        return SealedWriter(self.store, self.store.create(sealing.blob_id), sealing, Held(), StreamDigest())

    def resume(self, blob_id: str) -> SealedWriter:
        """Go on with a draft after the bytes it holds, which are verified and hashed; `.size` says how many.

        Raises `BlobMissingError`, `BlobBusyError` while another writer holds it, `VaultLockedError`.
        """
        sealing = self._sealing(blob_id)
        file = self.store.reopen(blob_id)
        digest = StreamDigest()
        try:
            held = recover(file, bytes.fromhex(blob_id), self.keyring.current(), digest)
        except BaseException:
            digest.close()
            file.close()
            raise
        return SealedWriter(self.store, file, sealing, held, digest)

    def finish_suspended(self, blob_id: str) -> Sealed:
        """Finish a suspended draft that gets no more bytes, without reading its chunks again.

        Size and digest are those that its closing frame vouches for. Raises `DraftUnfinishedError` when it
        was not suspended in order: only `resume` can tell what such a draft holds.
        """
        with self.store.reopen(blob_id) as file:
            closing = self._closing(file, blob_id)
            self.store.publish(blob_id)
        return Sealed(blob_id, closing.size, closing.sha256.hex())

    def open(self, blob_id: str) -> SealedReader:
        """A finished blob, to read; raises `BlobMissingError`, `VaultDamagedError`, `VaultLockedError`."""
        keyring = self.keyring.current()
        while True:
            try:
                return self._reader(blob_id, keyring)
            except VaultLockedError:
                before, keyring = keyring, self.keyring.current()
                if keyring is before:
                    raise
                # re-wrapped to a key made since; while this one is read, to a newer one again

    def withdraw(self, blob_id: str) -> None:
        """Make a finished blob a draft again: for one whose finish was never recorded before a crash.

        Raises `BlobMissingError` or `BlobBusyError`.
        """
        with self.store.edit(blob_id):
            self.store.withdraw(blob_id)

    def held(self, blob_id: str) -> int:
        """Plaintext bytes a draft or blob holds now, also while another process writes it.

        Frames are counted, not opened (about 10 ms a GiB), so `resume` may find less after the machine itself
        went down. Raises `BlobMissingError`.
        """
        with self.store.look(blob_id) as file:
            return plaintext_held(file)

    def shred(self, blob_id: str) -> None:
        """Destroy the keys of a blob or draft, then remove it. Missing is as good as shredded.

        Raises `BlobBusyError` while a writer holds it.
        """
        with self.shredding(blob_id) as shred:
            shred()

    @contextmanager
    def shredding(self, blob_id: str) -> Iterator[Callable[[], None]]:
        """Hold a blob or draft so that nobody else writes it; calling what this gives shreds it.

        For a caller who must look elsewhere before the bytes go. Raises `BlobBusyError`.
        """
        try:
            file = self.store.edit(blob_id)
        except BlobMissingError:
            file = None
        if file is None:
            yield lambda: None
            return
        with file:
            yield lambda: self._destroy(file, blob_id)

    def _destroy(self, file: BlobFile, blob_id: str) -> None:
        destroy_keys(file)
        self.store.remove(blob_id)

    def exists(self, blob_id: str) -> bool:
        """Whether there is a finished blob of this id."""
        return self.store.exists(blob_id)

    def ids(self, older_than_hours: float = 0) -> Iterator[str]:
        """Every blob and draft, or those that nothing was written to for so many hours."""
        return self.store.ids(older_than_hours * 3600)

    def rotate(self, step: Callable[[Rotation], None] = lambda _so_far: None) -> Rotation:
        """Make a new active key and re-wrap everything to it; `step` is told after each blob."""
        self.keyring.rotate(self.clock())
        return self.rewrap(step)

    def rewrap(self, step: Callable[[Rotation], None] = lambda _so_far: None) -> Rotation:
        """Wrap every blob's secrets to the active key: finishes a rotation that was interrupted.

        Readers and writers go on meanwhile; a draft being written counts as busy.
        """
        counts = Rotation()
        for blob_id in self.store.ids():
            self._rewrap_one(blob_id, counts)
            step(counts)
        return counts

    def _rewrap_one(self, blob_id: str, counts: Rotation) -> None:
        try:
            with self.store.edit(blob_id, wait=0) as file:
                changed = rewrap(file, self.keyring.current())
        except BlobMissingError:
            return  # removed meanwhile
        except BlobBusyError:
            counts.busy += 1
        except MalformedError:
            counts.damaged += 1
        except VaultLockedError:
            counts.locked += 1
        else:
            counts.rewrapped += changed
            counts.already += not changed

    def _reader(self, blob_id: str, keyring: Keyring) -> SealedReader:
        file = self.store.open(blob_id)
        try:
            return SealedReader(file, blob_id, keyring)
        except BaseException:
            file.close()
            raise

    def _sealing(self, blob_id: str) -> Sealing:
        return Sealing(blob_id, self.keyring.current().active, self.chunk_size)

    def _closing(self, file: BlobFile, blob_id: str) -> Closing:
        """The closing frame that finishes the draft in `file`; writes it when the draft was suspended."""
        try:
            chain = open_chain(
                file, bytes.fromhex(blob_id), self.keyring.current(), Kind.SUSPENDED, Kind.FINISHED
            )
        except (MalformedError, InvalidTag):
            raise DraftUnfinishedError from None
        finished = Closing(Kind.FINISHED, chain.closing.size, chain.closing.sha256)
        if chain.closing.kind is Kind.SUSPENDED:
            SegmentWriter(file, self._sealing(blob_id), _held(chain, file)).close(finished)
        else:
            file.sync()  # finished, but its process died before it could say so
        return finished


def _held(chain: Chain, file: BlobFile) -> Held:
    last = chain.segments[-1]
    return Held(len(chain.segments), last.segment.position, file.size, chain.closing.size, last.keys.join)


def open_vault(keyring: Path, store: Path, clock: Callable[[], datetime]) -> Vault:
    """The vault of an installation; makes keyring and store when this is the first start.

    Raises `KeyringUnusableError` when the keyring is gone but the store is not: a new one opens nothing.
    """
    directory = DirectoryStore(store)
    if not keyring.exists():
        if any(directory.ids()):
            raise KeyringUnusableError(why="it is missing, and the store holds files sealed to it")
        KeyringFile.create(keyring, clock())
    return Vault(KeyringFile(keyring), directory, clock)
