"""The directory store: private folders, random names, durable names, one writer at a time."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from exchange.errors import BlobBusyError, StoreUnavailableError
from exchange.vault import Vault, names_together
from exchange.vault.directory import GIVEN_OUT, BlobFile, DirectoryStore
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


def test_names_of_blobs_finished_together_are_durable_at_the_end_of_the_block(
    vault: Vault, synced: list[str]
) -> None:
    blobs = vault.store.root / "blobs"
    with names_together():
        finished = [seal(vault, b"x").blob_id for _ in range(3)]
        [folder] = {str(blobs / blob_id[:2]) for blob_id in finished}
        assert folder not in synced
    assert synced.count(folder) == 1
    alone = seal(vault, b"x").blob_id
    assert synced[-1] == str(blobs / alone[:2])


def test_file_then_folder_are_synced_before_finish_returns(vault: Vault, synced: list[str]) -> None:
    root = vault.store.root
    blob_id = seal(vault, b"x").blob_id
    folders = root / "blobs", root / "blobs" / blob_id[:2]
    assert synced == [str(place) for place in (root / "drafts" / blob_id, *folders)]


def test_a_blob_nobody_knows_is_synced_under_its_name_and_then_its_folder(
    vault: Vault, synced: list[str]
) -> None:
    writer = vault.create()
    writer.write(b"x")
    blob_id = writer.finish(known=False).blob_id
    folders = vault.store.root / "blobs", vault.store.root / "blobs" / blob_id[:2]
    assert synced == [str(place) for place in (folders[0], folders[1] / blob_id, folders[1])]
    with vault.open(blob_id) as reader:
        assert reader.read(0, 2) == b"x"


def test_a_blob_nobody_knows_that_does_not_become_durable_is_thrown_away(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, "")

    with vault.create() as writer:
        writer.write(b"x")
        (vault.store.root / "blobs" / writer.blob_id[:2]).mkdir()
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", fail)
            with pytest.raises(StoreUnavailableError):
                writer.finish(known=False)
        assert vault.exists(writer.blob_id)
    assert list(vault.ids()) == []


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


def test_a_file_that_is_passed_through_is_forgotten_behind_its_reader_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int, int]] = []
    monkeypatch.setattr(os, "posix_fadvise", lambda _file, *advice: told.append(advice))
    place = tmp_path / "blob"
    place.touch()
    os.truncate(place, 4 * GIVEN_OUT)
    piece = memoryview(bytearray(GIVEN_OUT // 8))
    with BlobFile(os.open(place, os.O_RDONLY)) as file:
        file.read_into(0, memoryview(bytearray(2 * GIVEN_OUT)))
        assert told == []  # nobody asked for it
        file.pass_through()
        for position in (*range(0, 2 * GIVEN_OUT, len(piece)), 3 * GIVEN_OUT):
            file.read_into(position, piece)
    forgotten = [
        (0, GIVEN_OUT, os.POSIX_FADV_DONTNEED),
        (0, 2 * GIVEN_OUT, os.POSIX_FADV_DONTNEED),
    ]
    assert told == [(0, 0, os.POSIX_FADV_SEQUENTIAL), *forgotten]  # a leap forgets nothing


def test_a_large_file_leaves_no_pages_in_the_cache_once_it_is_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int, int]] = []
    monkeypatch.setattr(os, "posix_fadvise", lambda _file, *advice: told.append(advice))
    for size in (GIVEN_OUT - 1, GIVEN_OUT):
        with BlobFile(os.open(tmp_path / str(size), os.O_RDWR | os.O_CREAT)) as file:
            file.write(0, bytes(size))
            file.sync()
    assert told == [(0, GIVEN_OUT, os.POSIX_FADV_DONTNEED), (0, 0, os.POSIX_FADV_DONTNEED)]
