"""Is this a public key that may sign somebody in: strong, of a kind that the SFTP door takes, not secret."""

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from exchange.errors import FieldsRefusedError

KINDS = {
    "ssh-ed25519": "Ed25519",
    "ecdsa-sha2-nistp256": "ECDSA P-256",
    "ecdsa-sha2-nistp384": "ECDSA P-384",
    "ecdsa-sha2-nistp521": "ECDSA P-521",
    "ssh-rsa": "RSA",
}
SMALLEST_RSA = 3072
"""Bits; 128 bits of strength (NIST SP 800-57 part 1, table 2)."""
LONGEST = 16_384
_WEAK = {"ssh-dss": "DSA keys are broken. Make a new one: ssh-keygen -t ed25519"}
_HARDWARE = "Keys that live in a security key cannot be used with SFTP here. Make one: ssh-keygen -t ed25519"
_RFC4716 = "---- BEGIN SSH2 PUBLIC KEY ----"


@dataclass(frozen=True)
class PublicKey:
    """A key that may be used; `blob` as RFC 4253 encodes it."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """As OpenSSH prints it."""
        return fingerprint_of(self.blob)


def fingerprint_of(blob: bytes) -> str:
    """The SHA-256 of a key blob, as OpenSSH prints it."""
    return written(hashlib.sha256(blob).digest())


def sha_1_of(blob: bytes) -> str:
    """The SHA-1 of a key blob, as OpenSSH prints it: to find a key in a list that has no better one."""
    return written_sha_1(hashlib.sha1(blob, usedforsecurity=False).digest())


def written(digest: bytes) -> str:
    """A SHA-256 as OpenSSH writes it."""
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def written_sha_1(digest: bytes) -> str:
    """A SHA-1 as OpenSSH writes it."""
    return "SHA1:" + base64.b64encode(digest).decode().rstrip("=")


def read(text: str) -> PublicKey:
    """The key in a line of OpenSSH or an RFC 4716 file; `FieldsRefusedError` says why one will not do."""
    text = text.strip()
    if "PRIVATE KEY" in text or text.startswith("PuTTY-User-Key-File"):
        raise _refused(
            "This is the private key. Keep it to yourself, make a new pair, and send the public one"
        )
    if len(text) > LONGEST or not text.isascii():
        raise _refused("This is no public key")
    kind, encoded = _parts(text)
    if kind in _WEAK:
        raise _refused(_WEAK[kind])
    if kind.startswith("sk-"):
        raise _refused(_HARDWARE)
    if kind not in KINDS:
        raise _refused("Paste one line that begins with ssh-ed25519, ecdsa-sha2-nistp or ssh-rsa")
    return PublicKey(_strong(kind, encoded), base64.b64decode(encoded))


def blob_of(line: str) -> bytes:
    """The key in a line of OpenSSH's that we wrote ourselves, as RFC 4253 encodes it."""
    return base64.b64decode(line.split()[1])


def kind_of(blob: bytes) -> str:
    """The kind of a key that was taken, in words."""
    return KINDS.get(_name_in(blob), "")


def _name_in(blob: bytes) -> str:
    return blob[4 : 4 + int.from_bytes(blob[:4], "big")].decode("ascii", "replace")


def _parts(text: str) -> tuple[str, str]:
    if text.startswith(_RFC4716):
        encoded = _body_of_rfc4716(text)
        try:
            blob = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise _refused("This public key is damaged") from None
        return _name_in(blob), encoded
    kind, _, rest = text.partition(" ")
    return kind, rest.split(" ")[0]


def _body_of_rfc4716(text: str) -> str:
    lines = re.sub(r"\\\r?\n", "", text).splitlines()[1:]
    return "".join(line.strip() for line in lines if ":" not in line and not line.startswith("----"))


def _strong(kind: str, encoded: str) -> str:
    """The kind in words, of a key that is well-formed and long enough."""
    try:
        key = load_ssh_public_key(f"{kind} {encoded}".encode())
    except (ValueError, UnsupportedAlgorithm):
        raise _refused("This public key is damaged; copy the whole line") from None
    if not isinstance(key, RSAPublicKey):
        return KINDS[kind]
    if key.key_size < SMALLEST_RSA:
        text = f"This RSA key has {key.key_size} bits; at least {SMALLEST_RSA} are needed"
        raise _refused(f"{text}. Better, make a new one: ssh-keygen -t ed25519")
    return f"RSA {key.key_size}"


def _refused(why: str) -> FieldsRefusedError:
    return FieldsRefusedError({"public_key": why})
