"""Reading, opening, re-wrapping and destroying the segment headers of a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from exchange.vault.container import (
    CLOSING_SIZE,
    FRAME_COST,
    HEADER_SIZE,
    NO_JOIN,
    SLOT_AT,
    SLOT_SIZE,
    TAG_SIZE,
    WORD,
    Closing,
    Header,
    Kind,
    MalformedError,
    Segment,
    SegmentKeys,
    closing_place,
    open_closing,
    pack_slot,
    same,
    segment_keys,
    unpack_header,
)
from exchange.vault.directory import BlobFile
from exchange.vault.keyring import Keyring
from exchange.vault.wrapping import unwrap, wrap

KINDS = {kind.value: kind for kind in Kind}
READS = 3
"""Times a header is read before it counts as damaged: a read may fall between the writes of a re-wrap."""


def read_header(file: BlobFile, position: int) -> Header:
    """The header at `position`, with at least one whole slot; raises `MalformedError`."""
    for _ in range(READS):
        header = unpack_header(file.read(position, HEADER_SIZE))
        if any(header.slots):
            return header
    raise MalformedError


def unlock(header: Header, keyring: Keyring, join: bytes) -> SegmentKeys:
    """The keys of a segment that follows `join`; raises `MalformedError` or `VaultLockedError`."""
    slot = header.slot
    secret = unwrap(slot, header.segment, keyring.key(slot.key_id))
    keys = segment_keys(secret, header.segment, join)
    if not same(keys.check, header.check):
        raise MalformedError
    return keys


@dataclass(frozen=True)
class OpenSegment:
    """A segment whose keys are known, with the plaintext bytes it holds."""

    segment: Segment
    keys: SegmentKeys
    size: int

    @property
    def chunks(self) -> int:
        """How many chunks that makes."""
        return -(-self.size // self.segment.chunk_size)

    @property
    def end(self) -> int:
        """Where in the file its last chunk ends."""
        return self.segment.position + HEADER_SIZE + self.size + self.chunks * FRAME_COST


@dataclass(frozen=True)
class Chain:
    """Every segment of a container, in order, and the closing frame that stands at its end."""

    segments: tuple[OpenSegment, ...]
    closing: Closing


def open_chain(file: BlobFile, container_id: bytes, keyring: Keyring, *closings: Kind) -> Chain:
    """Open a container that is closed in one of these ways, from its end backwards: no chunk is read.

    Raises `MalformedError`, or cryptography's `InvalidTag`, where it is not as it was written, and
    `VaultLockedError` when the keyring does not open it.
    """
    end = file.size - CLOSING_SIZE
    frame = file.read(max(end, 0), CLOSING_SIZE)
    kind, position = closing_place(frame)
    if kind not in closings or position + HEADER_SIZE > end:
        raise MalformedError
    headers = _headers_back_from(file, position, container_id)
    segments = tuple(_unlocked(headers, keyring, end))
    _check_joints(file, segments)
    last = segments[-1]
    closing = open_closing(frame, last.segment, last.keys, last.chunks)
    if (last.end, closing.size) != (end, last.segment.start + last.size):
        raise MalformedError
    return Chain(segments, closing)


def _headers_back_from(file: BlobFile, position: int, container_id: bytes) -> list[Header]:
    """The headers from the first to the one at `position`, which must lead back to the file's start."""
    found: list[Header] = []
    while True:
        header = read_header(file, position)
        segment = header.segment
        if (segment.container_id, segment.position) != (container_id, position):
            raise MalformedError
        found.append(header)
        if segment.index == 0:
            break
        if not segment.previous < position:
            raise MalformedError
        position = segment.previous
    found.reverse()
    positions = [header.segment.position for header in found]
    expected = list(zip(range(len(found)), positions, [0, *positions[:-1]], strict=True))
    places = [(h.segment.index, h.segment.position, h.segment.previous) for h in found]
    if places != expected or (found[0].segment.position, found[0].segment.start) != (0, 0):
        raise MalformedError
    return found


