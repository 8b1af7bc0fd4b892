"""Re-wrapping to a new key while the system runs, and shredding."""

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.errors import VaultDamagedError, VaultLockedError
from exchange.vault import Keyring, KeyringFile, Rotation, Vault
from exchange.vault.keyring import write_keyring
from tests.exchange.vault.containers import plaintext, read_all, seal

WHOLE = plaintext("rotated", 500)
SLOT_A, SLOT_B, SLOT_SIZE, HEADER = 1024, 2560, 1536, 4096
PlaceOf = Callable[[str], Path]


def key_ids(container: bytes, header_at: int = 0) -> tuple[bytes, bytes]:
    """The key ids that the two slots of a header name."""
    header = container[header_at : header_at + HEADER]
    return header[SLOT_A + 16 : SLOT_A + 32], header[SLOT_B + 16 : SLOT_B + 32]


def without(keyring: Keyring, key_id: bytes) -> Keyring:
    """The keyring after a key was taken out of it."""
    return replace(keyring, keys=tuple(key for key in keyring.keys if key.id != key_id))


def test_rotation_re_wraps_everything_and_leaves_the_old_key_nothing_to_open(
    vault: Vault, place_of: PlaceOf
) -> None:
    before = vault.keyring.current().active.id
    blob_id = seal(vault, WHOLE[:100], WHOLE[100:]).blob_id
    draft = vault.create()
    draft.write(WHOLE[:200])
    draft.suspend()
    assert vault.rotate() == Rotation(rewrapped=2)
    write_keyring(vault.keyring.path, without(vault.keyring.current(), before))
    assert before not in place_of(blob_id).read_bytes()
    assert read_all(vault, blob_id) == WHOLE
    resumed = vault.resume(draft.blob_id)
    resumed.write(WHOLE[200:])
    resumed.finish()
    assert read_all(vault, draft.blob_id) == WHOLE


def test_payloads_stay_as_they_are_and_slots_take_turns(vault: Vault, place_of: PlaceOf) -> None:
    blob_id = seal(vault, WHOLE).blob_id
    payload = place_of(blob_id).read_bytes()[HEADER:]
    for turn in (1, 0, 1):
        vault.rotate()
        container = place_of(blob_id).read_bytes()
        assert container[HEADER:] == payload
        assert key_ids(container)[turn] == vault.keyring.current().active.id
        idle = (SLOT_B, SLOT_A)[turn]
        assert container[idle : idle + SLOT_SIZE] == bytes(SLOT_SIZE)
    assert read_all(vault, blob_id) == WHOLE


def test_an_interrupted_rotation_goes_on_where_it_was(vault: Vault) -> None:
    for _ in range(4):
        seal(vault, WHOLE)
    steps: list[int] = []

    def stop_after_two(so_far: Rotation) -> None:
        steps.append(so_far.rewrapped)
        if so_far.rewrapped == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vault.rotate(stop_after_two)
    assert steps == [1, 2]
    assert vault.rewrap() == Rotation(rewrapped=2, already=2)
    assert vault.rewrap() == Rotation(already=4)


