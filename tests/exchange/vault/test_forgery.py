"""Containers that someone makes who knows the format and the public key: well sealed, and still refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exchange.errors import VaultDamagedError
from exchange.vault import Vault
from exchange.vault import container as form
from exchange.vault.container import NO_JOIN, Closing, Kind, Segment, SegmentKeys, Slot
from exchange.vault.wrapping import wrap
from tests.exchange.vault.containers import read_all, seal

PlaceOf = Callable[[str], Path]
SECRET = bytes(32)
HEADER = 4096


class Forger:
    """Seals segments with whatever facts it is told, for the vault's own key."""

    def __init__(self, vault: Vault, blob_id: str) -> None:
        self.vault, self.container_id = vault, bytes.fromhex(blob_id)
        self.data, self.join, self.last, self.last_header = b"", NO_JOIN, -1, 0
        self.keys: SegmentKeys | None = None
        self.segment: Segment | None = None

    def header(self, **facts: Any) -> "Forger":
        """A segment at the end of what is there; `facts` replace what would be right."""
        place = self.last_header = len(self.data)
        segment = Segment(self.container_id, self.last + 1, place, 0, 0, 64)
        self.segment = replace(segment, **facts)
        self.keys = form.segment_keys(SECRET, self.segment, self.join)
        slot = wrap(SECRET, self.segment, self.vault.keyring.current().active)
        self.data += form.pack_header(self.segment, self.keys.check, slot)
        self.join, self.last = self.keys.join, self.last + 1
        return self

    def chunk(self, plain: bytes, number: int = 0) -> "Forger":
        """A chunk of the segment."""
        assert self.keys
        word = form.data_word(len(plain))
        self.data += word + self.keys.cipher.encrypt(form.nonce(Kind.DATA, number), plain, word)
        return self

    def close(self, kind: Kind, size: int, sha256: bytes = bytes(32), chunks: int = 0) -> "Forger":
        """A closing frame that states `size`."""
        assert self.segment
        assert self.keys
        self.data += form.seal_closing(Closing(kind, size, sha256), self.segment, self.keys, chunks)
        return self


@pytest.fixture
def blob_id(vault: Vault) -> str:
    return seal(vault, b"the true content").blob_id


@pytest.fixture
def forger(vault: Vault, blob_id: str) -> Forger:
    return Forger(vault, blob_id)


def refused(vault: Vault, place: Path, data: bytes) -> bool:
    place.write_bytes(data)
    try:
        read_all(vault, place.name)
    except VaultDamagedError:
        return True
    return False


def test_the_forger_knows_the_format(vault: Vault, blob_id: str, place_of: PlaceOf, forger: Forger) -> None:
    forger.header().close(Kind.SUSPENDED, 0).header(previous=0).close(Kind.FINISHED, 0)
    assert not refused(vault, place_of(blob_id), forger.data)


@pytest.mark.parametrize(
    "facts",
    [
        {"index": 1},
        {"position": 1},
        {"previous": 1},
        {"start": 1},
        {"container_id": bytes(16)},
        {"chunk_size": 0},
        {"chunk_size": form.LARGEST_CHUNK + 1},
    ],
    ids=str,
)
def test_a_first_header_with_wrong_facts_is_refused(
    vault: Vault, blob_id: str, place_of: PlaceOf, forger: Forger, facts: dict[str, Any]
) -> None:
    forger.header(**facts).close(Kind.FINISHED, 0)
    assert refused(vault, place_of(blob_id), forger.data)


@pytest.mark.parametrize(
    "facts",
    [{"index": 2}, {"previous": 5000}, {"previous": HEADER}, {"start": 1}, {"start": 2**63}],
    ids=str,
)
def test_a_second_header_with_wrong_facts_is_refused(
    vault: Vault, blob_id: str, place_of: PlaceOf, forger: Forger, facts: dict[str, Any]
) -> None:
    forger.header().header(**facts).close(Kind.FINISHED, 0)
    assert refused(vault, place_of(blob_id), forger.data)