def _unlocked(headers: list[Header], keyring: Keyring, end: int) -> Iterator[OpenSegment]:
    join = NO_JOIN
    for number, header in enumerate(headers):
        segment = header.segment
        keys = unlock(header, keyring, join)
        following = headers[number + 1 :]
        size = following[0].segment.start - segment.start if following else _plaintext(segment, end)
        if size < 0:
            raise MalformedError
        join = keys.join
        yield OpenSegment(segment, keys, size)


def _plaintext(segment: Segment, end: int) -> int:
    """Plaintext bytes in the chunk frames that fill the file from the header to `end`."""
    sealed = end - segment.position - HEADER_SIZE
    return sealed - -(-sealed // (segment.chunk_size + FRAME_COST)) * FRAME_COST


def _check_joints(file: BlobFile, segments: tuple[OpenSegment, ...]) -> None:
    """Between two segments stands nothing, or the closing frame of the first, suspended."""
    for before, after in pairwise(segments):
        gap = after.segment.position - before.end
        if gap not in {0, CLOSING_SIZE}:
            raise MalformedError
        if gap:
            frame = file.read(before.end, gap)
            closing = open_closing(frame, before.segment, before.keys, before.chunks)
            if (closing.kind, closing.size) != (Kind.SUSPENDED, after.segment.start):
                raise MalformedError


def frames(file: BlobFile) -> Iterator[tuple[Kind, int]]:
    """Kind and position of every frame that is there whole, by the frame words alone."""
    position, size = 0, file.size
    while position + WORD.size <= size:
        code, length = WORD.unpack(file.read(position, WORD.size))
        kind, after = KINDS.get(code), position + WORD.size + length
        if kind is None or after > size:
            return
        yield kind, position
        position = after


def plaintext_held(file: BlobFile) -> int:
    """Plaintext bytes in the chunks that are there whole, by the frame words alone: nothing is opened."""
    data = (position for kind, position in frames(file) if kind is Kind.DATA)
    return sum(WORD.unpack(file.read(position, WORD.size))[1] - TAG_SIZE for position in data)


def header_positions(file: BlobFile) -> list[int]:
    """Where the segment headers stand."""
    return [position for kind, position in frames(file) if kind is Kind.SEGMENT]


def rewrap(file: BlobFile, keyring: Keyring) -> bool:
    """Wrap every segment's secret to the active key; False when that was so already.

    The idle slot is written and synced before the other is erased: one of them is whole at any instant.
    Raises `MalformedError` or `VaultLockedError`.
    """
    positions = header_positions(file)
    stale = [place for place in positions if _wrap_idle_slot(file, place, keyring)]
    if stale:
        file.sync()
    erased = [place for place in positions if _erase_idle_slot(file, place)]
    if erased:
        file.sync()
    return bool(stale)


def _wrap_idle_slot(file: BlobFile, position: int, keyring: Keyring) -> bool:
    header = read_header(file, position)
    slot, active = header.slot, keyring.active
    if slot.key_id == active.id:
        return False
    secret = unwrap(slot, header.segment, keyring.key(slot.key_id))
    renewed = wrap(secret, header.segment, active, slot.sequence + 1)
    file.write(position + SLOT_AT[1 - header.live], pack_slot(renewed))
    return True


def _erase_idle_slot(file: BlobFile, position: int) -> bool:
    place = position + SLOT_AT[1 - read_header(file, position).live]
    if not any(file.read(place, SLOT_SIZE)):
        return False
    file.write(place, bytes(SLOT_SIZE))
    return True


def destroy_keys(file: BlobFile) -> None:
    """Overwrite every wrapped secret: nothing opens the chunks after this, not even the keyring."""
    for position in header_positions(file):
        file.write(position + SLOT_AT[0], bytes(HEADER_SIZE - SLOT_AT[0]))
    file.sync()