def test_the_new_wrapping_is_durable_before_the_old_one_is_erased(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal(vault, WHOLE[:100], WHOLE[100:])
    vault.keyring.rotate(vault.clock())
    acts: list[str] = []
    pwrite, fsync = os.pwrite, os.fsync

    def writing(descriptor: int, data: memoryview, position: int) -> int:
        acts.append("wrap" if any(data) else "erase")
        return pwrite(descriptor, data, position)

    def syncing(descriptor: int) -> None:
        acts.append("sync")
        fsync(descriptor)

    monkeypatch.setattr(os, "pwrite", writing)
    monkeypatch.setattr(os, "fsync", syncing)
    assert vault.rewrap() == Rotation(rewrapped=1)
    assert acts == ["wrap", "wrap", "sync", "erase", "erase", "sync"]


@pytest.mark.parametrize("written", [0, 1, 16, 40, 700, 1200, 1505, 1535, 1536])
def test_a_re_wrap_torn_at_any_byte_loses_nothing(vault: Vault, place_of: PlaceOf, written: int) -> None:
    blob_id = seal(vault, WHOLE).blob_id
    place = place_of(blob_id)
    before = place.read_bytes()
    vault.rotate()
    after = place.read_bytes()
    writing = before[:SLOT_B] + after[SLOT_B : SLOT_B + written] + before[SLOT_B + written :]
    erasing = before[:SLOT_A] + bytes(written) + before[SLOT_A + written : SLOT_B] + after[SLOT_B:]
    for torn in (writing, erasing):
        place.write_bytes(torn)
        assert read_all(vault, blob_id) == WHOLE
        vault.rewrap()
        assert read_all(vault, blob_id) == WHOLE
        assert place.read_bytes()[SLOT_A:SLOT_B] == bytes(SLOT_SIZE)


def test_readers_and_writers_go_on_during_rotation(vault: Vault) -> None:
    blob_id = seal(vault, WHOLE[:300], WHOLE[300:]).blob_id
    wrong: list[bytes] = []
    stop = threading.Event()

    def read_on() -> None:
        while not stop.is_set():
            got = read_all(vault, blob_id)
            if got != WHOLE:
                wrong.append(got)

    threads = [threading.Thread(target=read_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    writer = vault.create()
    with vault.open(blob_id) as reader:
        for number in range(30):
            writer.write(bytes([number]))
            assert vault.rotate() == Rotation(rewrapped=1, busy=1) or number
            assert reader.read(0, 500) == WHOLE
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    writer.finish()
    assert read_all(vault, writer.blob_id) == bytes(range(30))


def test_a_process_that_read_the_keyring_before_the_rotation_opens_what_was_re_wrapped(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob_id = seal(vault, WHOLE).blob_id
    before = vault.keyring.current()
    vault.rotate()
    answers = [before, vault.keyring.current(), vault.keyring.current()]
    monkeypatch.setattr(vault.keyring, "current", lambda: answers.pop(0))
    assert read_all(vault, blob_id) == WHOLE


def test_a_blob_that_is_re_wrapped_again_while_it_is_opened_opens(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob_id, known = seal(vault, WHOLE).blob_id, [vault.keyring.current()]
    for _ in range(3):
        vault.rotate()
        known.append(vault.keyring.current())
    answers = iter(known)  # the keyring is always one key behind the blob
    monkeypatch.setattr(vault.keyring, "current", lambda: next(answers))
    assert read_all(vault, blob_id) == WHOLE


def test_another_process_notices_the_new_key(vault: Vault) -> None:
    other = Vault(KeyringFile(vault.keyring.path), vault.store, vault.clock)
    other.keyring.current()
    vault.rotate()
    sealed = seal(other, WHOLE)
    assert vault.rewrap() == Rotation(already=1)
    assert read_all(other, sealed.blob_id) == WHOLE


def test_rotation_counts_what_it_could_not_do(vault: Vault, place_of: PlaceOf, tmp_path: Path) -> None:
    damaged, locked = seal(vault, WHOLE).blob_id, seal(vault, WHOLE).blob_id
    container = bytearray(place_of(damaged).read_bytes())
    container[SLOT_A + 100] ^= 1
    place_of(damaged).write_bytes(container)
    before = vault.keyring.current().active.id
    container = bytearray(place_of(locked).read_bytes())
    vault.keyring.rotate(vault.clock())
    write_keyring(vault.keyring.path, without(vault.keyring.current(), before))
    good = seal(vault, WHOLE).blob_id
    assert vault.rewrap() == Rotation(already=1, damaged=1, locked=1)
    assert read_all(vault, good) == WHOLE
    with pytest.raises(VaultLockedError):
        vault.open(locked)


def test_a_blob_removed_while_the_rotation_lists_is_no_matter(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = [seal(vault, WHOLE).blob_id for _ in range(3)]

    def shred_the_rest(_so_far: Rotation) -> None:
        for blob_id in blobs:
            vault.shred(blob_id)

    vault.keyring.rotate(vault.clock())
    monkeypatch.setattr(vault.store, "ids", lambda: iter(blobs))  # as listed before the shredding
    assert vault.rewrap(shred_the_rest) == Rotation(rewrapped=1)


def test_a_shredded_blob_is_gone_and_a_copy_made_by_hard_link_does_not_open(
    vault: Vault, place_of: PlaceOf
) -> None:
    blob_id = seal(vault, WHOLE[:100], WHOLE[100:]).blob_id
    place = place_of(blob_id)
    kept = place.with_name("kept")
    kept.hardlink_to(place)
    vault.shred(blob_id)
    assert not vault.exists(blob_id)
    kept.rename(place)
    for header_at in (0, kept_second_header(place)):
        assert place.read_bytes()[header_at + SLOT_A : header_at + HEADER] == bytes(HEADER - SLOT_A)
    with pytest.raises(VaultDamagedError):
        vault.open(blob_id)


def kept_second_header(place: Path) -> int:
    """Where the second segment begins."""
    return place.read_bytes().index(b"SEGM", HEADER)


def test_a_draft_is_shredded_as_well(vault: Vault) -> None:
    writer = vault.create()
    writer.write(WHOLE)
    writer.suspend()
    vault.shred(writer.blob_id)
    assert list(vault.ids()) == []
    vault.shred(writer.blob_id)


def test_a_discarded_upload_leaves_no_keys_behind(vault: Vault, place_of: PlaceOf) -> None:
    writer = vault.create()
    writer.write(bytes(2 * 1024 * 1024))
    kept = place_of(writer.blob_id).with_name("kept")
    kept.hardlink_to(place_of(writer.blob_id))
    writer.discard()
    assert kept.read_bytes()[SLOT_A:HEADER] == bytes(HEADER - SLOT_A)


def test_a_reader_that_is_open_while_its_blob_is_shredded_reads_on(vault: Vault) -> None:
    blob_id = seal(vault, WHOLE).blob_id
    with vault.open(blob_id) as reader:
        vault.shred(blob_id)
        assert reader.read(0, 500) == WHOLE
