"""What a client may do with files, and what it is told in words when it may not."""

import io
import os
from pathlib import Path
from uuid import UUID

import paramiko
import pytest
from paramiko.sftp import CMD_CLOSE, CMD_OPEN, SFTP_FLAG_CREATE, SFTP_FLAG_WRITE

from exchange.database import reading
from exchange.models.transfers import Direction, Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import delivery, intake
from exchange.transfers.views import FolderEntry
from sftp_gateway.refusals import (
    FolderExistsError,
    FoldersAreFixedError,
    HandedOverError,
    OtherFolderError,
    ReadOnlyError,
    StillOpenError,
    TooManyHandlesError,
    WrittenOnlyError,
)
from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.tools import wait_until

CONTENT = os.urandom(2_500_000)
FILE = "/inbox/files/report.bin"


@pytest.fixture
def client(gateway: Gateway, user: User) -> paramiko.SFTPClient:
    return gateway.client(user)


def entries(exchange: Exchange, user: User) -> dict[str, FolderEntry]:
    return {entry.name: entry for entry in delivery.folder(exchange, user.actor, Direction.INBOUND, "files")}


def stands(exchange: Exchange, user: User) -> dict[str, tuple[str, int]]:
    return {name: (entry.view.status, entry.view.size) for name, entry in entries(exchange, user).items()}


def content_of(exchange: Exchange, user: User, name: str) -> bytes:
    content = delivery.content(exchange, user.actor, entries(exchange, user)[name].view.id)
    read = content.read(0, content.size)
    content.close()
    return read


def half_upload(gateway: Gateway, user: User, content: bytes) -> None:
    """Send bytes and end the session without a CLOSE."""
    client = gateway.client(user)
    file = client.open(FILE, "wb")
    file.write(content)
    client.close()
    file._closed = True


def vanish(gateway: Gateway, client: paramiko.SFTPClient, file: paramiko.SFTPFile, transfer_id: UUID) -> None:
    """End a connection without a word, and wait until the gateway knows."""
    client.get_channel().get_transport().sock.close()
    file._closed = True
    wait_until(lambda: str(transfer_id) in gateway.log)


