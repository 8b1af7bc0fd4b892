"""Revoking certificates of an authority: by serial number, by key id, by the key that was certified.

What is to be revoked is written as `ssh-keygen` has it, one a line (ssh-keygen(1), "Key revocation lists"): a
file made for `ssh-keygen -k`, and what `ssh-keygen -Q -l` prints of an OpenSSH KRL, are taken as they are.
So is the KRL itself (`krl`).
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from exchange.accounts import krl, public_keys
from exchange.accounts.identity import require, seal
from exchange.accounts.krl import LONGEST_KEY_ID, MOST
from exchange.accounts.krl import refused as _refused
from exchange.errors import FieldsRefusedError, IdentityDamagedError
from exchange.models.certificates import (
    FINGERPRINT,
    KEY_ID,
    SERIALS,
    CertificateAuthority,
    CertificateRevocation,
)
from exchange.runtime import Exchange

_SEALED = "certificate.key_id"
_NUMBERS = re.compile(r"([0-9]{1,20})(?:-([0-9]{1,20}))?")
_PRINT = re.compile(r"SHA256:([A-Za-z0-9+/]{43})")
_PRINT_IN_A_LIST = re.compile(r"SHA256:([0-9a-f]{64})")
_SHA_1_IN_A_LIST = re.compile(r"SHA1:([0-9a-f]{40})")
_SHA_1 = re.compile(r"^# hash (?=sha1:)", re.IGNORECASE | re.MULTILINE)
"""How a KRL's contents are printed that hold one: as a comment, which must not be passed over in silence."""
_OTHERS = re.compile(r"^# CA key \S+ (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Line:
    """One thing to revoke: its kind, and serial numbers, a key id or a fingerprint in plain words."""

    kind: str
    text: str


@dataclass(frozen=True)
class Marks:
    """What a certificate can be revoked by."""

    serial: int
    key_id: bytes
    fingerprints: tuple[str, str]
    """Of the certified key, by SHA-256 and by SHA-1, which some lists have."""


Standing = Sequence[tuple[str, str]]
"""Kind and value of each row of one authority, which has no two alike; read at every look at a connection."""


def read(typed: str, authority: bytes) -> list[Line]:
    """What was typed, one thing a line; `authority` is the blob of the key that signed what is revoked.

    Raises `FieldsRefusedError` naming the first line it cannot use.
    """
    if set(_OTHERS.findall(typed)) - {public_keys.fingerprint_of(authority)}:
        raise _refused("This was printed of a list for other authorities, too. Upload the list itself")
    lines = (line.partition("#")[0].strip() for line in _SHA_1.sub("hash: ", typed).splitlines())
    found = [_line(line) for line in lines if line]
    if not found:
        raise _refused("Write what to revoke, one thing a line")
    return list(dict.fromkeys(found))


def read_file(content: bytes, authority: bytes) -> list[Line]:
    """What a file revokes: a KRL, or lines as they are typed. Raises as `read` does."""
    if krl.is_one(content):
        return [Line(*mark) for mark in krl.read(content, authority)]
    try:
        return read(content.decode(), authority)
    except UnicodeDecodeError:
        raise _refused("This is neither a list of OpenSSH nor text") from None


def add(
    session: Session,
    exchange: Exchange,
    authority: CertificateAuthority,
    lines: Iterable[Line],
    by: UUID | None,
) -> int:
    """Revoke, in the caller's transaction, which holds the authority's row; how many lines were new."""
    require(exchange, authority)
    lines = list(lines)
    own = {public_keys.fingerprint_of(authority.blob), public_keys.sha_1_of(authority.blob)}
    if any(line.kind == FINGERPRINT and line.text in own for line in lines):
        raise _refused("This revokes the authority itself. Take the authority back instead")
    before = {(kind, value) for kind, value in standing(session, authority)}
    rows = [_row(exchange, authority, line, by) for line in lines]
    fresh = [row for row in rows if (row.kind, row.value) not in before]
    if len(before) + len(fresh) > MOST:
        raise _refused(f"More than {MOST} lines; take the authority back and make a new one")
    session.add_all(fresh)
    after = [*before, *((row.kind, row.value) for row in fresh)]
    authority.revocations_digest = _digest(after) if after else None
    seal(session, exchange, authority)
    return len(fresh)


def standing(session: Session, authority: CertificateAuthority) -> Standing:
    """All that was revoked. Raises `IdentityDamagedError` when a row was changed outside the portal."""
    wanted = select(CertificateRevocation.kind, CertificateRevocation.value)
    rows = session.exec(wanted.where(col(CertificateRevocation.authority_id) == authority.id)).all()
    if (_digest(rows) if rows else None) != authority.revocations_digest:
        raise IdentityDamagedError
    return rows


def cover(exchange: Exchange, revoked: Standing, marks: Marks) -> bool:
    """Whether a certificate is among what was revoked."""
    its_own = {KEY_ID: (_hash(exchange, marks.key_id),), FINGERPRINT: marks.fingerprints}
    return any(
        _holds(value, marks.serial) if kind == SERIALS else value in its_own[kind] for kind, value in revoked
    )


def shown(exchange: Exchange, row: CertificateRevocation) -> str:
    """What a row revokes, in words."""
    if row.key_id_sealed is not None:
        return exchange.vault.cells.open(_SEALED, row.key_id_sealed)
    first, _, last = row.value.partition("-")
    return first if first == last else row.value


def seal_key_id(exchange: Exchange, key_id: str) -> bytes:
    """A key id as it is kept: whoever made it may have written a name there."""
    return exchange.vault.cells.seal(_SEALED, key_id)


def open_key_id(exchange: Exchange, sealed: bytes) -> str:
    """The key id again."""
    return exchange.vault.cells.open(_SEALED, sealed)


def _row(
    exchange: Exchange, authority: CertificateAuthority, line: Line, by: UUID | None
) -> CertificateRevocation:
    is_key_id = line.kind == KEY_ID
    return CertificateRevocation(
        authority_id=authority.id,
        kind=line.kind,
        value=_hash(exchange, line.text.encode()) if is_key_id else line.text,
        key_id_sealed=seal_key_id(exchange, line.text) if is_key_id else None,
        revoked_at=exchange.clock(),
        revoked_by=by,
    )


def _hash(exchange: Exchange, key_id: bytes) -> str:
    return exchange.vault.cells.keyed_hash(_SEALED, key_id.hex()).hex()


def _digest(rows: Standing) -> bytes:
    listed = sorted(tuple(row) for row in rows)
    return hashlib.sha256(json.dumps(listed).encode()).digest()


def _holds(serials: str, serial: int) -> bool:
    first, _, last = serials.partition("-")
    return int(first) <= serial <= int(last)


def _line(line: str) -> Line:
    name, _, rest = line.partition(":")
    reader = _READERS.get(name.strip().lower())
    if reader is None:
        raise _refused(f"Begin with serial:, id:, hash: or key: this line: {line[:60]}")
    return reader(rest.strip())


def _serials(typed: str) -> Line:
    found = _NUMBERS.fullmatch(typed)
    if found is None:
        raise _refused(f"Write a serial number from 1 on, or two with a hyphen between; not {typed[:60]}")
    return Line(*krl.serials(int(found[1]), int(found[2] or found[1])))


def _key_id(typed: str) -> Line:
    if not 1 <= len(typed) <= LONGEST_KEY_ID:
        raise _refused("Write a key id behind id:")
    return Line(KEY_ID, typed)


def _fingerprint(typed: str) -> Line:
    if found := _PRINT_IN_A_LIST.fullmatch(typed):
        return Line(FINGERPRINT, public_keys.written(bytes.fromhex(found[1])))
    if found := _SHA_1_IN_A_LIST.fullmatch(typed):
        return Line(FINGERPRINT, public_keys.written_sha_1(bytes.fromhex(found[1])))
    if not _PRINT.fullmatch(typed):
        why = f"Write the fingerprint as ssh-keygen -l does, SHA256: and 43 characters; not {typed[:60]}"
        raise _refused(why)
    return Line(FINGERPRINT, typed)


def _key(typed: str) -> Line:
    try:
        return Line(FINGERPRINT, public_keys.read(typed).fingerprint)
    except FieldsRefusedError as refusal:
        raise _refused(refusal.problems["public_key"]) from None


_READERS: dict[str, Callable[[str], Line]] = {
    "serial": _serials,
    "id": _key_id,
    "hash": _fingerprint,
    "key": _key,
    "sha1": _key,
    "sha256": _key,
}
"""How a line of each sort is read; of a whole key it is all one which hash OpenSSH would have kept."""
