"""The keyring: a file of wrapping keys and symmetric secrets, refused when others may read it.

Written whole under another name, synced and renamed, so that a reader sees the old or the new one. Running
processes notice a new version by its file's identity, so keys rotate while the system runs.
"""

import base64
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from exchange.errors import KeyringUnusableError, VaultLockedError
from exchange.vault.wrapping import PRIVATE_SIZE, PUBLIC_SIZE, WrappingKey, new_wrapping_key

VERSION = 1
SECRET_SIZE = 32
ACTIVE, RETIRED = "active", "retired"
USES = ("cells", "hashes", "rows")
"""What symmetric secrets are for: sealed columns, keyed hashes, row authenticators."""

FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True)
class Secret:
    """A symmetric secret of 32 bytes. `id` is four bytes and is stored with what it made."""

    id: bytes
    use: str
    created: str
    state: str
    value: bytes = field(repr=False)


@dataclass(frozen=True)
class Keyring:
    """Keys and secrets, newest last; exactly one wrapping key, and one secret a use, is active."""

    keys: tuple[WrappingKey, ...]
    secrets: tuple[Secret, ...] = ()

    @property
    def active(self) -> WrappingKey:
        """The key that new containers are sealed to."""
        return next(key for key in reversed(self.keys) if key.state == ACTIVE)

    def key(self, key_id: bytes) -> WrappingKey:
        """The key named in a slot; raises `VaultLockedError` when it is not here."""
        for key in self.keys:
            if key.id == key_id:
                return key
        raise VaultLockedError

    def active_secret(self, use: str) -> Secret:
        """The secret that `use` works with now; raises `VaultLockedError` in a keyring that holds none."""
        for secret in reversed(self.secrets):
            if (secret.use, secret.state) == (use, ACTIVE):
                return secret
        raise VaultLockedError

    def secret(self, use: str, secret_id: bytes) -> Secret:
        """The secret that made a stored value; raises `VaultLockedError` when it is not here."""
        for secret in self.secrets:
            if (secret.use, secret.id) == (use, secret_id):
                return secret
        raise VaultLockedError

    def public_only(self) -> Self:
        """What a door needs that only takes files in: nothing of it opens anything."""
        return replace(self, keys=tuple(replace(key, private=None) for key in self.keys), secrets=())

    def rotated(self, now: datetime) -> Self:
        """A new active wrapping key; the ones before it stay, retired, to open what is not re-wrapped yet."""
        before = tuple(replace(key, state=RETIRED) for key in self.keys)
        return replace(self, keys=(*before, new_wrapping_key(secrets.token_bytes(16), now.isoformat())))


def new_keyring(now: datetime) -> Keyring:
    """A keyring with one key pair and one secret for each use."""
    made = now.isoformat()
    symmetric = tuple(
        Secret(secrets.token_bytes(4), use, made, ACTIVE, secrets.token_bytes(32)) for use in USES
    )
    return Keyring((new_wrapping_key(secrets.token_bytes(16), made),), symmetric)


def to_json(keyring: Keyring) -> str:
    """The text of a keyring file."""
    keys = [
        {"id": key.id.hex(), "created": key.created, "state": key.state, "public": _text(key.public)}
        | ({} if key.private is None else {"private": _text(key.private)})
        for key in keyring.keys
    ]
    symmetric = [
        {"id": s.id.hex(), "use": s.use, "created": s.created, "state": s.state, "secret": _text(s.value)}
        for s in keyring.secrets
    ]
    return json.dumps({"version": VERSION, "keys": keys, "secrets": symmetric}, indent=1) + "\n"


def from_json(text: str | bytes) -> Keyring:
    """A keyring file's content; raises `KeyringUnusableError` when it is none."""
    try:
        return _from_document(json.loads(text))
    except (ValueError, KeyError, TypeError, StopIteration):
        raise KeyringUnusableError(why="it is not a keyring file of this version") from None


def _from_document(document: dict[str, Any]) -> Keyring:
    if document["version"] != VERSION:
        raise ValueError
    keys = tuple(_wrapping_key(**entry) for entry in document["keys"])
    keyring = Keyring(keys, tuple(_secret(**entry) for entry in document["secrets"]))
    assert keyring.active
    return keyring


def _wrapping_key(*, id: str, created: str, state: str, public: str, private: str = "") -> WrappingKey:  # noqa: A002  # as in the file
    opening = _bytes(private, PRIVATE_SIZE) if private else None
    return WrappingKey(_id(id, 16), created, _state(state), _bytes(public, PUBLIC_SIZE), opening)


def _secret(*, id: str, use: str, created: str, state: str, secret: str) -> Secret:  # noqa: A002  # as in the file
    return Secret(_id(id, 4), use, created, _state(state), _bytes(secret, SECRET_SIZE))


def _id(text: str, size: int) -> bytes:
    return _sized(bytes.fromhex(text), size)


def _bytes(text: str, size: int) -> bytes:
    return _sized(base64.b64decode(text, validate=True), size)


def _sized(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise ValueError
    return data


def _state(text: str) -> str:
    if text not in {ACTIVE, RETIRED}:
        raise ValueError
    return text


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


class KeyringFile:
    """A keyring on disk that follows what other processes write to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[tuple[int, ...], Keyring] | None = None

    @classmethod
    def create(cls, path: Path, now: datetime) -> Self:
        """A new keyring at `path`, or the one that another process made there first."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            write_keyring(path, new_keyring(now), replacing=False)
        return cls(path)

    def current(self) -> Keyring:
        """The keyring as it is now; read again only when the file has changed.

        Raises `KeyringUnusableError` when it is missing, damaged, or open to other users.
        """
        seen = self._seen
        identity = self._identity()
        if seen is None or seen[0] != identity:
            seen = (identity, from_json(self.path.read_bytes()))
            self._seen = seen
        return seen[1]

    def rotate(self, now: datetime) -> Keyring:
        """Add a new active wrapping key and retire the one before; returns the new keyring."""
        with self._alone():
            rotated = self.current().rotated(now)
            write_keyring(self.path, rotated)
        return rotated

    def _identity(self) -> tuple[int, ...]:
        try:
            found = self.path.stat()
            folder = self.path.parent.stat()
        except OSError:
            raise KeyringUnusableError(why="there is no keyring file") from None
        if found.st_mode & FOR_OTHERS or folder.st_mode & WRITABLE_BY_OTHERS:
            raise KeyringUnusableError(why="other users of this machine may read or replace it")
        return found.st_ino, found.st_mtime_ns, found.st_size

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two rotations at once would lose a key that containers are already sealed to."""
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def write_keyring(path: Path, keyring: Keyring, *, replacing: bool = True) -> None:
    """Write a keyring file, mode 0600, durable; raises `FileExistsError` when it may not replace one."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(to_json(keyring))
            file.flush()
            os.fsync(file.fileno())
        if replacing:
            temporary.rename(path)
        else:
            os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
