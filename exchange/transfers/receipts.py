"""Receipts: Ed25519-signed statements of what was handed over, checkable without us (RFC 7515, RFC 8037).

A receipt carries the journal event of the hand-over, so its place in the journal can be checked offline.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NotRequired, TypedDict
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from exchange.vault.keyring import sync_folder

_ALGORITHM = "Ed25519"
_REGISTRY = JWSRegistry(algorithms=[_ALGORITHM])


_MEMBERS = {"protected", "payload", "signature"}


class SignedReceipt(TypedDict):
    """A flattened JWS (RFC 7515, section 7.2.2)."""

    protected: NotRequired[str]
    payload: str
    signature: str


class ReceiptForgedError(Exception):
    """The signature does not belong to these words and this key."""


@dataclass(frozen=True)
class ReceiptSigner:
    """The installation's receipt key."""

    key: OKPKey

    @classmethod
    def open(cls, path: Path) -> "ReceiptSigner":
        """Load the private key at `path`, making one when missing; its public half lies beside it."""
        if not path.exists():
            _write_once(path, _new_private_key())
        key = OKPKey.import_key(path.read_bytes())
        if not public_key_path(path).exists():
            _write_once(public_key_path(path), key.as_pem(private=False), mode=0o644)
        return cls(key)

    def sign(self, claims: bytes) -> SignedReceipt:
        """Sign JSON claims."""
        member: Any = {"protected": {"alg": _ALGORITHM, "kid": self.key.thumbprint(), "typ": "receipt+jws"}}
        signed = jws.serialize_json(member, claims, self.key, registry=_REGISTRY)
        return SignedReceipt(
            protected=signed["protected"], payload=signed["payload"], signature=signed["signature"]
        )


def public_key_path(private: Path) -> Path:
    """Where the public half of a receipt key lies."""
    return private.with_suffix(".pub.pem")


def check(receipt: SignedReceipt, public_key: bytes) -> bytes:
    """The claims of a receipt, or `ReceiptForgedError`; `public_key` is PEM."""
    try:
        value: Any = receipt
        signed = jws.deserialize_json(value, OKPKey.import_key(public_key), registry=_REGISTRY)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReceiptForgedError from error
    if set(receipt) != _MEMBERS:
        raise ReceiptForgedError
    return signed.payload or b""


def _new_private_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_once(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write durably; when another process was first, its file stands."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{uuid4().hex}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
    sync_folder(path.parent)
