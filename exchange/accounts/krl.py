"""Binary key revocation lists of OpenSSH, read into what they revoke of one authority.

Source: PROTOCOL.krl of OpenSSH, format 1, and what `ssh-keygen -k` writes. Whatever is not understood may be
what the list was made for, so that it is refused and never passed over.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from exchange.accounts import public_keys
from exchange.errors import FieldsRefusedError
from exchange.models.certificates import FINGERPRINT, KEY_ID, SERIALS

MAGIC = b"SSHKRL\n\0"
LARGEST = 1 << 20
"""Bytes of a list; a thousand whole RSA keys are half of it."""
MOST = 1_000
"""Lines of one authority; a range of serial numbers is one."""
LONGEST_KEY_ID = 1_000
_FORMAT = 1
_LAST_SERIAL = 2**64 - 1
_LONGEST_BITMAP = 2_049
"""Bytes: OpenSSH reads no longer numbers, and one more for the sign."""

Mark = tuple[str, str]
"""Kind and value, as a revocation's row has them; of a key id its text."""


def is_one(content: bytes) -> bool:
    """Whether this begins as a list does."""
    return content.startswith(MAGIC)


def read(content: bytes, authority: bytes) -> list[Mark]:
    """What a list revokes of an authority's certificates; `authority` is its key's blob.

    Sections of other authorities are read and left out. Raises `FieldsRefusedError`, saying why.
    """
    if len(content) > LARGEST:
        raise refused(f"The list is longer than {LARGEST >> 20} MiB")
    cursor = _Cursor(content.removeprefix(MAGIC))
    if (found := cursor.number(4)) != _FORMAT:
        raise refused(f"The list has format {found}; only {_FORMAT} is known here")
    cursor.take(16)  # its own number, and when it was made
    if cursor.number(8):
        raise refused("The list has flags that are not known here")
    cursor.string()  # reserved, to be ignored
    cursor.string()  # comment
    marks = _sections(cursor, _SECTIONS, authority)
    if not marks:
        raise refused("The list revokes nothing of this authority")
    return list(dict.fromkeys(marks))


def serials(first: int, last: int) -> Mark:
    """Serial numbers from the first to the last. Raises `FieldsRefusedError` where they are none."""
    if not 1 <= first <= last <= _LAST_SERIAL:
        zero = "; 0 is what every certificate without a number has" if first == 0 else ""
        raise refused(f"The serial numbers from {first} to {last} cannot be revoked{zero}")
    return SERIALS, f"{first}-{last}"


def refused(why: str) -> FieldsRefusedError:
    """The refusal of what was to be revoked."""
    return FieldsRefusedError({"revoke": why})


class _Cursor:
    """Reads on in RFC 4251's encoding. Each step raises `FieldsRefusedError` when too little is left."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def __bool__(self) -> bool:
        return self._at < len(self._content)

    def take(self, count: int) -> bytes:
        start, self._at = self._at, self._at + count
        if self._at > len(self._content):
            raise refused("The list is damaged: it ends too early")
        return self._content[start : self._at]

    def number(self, octets: int) -> int:
        return int.from_bytes(self.take(octets), "big")

    def string(self) -> bytes:
        return self.take(self.number(4))

    def strings(self) -> Iterator[bytes]:
        while self:
            yield self.string()


Section = Callable[[_Cursor, bytes], Iterable[Mark]]


def _sections(cursor: _Cursor, known: Mapping[int, Section], authority: bytes) -> list[Mark]:
    """All marks of one section after the other, each read to its end."""
    marks: list[Mark] = []
    while cursor:
        kind, body = cursor.number(1), _Cursor(cursor.string())
        section = known.get(kind)
        if section is None:
            raise refused(f"The list has a section that is not known here (type {kind})")
        marks += section(body, authority)
        if body:
            raise refused(f"The list is damaged: a section (type {kind}) is longer than it says")
        if len(marks) > MOST:
            raise refused(f"The list has more than {MOST} lines")
    return marks


def _certificates(body: _Cursor, authority: bytes) -> list[Mark]:
    """What is revoked of one authority; of every one when the list names none."""
    whose = body.string()
    body.string()  # reserved, to be ignored
    marks = _sections(body, _OF_CERTIFICATES, authority)
    return marks if whose in (b"", authority) else []


def _list(body: _Cursor, _authority: bytes) -> list[Mark]:
    numbers = []
    while body:
        numbers.append(body.number(8))
    return [serials(first, last) for first, last in _runs(numbers)]


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers one after the other as ranges."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _range(body: _Cursor, _authority: bytes) -> list[Mark]:
    return [serials(body.number(8), body.number(8))]


def _bitmap(body: _Cursor, _authority: bytes) -> list[Mark]:
    """The lowest bit stands for the first number."""
    first, bitmap = body.number(8), body.string()
    if len(bitmap) > _LONGEST_BITMAP or bitmap[:1] >= b"\x80":
        raise refused("The list is damaged: a bitmap is too long, or negative")
    bits = f"{int.from_bytes(bitmap, 'big'):b}"[::-1]
    return [serials(first + run.start(), first + run.end() - 1) for run in re.finditer("1+", bits)]


def _key_ids(body: _Cursor, _authority: bytes) -> list[Mark]:
    return [(KEY_ID, _key_id(written)) for written in body.strings()]


def _key_id(written: bytes) -> str:
    try:
        key_id = written.decode()
    except UnicodeDecodeError:
        raise refused("The list has a key id that is not UTF-8") from None
    if not 1 <= len(key_id) <= LONGEST_KEY_ID or "\0" in key_id:
        raise refused(f"The list has a key id that is empty, damaged or over {LONGEST_KEY_ID} characters")
    return key_id


def _keys(body: _Cursor, _authority: bytes) -> list[Mark]:
    return [(FINGERPRINT, public_keys.fingerprint_of(blob)) for blob in body.strings()]


def _sha_256(body: _Cursor, _authority: bytes) -> list[Mark]:
    return [(FINGERPRINT, public_keys.written(_hash(one, 32))) for one in body.strings()]


def _sha_1(body: _Cursor, _authority: bytes) -> list[Mark]:
    return [(FINGERPRINT, public_keys.written_sha_1(_hash(one, 20))) for one in body.strings()]


def _hash(written: bytes, octets: int) -> bytes:
    if len(written) != octets:
        raise refused("The list is damaged: a fingerprint has another length than its kind")
    return written


def _signature(_body: _Cursor, _authority: bytes) -> list[Mark]:
    raise refused("The list is signed, and signatures of lists are not looked at here. Make one without")


def _extension(body: _Cursor, _authority: bytes) -> list[Mark]:
    name, is_critical = body.string(), body.number(1)
    body.string()  # what is in it
    if is_critical:
        shown = name[:60].decode("ascii", "replace")
        raise refused(f"The list has a critical extension that is not known here: {shown}")
    return []


_SECTIONS: dict[int, Section] = {
    1: _certificates,
    2: _keys,
    3: _sha_1,
    4: _signature,
    5: _sha_256,
    255: _extension,
}
_OF_CERTIFICATES: dict[int, Section] = {
    0x20: _list,
    0x21: _range,
    0x22: _bitmap,
    0x23: _key_ids,
    0x39: _extension,
}
