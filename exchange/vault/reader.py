"""Opening a finished blob: any range of its plaintext, each chunk authenticated before it is given."""

from __future__ import annotations

import io
import threading
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from cryptography.exceptions import InvalidTag

from exchange.errors import VaultDamagedError
from exchange.vault.container import (
    FRAME_COST,
    WORD,
    Kind,
    MalformedError,
    data_word,
    nonce,
)
from exchange.vault.directory import BlobFile
from exchange.vault.headers import OpenSegment, open_chain
from exchange.vault.keyring import Keyring
from exchange.vault.recovery import Walk

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE_SIZE = 1024 * 1024
FILE_BUFFER = 256 * 1024


class SealedReader:
    """A finished blob, open for reading from any thread. Sizes and offsets are in bytes of plaintext.

    Opening authenticates every header and the end of the file; a chunk is authenticated when it is read.
    Reading raises `VaultDamagedError`, which names the chunk, and gives nothing of it.
    """

    def __init__(self, file: BlobFile, blob_id: str, keyring: Keyring) -> None:
        self.blob_id = blob_id
        self._file = file
        container_id = bytes.fromhex(blob_id)
        try:
            chain = open_chain(file, container_id, keyring, Kind.FINISHED)
        except (MalformedError, InvalidTag):
            raise VaultDamagedError(chunk=Walk(file, container_id, keyring).run().chunks) from None
        self.size = chain.closing.size
        self.sha256 = chain.closing.sha256.hex()
        self._segments = chain.segments
        self._starts = [opened.segment.start for opened in chain.segments]
        self._lock = threading.Lock()
        self._sealed = self._opened = memoryview(bytearray())
        self._kept: tuple[int, memoryview] = (0, self._opened)

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from `offset` on, fewer than `length` only at the end."""
        wanted = bytearray(max(min(length, self.size - offset), 0))
        self.read_into(offset, wanted)
        return bytes(wanted)

    def read_into(self, offset: int, buffer: WriteableBuffer) -> int:
        """Fill `buffer` from `offset` on; returns the bytes given, fewer only at the end."""
        view = memoryview(buffer).cast("B")
        view = view[: max(self.size - offset, 0)]
        with self._lock:
            filled = 0
            while filled < len(view):
                filled += self._read_some(offset + filled, view[filled:])
        return filled

    def pieces(self, start: int = 0, stop: int | None = None, size: int = PIECE_SIZE) -> Iterator[bytes]:
        """The bytes from `start` up to `stop` (or the end) in pieces of `size`; the ends are shorter."""
        end = self.size if stop is None else min(stop, self.size)
        while start < end:
            piece = self.read(start, min(size - start % size, end - start))
            yield piece
            start += len(piece)

    def file(self) -> io.BufferedReader:
        """The plaintext as a seekable file, for libraries that want one. Closing it leaves this open."""
        return io.BufferedReader(_PlaintextFile(self), FILE_BUFFER)

    def verify(self) -> None:
        """Read every chunk; raises `VaultDamagedError` at the first that is not as it was written."""
        for _piece in self.pieces():
            pass

    def pass_through(self) -> None:
        """For whoever reads from front to back once: the system reads ahead and of much keeps nothing."""
        self._file.pass_through()

    def close(self) -> None:
        """Give back the file. May be called again."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def _read_some(self, offset: int, view: memoryview) -> int:
        """Fill the front of `view`: whole chunks straight into it, part of a chunk from the kept one."""
        number = bisect_right(self._starts, offset) - 1
        opened = self._segments[number]
        chunk, inside = divmod(offset - opened.segment.start, opened.segment.chunk_size)
        whole = self._whole_chunks(opened, chunk, len(view)) if inside == 0 else 0
        if whole:
            return self._open_chunks(number, chunk, view[:whole])
        held = self._kept_chunk(number, chunk, offset - inside)[inside:]
        taken = min(len(held), len(view))
        view[:taken] = held[:taken]
        return taken

    def _whole_chunks(self, opened: OpenSegment, chunk: int, room: int) -> int:
        """Bytes of the whole chunks from `chunk` on that fit into `room`, at most a batch."""
        size = opened.segment.chunk_size
        left = opened.size - chunk * size
        room = min(room, max(PIECE_SIZE, size))
        return left if left <= room else room - room % size

    def _kept_chunk(self, number: int, chunk: int, offset: int) -> memoryview:
        """The chunk that begins at `offset`; small reads in a row open it once."""
        if not self._kept[1] or self._kept[0] != offset:
            opened = self._segments[number]
            size = opened.segment.chunk_size
            self._kept = (0, self._opened[:0])
            length = min(size, opened.size - chunk * size)
            self._opened = _room(self._opened, length)
            plaintext = self._opened[:length]
            self._open_chunks(number, chunk, plaintext)
            self._kept = (offset, plaintext)
        return self._kept[1]

    def _open_chunks(self, number: int, chunk: int, plaintext: memoryview) -> int:
        """Open the chunks from `chunk` on whose plaintext is exactly `plaintext` long, into it."""
        segment = self._segments[number].segment
        size = segment.chunk_size
        needed = len(plaintext) + -(-len(plaintext) // size) * FRAME_COST
        self._sealed = _room(self._sealed, needed)
        sealed = self._sealed[:needed]
        found = self._file.read_into(segment.frame_at(chunk), sealed)
        for start in range(0, len(plaintext), size):
            into = plaintext[start : start + size]
            frame, sealed = sealed[: len(into) + FRAME_COST], sealed[len(into) + FRAME_COST :]
            found -= len(frame)
            if found < 0 or not self._open_chunk(number, chunk + start // size, frame, into):
                raise VaultDamagedError(chunk=self._ordinal(number, chunk + start // size))
        return len(plaintext)

    def _open_chunk(self, number: int, chunk: int, frame: memoryview, into: memoryview) -> bool:
        word = data_word(len(into))
        if frame[: WORD.size] != word:
            return False
        cipher = self._segments[number].keys.cipher
        try:
            cipher.decrypt_into(nonce(Kind.DATA, chunk), frame[WORD.size :], word, into)
        except InvalidTag:
            return False
        return True

    def _ordinal(self, number: int, chunk: int) -> int:
        """The chunk's number in the whole file, from 0."""
        return sum(opened.chunks for opened in self._segments[:number]) + chunk


def _room(buffer: memoryview, length: int) -> memoryview:
    """`buffer`, or a larger one when it has less than `length`."""
    return buffer if len(buffer) >= length else memoryview(bytearray(length))


class _PlaintextFile(io.RawIOBase):
    """A reader's plaintext as Python's raw file."""

    def __init__(self, reader: SealedReader) -> None:
        super().__init__()
        self._reader, self._position = reader, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._reader.size}[whence]
        if base + offset < 0:
            raise ValueError(offset)
        self._position = base + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        filled = self._reader.read_into(self._position, buffer)
        self._position += filled
        return filled
