"""A vault under the test's own folder, with chunks small enough for many of them."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.runtime import utc_now
from exchange.vault import Vault, open_vault

CHUNK = 64


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Chunks of 64 bytes."""
    opened = open_vault(tmp_path / "keys" / "keyring.json", tmp_path / "store", utc_now)
    return replace(opened, chunk_size=CHUNK)


@pytest.fixture
def full_vault(tmp_path: Path) -> Vault:
    """Chunks as they are in an installation."""
    return open_vault(tmp_path / "keys" / "keyring.json", tmp_path / "store", utc_now)


@pytest.fixture
def place_of(vault: Vault) -> Callable[[str], Path]:
    """Where the file of a blob or draft is."""

    def place(blob_id: str) -> Path:
        blob = vault.store.root / "blobs" / blob_id[:2] / blob_id
        return blob if blob.exists() else vault.store.root / "drafts" / blob_id

    return place


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was synced, in order, as paths."""
    paths: list[str] = []
    fsync = os.fsync

    def noting(descriptor: int) -> None:
        paths.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    return paths
