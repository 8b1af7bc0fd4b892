"""What of a file can be looked at without harm: pictures known by their first bytes, and text as text.

Nothing here opens a picture: its kind and its measures are read from its header, so that a small file that
would unfold into a wall of pixels is known before any browser meets it. HTML, SVG and all else that could
run or load something is text.
"""

import re
import struct
import unicodedata
from dataclasses import dataclass

MOST_TEXT = 100_000
"""Bytes of a text that are shown."""
MOST_PICTURE = 10_000_000
"""Bytes of a picture that is shown."""
MOST_PIXELS = 40_000_000
MOST_SIDE = 20_000
_HEAD = 32
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_KEPT = frozenset("\n\t")
_ODD = frozenset({"Cc", "Cn", "Co"})
_MOST_ODD = 0.1
"""Share of control characters above which something is no text."""
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})
_WEBP_LOSSLESS, _WEBP_EXTENDED, _WEBP_LOSSY = b"VP8L", b"VP8X", b"VP8 "
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ANSI = "cp1252"


@dataclass(frozen=True)
class Picture:
    """A picture by its header: media type, width and height in pixels."""

    media_type: str
    width: int
    height: int

    @property
    def fits(self) -> bool:
        """Whether a browser shows it without choking."""
        whole = 0 < self.width <= MOST_SIDE and 0 < self.height <= MOST_SIDE
        return whole and self.width * self.height <= MOST_PIXELS


def picture(content: bytes) -> Picture | None:
    """The picture that these bytes begin as; None for all but whole headers of PNG, JPEG, GIF and WebP."""
    readers = (
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", _png),
        (b"\xff\xd8\xff", _jpeg),
        (b"GIF87a", _gif),
        (b"GIF89a", _gif),
        (b"RIFF", _webp),
    )
    for magic, reader in readers:
        if content.startswith(magic):
            try:
                return reader(content)
            except (struct.error, IndexError):
                return None
    return None


def text(content: bytes) -> str | None:
    """The bytes as text that cannot mislead; None for what is no text.

    UTF-8 and UTF-16 with their marks, UTF-8 without, else as Windows wrote it. Control characters and what
    turns the direction of a text around are shown as signs.
    """
    plain = _decoded(content).replace("\r\n", "\n").replace("\r", "\n")
    odd = sum(1 for one in plain if one not in _KEPT and unicodedata.category(one) in _ODD)
    return None if odd > _MOST_ODD * len(plain) else "".join(_shown(one) for one in plain)


def _decoded(content: bytes) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    try:
        return _whole(content).decode()
    except UnicodeDecodeError:
        return content.decode(_ANSI, "replace")


def _whole(content: bytes) -> bytes:
    """Without a last character that was cut through."""
    cut = re.search(rb"[\xc0-\xff][\x80-\xbf]{0,2}$", content)
    if cut is None:
        return content
    try:
        cut.group().decode()
    except UnicodeDecodeError:
        return content[: cut.start()] if len(content) >= MOST_TEXT else content
    return content


def _shown(one: str) -> str:
    if one in _KEPT:
        return one
    if one in _DIRECTIONS:
        return f"[U+{ord(one):04X}]"
    if ord(one) < 0x20:
        return chr(0x2400 + ord(one))
    return f"[U+{ord(one):04X}]" if unicodedata.category(one) == "Cc" else one


def _png(content: bytes) -> Picture:
    return Picture("image/png", *struct.unpack_from(">II", content, 16))


def _gif(content: bytes) -> Picture:
    return Picture("image/gif", *struct.unpack_from("<HH", content, 6))


def _jpeg(content: bytes) -> Picture | None:
    """Its first frame header stands behind segments that each tell their length (ITU-T T.81, B.1.1)."""
    at = 2
    while content[at] == 0xFF:
        kind = content[at + 1]
        if kind in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return Picture("image/jpeg", width, height)
        if kind == 0xFF:
            at += 1
        elif kind in _JPEG_BARE:
            at += 2
        else:
            at += 2 + max(struct.unpack_from(">H", content, at + 2)[0], 2)
    return None


def _webp(content: bytes) -> Picture | None:
    """Three ways of telling its measures (RFC 9649, sections 2.5 to 2.7)."""
    if content[8:12] != b"WEBP":
        return None
    kind = content[12:16]
    if kind == _WEBP_EXTENDED:
        wide, high = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        return Picture("image/webp", wide, high) if len(content) >= _HEAD - 2 else None
    if kind == _WEBP_LOSSLESS and content[20] == 0x2F:
        bits = struct.unpack_from("<I", content, 21)[0]
        return Picture("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == _WEBP_LOSSY and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", content, 26)
        return Picture("image/webp", width & 0x3FFF, height & 0x3FFF)
    return None
