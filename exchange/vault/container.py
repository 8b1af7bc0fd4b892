"""The sealed container as FORMAT.md describes it: frame words, segment headers, key slots, segment keys.

Pure functions over bytes; nothing here touches a file. The numbers below are the ones in FORMAT.md.
"""

import hashlib
import hmac
import struct
from dataclasses import dataclass
from enum import Enum

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"OCSSVALT"
VERSION = 1
CHUNK_SIZE = 256 * 1024
LARGEST_CHUNK = 16 * 1024 * 1024
TAG_SIZE = 16
SECRET_SIZE = 32

WORD = struct.Struct(">4sI")
FIXED = struct.Struct(">4sI8sII16sIIQQQ")
CHECK_SIZE = 32
HEADER_SIZE = 4096
SLOT_AT = (1024, 2560)
SLOT_SIZE = 1536
SLOT = struct.Struct(">IIQ16s")
SLOT_SUM_AT = SLOT_SIZE - 32
CLOSING = struct.Struct(">Q32s")
CLOSING_AAD = struct.Struct(">4sIQ")
CLOSING_SIZE = CLOSING_AAD.size + CLOSING.size + TAG_SIZE
NONCE = struct.Struct(">4sQ")
FRAME_COST = WORD.size + TAG_SIZE
"""Bytes a chunk takes in the file beyond its plaintext."""

NO_JOIN = bytes(32)
SEGMENT_INFO = b"ocss-vault 1 segment"
WRAP_INFO = b"ocss-vault 1 wrap"


class Kind(bytes, Enum):
    """What a frame is; the first four bytes of its word."""

    SEGMENT = b"SEGM"
    DATA = b"DATA"
    SUSPENDED = b"SUSP"
    FINISHED = b"FINI"


class MalformedError(ValueError):
    """Bytes that are no whole, well-formed part of a container. The callers say which chunk that is."""


@dataclass(frozen=True)
class Segment:
    """The part of a segment header that never changes; positions and sizes in bytes."""

    container_id: bytes
    index: int
    position: int
    previous: int
    start: int
    chunk_size: int = CHUNK_SIZE

    @property
    def fixed(self) -> bytes:
        """The 72 bytes that key and wraps are bound to."""
        return FIXED.pack(
            Kind.SEGMENT.value,
            HEADER_SIZE - WORD.size,
            MAGIC,
            VERSION,
            self.chunk_size,
            self.container_id,
            self.index,
            0,
            self.position,
            self.previous,
            self.start,
        )

    def frame_at(self, chunk: int) -> int:
        """Where in the file the frame of this segment's chunk number `chunk` (from 0) begins."""
        return self.position + HEADER_SIZE + chunk * (self.chunk_size + FRAME_COST)


@dataclass(frozen=True)
class Slot:
    """One wrapping of a segment's secret. `kind` 1 is HPKE; the higher `sequence` is the newer one."""

    kind: int
    sequence: int
    key_id: bytes
    wrapped: bytes


@dataclass(frozen=True)
class Header:
    """A segment header as read: the fixed part, the key check, and the slots (None: empty or torn)."""

    segment: Segment
    check: bytes
    slots: tuple[Slot | None, Slot | None]

    @property
    def live(self) -> int:
        """Which slot counts (0 or 1): the whole one with the higher sequence number."""
        first, second = (-1 if slot is None else slot.sequence for slot in self.slots)
        if first == second:
            raise MalformedError
        return 0 if first > second else 1

    @property
    def slot(self) -> Slot:
        """The slot that counts; raises `MalformedError` when neither is whole."""
        slot = self.slots[self.live]
        assert slot is not None
        return slot


@dataclass(frozen=True)
class SegmentKeys:
    """What a segment's secret becomes: chunk cipher, key check, and what the next segment joins on."""

    cipher: AESGCM
    check: bytes
    join: bytes


def segment_keys(secret: bytes, segment: Segment, join: bytes) -> SegmentKeys:
    """The keys of `segment`; `join` comes from the segment before it, `NO_JOIN` for the first."""
    hkdf = HKDF(algorithm=SHA256(), length=96, salt=join, info=SEGMENT_INFO + segment.fixed)
    okm = hkdf.derive(secret)
    return SegmentKeys(AESGCM(okm[:32]), okm[32:64], okm[64:])


