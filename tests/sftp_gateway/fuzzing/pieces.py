"""The material of all layers: numbers, texts and paths that programs stumble over, and the dice."""

import random
import unicodedata

from sftp_gateway import wire

TYPED = "typed-by-the-fuzzer"
"""Stands in whatever a case types as a name, and must stand in no line of the gateway's log."""

NUMBERS = (
    *(0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 63, 64, 65, 127, 128, 255, 256, 257, 1023, 4096, 4097),
    *(32_768, 34_999, 35_000, 35_001, 65_535, 65_536, 261_120, 261_121, 262_144, 262_145, 2**20, 2**21),
    *(2**24, 2**30, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2, 2**32 - 1),
)
LARGE = (*NUMBERS, 2**32, 2**32 + 1, 2**53, 2**62, 2**63 - 1, 2**63, 2**63 + 1, 2**64 - 2, 2**64 - 1)
TEXTS = (
    b"",
    b"\0",
    b"a\0b",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\xf8\x88\x80\x80\x80",
    b"\r\n",
    b"%s%n%x",
    b"{{7*7}}${7*7}",
    b"'; DROP TABLE transfer; --",
    b"../../../etc/passwd",
    b"\x1b[2J",
    "\u202egnp.exe".encode(),
    b"session",
    b"sftp",
    b"ssh-connection",
    b"ssh-userauth",
    TYPED.encode(),
)
FOLDERS = (
    *(b"/inbox/files",) * 20,
    b"/inbox/lump-sum",
    b"/inbox/data-match",
    b"/outbox/files",
    b"/receipts",
    b"/inbox",
)
_NAMES = (
    b"..",
    b".",
    b"",
    b"...",
    b"a/../b",
    b"//",
    b"\0",
    b"x\0.part",
    b"\xff\xfe.part",
    b"con\n.txt",
    b"a" * 255,
    b"a" * 256,
    "\u00e9".encode() * 127,
    unicodedata.normalize("NFD", "\u00c5ngstr\u00f6m").encode(),
    "\u212bngstr\u00f6m".encode(),
    "\uff0e\uff0e\uff0f".encode(),
    "\u0430dmin".encode(),
    "\u200bhidden".encode(),
    "\ud7ff\ufeff".encode(),
    b"~root",
    b"$HOME",
    b"`id`",
    b".part",
    b"x.part.part",
    b"x.filepart",
    b"x.tmp",
    b"x.receipt.json",
)
_WHOLE = (
    b"",
    b"/",
    b"//",
    b".",
    b"..",
    b"/..",
    b"/../..//",
    b"\0",
    b"/inbox/../outbox/./files",
    b"a" * 65_536,
)


class Dice(random.Random):
    """What one case draws from; the same seed, layer and number give the same case."""

    def __init__(self, seed: int, layer: str, number: int) -> None:
        super().__init__(f"{seed} {layer} {number}")

    def rubbish(self, most: int = 64) -> bytes:
        """Any bytes."""
        return self.randbytes(self.choice((0, 1, 4, 5, 9, self.randint(0, most))))

    def uint32(self) -> bytes:
        """A number at an edge, or any."""
        return wire.uint32(self.choice(NUMBERS) if self.random() < 0.8 else self.getrandbits(32))

    def uint64(self) -> bytes:
        """The same, of eight bytes."""
        return wire.uint64(self.choice(LARGE) if self.random() < 0.8 else self.getrandbits(64))

    def text(self) -> bytes:
        """A string whose length is true."""
        return wire.string(self.choice(TEXTS) if self.random() < 0.9 else self.rubbish())

    def lie(self) -> bytes:
        """A string whose length is not."""
        body = self.rubbish()
        return wire.uint32(max(0, len(body) + self.choice((-5, -1, 1, 5, 2**20, 2**31, 2**32 - 70)))) + body

    def anything(self) -> bytes:
        """One value of any type."""
        kinds = (self.uint32, self.uint64, self.text, self.text, self.lie, self.rubbish)
        return self.choice(kinds)()

    def name(self) -> bytes:
        """A file's name; most are ones that a partner might use."""
        if self.random() < 0.85:
            return f"{TYPED}-{self.randrange(12)}{self.choice(('', '', '.part'))}".encode()
        return self.choice(_NAMES)

    def path(self) -> bytes:
        """A path, mostly below a folder that is there."""
        if self.random() < 0.06:
            return self.choice(_WHOLE)
        if self.random() < 0.06:
            return self.choice(FOLDERS)
        if self.random() < 0.1:
            return b"/receipts/" + self.name() + b".receipt.json"
        return self.choice(FOLDERS) + self.choice((b"/", b"/", b"//", b"/./", b"/x/../")) + self.name()

    def mutated(self, packet: bytes) -> bytes:
        """The same with some bytes changed, cut off or put in, now and then."""
        if self.random() < 0.85 or not packet:
            return packet
        at = self.randrange(len(packet))
        kind = self.randrange(4)
        if kind == 0:
            return packet[:at]
        if kind == 1:
            return packet[:at] + self.rubbish() + packet[at:]
        if kind == 2:
            return packet[:at] + bytes([self.getrandbits(8)]) + packet[at + 1 :]
        return packet + self.rubbish()

    def cut(self, stream: bytes) -> list[bytes]:
        """The stream in pieces, some of a single byte."""
        pieces = []
        while stream:
            size = self.choice((1, 2, 3, 5, 100, 5000, 32_000, len(stream)))
            pieces.append(stream[:size])
            stream = stream[size:]
            if len(pieces) > 40:
                pieces.append(stream)
                break
        return [piece for piece in pieces if piece]
