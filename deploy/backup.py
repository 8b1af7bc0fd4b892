"""Copies a running installation to a folder, and back: database, sealed files, keys, in this order.

The database first: every row of that moment has its blob already (blob first, row second). The keys last: a
rotation meanwhile re-wraps blobs to a key that is then in the copied keyring too.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from deploy.failure import FailedError
from exchange.settings import Settings

MANIFEST = "manifest.json"
_PIECE = 1 << 20
_ELSEWHERE = (
    "the database is PostgreSQL, which `portal backup` does not copy: "
    "use pg_dump first, then copy the store, then the keys, in this order"
)


@dataclass(frozen=True)
class Places:
    """Where an installation keeps what a backup holds."""

    database: Path
    folders: dict[str, Path]

    @classmethod
    def of(cls, settings: Settings) -> "Places":
        """The places of an installation; `FailedError` when its database is no file."""
        url = urlsplit(settings.database_url)
        if url.scheme != "sqlite":
            raise FailedError(_ELSEWHERE)
        folders = {"store": settings.store, "keys": settings.keyring.parent, "host_keys": settings.host_keys}
        if settings.receipt_key is not None:
            folders["receipt_keys"] = settings.receipt_key.parent
        once: dict[str, Path] = {}
        for name, folder in folders.items():
            if folder not in once.values():
                once[name] = folder
        return cls(Path(url.path.removeprefix("/")), once)


def back_up(settings: Settings, target: Path, moment: str, advance: Callable[[int], None]) -> int:
    """Copy the installation to `target`, which must not exist yet; returns the number of files.

    `advance` hears the bytes copied. The copy holds the keys: whoever has it can read everything.
    """
    places = Places.of(settings)
    target.mkdir(mode=0o700, parents=True, exist_ok=False)
    _copy_database(places.database, target / "portal.db")
    digests = {"portal.db": _digest(target / "portal.db")}
    for name, folder in places.folders.items():
        for file in _files(folder):
            inside = Path(name) / file.relative_to(folder)
            if (digest := _copy(file, target / inside, advance)) is not None:
                digests[str(inside)] = digest
    manifest = {"made_at": moment, "version": version("ocss-portal"), "files": digests}
    _write(target / MANIFEST, json.dumps(manifest, indent=1).encode())
    return len(digests)


def size_of(settings: Settings) -> int:
    """The bytes that a backup of the folders would copy."""
    return sum(
        file.stat().st_size for folder in Places.of(settings).folders.values() for file in _files(folder)
    )


def restore(settings: Settings, source: Path, advance: Callable[[int], None]) -> int:
    """Lay a backup out as a new installation; returns the number of files.

    `FailedError` when something is there already, or a file of the backup is missing or was changed.
    """
    places = Places.of(settings)
    digests = _checked(source)
    occupied = [place for place in (places.database, *places.folders.values()) if _occupied(place)]
    if occupied:
        raise FailedError(f"{occupied[0]} is there already; restore into an empty home")
    places.database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in digests:
        top, _, rest = name.partition("/")
        _copy(source / name, places.folders[top] / rest if rest else places.database, advance)
    return len(digests)


def _checked(source: Path) -> dict[str, str]:
    try:
        digests: dict[str, str] = json.loads((source / MANIFEST).read_text())["files"]
    except (OSError, ValueError, KeyError):
        raise FailedError(f"{source} is not a whole backup: it has no readable {MANIFEST}") from None
    for name, digest in digests.items():
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise FailedError(f"{MANIFEST} names a file outside the backup: {name}")
        if not (source / name).is_file() or _digest(source / name) != digest:
            raise FailedError(f"{source / name} is missing or not as it was backed up")
    return digests


def _occupied(place: Path) -> bool:
    return place.is_file() or (place.is_dir() and any(place.iterdir()))


def _copy_database(database: Path, target: Path) -> None:
    """SQLite's online backup: one moment's state, while the portal goes on."""
    target.touch(mode=0o600)
    with closing(sqlite3.connect(database)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _copy(file: Path, target: Path, advance: Callable[[int], None]) -> str | None:
    """Copy durably; the SHA-256 of what was copied, None when the file was removed meanwhile."""
    try:
        content = file.open("rb")
    except FileNotFoundError:
        return None
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with content, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
        while piece := content.read(_PIECE):
            digest.update(piece)
            copy.write(piece)
            advance(len(piece))
        copy.flush()
        os.fsync(copy.fileno())
    shutil.copymode(file, target)
    return digest.hexdigest()


def _write(target: Path, content: bytes) -> None:
    with target.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