def test_segments_that_run_backwards_are_refused(
    vault: Vault, blob_id: str, place_of: PlaceOf, forger: Forger
) -> None:
    forger.header().header(start=100).header(previous=HEADER, start=50).close(Kind.FINISHED, 50)
    assert refused(vault, place_of(blob_id), forger.data)


def test_a_segment_of_less_than_nothing_with_a_closing_frame_inside_its_header_is_refused(
    vault: Vault, blob_id: str, place_of: PlaceOf, forger: Forger
) -> None:
    chunk_size, plain = form.CHUNK_SIZE, bytes(100)
    forger.header(chunk_size=chunk_size).chunk(plain).header(chunk_size=chunk_size, previous=0, start=100)
    second = forger.last_header
    forger.close(Kind.SUSPENDED, 100 - form.CLOSING_SIZE)
    inside = forger.data[-form.CLOSING_SIZE :]
    forger.data = forger.data[: -2 * form.CLOSING_SIZE] + inside
    forger.header(chunk_size=chunk_size, previous=second, start=100 - form.CLOSING_SIZE)
    forger.close(Kind.FINISHED, 100 - form.CLOSING_SIZE)
    assert refused(vault, place_of(blob_id), forger.data)


@pytest.mark.parametrize(("kind", "size"), [(Kind.SUSPENDED, 1), (Kind.FINISHED, 0)])
def test_a_wrong_frame_between_segments_is_refused(
    vault: Vault, blob_id: str, place_of: PlaceOf, forger: Forger, kind: Kind, size: int
) -> None:
    forger.header().close(kind, size).header(previous=0).close(Kind.FINISHED, 0)
    assert refused(vault, place_of(blob_id), forger.data)


def test_a_closing_frame_that_names_another_header_is_refused(
    vault: Vault, blob_id: str, place_of: PlaceOf, forger: Forger
) -> None:
    forger.header()
    assert forger.segment
    forger.segment = replace(forger.segment, position=HEADER)
    forger.close(Kind.SUSPENDED, 0).header(previous=0).close(Kind.FINISHED, 0)
    assert refused(vault, place_of(blob_id), forger.data)


def test_a_closing_frame_that_states_another_size_is_refused(
    vault: Vault, blob_id: str, place_of: PlaceOf, forger: Forger
) -> None:
    forger.header().close(Kind.FINISHED, 5)
    assert refused(vault, place_of(blob_id), forger.data)


def test_a_short_chunk_is_the_last_of_its_segment(vault: Vault, forger: Forger) -> None:
    forger.header().chunk(bytes(64)).chunk(b"short", 1).chunk(bytes(64), 2)
    name = forger.container_id.hex()
    vault.shred(name)
    (vault.store.root / "drafts" / name).write_bytes(forger.data)
    assert vault.resume(name).size == 69


def with_slots(container: bytes, *slots: Slot) -> bytes:
    """The container with these key slots in its first header."""
    packed = b"".join(form.pack_slot(slot) for slot in slots).ljust(HEADER - 1024, b"\0")
    return container[:1024] + packed + container[HEADER:]


def test_slots_that_do_not_open_are_refused(vault: Vault, blob_id: str, place_of: PlaceOf) -> None:
    good = place_of(blob_id).read_bytes()
    slot = form.unpack_slot(good[1024:2560])
    assert slot
    changed = replace(slot, wrapped=slot.wrapped[:-1] + b"\0")
    short = replace(slot, wrapped=b"")
    assert refused(vault, place_of(blob_id), with_slots(good, changed))
    assert refused(vault, place_of(blob_id), with_slots(good, short))
    assert refused(vault, place_of(blob_id), with_slots(good, slot, slot))
    assert not refused(vault, place_of(blob_id), with_slots(good, slot))


def test_another_secret_in_the_slot_does_not_pass_for_the_right_one(
    vault: Vault, blob_id: str, place_of: PlaceOf
) -> None:
    good = place_of(blob_id).read_bytes()
    segment = form.unpack_header(good[:HEADER]).segment
    other = wrap(SECRET, segment, vault.keyring.current().active, 9)
    assert refused(vault, place_of(blob_id), with_slots(good, other))
