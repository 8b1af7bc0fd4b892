"""What an administrator ends is ended at the SFTP door too: for the next login, and for open connections."""

import os
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
import pytest
from sqlmodel import select

from exchange.accounts import keys, people
from exchange.database import reading
from exchange.models.accounts import Account
from exchange.models.journal import JournalEvent
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.sftp_gateway.conftest import NUMBERS, Gateway, User, make_user
from tests.sftp_gateway.tools import Sftp, wait_until
from tests.support.partners import Partner, make_colleague, make_partner


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, next(NUMBERS), administrator=True)


@pytest.fixture
def worker(exchange: Exchange, boss: Partner, tmp_path: Path) -> User:
    return make_user(exchange, make_colleague(boss, f"worker-{next(NUMBERS)}"), tmp_path)


def refusals(exchange: Exchange, account: Account) -> list[str]:
    wanted = (JournalEvent.kind == "account.refused", JournalEvent.subject_id == account.id)
    with reading(exchange.engine) as session:
        return list(session.exec(select(JournalEvent.facts).where(*wanted)))


def test_the_key_of_a_removed_person_opens_nothing_and_its_use_is_journalled(
    exchange: Exchange, gateway: Gateway, boss: Partner, worker: User, source: str
) -> None:
    gateway.client(worker).close()
    people.remove(exchange, boss.actor, worker.partner.account.id)
    with pytest.raises(paramiko.AuthenticationException):
        gateway.transport(source).auth_publickey(worker.name, worker.key)
    (noted,) = refusals(exchange, worker.partner.account)
    assert '"channel":"sftp"' in noted
    assert source in noted


def test_nothing_can_be_done_a_second_after_a_suspension(
    exchange: Exchange, gateway: Gateway, boss: Partner, worker: User
) -> None:
    client = gateway.client(worker)
    late = client.open("/inbox/files/late.txt", "w")
    late.write(b"begun before")
    people.suspend(exchange, boss.actor, worker.partner.account.id)
    time.sleep(1.1)
    with pytest.raises((OSError, EOFError, paramiko.SSHException)):  # refused, or ended already
        client.listdir("/inbox/files")
    late.close()
    with reading(exchange.engine) as session:
        mine = Transfer.organization_id == worker.partner.organization.id
        assert session.exec(select(Transfer).where(mine)).all() == []


def revoke(exchange: Exchange, worker: User) -> None:
    """The boss of nobody: people take back their own keys."""
    (key,) = keys.keys(exchange, worker.actor)
    keys.revoke_key(exchange, worker.actor, key.id)


def end(act: Callable[..., None]) -> Callable[[Exchange, Partner, User], None]:
    return lambda exchange, boss, worker: act(exchange, boss.actor, worker.partner.account.id)


@contextmanager
def open_ssh(gateway: Gateway, user: User, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """OpenSSH's client with an SFTP session that stays open."""
    tool = Sftp(gateway, user, folder)
    command = ["ssh", *tool.ssh_options, f"-p{gateway.port}", f"{user.name}@127.0.0.1", "-s", "sftp"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(struct.pack(">IBI", 5, 1, 3))  # SSH_FXP_INIT, version 3
        process.stdin.flush()
        assert process.stdout.read(5)[4] == 2  # SSH_FXP_VERSION: the session is open
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(
    "shut_out",
    [lambda exchange, _boss, worker: revoke(exchange, worker), end(people.suspend), end(people.remove)],
    ids=["key taken back", "suspended", "removed"],
)
def test_an_open_connection_of_openssh_ends_within_seconds(
    exchange: Exchange,
    gateway: Gateway,
    boss: Partner,
    worker: User,
    tmp_path: Path,
    shut_out: Callable[[Exchange, Partner, User], None],
) -> None:
    other = make_user(exchange, make_colleague(boss, f"worker-{next(NUMBERS)}"), tmp_path)
    with open_ssh(gateway, worker, tmp_path) as mine, open_ssh(gateway, other, tmp_path) as theirs:
        shut_out(exchange, boss, worker)
        assert mine.wait(30) != 0
        assert mine.stderr is not None
        told = mine.stderr.read().decode()
        assert theirs.poll() is None
    assert "was taken back" in told


def test_an_upload_in_motion_ends_with_the_key_and_is_not_handed_over(
    exchange: Exchange, gateway: Gateway, worker: User, tmp_path: Path
) -> None:
    big = tmp_path / "big.bin"
    big.write_bytes(os.urandom(12_000_000))
    tool = Sftp(gateway, worker, tmp_path)
    slowly = ["sftp", "-l8000", *tool.ssh_options, f"-P{gateway.port}", "-b-", f"{worker.name}@127.0.0.1"]
    pipe = subprocess.PIPE
    with subprocess.Popen(slowly, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT) as client:
        assert client.stdin is not None
        client.stdin.write(f"put {big} /inbox/files/big.bin\n".encode())
        client.stdin.close()
        wait_until(lambda: states(exchange, worker) == ["DRAFT"])
        revoke(exchange, worker)
        assert client.wait(60) != 0
    assert states(exchange, worker) == ["DRAFT"]  # left alone, it would have come to its end


def test_another_key_of_the_same_person_keeps_its_connection(
    exchange: Exchange, gateway: Gateway, worker: User, tmp_path: Path
) -> None:
    with open_ssh(gateway, worker, tmp_path) as first:
        (tmp_path / "second").mkdir()
        other = make_user(exchange, worker.partner, tmp_path / "second")
        with open_ssh(gateway, other, tmp_path) as second:
            old = min(keys.keys(exchange, worker.actor), key=lambda key: key.created_at)
            keys.revoke_key(exchange, worker.actor, old.id)
            assert first.wait(30) != 0
            time.sleep(3)
            assert second.poll() is None


def states(exchange: Exchange, user: User) -> list[str]:
    with reading(exchange.engine) as session:
        mine = Transfer.organization_id == user.partner.organization.id
        return list(session.exec(select(Transfer.status).where(mine)))


def test_somebody_still_there_is_not_disturbed(gateway: Gateway, worker: User) -> None:
    client = gateway.client(worker)
    time.sleep(1.1)
    assert client.listdir("/inbox/files") == []
