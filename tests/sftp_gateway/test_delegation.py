"""What an administrator ends is ended at the SFTP door too: for the next login, and for open connections."""

import time
from pathlib import Path

import paramiko
import pytest
from sqlmodel import select

from exchange.accounts import people
from exchange.database import reading
from exchange.models.accounts import Account
from exchange.models.journal import JournalEvent
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.sftp_gateway.conftest import NUMBERS, Gateway, User, make_user
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


def test_an_open_connection_ends_soon_after_a_suspension(
    exchange: Exchange, gateway: Gateway, boss: Partner, worker: User
) -> None:
    client = gateway.client(worker)
    late = client.open("/inbox/files/late.txt", "w")
    late.write(b"begun before")
    people.suspend(exchange, boss.actor, worker.partner.account.id)
    time.sleep(1.1)
    with pytest.raises(PermissionError):
        client.listdir("/inbox/files")
    late.close()
    with reading(exchange.engine) as session:
        mine = Transfer.organization_id == worker.partner.organization.id
        assert session.exec(select(Transfer).where(mine)).all() == []


def test_somebody_still_there_is_not_disturbed(gateway: Gateway, worker: User) -> None:
    client = gateway.client(worker)
    time.sleep(1.1)
    assert client.listdir("/inbox/files") == []
