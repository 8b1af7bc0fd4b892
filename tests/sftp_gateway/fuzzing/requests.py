"""SFTP requests that no well-behaved client sends, and what may answer each kind."""

from collections.abc import Callable
from typing import ClassVar

import pytest

from sftp_gateway import wire
from tests.sftp_gateway.fuzzing.pieces import TYPED, Dice

STATUS, HANDLE, DATA, NAME, ATTRS, EXTENDED_REPLY = 101, 102, 103, 104, 105, 201
ANSWERS = {
    3: HANDLE,
    5: DATA,
    7: ATTRS,
    8: ATTRS,
    11: HANDLE,
    12: NAME,
    16: NAME,
    17: ATTRS,
    200: EXTENDED_REPLY,
}
"""What may answer a kind of request, apart from a status."""
OPEN, CLOSE, WRITE, REALPATH, RENAME = 3, 4, 6, 16, 18
_EXTENSIONS = (
    *(b"posix-rename@openssh.com", b"statvfs@openssh.com", b"fstatvfs@openssh.com", b"hardlink@openssh.com"),
    *(b"fsync@openssh.com", b"lsetstat@openssh.com", b"limits@openssh.com", b"expand-path@openssh.com"),
    *(b"copy-data", b"home-directory", b"users-groups-by-id@openssh.com", b"check-file", b"check-file-name"),
    *(b"space-available", b"vendor-id", b"version-select", b"md5-hash", b"text-seek", b"\xff", b""),
)
_FLAGS = (*(1,) * 4, 2, 8, *(0x1A,) * 20, 0x0A, 0x0B, 0x2A, 0x06, 0x0E, 0x3F, 0, 0xFFFFFFFF)


class Maker:
    """Makes the payload of a request behind its kind and id; `handles` are those open now, and once open."""

    def __init__(self, dice: Dice, handles: list[bytes]) -> None:
        self._dice, self._handles = dice, handles

    def made(self, kind: int) -> bytes:
        """A request of this kind, mostly well formed."""
        dice = self._dice
        make = self._MADE.get(kind)
        if make is None or dice.random() < 0.05:
            return b"".join(dice.anything() for _ in range(dice.randrange(5)))
        return dice.mutated(make(self))

    def _path(self) -> bytes:
        return wire.string(self._dice.path())

    def _handle(self) -> bytes:
        dice = self._dice
        if self._handles and dice.random() < 0.8:
            return wire.string(dice.choice(self._handles[-4:]))
        return dice.choice((dice.text(), wire.string(dice.uint32()), dice.lie()))

    def _attributes(self) -> bytes:
        dice = self._dice
        if dice.random() < 0.75:
            return wire.uint32(0)
        flags = dice.choice((0, 0, 1, 2, 4, 8, 15, 0x80000000, 0x8000000F, 0xFFFFFFFF, dice.getrandbits(32)))
        proper = b""
        proper += dice.uint64() if flags & 1 else b""
        proper += dice.uint32() * 2 if flags & 2 else b""
        proper += dice.uint32() if flags & 4 else b""
        proper += dice.uint32() * 2 if flags & 8 else b""
        proper += dice.uint32() + dice.text() * 2 if flags & 0x80000000 else b""
        return wire.uint32(flags) + (proper if dice.random() < 0.8 else dice.rubbish())

    def _open(self) -> bytes:
        return self._path() + wire.uint32(self._dice.choice(_FLAGS)) + self._attributes()

    def _read(self) -> bytes:
        offset = wire.uint64(0) if self._dice.random() < 0.4 else self._dice.uint64()
        return self._handle() + offset + self._dice.uint32()

    def _write(self) -> bytes:
        dice = self._dice
        offset = wire.uint64(0) if dice.random() < 0.6 else dice.uint64()
        body = TYPED.encode() + dice.randbytes(dice.choice((0, 1, 50, 4000)))
        return self._handle() + offset + wire.string(body)

    def _two_paths(self) -> bytes:
        return self._path() + self._path()

    def _path_and_attributes(self) -> bytes:
        return self._path() + self._attributes()

    def _handle_and_attributes(self) -> bytes:
        return self._handle() + self._attributes()

    def _extended(self) -> bytes:
        dice = self._dice
        bodies = (self._two_paths, self._handle, self._path, dice.rubbish, dice.anything, self._copied)
        return wire.string(dice.choice(_EXTENSIONS)) + dice.choice(bodies)()

    def _copied(self) -> bytes:
        return self._handle() + self._dice.uint64() * 2 + self._handle() + self._dice.uint64()

    _MADE: ClassVar[dict[int, Callable[["Maker"], bytes]]] = {
        3: _open,
        4: _handle,
        5: _read,
        6: _write,
        7: _path,
        8: _handle,
        9: _path_and_attributes,
        10: _handle_and_attributes,
        11: _path,
        12: _handle,
        13: _path,
        14: _path_and_attributes,
        15: _path,
        16: _path,
        17: _path,
        18: _two_paths,
        19: _path,
        20: _two_paths,
        200: _extended,
    }


def check(kind: int, answer: bytes) -> None:
    """Whether the answer is one that this kind of request may have, well formed to its last byte."""
    reader = wire.Reader(answer)
    found = reader.byte()
    reader.uint32()
    assert found == STATUS or found == ANSWERS.get(kind), f"{found} answers {kind}"
    if found == STATUS:
        assert reader.uint32() in range(9)
        reader.text()
        reader.text()
    elif found in {HANDLE, DATA}:
        reader.string()
    elif found == ATTRS:
        _attributes(reader)
    elif found == NAME:
        for _ in range(reader.uint32()):
            reader.text()
            reader.text()
            _attributes(reader)
    if found != EXTENDED_REPLY:
        with pytest.raises(wire.MalformedError):
            reader.byte()  # nothing stands behind the end of an answer


def _attributes(reader: wire.Reader) -> None:
    flags = reader.uint32()
    assert flags in {0, 15}
    reader.take(28 if flags else 0)
