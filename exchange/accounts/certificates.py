"""OpenSSH's user certificates, read and held against the rules: no database, no clock.

The format, and what each field means: OpenSSH's PROTOCOL.certkeys, and draft-miller-ssh-cert. Whatever cannot
be read strictly is no certificate; whatever the rules do not name is refused.
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificate,
    SSHCertificateType,
    load_ssh_public_identity,
)

from exchange.accounts import networks, public_keys

SUFFIX = "-cert-v01@openssh.com"
LARGEST = 8_192
"""Bytes; one of RSA keys of 8,192 bits with a dozen principals fits."""
MOST_PRINCIPALS = 256
"""As OpenSSH bounds them."""
SHORTEST_NONCE = 16
LONGEST_KEY_ID = 200
_LARGEST_RSA = 16_384
_KEY_STRINGS = {"ssh-ed25519": 1, "ssh-rsa": 2}
_STRINGS_OF_ECDSA = 2
_SIGNED_BY = frozenset({*public_keys.KINDS, "rsa-sha2-256", "rsa-sha2-512"} - {"ssh-rsa"})
"""Signature algorithms of an authority; `ssh-rsa` is RSA with SHA-1."""
_SOURCES = b"source-address"


class Fault(StrEnum):
    """Why a certificate that an authority did sign does not let in; as the journal names it."""

    ACCOUNT = "the authority does not vouch for this account"
    AUTHORITY = "the authority was taken back or has lapsed"
    CLOSED = "the account may not come in here or now"
    EARLY = "not valid yet"
    HOST = "not a user certificate"
    KEY = "its key was taken back"
    LATE = "no longer valid"
    LONG = "valid for too long"
    NONCE = "its nonce is too short"
    OPTION = "a critical option that is not taken"
    PRINCIPAL = "the username is not among its principals"
    PRINCIPALS = "it names no principals, or too many"
    REVOKED = "revoked"
    SOURCE = "not to be used from this address"
    WEAK = "its key is too weak"


class NotACertificateError(ValueError):
    """Bytes that are no certificate of a kind that is taken."""


@dataclass(frozen=True)
class Certificate:
    """What a certificate says; nothing of it is true before `is_signed`.

    `key`, `authority`: the key it is about, and the one that signed it, as RFC 4253 encodes them. `key_id`:
    text of whoever signed it, cut and made printable.
    """

    key: bytes
    authority: bytes
    key_id: str
    parsed: SSHCertificate
    signed_by: str

    @property
    def serial(self) -> int:
        """The number that the authority gave it; 0 when it gives none."""
        return self.parsed.serial


@dataclass(frozen=True)
class Use:
    """Who comes with it, from where, when, and how long a certificate may be valid here."""

    username: str
    source: str
    now: datetime
    longest: timedelta


def is_one(blob: bytes) -> bool:
    """Whether a key blob names itself a certificate; nothing else of it was looked at."""
    return _kind_in(blob).endswith(SUFFIX)


def key_of(blob: bytes) -> bytes:
    """The key that has to sign for a blob: that of a certificate, else the blob itself."""
    return read(blob).key if is_one(blob) else blob


def read(blob: bytes) -> Certificate:
    """Read a certificate strictly, within bounds. Raises `NotACertificateError`, whatever was sent."""
    kind = _kind_in(blob).removesuffix(SUFFIX)
    if len(blob) > LARGEST or not is_one(blob) or kind not in public_keys.KINDS:
        raise NotACertificateError
    try:
        parsed = load_ssh_public_identity(f"{kind}{SUFFIX} {base64.b64encode(blob).decode()}".encode())
        assert isinstance(parsed, SSHCertificate)
        *_, authority, signature = _fields(blob, kind)
        key = parsed.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        return Certificate(
            key=base64.b64decode(key.split(b" ")[1]),
            authority=authority,
            key_id=_printable(parsed.key_id),
            parsed=parsed,
            signed_by=_kind_in(signature),
        )
    except Exception:  # noqa: BLE001  # whatever a hostile certificate sets off, it is none
        raise NotACertificateError from None


def is_signed(certificate: Certificate) -> bool:
    """Whether its authority signed it, with an algorithm that still counts. Any exception is a no."""
    if certificate.signed_by not in _SIGNED_BY or _kind_in(certificate.authority) not in public_keys.KINDS:
        return False
    try:
        certificate.parsed.verify_cert_signature()
    except InvalidSignature:
        return False
    except Exception:  # noqa: BLE001  # a key or signature that sets off anything else proves nothing
        return False
    return True


def fault(certificate: Certificate, use: Use) -> Fault | None:
    """The first rule that a signed certificate breaks for this use, or None."""
    return next((why for why, broken in _RULES if broken(certificate, use)), None)


def _is_weak(certificate: Certificate, _: Use) -> bool:
    key = certificate.parsed.public_key()
    return isinstance(key, RSAPublicKey) and not public_keys.SMALLEST_RSA <= key.key_size <= _LARGEST_RSA


def _is_too_long(certificate: Certificate, use: Use) -> bool:
    seconds = certificate.parsed.valid_before - certificate.parsed.valid_after
    return seconds > use.longest.total_seconds()


def _is_elsewhere(certificate: Certificate, use: Use) -> bool:
    listed = certificate.parsed.critical_options.get(_SOURCES)
    if listed is None:
        return False
    try:
        blocks = listed.decode("ascii").split(",")
        return not all(blocks) or not networks.admit(" ".join(blocks), use.source)
    except ValueError:
        return True


_RULES: tuple[tuple[Fault, Callable[[Certificate, Use], bool]], ...] = (
    (Fault.HOST, lambda one, _: one.parsed.type is not SSHCertificateType.USER),
    (Fault.NONCE, lambda one, _: len(one.parsed.nonce) < SHORTEST_NONCE),
    (Fault.WEAK, _is_weak),
    (Fault.PRINCIPALS, lambda one, _: not 1 <= len(one.parsed.valid_principals) <= MOST_PRINCIPALS),
    (Fault.PRINCIPAL, lambda one, use: use.username.encode() not in one.parsed.valid_principals),
    (Fault.EARLY, lambda one, use: use.now.timestamp() < one.parsed.valid_after),
    (Fault.LATE, lambda one, use: use.now.timestamp() >= one.parsed.valid_before),
    (Fault.LONG, _is_too_long),
    (Fault.OPTION, lambda one, _: bool(one.parsed.critical_options.keys() - {_SOURCES})),
    (Fault.SOURCE, _is_elsewhere),
)
"""In the order of looking. `force-command` asks for a program and `verify-required` for a security key: there
is neither here, so neither option is taken. Extensions widen what a shell may do, and are ignored.
"""


def _kind_in(blob: bytes) -> str:
    return bytes(blob[4 : 4 + int.from_bytes(blob[:4], "big")][:64]).decode("ascii", "replace")


def _fields(blob: bytes, kind: str) -> Iterator[bytes]:
    """The strings of a certificate that the library has read already, numbers left out."""
    rest, before = memoryview(blob), 2 + _KEY_STRINGS.get(kind, _STRINGS_OF_ECDSA)
    numbers = {before: 12, before + 2: 16}  # serial and type; the two ends of its validity
    for place in range(before + 7):
        rest = rest[numbers.get(place, 0) :]
        length = int.from_bytes(rest[:4], "big")
        yield bytes(rest[4 : 4 + length])
        rest = rest[4 + length :]


def _printable(key_id: bytes) -> str:
    text = key_id[:LONGEST_KEY_ID].decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "?" for character in text)
