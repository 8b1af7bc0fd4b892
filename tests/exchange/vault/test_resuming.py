"""Drafts: suspended, cut at any byte, or left by a killed process, they go on from a correct prefix."""

import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.errors import BlobBusyError, BlobMissingError, DraftUnfinishedError, VaultDamagedError
from exchange.vault import Vault
from tests.exchange.vault.containers import frames, plaintext, read_all, seal

CHUNK = 64
WHOLE = plaintext("draft", 1000)
PlaceOf = Callable[[str], Path]


def suspended(vault: Vault, *parts: bytes) -> str:
    """A draft with a segment for each part."""
    writer = vault.create()
    for part in parts[:-1]:
        writer.write(part)
        writer.suspend()
        writer = vault.resume(writer.blob_id)
    writer.write(parts[-1])
    writer.suspend()
    return writer.blob_id


def test_a_suspended_draft_goes_on_where_it_ended(vault: Vault) -> None:
    blob_id = suspended(vault, WHOLE[:333], WHOLE[333:500])
    assert not vault.exists(blob_id)
    with pytest.raises(BlobMissingError):
        vault.open(blob_id)
    writer = vault.resume(blob_id)
    assert (writer.size, writer.digest()) == (500, hashlib.sha256(WHOLE[:500]).hexdigest())
    writer.write(WHOLE[500:])
    assert writer.finish().sha256 == hashlib.sha256(WHOLE).hexdigest()
    assert read_all(vault, blob_id) == WHOLE


def test_a_full_size_draft_is_hashed_again(full_vault: Vault) -> None:
    whole = plaintext("large", 3_000_000)
    writer = full_vault.create()
    writer.write(whole[:2_000_000])
    writer.suspend()
    writer = full_vault.resume(writer.blob_id)
    assert writer.digest() == hashlib.sha256(whole[:2_000_000]).hexdigest()
    writer.write(whole[2_000_000:])
    assert writer.finish().sha256 == hashlib.sha256(whole).hexdigest()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1), noise=st.binary(max_size=150))
def test_a_draft_cut_at_any_byte_keeps_a_correct_prefix(
    vault: Vault, place_of: PlaceOf, cut: float, noise: bytes
) -> None:
    blob_id = suspended(vault, WHOLE[:200], WHOLE[200:264], WHOLE[264:500])
    file = place_of(blob_id).read_bytes()
    kept = int(cut * len(file))
    place_of(blob_id).write_bytes(file[:kept] + noise)
    writer = vault.resume(blob_id)
    whole_chunks = sum(
        end - start - 24 for kind, start, end in frames(file) if kind == b"DATA" and end <= kept
    )
    assert writer.size == whole_chunks
    assert writer.digest() == hashlib.sha256(WHOLE[: writer.size]).hexdigest()
    writer.write(WHOLE[writer.size :])
    assert writer.finish().sha256 == hashlib.sha256(WHOLE).hexdigest()
    assert read_all(vault, blob_id) == WHOLE


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True))
def test_a_draft_damaged_anywhere_keeps_what_stands_before(
    vault: Vault, place_of: PlaceOf, place: float
) -> None:
    blob_id = suspended(vault, WHOLE[:200], WHOLE[200:500])
    whole = place_of(blob_id).read_bytes()
    at = int(place * len(whole))
    place_of(blob_id).write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
    writer = vault.resume(blob_id)
    before = sum(e - s - 24 for kind, s, e in frames(whole) if kind == b"DATA" and e <= at)
    assert before <= writer.size <= 500
    writer.write(WHOLE[writer.size :])
    assert writer.finish().sha256 == hashlib.sha256(WHOLE).hexdigest()


def test_a_long_torn_end_is_cut_off(vault: Vault, place_of: PlaceOf) -> None:
    blob_id = suspended(vault, WHOLE[:500])
    with place_of(blob_id).open("ab") as file:
        file.write(bytes(30_000))
    writer = vault.resume(blob_id)
    writer.write(WHOLE[500:])
    writer.finish()
    assert read_all(vault, blob_id) == WHOLE


def test_a_draft_under_the_name_of_another_is_not_gone_on_with(vault: Vault, place_of: PlaceOf) -> None:
    one, other = suspended(vault, WHOLE), suspended(vault, b"another")
    place_of(one).replace(place_of(other))
    with pytest.raises(DraftUnfinishedError):
        vault.finish_suspended(other)
    assert vault.resume(other).size == 0


def test_resuming_again_and_again_without_bytes_does_not_grow_the_draft(
    vault: Vault, place_of: PlaceOf
) -> None:
    blob_id = suspended(vault, WHOLE[:500])
    size = place_of(blob_id).stat().st_size
    for _ in range(3):
        vault.resume(blob_id).suspend()
        vault.resume(blob_id).release()
    assert place_of(blob_id).stat().st_size == size
    empty = suspended(vault, b"")
    size = place_of(empty).stat().st_size
    for _ in range(3):
        vault.resume(empty).suspend()
    assert place_of(empty).stat().st_size == size


def test_a_released_draft_keeps_its_whole_chunks(vault: Vault, place_of: PlaceOf) -> None:
    writer = vault.create()
    writer.write(WHOLE[:500])
    writer.release()
    writer = vault.resume(writer.blob_id)
    assert writer.size == 448
    writer.suspend()
    assert frames(place_of(writer.blob_id).read_bytes())[-1][0] == b"SUSP"


