"""The server's own keys, and keys for the demonstration's clients: readable by nobody else."""

import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ED25519_FILE = "ssh_host_ed25519_key"
RSA_FILE = "ssh_host_rsa_key"
ECDSA_FILE = "ssh_host_ecdsa_key"
_RSA_BITS = 3072


class HostKeyExposedError(Exception):
    """Others than the owner may read a private key: it proves nothing any more."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The private key {path} can be read by others. Make a new one, or set its mode to 0600."
        )


@dataclass(frozen=True)
class HostKeys:
    """The keys a gateway proves itself with, the preferred one first.

    Some clients (rclone) take the RSA key first, so those who publish keys publish all of `public_lines`.
    """

    keys: tuple[paramiko.PKey, ...]

    @property
    def public_lines(self) -> tuple[str, ...]:
        """Every public key as OpenSSH writes it."""
        return tuple(f"{key.get_name()} {key.get_base64()}" for key in self.keys)

    @property
    def public_line(self) -> str:
        """The Ed25519 one."""
        return self.public_lines[0]


def load(folder: Path) -> HostKeys:
    """Load the host keys of a folder, making those that are missing. Raises `HostKeyExposedError`.

    An ECDSA key (P-256) is never made, but served where the operator put one: JSch before its fork of 2020
    knows no other that we offer. Clients like curl take it first, and must then be told it, too.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _make(folder / ED25519_FILE, Ed25519PrivateKey.generate)
    _make(folder / RSA_FILE, lambda: generate_private_key(public_exponent=65537, key_size=_RSA_BITS))
    ed25519 = paramiko.Ed25519Key(filename=str(_tight(folder / ED25519_FILE)))
    rsa = paramiko.RSAKey(filename=str(_tight(folder / RSA_FILE)))
    ecdsa = folder / ECDSA_FILE
    extra = (paramiko.ECDSAKey(filename=str(_tight(ecdsa))),) if ecdsa.exists() else ()
    return HostKeys((ed25519, rsa, *extra))


def new_client_key(path: Path) -> str:
    """Write a new Ed25519 private key in OpenSSH's format (mode 0600) and return its public line.

    Raises `FileExistsError` rather than replace a key.
    """
    key = Ed25519PrivateKey.generate()
    _write(path, _openssh(key))
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def _make(path: Path, generate: Callable[[], Ed25519PrivateKey | RSAPrivateKey]) -> None:
    """Make the key file unless it is there; of several processes that start at once, one wins."""
    if not path.exists():
        with suppress(FileExistsError):
            _write(path, _openssh(generate()))


def _openssh(key: Ed25519PrivateKey | RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """Put a whole, durable file in place, never over another."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  # a descriptor, so that the mode is right from the start
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    finally:
        beside.unlink()


def _tight(path: Path) -> Path:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise HostKeyExposedError(path)
    return path