def test_a_write_that_leaves_a_gap_ends_the_transfer_even_if_the_client_closes(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    file = client.open(FILE, "wb")
    file.write(b"one")
    file.seek(10)
    with pytest.raises(OSError, match="number 3"):
        file.write(b"two")
    with pytest.raises(OSError, match="nothing of it was handed over"):
        client._request(CMD_CLOSE, file.handle)  # what `file.close` hides
    assert stands(exchange, user) == {}


def test_a_client_that_overlooks_a_refused_write_is_told_at_the_close(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    file = client.open(FILE, "wb")
    file.set_pipelined()
    file.write(b"one")
    file.seek(0)
    file.write(b"one again")
    with pytest.raises(OSError, match="handed over"):
        client._request(CMD_CLOSE, file.handle)
    assert stands(exchange, user) == {}


def test_a_client_that_vanishes_leaves_a_draft_and_hands_over_nothing(
    gateway: Gateway, exchange: Exchange, user: User
) -> None:
    client = gateway.client(user)
    file = client.open(FILE, "wb")
    file.write(CONTENT)
    client.get_channel().get_transport().sock.close()
    wait_until(lambda: entries(exchange, user)["report.bin"].view.sha256)
    assert stands(exchange, user) == {"report.bin": (Status.DRAFT, len(CONTENT))}


def test_a_session_that_ends_without_a_close_leaves_a_draft(
    gateway: Gateway, exchange: Exchange, user: User
) -> None:
    half_upload(gateway, user, b"half")
    wait_until(lambda: stands(exchange, user))
    assert stands(exchange, user) == {"report.bin": (Status.DRAFT, 4)}


def test_an_interrupted_upload_goes_on_where_it_ended(
    gateway: Gateway, exchange: Exchange, user: User
) -> None:
    half_upload(gateway, user, CONTENT[:1_500_000])
    second = gateway.client(user)
    wait_until(lambda: second.stat(FILE).st_size == 1_500_000)
    with second.open(FILE, "r+b") as file:
        file.seek(1_500_000)
        file.write(CONTENT[1_500_000:])
    assert content_of(exchange, user, "report.bin") == CONTENT


def test_a_wrong_offset_after_an_interruption_keeps_what_had_come(
    gateway: Gateway, exchange: Exchange, user: User
) -> None:
    half_upload(gateway, user, CONTENT[:1_500_000])
    wait_until(lambda: stands(exchange, user))
    with pytest.raises(OSError, match="1500000"), gateway.client(user).open(FILE, "r+b") as file:
        file.write(b"from the start")
    assert stands(exchange, user) == {"report.bin": (Status.DRAFT, 1_500_000)}


def test_a_file_sent_anew_replaces_its_draft(gateway: Gateway, exchange: Exchange, user: User) -> None:
    half_upload(gateway, user, b"half")
    wait_until(lambda: stands(exchange, user))
    gateway.client(user).putfo(io.BytesIO(b"whole"), FILE)
    assert list(stands(exchange, user)) == ["report.bin"]
    assert content_of(exchange, user, "report.bin") == b"whole"


@pytest.mark.parametrize("ends_first", ["the dying connection", "the new file"])
def test_a_file_sent_anew_replaces_the_draft_that_a_dying_connection_holds(
    gateway: Gateway, exchange: Exchange, user: User, ends_first: str
) -> None:
    dying, client = gateway.client(user), gateway.client(user)
    lost = dying.open(FILE, "wb")
    lost.write(CONTENT[:1_500_000])
    wait_until(lambda: stands(exchange, user))
    old = entries(exchange, user)["report.bin"].view
    with client.open(FILE, "wb") as anew:
        anew.write(CONTENT)
        assert list(stands(exchange, user)) == ["report.bin"]
        if ends_first == "the dying connection":
            vanish(gateway, dying, lost, old.id)
    vanish(gateway, dying, lost, old.id)
    assert list(stands(exchange, user)) == ["report.bin"]
    assert content_of(exchange, user, "report.bin") == CONTENT
    with reading(exchange.engine) as session:
        assert session.get(Transfer, old.id) is None


def test_a_corrected_file_is_a_transfer_of_its_own(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    for content in (b"first", b"second"):
        client.putfo(io.BytesIO(content), FILE)
    assert content_of(exchange, user, "report.bin") == b"second"
    assert len(entries(exchange, user)) == 2
    assert len(client.listdir("/receipts")) == 2


def test_a_handed_over_file_stays_as_it_is_and_the_client_is_told_so(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    client.putfo(io.BytesIO(b"whole"), FILE)
    refused = pytest.raises(PermissionError, match=HandedOverError.sentence[:30])
    with refused:
        client.rename(FILE, FILE + "2")
    with refused:
        client.posix_rename(FILE, FILE + "2")
    with refused:
        client.remove(FILE)
    with refused:
        client.open(FILE, "ab")
    assert content_of(exchange, user, "report.bin") == b"whole"


def test_a_draft_can_be_renamed_and_thrown_away(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    client.putfo(io.BytesIO(b"x"), FILE + ".part")
    client.rename(FILE + ".part", FILE + ".filepart")
    assert stands(exchange, user) == {"report.bin.filepart": (Status.DRAFT, 1)}
    client.remove(FILE + ".filepart")
    assert stands(exchange, user) == {}


@pytest.mark.parametrize("suffix", [".part", ".filepart", ".tmp", ".1a2b3c4d.partial", ".PART"])
def test_every_kind_of_draft_name_is_handed_over_by_its_rename(
    client: paramiko.SFTPClient, exchange: Exchange, user: User, suffix: str
) -> None:
    with client.open(FILE + suffix, "wb") as file:
        file.write(b"whole")
    client.utime(FILE + suffix, (1_500_000_000, 1_500_000_000))
    client.rename(FILE + suffix, FILE)
    assert stands(exchange, user) == {"report.bin": (Status.RECEIVED, 5)}
    assert client.stat(FILE).st_mtime == 1_500_000_000


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("/inbox/lump-sum/report.bin", OtherFolderError.sentence),
        ("/outbox/files/report.bin", OtherFolderError.sentence),
        ("/inbox/files/a\u202eb", "cannot be used"),
    ],
)
def test_a_rename_is_refused_in_words(
    client: paramiko.SFTPClient, exchange: Exchange, user: User, new: str, words: str
) -> None:
    client.putfo(io.BytesIO(b"x"), FILE + ".part")
    with pytest.raises(PermissionError, match=words):
        client.rename(FILE + ".part", new)
    assert stands(exchange, user) == {"report.bin.part": (Status.DRAFT, 1)}


def test_a_draft_that_is_still_open_is_not_renamed(client: paramiko.SFTPClient) -> None:
    with client.open(FILE + ".part", "wb") as file:
        file.write(b"x")
        with pytest.raises(OSError, match=StillOpenError.sentence):
            client.rename(FILE + ".part", FILE)


@pytest.mark.parametrize("name", ["a\u202eb", "a\u200fb", "a\\b", " a", "x" * 201])
def test_a_misleading_name_is_refused_in_words(client: paramiko.SFTPClient, name: str) -> None:
    with pytest.raises(PermissionError, match="The file name cannot be used: it"):
        client.open(f"/inbox/files/{name}", "wb")


@pytest.mark.parametrize("path", [b"/inbox/files/a\x00b", b"/inbox/files/\xff\xfe", b"/inbox/files/a\nb"])
def test_a_path_that_is_no_clean_text_is_refused_in_words(client: paramiko.SFTPClient, path: bytes) -> None:
    with pytest.raises(OSError, match="not UTF-8 text without control characters"):
        client.open(path, "wb")  # type: ignore[arg-type]  # bytes are what it tries


def test_a_way_up_leads_to_no_other_place(client: paramiko.SFTPClient) -> None:
    with pytest.raises(FileNotFoundError):
        client.open("/inbox/files/../../etc/passwd", "rb")
    with pytest.raises(OSError, match="folder"):
        client.open("/inbox/files/../evil", "wb")
    assert client.normalize("/inbox/files/../../..") == "/"


def test_folders_are_fixed(client: paramiko.SFTPClient) -> None:
    with pytest.raises(OSError, match=FolderExistsError.sentence):
        client.mkdir("/inbox/files")
    for call in (client.mkdir, client.rmdir):
        with pytest.raises(PermissionError, match=FoldersAreFixedError.sentence[:20]):
            call("/inbox" if call == client.rmdir else "/inbox/files/new")
    with pytest.raises(OSError, match="no links"):
        client.symlink("/inbox/files", "/inbox/link")


@pytest.mark.parametrize("path", ["/outbox/files/a", "/receipts/a.receipt.json", "/outbox/lump-sum/a"])
def test_nothing_is_written_outside_an_inbox(client: paramiko.SFTPClient, path: str) -> None:
    with pytest.raises(PermissionError, match=ReadOnlyError.sentence[:20]):
        client.open(path, "wb")


def test_a_program_of_other_roles_does_not_exist(client: paramiko.SFTPClient) -> None:
    assert "data-match" not in client.listdir("/inbox")
    with pytest.raises(FileNotFoundError):
        client.listdir("/inbox/data-match")
    with pytest.raises(OSError, match="role does not include"):
        client.open("/inbox/data-match/a", "wb")


def test_another_organizations_files_do_not_exist(gateway: Gateway, user: User, stranger: User) -> None:
    mine, theirs = gateway.client(user), gateway.client(stranger)
    theirs.putfo(io.BytesIO(b"secret"), FILE)
    theirs.putfo(io.BytesIO(b"half"), FILE + ".part")
    assert mine.listdir("/inbox/files") == mine.listdir("/receipts") == []
    for path in (FILE, FILE + ".part", "/receipts/report.bin.receipt.json"):
        for call in (mine.stat, mine.lstat, mine.open, mine.remove):
            with pytest.raises((FileNotFoundError, PermissionError)) as refusal:
                call(path)
            assert "secret" not in str(refusal.value)
    with pytest.raises(FileNotFoundError):
        mine.open(FILE, "rb")


def test_stat_answers_for_an_open_upload_and_after_it(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    with client.open(FILE, "wb") as file:
        file.write(b"12345")
        assert (file.stat().st_size, client.stat(FILE).st_size) == (5, 5)
    assert (client.stat(FILE).st_size, client.lstat(FILE).st_size) == (5, 5)


def test_modes_and_owners_are_met_with_ok_and_times_are_kept(client: paramiko.SFTPClient) -> None:
    with client.open(FILE, "wb") as file:
        file.write(b"x")
        file.chmod(0o644)
        file.utime((1_500_000_000, 1_500_000_000))
    assert client.stat(FILE).st_mtime == 1_500_000_000
    client.chmod(FILE, 0o600)
    client.chown(FILE, 1, 1)
    client.utime(FILE, (1_400_000_000, 1_400_000_000))
    assert client.stat(FILE).st_mtime == 1_400_000_000


def test_a_size_never_empties_what_was_sent(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    with client.open(FILE, "wb") as file:
        file.write(b"12345")
        file.truncate(5)
        with pytest.raises(OSError, match="cut to nothing only"):
            file.truncate(3)
        with pytest.raises(OSError, match="cut to nothing only"):
            file.truncate(6)
        file.write(b"6")
    client.truncate(FILE, 0)
    assert content_of(exchange, user, "report.bin") == b"123456"


@pytest.mark.parametrize("announced", [3, 500])
def test_a_file_of_another_size_than_the_client_told_is_not_handed_over(
    client: paramiko.SFTPClient, exchange: Exchange, user: User, announced: int
) -> None:
    file = client.open(FILE, "wb")
    file.write(b"12345")
    with pytest.raises(OSError, match="cut to nothing only"):
        file.truncate(announced)
    with pytest.raises(OSError, match=f"{announced} bytes were announced and 5 arrived"):
        client._request(CMD_CLOSE, file.handle)
    assert stands(exchange, user) == {"report.bin": (Status.DRAFT, 5)}


def open_as_it_is(client: paramiko.SFTPClient) -> paramiko.SFTPFile:
    """Open for writing, as clients do that want to go on: neither emptied, nor for appending."""
    flags = SFTP_FLAG_WRITE | SFTP_FLAG_CREATE
    _, answer = client._request(CMD_OPEN, FILE, flags, paramiko.SFTPAttributes())
    return paramiko.SFTPFile(client, answer.get_binary(), "wb")


def test_a_client_that_lost_the_answer_finds_its_file_whole_and_leaves_it_so(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    client.putfo(io.BytesIO(b"whole"), FILE)
    file = open_as_it_is(client)
    assert (file.stat().st_size, client.stat(FILE).st_size) == (5, 5)
    file.truncate(5)
    client._request(CMD_CLOSE, file.handle)
    assert [(entry.view.size) for entry in entries(exchange, user).values()] == [5]
    assert content_of(exchange, user, "report.bin") == b"whole"


def test_nothing_is_added_to_a_file_that_was_handed_over(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    client.putfo(io.BytesIO(b"whole"), FILE)
    file = open_as_it_is(client)
    file.seek(5)
    with pytest.raises(OSError, match=HandedOverError.sentence[:30]):
        file.write(b" and more")
    assert content_of(exchange, user, "report.bin") == b"whole"


@pytest.mark.parametrize("content", [b"", b"other"])
def test_a_file_that_is_emptied_and_written_again_is_a_new_one(
    client: paramiko.SFTPClient, exchange: Exchange, user: User, content: bytes
) -> None:
    client.putfo(io.BytesIO(b"whole"), FILE)
    with open_as_it_is(client) as file:
        file.truncate(0)
        file.write(content)
    assert content_of(exchange, user, "report.bin") == content
    assert len(entries(exchange, user)) == 2


def test_an_upload_cut_to_nothing_begins_anew(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    with client.open(FILE, "wb") as file:
        file.write(b"12345")
        file.truncate(0)
        file.seek(0)
        file.write(b"other")
    assert content_of(exchange, user, "report.bin") == b"other"
    assert len(entries(exchange, user)) == 1


def test_a_new_file_only_is_refused_when_the_name_is_taken(client: paramiko.SFTPClient) -> None:
    with client.open(FILE, "wx") as file:
        file.write(b"x")
    with pytest.raises(OSError, match="exists already"):
        client.open(FILE, "wx")


def test_a_file_that_is_being_sent_cannot_be_read(client: paramiko.SFTPClient) -> None:
    with client.open(FILE, "w+b") as file:
        file.write(b"x")
        file.seek(0)
        with pytest.raises(PermissionError, match=WrittenOnlyError.sentence):
            file.read(1)
        with pytest.raises(FileNotFoundError):
            client.open(FILE, "rb")


def test_a_file_is_read_at_any_offset_by_several_handles(client: paramiko.SFTPClient) -> None:
    client.putfo(io.BytesIO(CONTENT), FILE)
    one, two = client.open(FILE, "rb"), client.open(FILE, "rb")
    for offset in (0, 1, 262_143, 262_144, 1_999_999, len(CONTENT) - 1):
        one.seek(offset)
        two.seek(len(CONTENT) - offset - 1)
        assert one.read(70_000) == CONTENT[offset : offset + 70_000]
        assert two.read(1) == CONTENT[len(CONTENT) - offset - 1 :][:1]
    one.seek(len(CONTENT))
    assert one.read(10) == b""


def test_a_folder_of_many_files_is_listed_in_parts(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    for number in range(250):
        arriving = intake.begin(exchange, user.actor, "files", f"{number:03}.txt")
        arriving.write(b"x" * number)
        arriving.suspend()
    listed = {entry.filename: entry.st_size for entry in client.listdir_attr("/inbox/files")}
    assert listed == {f"{number:03}.txt": number for number in range(250)}


def test_the_outbox_is_read_and_receipts_have_their_true_size(client: paramiko.SFTPClient) -> None:
    client.putfo(io.BytesIO(b"x"), FILE)
    assert set(client.listdir("/outbox")) == {
        "debt-inquiry",
        "files",
        "income-withholding",
        "lump-sum",
        "messages",
        "termination",
    }
    (shown,) = client.listdir_attr("/receipts")
    assert shown.st_size == len(client.open("/receipts/" + shown.filename).read())


def test_handles_are_bounded(client: paramiko.SFTPClient) -> None:
    client.putfo(io.BytesIO(b"x"), FILE)
    opened = [client.open(FILE, "rb") for _ in range(100)]
    with pytest.raises(OSError, match=TooManyHandlesError.sentence[:20]):
        client.open(FILE, "rb")
    opened.pop().close()
    client.open(FILE, "rb").close()


def test_no_plaintext_reaches_a_disk_or_the_log(
    gateway: Gateway, exchange: Exchange, user: User, tmp_path: Path
) -> None:
    marker = b"MARKER-" + os.urandom(16).hex().encode()
    client = gateway.client(user)
    with client.open("/inbox/files/marker-name.bin", "wb") as file:
        file.write(marker * 50_000)
        assert not found(marker, exchange.settings.home, tmp_path)
    client.close()
    assert not found(marker, exchange.settings.home, tmp_path)
    assert "marker-name" not in gateway.log


def found(marker: bytes, *folders: Path) -> list[Path]:
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return [file for file in files if marker in file.read_bytes()]


def test_drafts_and_files_count_against_the_space_of_the_organization(
    gateway: Gateway, exchange: Exchange, user: User
) -> None:
    gateway.client(user).putfo(io.BytesIO(CONTENT), FILE)
    half_upload(gateway, user, b"half")
    wait_until(lambda: delivery.space(exchange, user.actor).used == len(CONTENT) + 4)
    assert delivery.space(exchange, user.actor).quota == exchange.settings.quota
