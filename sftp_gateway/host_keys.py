"""The files of the server's own keys, and keys for the demonstration's clients: readable by nobody else."""

import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import paramiko
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ecdsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ED25519_FILE = "ssh_host_ed25519_key"
RSA_FILE = "ssh_host_rsa_key"
ECDSA_FILE = "ssh_host_ecdsa_key"
_FILES = (ED25519_FILE, RSA_FILE, ECDSA_FILE)
_RSA_BITS = 3072
_PrivateKey = Ed25519PrivateKey | RSAPrivateKey | EllipticCurvePrivateKey


class HostKeyExposedError(Exception):
    """Others than the owner may read a private key: it proves nothing any more."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The private key {path} can be read by others. Make a new one, or set its mode to 0600."
        )


@dataclass(frozen=True)
class HostKeys:
    """The keys a gateway proves itself with, the preferred one first; `others` are announced beside them.

    Some clients (rclone) take the RSA key first, so those who publish keys publish all of `public_lines`.
    """

    keys: tuple[paramiko.PKey, ...]
    others: tuple[paramiko.PKey, ...] = ()

    @property
    def public_lines(self) -> tuple[str, ...]:
        """Every public key as OpenSSH writes it."""
        return tuple(map(public_line, self.keys))

    @property
    def public_line(self) -> str:
        """The Ed25519 one."""
        return self.public_lines[0]


def public_line(key: paramiko.PKey) -> str:
    """A public key as OpenSSH writes it."""
    return f"{key.get_name()} {key.get_base64()}"


def make(folder: Path, number: int = 1, *, ecdsa: bool = False) -> None:
    """Make the keys of a set that are missing; of several processes that start at once, one wins.

    An ECDSA key (P-256) is made only when asked for. The first set has one where the operator put one: JSch
    before its fork of 2020 knows no other that we offer. Clients like curl take it first, and must then be
    told it, too.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _make(_place(folder, ED25519_FILE, number), Ed25519PrivateKey.generate)
    rsa = _place(folder, RSA_FILE, number)
    _make(rsa, lambda: generate_private_key(public_exponent=65537, key_size=_RSA_BITS))
    if ecdsa:
        _make(_place(folder, ECDSA_FILE, number), lambda: generate_ecdsa(SECP256R1()))


def load(folder: Path, number: int = 1) -> tuple[paramiko.PKey, ...]:
    """Load a set. Raises `HostKeyExposedError`, and `FileNotFoundError` when a key is missing."""
    ed25519 = paramiko.Ed25519Key(filename=str(tight(_place(folder, ED25519_FILE, number))))
    rsa = paramiko.RSAKey(filename=str(tight(_place(folder, RSA_FILE, number))))
    ecdsa = _place(folder, ECDSA_FILE, number)
    extra = (paramiko.ECDSAKey(filename=str(tight(ecdsa))),) if ecdsa.exists() else ()
    return (ed25519, rsa, *extra)


def remove(folder: Path, number: int) -> None:
    """Remove the keys of a set, as far as they are there."""
    for name in _FILES:
        _place(folder, name, number).unlink(missing_ok=True)


def has_ecdsa(folder: Path, number: int) -> bool:
    """Whether the set has an ECDSA key."""
    return _place(folder, ECDSA_FILE, number).exists()


def new_client_key(path: Path) -> str:
    """Write a new Ed25519 private key in OpenSSH's format (mode 0600) and return its public line.

    Raises `FileExistsError` rather than replace a key.
    """
    key = Ed25519PrivateKey.generate()
    _write(path, _openssh(key))
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def replace(path: Path, content: bytes) -> None:
    """Put a whole, durable file that only its owner reads in the place of another."""
    beside = _beside(path, content)
    beside.replace(path)
    _sync(path.parent)


def tight(path: Path) -> Path:
    """The path; `HostKeyExposedError` unless only its owner can read the file."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise HostKeyExposedError(path)
    return path


def _place(folder: Path, name: str, number: int) -> Path:
    """The first set has the names that everybody knows."""
    return folder / (name if number == 1 else f"{name}.{number}")


def _make(path: Path, generate: Callable[[], _PrivateKey]) -> None:
    if not path.exists():
        with suppress(FileExistsError):
            _write(path, _openssh(generate()))


def _openssh(key: _PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """Put a whole, durable file in place, never over another."""
    beside = _beside(path, content)
    try:
        os.link(beside, path)
    finally:
        beside.unlink()
    _sync(path.parent)


def _beside(path: Path, content: bytes) -> Path:
    """The content, durable, in a file of a name of its own."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123  # a descriptor, so that the mode is right from the start
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return beside


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