def test_a_suspended_draft_is_finished_without_reading_its_chunks(vault: Vault, place_of: PlaceOf) -> None:
    for parts in ([b""], [WHOLE], [WHOLE[:64], WHOLE[64:]]):
        blob_id = suspended(vault, *parts)
        sealed = vault.finish_suspended(blob_id)
        whole = b"".join(parts)
        assert (sealed.size, sealed.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
        assert read_all(vault, blob_id) == whole
        assert not (vault.store.root / "drafts" / blob_id).exists()


def test_a_draft_that_was_not_suspended_in_order_is_not_finished_unseen(
    vault: Vault, place_of: PlaceOf
) -> None:
    writer = vault.create()
    writer.write(WHOLE)
    writer.release()
    with pytest.raises(DraftUnfinishedError):
        vault.finish_suspended(writer.blob_id)
    assert vault.resume(writer.blob_id).size == 960


def test_a_chunk_damaged_in_a_suspended_draft_is_found_when_it_is_read(
    vault: Vault, place_of: PlaceOf
) -> None:
    blob_id = suspended(vault, WHOLE)
    broken = bytearray(place_of(blob_id).read_bytes())
    broken[4096 + 100] ^= 1
    place_of(blob_id).write_bytes(broken)
    vault.finish_suspended(blob_id)
    with vault.open(blob_id) as reader, pytest.raises(VaultDamagedError):
        reader.read(64, 10)


def killed_before_publishing(vault: Vault, place_of: PlaceOf) -> str:
    """A draft whose closing frame says finished, as a process leaves it that dies before the rename."""
    blob_id = seal(vault, WHOLE[:200], WHOLE[200:]).blob_id
    place_of(blob_id).rename(vault.store.root / "drafts" / blob_id)
    return blob_id


def test_a_finish_that_was_not_published_can_be_published(vault: Vault, place_of: PlaceOf) -> None:
    blob_id = killed_before_publishing(vault, place_of)
    assert vault.finish_suspended(blob_id).sha256 == hashlib.sha256(WHOLE).hexdigest()
    assert read_all(vault, blob_id) == WHOLE


def test_a_finish_that_was_not_published_can_be_gone_on_from(vault: Vault, place_of: PlaceOf) -> None:
    blob_id = killed_before_publishing(vault, place_of)
    writer = vault.resume(blob_id)
    assert writer.size == len(WHOLE)
    writer.write(b"more")
    writer.finish()
    assert read_all(vault, blob_id) == WHOLE + b"more"


def test_a_blob_whose_finish_nobody_recorded_becomes_a_draft_again(vault: Vault) -> None:
    blob_id = seal(vault, WHOLE[:500]).blob_id
    vault.withdraw(blob_id)
    assert not vault.exists(blob_id)
    writer = vault.resume(blob_id)
    writer.write(WHOLE[500:])
    writer.finish()
    assert read_all(vault, blob_id) == WHOLE


def test_a_second_writer_is_told_that_the_draft_is_busy(vault: Vault) -> None:
    writer = vault.create()
    writer.write(WHOLE)
    for ask in (vault.resume, vault.finish_suspended, vault.shred):
        with pytest.raises(BlobBusyError):
            ask(writer.blob_id)
    writer.suspend()
    assert vault.resume(writer.blob_id).size == len(WHOLE)


def test_a_draft_finished_by_another_while_its_lock_is_waited_for_is_missing(vault: Vault) -> None:
    writer = vault.create()
    writer.write(WHOLE)
    waiting = Waiting(vault, writer.blob_id)
    waiting.start()
    time.sleep(0.1)
    writer.finish()
    waiting.join()
    assert isinstance(waiting.refused, BlobMissingError)
    assert read_all(vault, writer.blob_id) == WHOLE


class Waiting(threading.Thread):
    """Someone who would resume a draft that another is still writing."""

    def __init__(self, vault: Vault, blob_id: str) -> None:
        super().__init__()
        self.vault, self.blob_id = vault, blob_id
        self.refused: Exception | None = None

    def run(self) -> None:
        """Ask again where the other one took longer than is waited for."""
        while True:
            try:
                self.vault.resume(self.blob_id)
            except BlobBusyError:
                continue
            except BlobMissingError as refused:
                self.refused = refused
            return


WRITE_UNTIL_KILLED = """
import sys
from pathlib import Path
from exchange.vault import Vault, open_vault
opened = open_vault(Path(sys.argv[1]), Path(sys.argv[2]), None)
writer = Vault(opened.keyring, opened.store, None, 64).create()
print(writer.blob_id, flush=True)
whole, at = bytes.fromhex(sys.argv[3]), 0
while True:
    writer.write(whole[at % 1000 : at % 1000 + 50])
    at += 50
"""


@pytest.mark.parametrize("after", [0.0, 0.02, 0.2])
def test_what_a_killed_process_wrote_is_taken_up_by_the_next(vault: Vault, after: float) -> None:
    arguments = [str(vault.keyring.path), str(vault.store.root), WHOLE.hex()]
    with subprocess.Popen([sys.executable, "-c", WRITE_UNTIL_KILLED, *arguments], stdout=PIPE) as child:
        assert child.stdout is not None
        blob_id = child.stdout.readline().decode().strip()
        with pytest.raises(BlobBusyError):
            vault.resume(blob_id)
        while not vault.held(blob_id):
            time.sleep(0.01)
        time.sleep(after)
        child.kill()
    writer = vault.resume(blob_id)
    expected = (WHOLE * (writer.size // 1000 + 1))[: writer.size]
    assert writer.size > 0
    assert writer.digest() == hashlib.sha256(expected).hexdigest()
    writer.write(b"the end")
    writer.finish()
    assert read_all(vault, blob_id) == expected + b"the end"
