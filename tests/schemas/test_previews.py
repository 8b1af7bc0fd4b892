"""Which files are shown as pictures, which as text, and which not at all."""

import struct
import zlib

import pytest

from schemas.previews import MOST_TEXT, Picture, picture, text


def png(width: int, height: int) -> bytes:
    """A PNG of one color, whole."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"".join(b"\x00" + b"\x0f\x64\x60" * width for _ in range(height)))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int, height: int) -> bytes:
    comment = b"\xff\xfe" + struct.pack(">H", 6) + b"note"
    frame = b"\xff\xc2" + struct.pack(">HBHH", 11, 8, height, width) + bytes(6)
    return b"\xff\xd8\xff\xe0" + struct.pack(">H", 4) + b"JF\xff\xff\xff" + comment[1:] + b"\xff\xd0" + frame


def webp(kind: bytes, data: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 12 + len(data)) + b"WEBP" + kind + struct.pack("<I", len(data)) + data


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (png(3, 2), Picture("image/png", 3, 2)),
        (jpeg(640, 480), Picture("image/jpeg", 640, 480)),
        (b"GIF89a" + struct.pack("<HH", 7, 9), Picture("image/gif", 7, 9)),
        (b"GIF87a" + struct.pack("<HH", 7, 9), Picture("image/gif", 7, 9)),
        (webp(b"VP8X", bytes(4) + b"\x06\x00\x00\x08\x00\x00"), Picture("image/webp", 7, 9)),
        (webp(b"VP8L", b"\x2f" + struct.pack("<I", 6 | 8 << 14)), Picture("image/webp", 7, 9)),
        (webp(b"VP8 ", b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 7, 9)), Picture("image/webp", 7, 9)),
        (webp(b"VP8 ", bytes(10)), None),
        (webp(b"XXXX", bytes(20)), None),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"RIFF", None),
        (b"GIF89a", None),
        (b"\xff\xd8\xff\xda\x00\x04xxnothing", None),
        (b"\xff\xd8\xff\xe0", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"BM", None),
        (b"", None),
    ],
)
def test_pictures_are_known_by_their_bytes(content: bytes, seen: Picture | None) -> None:
    assert picture(content) == seen


@pytest.mark.parametrize(
    ("width", "height", "fits"),
    [(640, 480, True), (6000, 6000, True), (30_000, 10, False), (20_000, 20_000, False), (0, 5, False)],
)
def test_a_wall_of_pixels_is_not_shown(width: int, height: int, fits: bool) -> None:
    assert Picture("image/png", width, height).fits is fits


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"a\r\nb\rc\td", "a\nb\nc\td"),
        ("Gehälter نامه".encode(), "Gehälter نامه"),
        ("Gehälter".encode("cp1252"), "Gehälter"),
        ("\ufeffGehälter".encode(), "Gehälter"),
        ("\ufeffGehälter".encode("utf-16-le"), "Gehälter"),
        ("\ufeffGehälter".encode("utf-16-be"), "Gehälter"),
        ("see \u202egpj.exe, nothing else".encode(), "see [U+202E]gpj.exe, nothing else"),
        (b"a bell \x07 and an escape \x1b[31m in a long line", "a bell ␇ and an escape ␛[31m in a long line"),
        ("next line: \x85, here".encode(), "next line: [U+0085], here"),
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
        (b"", ""),
        (bytes(range(32)) * 4, None),
        (b"PK\x03\x04" + bytes(200), None),
    ],
)
def test_text_is_shown_as_it_is_with_what_misleads_as_signs(content: bytes, shown: str | None) -> None:
    assert text(content) == shown


def test_a_character_that_is_cut_through_is_left_out() -> None:
    cut = ("x" + "ä" * MOST_TEXT).encode()[:MOST_TEXT]
    assert text(cut) == "x" + "ä" * ((MOST_TEXT - 1) // 2)
    assert text(b"ends with \xc3") == "ends with Ã"
