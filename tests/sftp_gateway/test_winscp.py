"""WinSCP runs on Windows only; this sends the very requests it sends, in its order.

An upload goes to `NAME.filepart`, gets its time before the CLOSE, and is renamed; then WinSCP looks at it.
"""

import os

import paramiko
import pytest
from paramiko.sftp import (
    CMD_CLOSE,
    CMD_LSTAT,
    CMD_OPEN,
    CMD_REALPATH,
    CMD_REMOVE,
    CMD_RENAME,
    CMD_SETSTAT,
    CMD_STAT,
    CMD_WRITE,
    SFTP_FLAG_CREATE,
    SFTP_FLAG_TRUNC,
    SFTP_FLAG_WRITE,
    int64,
)

from exchange.models.transfers import Direction, Status
from exchange.runtime import Exchange
from exchange.transfers import delivery
from sftp_gateway.refusals import HandedOverError
from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.tools import wait_until

CONTENT = os.urandom(1_500_000)
LONG_AGO = 1_600_000_000
BLOCK = 32 * 1024
FILE = "/inbox/files/Bericht März.txt"
PART = FILE + ".filepart"
ANEW = SFTP_FLAG_WRITE | SFTP_FLAG_CREATE | SFTP_FLAG_TRUNC


@pytest.fixture
def client(gateway: Gateway, user: User) -> paramiko.SFTPClient:
    return gateway.client(user)


def send(client: paramiko.SFTPClient, content: bytes, start: int = 0, *, flags: int = ANEW) -> bytes:
    """Open the part file and write `content` from `start` on; its handle."""
    _, answer = client._request(CMD_OPEN, PART, flags, paramiko.SFTPAttributes())
    handle: bytes = answer.get_binary()
    for offset in range(start, len(content), BLOCK):
        client._request(CMD_WRITE, handle, int64(offset), content[offset : offset + BLOCK])
    return handle


def end(client: paramiko.SFTPClient, handle: bytes) -> tuple[int, int]:
    """Time, CLOSE, RENAME, STAT; the size and time that the STAT told."""
    times = paramiko.SFTPAttributes()
    times._flags = times.FLAG_AMTIME
    times.st_atime = times.st_mtime = LONG_AGO
    client._request(CMD_SETSTAT, PART, times)
    client._request(CMD_CLOSE, handle)
    client._request(CMD_RENAME, PART, FILE)
    _, answer = client._request(CMD_STAT, FILE)
    told = paramiko.SFTPAttributes._from_msg(answer)
    return told.st_size or 0, told.st_mtime or 0


def stands(exchange: Exchange, user: User) -> dict[str, tuple[str, int]]:
    entries = delivery.folder(exchange, user.actor, Direction.INBOUND, "files")
    return {entry.name: (entry.view.status, entry.view.size) for entry in entries}


def test_a_put_hands_over_at_the_rename_with_its_time(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    client._request(CMD_REALPATH, ".")
    for path in (FILE, PART):
        with pytest.raises(FileNotFoundError):
            client._request(CMD_LSTAT, path)
    handle = send(client, CONTENT)
    assert [status for status, _ in stands(exchange, user).values()] == [Status.DRAFT]
    assert end(client, handle) == (len(CONTENT), LONG_AGO)
    assert stands(exchange, user) == {"Bericht März.txt": (Status.RECEIVED, len(CONTENT))}


def test_an_interrupted_put_goes_on_in_its_part_file(
    gateway: Gateway, exchange: Exchange, user: User
) -> None:
    first, second = gateway.client(user), gateway.client(user)
    send(first, CONTENT[: 40 * BLOCK])
    first.get_channel().get_transport().sock.close()
    wait_until(lambda: second.stat(PART).st_size == 40 * BLOCK)
    handle = send(second, CONTENT, 40 * BLOCK, flags=SFTP_FLAG_WRITE | SFTP_FLAG_CREATE)
    assert end(second, handle) == (len(CONTENT), LONG_AGO)
    assert stands(exchange, user) == {"Bericht März.txt": (Status.RECEIVED, len(CONTENT))}


def test_a_file_of_the_same_name_is_not_removed_for_it_but_may_be_sent_beside_it(
    client: paramiko.SFTPClient, exchange: Exchange, user: User
) -> None:
    end(client, send(client, b"first"))
    handle = send(client, b"corrected")
    with pytest.raises(PermissionError, match=HandedOverError.sentence[:30]):
        client._request(CMD_REMOVE, FILE)
    assert end(client, handle) == (9, LONG_AGO)
    assert sorted(size for _, size in stands(exchange, user).values()) == [5, 9]
