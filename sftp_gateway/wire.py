"""Reading and writing the data types of SSH and SFTP (RFC 4251, section 5); what is short is refused."""

import struct

from paramiko import Message

_UINT32 = struct.Struct(">I")
_UINT64 = struct.Struct(">Q")


class MalformedError(ValueError):
    """A packet says one thing of its length and is another, or holds text that is not UTF-8."""


class Reader:
    """Takes values off the front of one packet. The library's own reader fills what is missing with zeros."""

    def __init__(self, packet: bytes | bytearray | memoryview) -> None:
        self._rest = memoryview(packet)

    def take(self, count: int) -> memoryview:
        """The next `count` bytes, or `MalformedError`."""
        if count > len(self._rest):
            raise MalformedError
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def byte(self) -> int:
        """One unsigned byte."""
        return self.take(1)[0]

    def boolean(self) -> bool:
        """One byte, true unless zero."""
        return self.byte() != 0

    def uint32(self) -> int:
        """Four bytes, unsigned, big-endian."""
        return int(_UINT32.unpack(self.take(4))[0])

    def uint64(self) -> int:
        """Eight bytes, unsigned, big-endian."""
        return int(_UINT64.unpack(self.take(8))[0])

    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        return not self._rest

    def string(self) -> memoryview:
        """Bytes with their length before them, not copied."""
        return self.take(self.uint32())

    def text(self) -> str:
        """A string as UTF-8, or `MalformedError`."""
        try:
            return str(self.string(), "utf-8")
        except UnicodeDecodeError as problem:
            raise MalformedError from problem


def uint32(value: int) -> bytes:
    """`value` as four bytes."""
    return _UINT32.pack(value)


def uint64(value: int) -> bytes:
    """`value` as eight bytes."""
    return _UINT64.pack(value)


def string(value: str | bytes | bytearray | memoryview) -> bytes:
    """`value` (text as UTF-8) with its length before it."""
    encoded = value.encode() if isinstance(value, str) else value
    return _UINT32.pack(len(encoded)) + encoded


def message(number: int, *parts: bytes | memoryview) -> Message:
    """An SSH message of the type `number`."""
    return Message(bytes([number]) + b"".join(parts))
