"""Sealing a stream: bytes of any size come in, whole chunks go out sealed, plaintext stays in two buffers."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from exchange.errors import StoreUnavailableError
from exchange.vault.container import (
    CHUNK_SIZE,
    FRAME_COST,
    NO_JOIN,
    SECRET_SIZE,
    WORD,
    Closing,
    Kind,
    Segment,
    data_word,
    nonce,
    pack_header,
    seal_closing,
    segment_keys,
)
from exchange.vault.digest import StreamDigest
from exchange.vault.directory import BlobFile, DirectoryStore
from exchange.vault.headers import destroy_keys
from exchange.vault.wrapping import WrappingKey, wrap

BATCH_SIZE = 1024 * 1024
"""Plaintext that is sealed and written in one go."""
SMALL_BUFFER = 16 * 1024
"""What a writer that takes little holds."""


@dataclass(frozen=True)
class Sealed:
    """A finished blob: its id, plaintext bytes and their SHA-256 in hex."""

    blob_id: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Held:
    """What a draft holds before its next segment: where that begins, and what it joins on."""

    segments: int = 0
    previous: int = 0
    position: int = 0
    size: int = 0
    join: bytes = NO_JOIN
    chunks: int = 0
    suspended: bool = False


@dataclass(frozen=True)
class Sealing:
    """Whose container it is, to which key it is sealed and in chunks of how many bytes."""

    blob_id: str
    key: WrappingKey
    chunk_size: int = CHUNK_SIZE
    batch_size: int = BATCH_SIZE


class SegmentWriter:
    """Writes one new segment with a fresh secret: header, chunks, closing frame."""

    def __init__(self, file: BlobFile, sealing: Sealing, held: Held) -> None:
        container_id = bytes.fromhex(sealing.blob_id)
        self._segment = Segment(
            container_id, held.segments, held.position, held.previous, held.size, sealing.chunk_size
        )
        secret = secrets.token_bytes(SECRET_SIZE)
        self._keys = segment_keys(secret, self._segment, held.join)
        self._file = file
        self._chunks = 0
        self._position = held.position
        self._buffer = memoryview(bytearray())
        self._append(pack_header(self._segment, self._keys.check, wrap(secret, self._segment, sealing.key)))

    def seal(self, plaintext: memoryview) -> None:
        """Append `plaintext` as whole chunks, the last of which may be shorter."""
        size = self._segment.chunk_size
        needed = len(plaintext) + -(-len(plaintext) // size) * FRAME_COST
        if len(self._buffer) < needed:
            self._buffer = memoryview(bytearray(needed))
        end = 0
        for start in range(0, len(plaintext), size):
            end = self._seal_chunk(plaintext[start : start + size], end)
        self._append(self._buffer[:end])

    def _seal_chunk(self, chunk: memoryview, at: int) -> int:
        word = data_word(len(chunk))
        body, end = at + WORD.size, at + len(chunk) + FRAME_COST
        self._buffer[at:body] = word
        self._keys.cipher.encrypt_into(nonce(Kind.DATA, self._chunks), chunk, word, self._buffer[body:end])
        self._chunks += 1
        return end

    def close(self, closing: Closing, *, sync: bool = True) -> None:
        """Append the closing frame and, unless the caller sees to that, return once the file is durable."""
        self._append(seal_closing(closing, self._segment, self._keys, self._chunks))
        if sync:
            self._file.sync()

    def _append(self, data: bytes | memoryview) -> None:
        self._file.write(self._position, data)
        self._position += len(data)


class SealedWriter:
    """A draft being written. It ends by `finish`, `suspend`, `release` or `discard`.

    Used as a context manager it discards whatever did not end otherwise. After a failed write the draft can
    only be discarded or released; what was whole in it can be resumed.
    """

    def __init__(
        self, store: DirectoryStore, file: BlobFile, sealing: Sealing, held: Held, digest: StreamDigest
    ) -> None:
        self.blob_id = sealing.blob_id
        self.size = held.size
        self._store, self._file, self._sealing, self._held = store, file, sealing, held
        self._segment: SegmentWriter | None = None
        self._digest = digest
        self._batch = max(sealing.batch_size // sealing.chunk_size, 1) * sealing.chunk_size
        self._filling, self._spare = memoryview(bytearray()), memoryview(bytearray())
        self._filled = 0
        self._open = True
        self._failed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, any number of them; they may be reused when this returns.

        Raises `StoreUnavailableError`; the writer is of no more use then.
        """
        with self._working():
            view = memoryview(data).cast("B")
            self.size += len(view)
            if isinstance(data, bytes) and not self._filled:
                view = self._seal_in_place(view)
            while view:
                view = self._fill(view)

    def digest(self) -> str:
        """SHA-256, in hex, of every byte taken so far."""
        return self._digest.value(self._filling[: self._filled]).hex()

    def suspend(self) -> None:
        """End for now: durable, resumable by any process, lock given back."""
        with self._working():
            if self._segment or self._filled or not self._held.suspended:
                self._close_segment(Kind.SUSPENDED)
            self._store.keep(self.blob_id)
        self.release()

    def finish(self, *, known: bool = True) -> Sealed:
        """End for good; returns once bytes and name are durable.

        `known`: somebody would look for the draft after a crash, so it gets its final name as a whole file
        only. Of one that nobody knows, bytes and names become durable at once, which takes half as long.
        """
        with self._working():
            sha256 = self._close_segment(Kind.FINISHED, sync=known)
            self._store.publish(self.blob_id, None if known else self._file)
        self.release()
        return Sealed(self.blob_id, self.size, sha256.hex())

    def discard(self) -> None:
        """Destroy the draft's keys and remove it. Does nothing after another end."""
        if self._open:
            try:
                destroy_keys(self._file)
                self._store.remove(self.blob_id)
            finally:
                self.release()

    def release(self) -> None:
        """Give the draft up as it is: it can be resumed after its last whole chunk."""
        self._open = False
        self._digest.close()
        self._file.close()

    def _close_segment(self, kind: Kind, *, sync: bool = True) -> bytes:
        self._flush(self._filling[: self._filled])
        self._filled = 0
        sha256 = self._digest.value()
        self._started().close(Closing(kind, self.size, sha256), sync=sync)
        return sha256

    def _seal_in_place(self, view: memoryview) -> memoryview:
        """Seal whole chunks from the caller's own, unchanging bytes; returns what is left over."""
        whole = len(view) - len(view) % self._sealing.chunk_size
        for start in range(0, whole, self._batch):
            self._flush(view[start : min(start + self._batch, whole)])
        return view[whole:]

    def _fill(self, view: memoryview) -> memoryview:
        """Copy into the buffer, which is sealed once it is full; returns what did not fit."""
        if self._filled == len(self._filling):
            self._grow(len(view))
        taken = view[: len(self._filling) - self._filled]
        self._filling[self._filled : self._filled + len(taken)] = taken
        self._filled += len(taken)
        if self._filled == self._batch:
            self._flush(self._filling)
            self._filling, self._spare = self._spare, self._filling
            self._filled = 0
        return view[len(taken) :]

    def _grow(self, wanted: int) -> None:
        """Make room: little at first, since one file may be answered with dozens of small ones at once."""
        size = min(max(2 * len(self._filling), self._filled + wanted, SMALL_BUFFER), self._batch)
        grown = memoryview(bytearray(size))
        grown[: self._filled] = self._filling[: self._filled]
        self._filling = grown

    def _flush(self, plaintext: memoryview) -> None:
        """Hash and seal side by side. Only `plaintext` may still be read from after this returns."""
        self._digest.update(plaintext)
        self._started().seal(plaintext)
        self._digest.wait(at_most=1)

    def _started(self) -> SegmentWriter:
        if self._segment is None:
            self._segment = SegmentWriter(self._file, self._sealing, self._held)
        return self._segment

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Whatever goes wrong here leaves a writer that refuses to go on: a gap must never be sealed over."""
        if not self._open:
            raise WriterEndedError
        if self._failed:
            raise StoreUnavailableError
        self._failed = True
        yield
        self._failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.discard()


class WriterEndedError(ValueError):
    """A writer was used after its end: a mistake in the calling code."""
