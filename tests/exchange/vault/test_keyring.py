"""The keyring file: private, written whole, never replaced by accident."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exchange.errors import KeyringUnusableError, VaultLockedError
from exchange.runtime import utc_now
from exchange.vault import KeyringFile, open_vault
from exchange.vault.keyring import from_json, new_keyring, to_json, write_keyring
from tests.exchange.vault.containers import read_all, seal

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "keyring.json"


def test_a_new_keyring_is_private_and_is_read_back_as_written(path: Path) -> None:
    created = KeyringFile.create(path, NOW)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(path.parent.iterdir()) == [path]
    keyring = created.current()
    assert from_json(to_json(keyring)) == keyring
    assert (keyring.active.created, keyring.active.state) == ("2026-11-22T00:00:00+00:00", "active")
    assert created.current() is keyring


def test_creating_again_keeps_the_keyring_that_is_there(path: Path) -> None:
    first = KeyringFile.create(path, NOW).current()
    assert KeyringFile.create(path, NOW).current() == first


def test_many_first_starts_at_once_agree_on_one_keyring(path: Path) -> None:
    seen: list[str] = []

    def start() -> None:
        seen.append(to_json(KeyringFile.create(path, NOW).current()))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(seen), len(set(seen))) == (8, 1)


def test_rotations_at_once_lose_no_key(path: Path) -> None:
    file = KeyringFile.create(path, NOW)
    threads = [threading.Thread(target=KeyringFile(path).rotate, args=(NOW,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = [key.state for key in file.current().keys]
    assert states == ["retired"] * 8 + ["active"]
    assert file.current().active == file.current().keys[-1]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_keyring_that_others_may_read_is_refused(path: Path, mode: int) -> None:
    file = KeyringFile.create(path, NOW)
    path.chmod(mode)
    with pytest.raises(KeyringUnusableError, match="other users"):
        file.current()


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_keyring_in_a_folder_that_others_may_write_is_refused(path: Path, mode: int) -> None:
    file = KeyringFile.create(path, NOW)
    path.parent.chmod(mode)
    with pytest.raises(KeyringUnusableError, match="other users"):
        file.current()


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(version=2),
        lambda document: document.pop("keys"),
        lambda document: document["keys"].clear(),
        lambda document: document["keys"][0].update(state="retired"),
        lambda document: document["keys"][0].update(state="sleeping"),
        lambda document: document["keys"][0].update(public="AAAA"),
        lambda document: document["keys"][0].update(private="not base64"),
        lambda document: document["keys"][0].update(id="xyz"),
        lambda document: document["keys"][0].update(surprise=1),
        lambda document: document["secrets"][0].update(secret="AA=="),
    ],
)
def test_a_damaged_keyring_is_refused(path: Path, change: Callable[[Any], object]) -> None:
    file = KeyringFile.create(path, NOW)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(KeyringUnusableError, match="not a keyring file"):
        file.current()


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", "{\xe9"])
def test_a_file_that_is_no_keyring_is_refused(path: Path, text: str) -> None:
    file = KeyringFile.create(path, NOW)
    path.write_text(text, "latin-1")
    with pytest.raises(KeyringUnusableError):
        file.current()


def test_a_missing_keyring_is_made_for_an_empty_store_only(tmp_path: Path, path: Path) -> None:
    vault = open_vault(path, tmp_path / "store", utc_now)
    blob_id = seal(vault, b"sealed").blob_id
    kept = path.rename(path.with_name("kept"))
    with pytest.raises(KeyringUnusableError, match="missing"):
        open_vault(path, tmp_path / "store", utc_now)
    with pytest.raises(KeyringUnusableError, match="no keyring file"):
        vault.open(blob_id)
    kept.rename(path)
    assert read_all(open_vault(path, tmp_path / "store", utc_now), blob_id) == b"sealed"


def test_a_failed_write_leaves_the_keyring_and_no_scrap(path: Path) -> None:
    file = KeyringFile.create(path, NOW)
    before = file.current()
    with pytest.raises(FileExistsError):
        write_keyring(path, new_keyring(NOW), replacing=False)
    assert list(path.parent.iterdir()) == [path]
    assert file.current() == before


def test_a_keyring_is_durable_before_it_takes_its_name(path: Path, synced: list[str]) -> None:
    file = KeyringFile.create(path, NOW)
    file.rotate(NOW)
    content, folder = synced[0::2], synced[1::2]
    assert folder == [str(path.parent)] * 2
    assert all(name.startswith(str(path.with_name(".keyring.json."))) for name in content)


def test_the_public_half_holds_no_secret(path: Path) -> None:
    whole = KeyringFile.create(path, NOW).current()
    text = to_json(whole.public_only())
    assert json.loads(text)["secrets"] == []
    assert "private" not in text
    assert from_json(text) == whole.public_only()
    assert repr(whole.secrets[0].value) not in repr(whole)
    assert repr(whole.keys[0].private) not in repr(whole)
    with pytest.raises(VaultLockedError):
        _ = whole.public_only().active.opening