def wrap_info(segment: Segment, key_id: bytes) -> bytes:
    """HPKE's `info`: a wrapped secret opens only for this key and in this place of this container."""
    return WRAP_INFO + key_id + segment.fixed


def nonce(kind: Kind, index: int) -> bytes:
    """The nonce of a frame: its kind and the number of chunks before it in its segment."""
    return NONCE.pack(kind.value, index)


def data_word(plaintext: int) -> bytes:
    """The word, and associated data, of a chunk with `plaintext` bytes."""
    return WORD.pack(Kind.DATA.value, plaintext + TAG_SIZE)


def pack_slot(slot: Slot) -> bytes:
    """A key slot's 1536 bytes."""
    packed = SLOT.pack(slot.kind, len(slot.wrapped), slot.sequence, slot.key_id) + slot.wrapped
    body = packed.ljust(SLOT_SUM_AT, b"\0")
    return body + hashlib.sha256(body).digest()


def unpack_slot(data: bytes) -> Slot | None:
    """The slot, or None when it is empty or torn: a torn write is told by its check sum."""
    kind, length, sequence, key_id = SLOT.unpack_from(data)
    if hashlib.sha256(data[:SLOT_SUM_AT]).digest() != data[SLOT_SUM_AT:] or kind == 0:
        return None
    return Slot(kind, sequence, key_id, data[SLOT.size : SLOT.size + length])


def pack_header(segment: Segment, check: bytes, slot: Slot) -> bytes:
    """A new segment header, 4096 bytes, with `slot` in the first place."""
    front = (segment.fixed + check).ljust(SLOT_AT[0], b"\0")
    return (front + pack_slot(slot)).ljust(HEADER_SIZE, b"\0")


def unpack_header(data: bytes) -> Header:
    """A header read back; raises `MalformedError` unless every byte outside the slots is as specified."""
    if len(data) != HEADER_SIZE:
        raise MalformedError
    _kind, _length, magic, version, chunk_size, container_id, index, _zero, position, previous, start = (
        FIXED.unpack_from(data)
    )
    segment = Segment(container_id, index, position, previous, start, chunk_size)
    rest = FIXED.size + CHECK_SIZE
    if (magic, version) != (MAGIC, VERSION) or data[: FIXED.size] != segment.fixed:
        raise MalformedError
    if any(data[rest : SLOT_AT[0]]) or not 0 < chunk_size <= LARGEST_CHUNK:
        raise MalformedError
    slots = [unpack_slot(data[at : at + SLOT_SIZE]) for at in SLOT_AT]
    return Header(segment, data[FIXED.size : rest], (slots[0], slots[1]))


@dataclass(frozen=True)
class Closing:
    """What a closing frame says of everything before it: plaintext bytes and their SHA-256."""

    kind: Kind
    size: int
    sha256: bytes


def seal_closing(closing: Closing, segment: Segment, keys: SegmentKeys, chunks: int) -> bytes:
    """The closing frame of a segment that holds `chunks` chunks."""
    length = CLOSING_SIZE - WORD.size
    aad = CLOSING_AAD.pack(closing.kind.value, length, segment.position)
    plain = CLOSING.pack(closing.size, closing.sha256)
    return aad + keys.cipher.encrypt(nonce(closing.kind, chunks), plain, aad)


def closing_place(frame: bytes) -> tuple[Kind, int]:
    """Kind of a closing frame and where the header of its segment stands. Not yet authenticated."""
    if len(frame) != CLOSING_SIZE:
        raise MalformedError
    kind, length, position = CLOSING_AAD.unpack_from(frame)
    if kind not in (Kind.SUSPENDED, Kind.FINISHED) or length != CLOSING_SIZE - WORD.size:
        raise MalformedError
    return Kind(kind), position


def open_closing(frame: bytes, segment: Segment, keys: SegmentKeys, chunks: int) -> Closing:
    """Open a closing frame; raises `MalformedError` or `InvalidTag`."""
    kind, position = closing_place(frame)
    if position != segment.position:
        raise MalformedError
    aad = frame[: CLOSING_AAD.size]
    plain = keys.cipher.decrypt(nonce(kind, chunks), frame[CLOSING_AAD.size :], aad)
    size, sha256 = CLOSING.unpack(plain)
    return Closing(kind, size, sha256)


def same(left: bytes, right: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left, right)
