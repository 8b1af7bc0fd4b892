"""OpenSSH's additions to the protocol: fsync, copies, limits, the quota as disk space, its own rename."""

import os
from pathlib import Path

import paramiko
import pytest
from paramiko.sftp import CMD_CLOSE, CMD_EXTENDED, CMD_WRITE, int64

from exchange.models.transfers import Direction, Status
from exchange.runtime import Exchange
from exchange.transfers import delivery, intake
from sftp_gateway.refusals import NotCopiedError
from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.tools import Sftp, wait_until

FILE = "/inbox/files/report.bin"
CONTENT = os.urandom(1_300_000)


@pytest.fixture
def client(gateway: Gateway, user: User) -> paramiko.SFTPClient:
    return gateway.client(user)


def stands(exchange: Exchange, user: User) -> dict[str, tuple[str, bytes | None]]:
    """Names, states and, of what was handed over, bytes."""
    entries = delivery.folder(exchange, user.actor, Direction.INBOUND, "files")
    return {entry.name: (entry.view.status, read(exchange, user, entry)) for entry in entries}


def read(exchange: Exchange, user: User, entry: delivery.FolderEntry) -> bytes | None:
    if entry.view.status == Status.DRAFT:
        return None
    content = delivery.content(exchange, user.actor, entry.view.id)
    held = content.read(0, content.size)
    content.close()
    return held


def draft_size(exchange: Exchange, user: User, name: str = "report.bin") -> int:
    return delivery.folder_entry(exchange, user.actor, Direction.INBOUND, "files", name).view.size


def opened(client: paramiko.SFTPClient, path: str, *pieces: bytes) -> paramiko.SFTPFile:
    """An upload with these bytes, made durable by fsync after each piece, and still open."""
    file = client.open(path, "wb", bufsize=0)
    for piece in pieces:
        file.write(piece)
        fsync(client, file)
    return file


def fsync(client: paramiko.SFTPClient, file: paramiko.SFTPFile) -> None:
    client._request(CMD_EXTENDED, "fsync@openssh.com", file.handle)


def copy_data(client: paramiko.SFTPClient, source: paramiko.SFTPFile, target: paramiko.SFTPFile) -> None:
    places = int64(0), int64(0)
    client._request(CMD_EXTENDED, "copy-data", source.handle, *places, target.handle, int64(0))


def test_what_fsync_answered_is_a_draft_that_any_door_can_hand_over(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    file = opened(client, FILE, b"small")
    entry = delivery.folder_entry(exchange, user.actor, Direction.INBOUND, "files", "report.bin")
    intake.hand_over(exchange, user.actor, entry.view.id, "report.bin")
    assert stands(exchange, user) == {"report.bin": (Status.RECEIVED, b"small")}
    file._closed = True


@pytest.mark.parametrize("content", [b"", b"small", CONTENT], ids=["empty", "small", "large"])
def test_fsync_then_close_hands_over(
    client: paramiko.SFTPClient, exchange: Exchange, user: User, content: bytes
) -> None:
    file = opened(client, FILE, content)
    assert stands(exchange, user) == {"report.bin": (Status.DRAFT, None)}
    client._request(CMD_CLOSE, file.handle)
    file._closed = True
    assert stands(exchange, user) == {"report.bin": (Status.RECEIVED, content)}
    assert client.listdir("/receipts") == ["report.bin.receipt.json"]


def test_an_upload_goes_on_after_fsync(client: paramiko.SFTPClient, exchange: Exchange, user: User) -> None:
    with opened(client, FILE, CONTENT[:700_000], CONTENT[700_000:1_200_000]) as file:
        fsync(client, file)
        file.write(CONTENT[1_200_000:])
    assert stands(exchange, user) == {"report.bin": (Status.RECEIVED, CONTENT)}


def test_a_draft_name_stays_a_draft_after_fsync(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    opened(client, FILE + ".part", b"whole").close()
    assert stands(exchange, user) == {"report.bin.part": (Status.DRAFT, None)}
    client.posix_rename(FILE + ".part", FILE)
    assert stands(exchange, user) == {"report.bin": (Status.RECEIVED, b"whole")}


def test_what_fsync_answered_survives_a_wrong_write_and_a_lost_connection(
    gateway: Gateway, client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    wrong = opened(client, FILE, b"saved")
    with pytest.raises(OSError, match="number 5"):
        client._request(CMD_WRITE, wrong.handle, int64(99), b"gap")
    with pytest.raises(OSError, match="handed over"):
        fsync(client, wrong)
    lost = opened(client, FILE + "2", b"saved too")
    client.get_channel().get_transport().sock.close()
    wait_until(lambda: "connection lost" in gateway.log)
    assert (draft_size(exchange, user), draft_size(exchange, user, "report.bin2")) == (5, 9)
    wrong._closed = lost._closed = True


def test_an_upload_that_begins_anew_leaves_no_draft_of_what_was_saved(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    with opened(client, FILE, b"12345") as file:
        file.truncate(0)
        file.seek(0)
        file.write(b"other")
    assert stands(exchange, user) == {"report.bin": (Status.RECEIVED, b"other")}


def test_fsync_of_what_is_read_or_listed_harms_nothing(client: paramiko.SFTPClient) -> None:
    client.open(FILE, "wb").close()
    with client.open(FILE, "rb") as file:
        fsync(client, file)
    with pytest.raises(OSError, match="not open for that"):
        client._request(CMD_EXTENDED, "fsync@openssh.com", b"none")


def test_a_copy_is_refused_in_words_and_no_empty_file_is_handed_over(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    with client.open(FILE, "wb") as file:
        file.write(b"whole")
    source, target = client.open(FILE, "rb"), client.open(FILE + "2", "wb")
    with pytest.raises(OSError, match=NotCopiedError.sentence):
        copy_data(client, source, target)
    with pytest.raises(OSError, match="handed over"):
        client._request(CMD_CLOSE, target.handle)
    assert stands(exchange, user) == {"report.bin": (Status.RECEIVED, b"whole")}
    with pytest.raises(OSError, match=NotCopiedError.sentence):
        copy_data(client, source, source)


def test_an_addition_that_is_not_announced_is_refused_in_words(client: paramiko.SFTPClient) -> None:
    with pytest.raises(OSError, match="does not offer that"):
        client._request(CMD_EXTENDED, "hardlink@openssh.com", FILE, FILE + "2")


@pytest.mark.clients
def test_openssh_uses_what_is_announced(
    gateway: Gateway, exchange: Exchange, user: User, tmp_path: Path
) -> None:
    local = tmp_path / "here.bin"
    local.write_bytes(CONTENT)
    told = Sftp(gateway, user, tmp_path).batch(
        f'put -f "{local}" "{FILE}.part"',
        f'rename "{FILE}.part" "{FILE}"',
        "df /inbox",
        f'-copy "{FILE}" "{FILE}2"',
        options=["-vvv"],
    )
    for sent in ("fsync@openssh.com", "posix-rename@openssh.com"):
        assert f"Sent message {sent}" in told
    assert "server upload/download buffer sizes 261120 / 261120" in told
    assert "server handle limit 100" in told
    size, used, *_ = told[told.index("%Capacity") :].splitlines()[1].split()
    assert (int(size) * 1024, int(used)) == (exchange.settings.quota, -(-len(CONTENT) // 4096) * 4)
    assert "does not support copy-data extension" in told
    assert stands(exchange, user) == {"report.bin": (Status.RECEIVED, CONTENT)}
