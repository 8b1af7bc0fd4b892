"""Whatever is done to a finished container, it is refused or gives what was sealed: never anything else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.errors import BlobMissingError, VaultDamagedError, VaultLockedError
from exchange.runtime import utc_now
from exchange.vault import Vault, open_vault
from tests.exchange.vault.containers import frames, plaintext, read_all, seal

CHUNK = 64
PARTS = (plaintext("first", 3 * CHUNK), plaintext("second", CHUNK + 9), plaintext("third", 2 * CHUNK + 1))
HEADER = 4096
IDLE_SLOT = range(2560, 4096)


class Laboratory:
    """A vault with one finished container, whose file is replaced again and again."""

    def __init__(self, folder: Path) -> None:
        opened = open_vault(folder / "keys" / "keyring.json", folder / "store", utc_now)
        self.vault = replace(opened, chunk_size=CHUNK)
        self.blob_id, self.other_id = (seal(self.vault, *PARTS).blob_id for _ in range(2))
        self.good, self.other = self.place(self.blob_id).read_bytes(), self.place(self.other_id).read_bytes()

    def place(self, blob_id: str) -> Path:
        return self.vault.store.root / "blobs" / blob_id[:2] / blob_id

    def read(self, container: bytes) -> bytes:
        self.place(self.blob_id).write_bytes(container)
        return read_all(self.vault, self.blob_id)

    def refuses(self, container: bytes) -> bool:
        try:
            self.read(container)
        except (VaultDamagedError, VaultLockedError):
            return True
        return False


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    return Laboratory(tmp_path_factory.mktemp("laboratory"))


def places(laboratory_size: int = 3 * HEADER + 1400) -> st.SearchStrategy[int]:
    return st.integers(0, laboratory_size)


@settings(max_examples=400, deadline=None)
@given(place=places(), bit=st.integers(0, 7))
def test_a_flipped_bit_is_refused_or_stands_where_nothing_counts(
    laboratory: Laboratory, place: int, bit: int
) -> None:
    place %= len(laboratory.good)
    flipped = bytearray(laboratory.good)
    flipped[place] ^= 1 << bit
    starts = [start for kind, start, _ in frames(laboratory.good) if kind == b"SEGM"]
    if any(place - start in IDLE_SLOT for start in starts):
        assert laboratory.read(bytes(flipped)) == b"".join(PARTS)
    else:
        assert laboratory.refuses(bytes(flipped))


@pytest.mark.parametrize("bit", [0x80, 0x01])
def test_every_byte_that_describes_something_is_held_to(laboratory: Laboratory, bit: int) -> None:
    sizes = {b"SEGM": 110, b"DATA": 9, b"SUSP": 72, b"FINI": 72}
    for kind, start, _ in frames(laboratory.good):
        for place in range(start, start + sizes[kind]):
            flipped = bytearray(laboratory.good)
            flipped[place] ^= bit
            assert laboratory.refuses(bytes(flipped)), (kind, place - start)


@settings(max_examples=150, deadline=None)
@given(place=places())
def test_a_container_cut_anywhere_is_refused(laboratory: Laboratory, place: int) -> None:
    assert laboratory.refuses(laboratory.good[: place % len(laboratory.good)])


@settings(max_examples=150, deadline=None)
@given(start=places(), length=st.integers(1, 600))
def test_a_container_with_anything_taken_out_is_refused(
    laboratory: Laboratory, start: int, length: int
) -> None:
    start %= len(laboratory.good)
    assert laboratory.refuses(laboratory.good[:start] + laboratory.good[start + length :])


@settings(max_examples=150, deadline=None)
@given(more=st.binary(min_size=1, max_size=200) | st.just(bytes(72)), place=places())
def test_anything_put_in_or_appended_is_refused(laboratory: Laboratory, more: bytes, place: int) -> None:
    good = laboratory.good
    assert laboratory.refuses(good + more)
    place %= len(good)
    assert laboratory.refuses(good[:place] + more + good[place:])


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_frames_in_any_other_order_or_choice_are_refused(laboratory: Laboratory, data: st.DataObject) -> None:
    known = [laboratory.good[start:end] for _, start, end in frames(laboratory.good)]
    numbers = st.integers(0, len(known) - 1)
    chosen = data.draw(st.permutations(range(len(known))) | st.lists(numbers, max_size=2 * len(known)))
    mixed = b"".join(known[number] for number in chosen)
    assert mixed == laboratory.good or laboratory.refuses(mixed)


@settings(max_examples=150, deadline=None)
@given(source=st.lists(st.booleans(), min_size=14, max_size=14))
def test_frames_mixed_with_those_of_a_container_of_the_same_shape_are_refused(
    laboratory: Laboratory, source: list[bool]
) -> None:
    mixed = b"".join(
        (laboratory.other if foreign else laboratory.good)[start:end]
        for foreign, (_, start, end) in zip(source, frames(laboratory.good), strict=True)
    )
    assert mixed == laboratory.good or laboratory.refuses(mixed)


def test_two_containers_with_their_names_exchanged_are_refused(laboratory: Laboratory) -> None:
    assert laboratory.refuses(laboratory.other)


def test_the_chunk_that_is_damaged_is_named_and_the_others_still_open(laboratory: Laboratory) -> None:
    _, start, _ = frames(laboratory.good)[6]
    broken = bytearray(laboratory.good)
    broken[start + 20] ^= 1
    laboratory.place(laboratory.blob_id).write_bytes(broken)
    with laboratory.vault.open(laboratory.blob_id) as reader:
        with pytest.raises(VaultDamagedError) as refused:
            reader.read(3 * CHUNK + 5, 1)
        assert refused.value.facts == {"chunk": 3}
        assert reader.read(0, 3 * CHUNK) == PARTS[0]
        assert reader.read(4 * CHUNK, 9) == PARTS[1][CHUNK:]
        with pytest.raises(VaultDamagedError):
            reader.verify()


def test_a_file_cut_while_it_is_being_read_gives_nothing_from_before(laboratory: Laboratory) -> None:
    place = laboratory.place(laboratory.blob_id)
    place.write_bytes(laboratory.good)
    with laboratory.vault.open(laboratory.blob_id) as reader:
        assert reader.read(0, CHUNK) == PARTS[0][:CHUNK]
        place.write_bytes(laboratory.good[:HEADER])
        with pytest.raises(VaultDamagedError):
            reader.read(0, CHUNK)


def test_who_holds_the_public_key_alone_cannot_finish_a_suspended_container(
    vault: Vault, place_of: Callable[[str], Path]
) -> None:
    writer = vault.create()
    writer.write(b"half of it")
    writer.suspend()
    suspended = place_of(writer.blob_id).read_bytes()
    forged = seal(vault, b"half of it", b" and more")
    tail = place_of(forged.blob_id).read_bytes()[len(suspended) :]
    blob = vault.store.root / "blobs" / writer.blob_id[:2]
    blob.mkdir(parents=True, exist_ok=True)
    (blob / writer.blob_id).write_bytes(suspended + tail)
    with pytest.raises(VaultDamagedError):
        vault.open(writer.blob_id)


@pytest.mark.parametrize("blob_id", ["", "..", "../../keys/keyring.json", "0" * 31, "G" * 32, "0" * 32])
def test_an_id_that_names_nothing_is_missing(vault: Vault, blob_id: str) -> None:
    for ask in (vault.open, vault.resume, vault.finish_suspended, vault.withdraw):
        with pytest.raises(BlobMissingError):
            ask(blob_id)
    assert not vault.exists(blob_id)
    vault.shred(blob_id)
