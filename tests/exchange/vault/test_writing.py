"""Sealing and opening: any sizes in, any ranges out, the digest with it, and nothing readable on the disk."""

import hashlib
import io
import resource
import threading
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.errors import StoreUnavailableError, VaultLockedError
from exchange.vault import KeyringFile, Vault
from exchange.vault.keyring import write_keyring
from exchange.vault.writer import WriterEndedError
from tests.exchange.vault.containers import plaintext, read_all, seal

CHUNK = 64
PIECES = st.lists(st.integers(0, 5 * CHUNK) | st.sampled_from([CHUNK - 1, CHUNK, CHUNK + 1]), max_size=12)
KINDS = st.sampled_from([bytes, bytearray, memoryview])
SAME_VAULT = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SAME_VAULT
@given(sizes=PIECES, kind=KINDS)
def test_writing_in_any_pieces_gives_the_same_file(
    vault: Vault, sizes: list[int], kind: Callable[[bytes], bytes]
) -> None:
    whole = plaintext("pieces", sum(sizes))
    writer, at = vault.create(), 0
    for size in sizes:
        writer.write(kind(whole[at : at + size]))
        at += size
        assert (writer.size, writer.digest()) == (at, hashlib.sha256(whole[:at]).hexdigest())
    sealed = writer.finish()
    assert (sealed.size, sealed.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
    assert read_all(vault, sealed.blob_id) == whole


@pytest.mark.parametrize("size", [0, 1, 262_143, 262_144, 262_145, 5 * 1024 * 1024 + 7])
@pytest.mark.parametrize("piece", [32_768, 1024 * 1024, 1_500_000, 8 * 1024 * 1024])
@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_full_size_chunks_hold_what_was_written(
    full_vault: Vault, size: int, piece: int, kind: Callable[[bytes], bytes]
) -> None:
    whole, buffer = plaintext("full", size), bytearray(piece)
    writer = full_vault.create()
    for start in range(0, size, piece):
        part = whole[start : start + piece]
        buffer[: len(part)] = part
        reused = memoryview(buffer)[: len(part)]
        writer.write(kind(part) if kind is bytes else reused)
        buffer[:] = bytes(piece)  # a caller may reuse its buffer at once
    sealed = writer.finish()
    assert sealed.sha256 == hashlib.sha256(whole).hexdigest()
    assert read_all(full_vault, sealed.blob_id) == whole
    with full_vault.open(sealed.blob_id) as reader:
        assert b"".join(reader.pieces()) == whole


@SAME_VAULT
@given(offset=st.integers(0, 900), length=st.integers(0, 900), size=st.integers(1, 300))
def test_any_range_is_read_as_from_the_plaintext(vault: Vault, offset: int, length: int, size: int) -> None:
    parts = [plaintext("a", 3 * CHUNK), plaintext("b", 100), b"", plaintext("c", 401)]
    whole = b"".join(parts)
    with vault.open(seal(vault, *parts).blob_id) as reader:
        assert reader.read(offset, length) == whole[offset : offset + length]
        pieces = list(reader.pieces(offset, offset + length, size))
        assert b"".join(pieces) == whole[offset : offset + length]
        assert all(0 < len(piece) <= size for piece in pieces)
        assert b"".join(reader.pieces(offset)) == whole[offset:]


def test_small_reads_in_a_row_give_the_file(vault: Vault) -> None:
    whole = plaintext("row", 700)
    with vault.open(seal(vault, whole[:333], whole[333:]).blob_id) as reader:
        assert b"".join(reader.read(at, 17) for at in range(0, 700, 17)) == whole


def test_one_reader_serves_many_threads(vault: Vault) -> None:
    whole, wrong = plaintext("threads", 4000), []
    with vault.open(seal(vault, whole).blob_id) as reader:

        def read(step: int) -> None:
            wrong.extend(at for at in range(0, 3900, step) if reader.read(at, 90) != whole[at : at + 90])

        threads = [threading.Thread(target=read, args=(step,)) for step in (7, 11, 13, 17)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_a_blob_serves_as_a_file_for_other_libraries(vault: Vault) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.txt", "in the archive\n" * 200)
    with vault.open(seal(vault, packed.getvalue()).blob_id) as reader:
        with reader.file() as file, zipfile.ZipFile(file) as archive:
            assert archive.read("inside.txt") == b"in the archive\n" * 200
        with reader.file() as file:
            assert file.seek(-10, io.SEEK_END) == reader.size - 10
            assert file.read() == packed.getvalue()[-10:]
            with pytest.raises(ValueError, match="-1"):
                file.raw.seek(-1)
            assert not file.writable()


def test_the_reader_knows_the_digest(vault: Vault) -> None:
    sealed = seal(vault, b"one", b"two")
    with vault.open(sealed.blob_id) as reader:
        assert reader.sha256 == sealed.sha256 == hashlib.sha256(b"onetwo").hexdigest()
        reader.verify()


def test_plaintext_is_on_the_disk_at_no_time(
    full_vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = b"MARKER-" + b"7" * 40
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    def found() -> list[Path]:
        return [path for path in tmp_path.rglob("*") if path.is_file() and marker in path.read_bytes()]

    writer = full_vault.create()
    for _ in range(40):
        writer.write(marker * 1000)
        assert found() == []
    writer.suspend()
    assert found() == []
    writer = full_vault.resume(writer.blob_id)
    writer.write(marker)
    sealed = writer.finish()
    with full_vault.open(sealed.blob_id) as reader:
        assert marker in reader.read(0, 1000)
    assert found() == []


def test_what_is_not_ended_otherwise_is_discarded(vault: Vault) -> None:
    with vault.create() as writer:
        writer.write(b"x" * 1000)
    assert list(vault.ids()) == []
    with vault.create() as writer:
        sealed = writer.finish()
    assert list(vault.ids()) == [sealed.blob_id]
    writer.discard()
    assert vault.exists(sealed.blob_id)


def test_an_ended_writer_refuses_everything(vault: Vault) -> None:
    writer = vault.create()
    writer.finish()
    for act in (lambda: writer.write(b"x"), writer.finish, writer.suspend):
        with pytest.raises(WriterEndedError):
            act()


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The kernel refuses to let any file of this process grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_refused_write_ends_the_writer_and_what_was_whole_can_be_resumed(vault: Vault) -> None:
    whole = plaintext("refused", 20_000)
    writer = vault.create()
    with largest_file(9_000), pytest.raises(StoreUnavailableError):
        writer.write(whole)
    for act in (lambda: writer.write(b"x"), writer.finish, writer.suspend):
        with pytest.raises(StoreUnavailableError):
            act()
    writer.release()
    resumed = vault.resume(writer.blob_id)
    assert 0 < resumed.size < 9_000
    resumed.write(whole[resumed.size :])
    assert read_all(vault, resumed.finish().blob_id) == whole


def test_a_refused_write_can_be_discarded(vault: Vault) -> None:
    with vault.create() as writer, largest_file(9_000), pytest.raises(StoreUnavailableError):
        writer.write(bytes(20_000))
    assert list(vault.ids()) == []


def test_a_door_with_public_keys_alone_takes_files_in_and_opens_nothing(vault: Vault, tmp_path: Path) -> None:
    folder = tmp_path / "door"
    folder.mkdir(mode=0o700)
    write_keyring(folder / "public.json", vault.keyring.current().public_only())
    door = Vault(KeyringFile(folder / "public.json"), vault.store, vault.clock, CHUNK)
    sealed = seal(door, b"from outside")
    draft = door.create()
    draft.write(b"half")
    draft.suspend()
    for ask in (
        lambda: door.open(sealed.blob_id),
        lambda: door.resume(draft.blob_id),
        lambda: door.finish_suspended(draft.blob_id),
        lambda: door.cells.seal("ssn", "987654320"),
        lambda: door.cells.keyed_hash("ssn", "987654320"),
    ):
        with pytest.raises(VaultLockedError):
            ask()
    assert read_all(vault, sealed.blob_id) == b"from outside"
    assert vault.resume(draft.blob_id).size == 4


def test_dozens_of_writers_that_take_little_hold_little(full_vault: Vault) -> None:
    tracemalloc.start()
    try:
        writers = [full_vault.create() for _ in range(40)]
        for writer in writers:
            for _ in range(10):
                writer.write(memoryview(b"a notice for one of the states\n"))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    for writer in writers:
        writer.discard()
    assert held < 4 * 1024 * 1024
