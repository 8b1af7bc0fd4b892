"""The vector files: what another implementation must open, and must refuse, with the chunk it should name."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from exchange.errors import VaultDamagedError, VaultLockedError
from exchange.runtime import utc_now
from exchange.vault import Vault, open_vault
from tests.exchange.vault import independent
from tests.exchange.vault.containers import plaintext, read_all

FOLDER = Path(__file__).parent / "vectors"
VECTORS: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / "vectors.json").read_text())
GOOD = pytest.mark.parametrize("vector", VECTORS["good"], ids=lambda vector: vector["file"])
DAMAGED = pytest.mark.parametrize("vector", VECTORS["damaged"], ids=lambda vector: vector["file"])


@pytest.fixture
def placed(tmp_path: Path, vector: dict[str, Any]) -> Vault:
    """A vault with the vectors' keys that holds the vector under its id."""
    keyring = tmp_path / "keys" / "keyring.json"
    keyring.parent.mkdir(mode=0o700)
    shutil.copyfile(FOLDER / "keyring.json", keyring)
    keyring.chmod(0o600)
    blob_id = vector["container_id"]
    place = tmp_path / "store" / "blobs" / blob_id[:2] / blob_id
    place.parent.mkdir(parents=True)
    shutil.copyfile(FOLDER / vector["file"], place)
    return open_vault(keyring, tmp_path / "store", utc_now)


@GOOD
def test_a_good_vector_opens_to_its_plaintext(placed: Vault, vector: dict[str, Any]) -> None:
    with placed.open(vector["container_id"]) as reader:
        assert (reader.size, reader.sha256) == (vector["size"], vector["sha256"])
    assert read_all(placed, vector["container_id"]) == plaintext(vector["plaintext"], vector["size"])


@GOOD
def test_a_reader_written_from_the_page_alone_opens_it_too(vector: dict[str, Any]) -> None:
    container = (FOLDER / vector["file"]).read_bytes()
    read = independent.read(container, bytes.fromhex(vector["container_id"]), FOLDER / "keyring.json")
    assert read == plaintext(vector["plaintext"], vector["size"])


@DAMAGED
def test_a_damaged_vector_is_refused_with_the_chunk_named(placed: Vault, vector: dict[str, Any]) -> None:
    refusal = VaultLockedError if vector["chunk"] is None else VaultDamagedError
    with pytest.raises(refusal) as refused:
        read_all(placed, vector["container_id"])
    assert refused.value.facts.get("chunk") == vector["chunk"]


@DAMAGED
def test_the_reader_written_from_the_page_refuses_it_too(vector: dict[str, Any]) -> None:
    container = (FOLDER / vector["file"]).read_bytes()
    with pytest.raises(Exception):  # noqa: B017, PT011  # how it refuses is its own affair
        independent.read(container, bytes.fromhex(vector["container_id"]), FOLDER / "keyring.json")


def test_every_vector_file_is_listed() -> None:
    listed = {vector["file"] for vectors in VECTORS.values() for vector in vectors}
    assert listed == {path.name for path in FOLDER.glob("*.sealed")}
