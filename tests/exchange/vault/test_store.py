"""The directory store: private folders, random names, durable names, one writer at a time."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from exchange.errors import BlobBusyError, StoreUnavailableError
from exchange.vault import Vault
from exchange.vault.directory import DirectoryStore
from tests.exchange.vault.containers import seal

PlaceOf = Callable[[str], Path]


def test_blobs_lie_in_two_levels_of_private_folders_under_random_names(vault: Vault) -> None:
    blob_id = seal(vault, b"x").blob_id
    place = vault.store.root / "blobs" / blob_id[:2] / blob_id
    assert place.stat().st_mode & 0o777 == 0o600
    for folder in (vault.store.root, *place.relative_to(vault.store.root).parents):
        assert (vault.store.root / folder).stat().st_mode & 0o777 == 0o700
    assert len({seal(vault, b"x").blob_id for _ in range(50)}) == 50


def test_ids_list_drafts_and_blobs_and_can_leave_out_the_young(vault: Vault, place_of: PlaceOf) -> None:
    old, young, draft = seal(vault, b"x").blob_id, seal(vault, b"x").blob_id, vault.create()
    draft.write(b"x")
    draft.suspend()
    assert set(vault.ids()) == {old, young, draft.blob_id}
    past = time.time() - 25 * 3600
    for blob_id in (old, draft.blob_id):
        os.utime(place_of(blob_id), (past, past))
    assert set(vault.ids(older_than_hours=24)) == {old, draft.blob_id}
    assert set(vault.ids(older_than_hours=26)) == set()


def test_a_blob_removed_while_being_listed_is_left_out(vault: Vault) -> None:
    vault.create()
    listed = vault.store.root / "drafts"
    (listed / "dangling").symlink_to("nowhere")
    assert "dangling" not in list(vault.ids(older_than_hours=1))


def test_file_then_folder_are_synced_before_finish_returns(vault: Vault, synced: list[str]) -> None:
    root = vault.store.root
    blob_id = seal(vault, b"x").blob_id
    folders = root / "blobs", root / "blobs" / blob_id[:2]
    assert synced == [str(place) for place in (root / "drafts" / blob_id, *folders)]


def test_file_then_folder_are_synced_before_suspend_returns(vault: Vault, synced: list[str]) -> None:
    writer = vault.create()
    writer.write(b"x")
    writer.suspend()
    drafts = vault.store.root / "drafts"
    assert synced == [str(drafts / writer.blob_id), str(drafts)]


def test_the_keys_are_destroyed_durably_before_the_name_goes(
    vault: Vault, place_of: PlaceOf, synced: list[str]
) -> None:
    blob_id = seal(vault, b"x").blob_id
    place = place_of(blob_id)
    synced.clear()
    vault.shred(blob_id)
    assert synced == [str(place), str(place.parent)]


def test_a_lock_that_is_given_back_soon_is_waited_for(vault: Vault) -> None:
    writer = vault.create()
    writer.suspend()
    held = vault.store.reopen(writer.blob_id)
    with pytest.raises(BlobBusyError):
        vault.store.edit(writer.blob_id, wait=0.02)
    held.close()
    vault.store.edit(writer.blob_id, wait=0).close()


def test_a_store_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailableError):
        DirectoryStore(tmp_path / "file" / "store")


def test_an_id_that_is_taken_is_not_written_over(vault: Vault) -> None:
    writer = vault.create()
    with pytest.raises(StoreUnavailableError):
        vault.store.create(writer.blob_id)


def test_a_damaged_disk_is_an_unavailable_store(vault: Vault) -> None:
    sealed = seal(vault, b"x" * 500)
    with vault.open(sealed.blob_id) as reader:
        reader.close()
        with pytest.raises(StoreUnavailableError):
            reader.read(0, 500)
