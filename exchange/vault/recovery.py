"""Taking up a draft again: open and hash what it holds, up to the last whole, authentic chunk.

A process may have died at any instruction, a machine at any sector, so whatever comes after that chunk is cut
off. A new segment with a new key goes on from there: no nonce is used twice with a key.
"""

from contextlib import suppress
from dataclasses import replace

from cryptography.exceptions import InvalidTag

from exchange.vault.container import (
    CLOSING_SIZE,
    FRAME_COST,
    HEADER_SIZE,
    TAG_SIZE,
    WORD,
    Kind,
    MalformedError,
    Segment,
    SegmentKeys,
    nonce,
    open_closing,
)
from exchange.vault.digest import StreamDigest
from exchange.vault.directory import BlobFile
from exchange.vault.headers import read_header, unlock
from exchange.vault.keyring import Keyring
from exchange.vault.writer import Held


class Walk:
    """One walk over a container from its start; `held` grows with every chunk that proves authentic."""

    def __init__(
        self, file: BlobFile, container_id: bytes, keyring: Keyring, digest: StreamDigest | None = None
    ) -> None:
        self.held = Held()
        self._file, self._container_id, self._keyring, self._digest = file, container_id, keyring, digest

    def run(self) -> Held:
        """What stands before the first frame that is torn, damaged or out of place.

        Raises `VaultLockedError` when the keyring lacks a key.
        """
        with suppress(MalformedError, InvalidTag):
            while self._segment(self.held):
                pass
        return self.held

    def _segment(self, before: Held) -> bool:
        """Hash one segment; False when it holds nothing, which ends the walk."""
        header = read_header(self._file, before.position)
        segment = header.segment
        expected = Segment(
            self._container_id,
            before.segments,
            before.position,
            before.previous,
            before.size,
            segment.chunk_size,
        )
        if segment != expected:
            raise MalformedError
        keys = unlock(header, self._keyring, before.join)
        chunks = self._chunks(segment, keys)
        if chunks:
            self._closing(segment, keys, chunks)
        return chunks > 0

    def _chunks(self, segment: Segment, keys: SegmentKeys) -> int:
        """Hash the chunks of a segment; returns how many it holds. A short one is the last."""
        buffers = [memoryview(bytearray(segment.chunk_size)) for _ in range(2)]
        frame = memoryview(bytearray(segment.chunk_size + FRAME_COST))
        position, chunk, opened = segment.position + HEADER_SIZE, 0, segment.chunk_size
        while opened == segment.chunk_size:
            found = self._file.read_into(position, frame)
            opened = self._open_chunk(frame[:found], keys, chunk, buffers[chunk % 2])
            if not opened:
                break
            position, chunk = position + opened + FRAME_COST, chunk + 1
            done, size = self.held.chunks + 1, self.held.size + opened
            self.held = Held(segment.index + 1, segment.position, position, size, keys.join, done)
        return chunk

    def _open_chunk(self, frame: memoryview, keys: SegmentKeys, chunk: int, plain: memoryview) -> int:
        """Open and hash the chunk that `frame` begins with; returns its size, 0 when there is none.

        Raises `InvalidTag`.
        """
        if len(frame) < FRAME_COST:
            return 0
        kind, length = WORD.unpack_from(frame)
        size: int = length - TAG_SIZE
        if kind != Kind.DATA or not 0 < size <= len(frame) - FRAME_COST:
            return 0
        word, sealed = frame[: WORD.size], frame[WORD.size : WORD.size + length]
        keys.cipher.decrypt_into(nonce(Kind.DATA, chunk), sealed, word, plain[:size])
        if self._digest:
            self._digest.update(plain[:size])
            self._digest.wait(at_most=1)
        return size

    def _closing(self, segment: Segment, keys: SegmentKeys, chunks: int) -> None:
        """Keep the mark of an orderly suspension; a finish that was never published is cut off."""
        frame = self._file.read(self.held.position, CLOSING_SIZE)
        try:
            closing = open_closing(frame, segment, keys, chunks)
        except (MalformedError, InvalidTag):
            return  # another segment follows at once, or nothing
        if closing.kind is Kind.SUSPENDED and closing.size == self.held.size:
            self.held = replace(self.held, position=self.held.position + CLOSING_SIZE, suspended=True)


def recover(file: BlobFile, container_id: bytes, keyring: Keyring, digest: StreamDigest) -> Held:
    """Hash what a draft holds and cut off what comes after it; syncs the file, so that a segment can follow.

    Raises `VaultLockedError` without touching the file.
    """
    held = Walk(file, container_id, keyring, digest).run()
    digest.wait()
    if file.size > held.position:
        file.truncate(held.position)
    file.sync()
    return held
