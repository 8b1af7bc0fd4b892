"""A row of identity that was changed outside the portal is refused, and the refusal is journalled."""

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlmodel import select

from exchange import journal
from exchange.accounts import enrolment, sign_in
from exchange.accounts.identity import _COVERED, actor_of, mark
from exchange.accounts.sessions import open_session, visit
from exchange.accounts.tokens import actor_of_token
from exchange.database import reading, transaction
from exchange.errors import IdentityDamagedError, SignInRefusedError
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.permissions import Role
from roles.policy import Channel
from tests.conftest import Clock
from tests.support.partners import Partner, make_partner
from tests.support.signing_in import SFTP

SECRET = b"an ssh public key blob"


@dataclass(frozen=True)
class Ways:
    """Every way in that one partner has."""

    exchange: Exchange
    partner: Partner
    session: str
    token: str

    def by_session(self) -> object:
        return visit(self.exchange, self.session, "127.0.0.1")

    def by_token(self) -> object:
        return actor_of_token(self.exchange, self.token, "127.0.0.1")

    def by_key(self) -> object:
        return sign_in.sign_in_by_key(self.exchange, self.partner.account.username, SECRET, SFTP)


@pytest.fixture
def ways(each_exchange: Exchange) -> Ways:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    line = f"ssh-ed25519 {base64.b64encode(SECRET).decode()} test"
    enrolment.add_ssh_key(each_exchange, partner.account.id, line, "test")
    session = open_session(each_exchange, partner.actor, "test")
    return Ways(each_exchange, partner, session, partner.token())


LATER = datetime(2999, 1, 1, tzinfo=UTC)
FORGED_HASH = "$argon2id$v=19$m=32768,t=3,p=1$AAAA$AAAA"
CHANGES: list[tuple[str, str, object, Callable[[Ways], object]]] = [
    ("account", "role", "insurer", Ways.by_session),
    ("account", "password_hash", FORGED_HASH, Ways.by_token),
    ("account", "status", "suspended", Ways.by_key),
    ("organization", "kind", "ocss", Ways.by_session),
    ("organization", "status", "suspended", Ways.by_key),
    ("ssh_key", "expires_at", f"{LATER}", Ways.by_key),
    ("api_token", "expires_at", f"{LATER}", Ways.by_token),
    ("web_session", "expires_at", f"{LATER}", Ways.by_session),
    ("web_session", "proven_at", f"{LATER}", Ways.by_session),
    ("web_session", "authenticator", b"forged", Ways.by_session),
]


def change(exchange: Exchange, table: str, column: str, value: object) -> object:
    """Do what only somebody with the database could; returns what stood there."""
    with transaction(exchange.engine) as session:
        before = session.execute(text(f"SELECT {column} FROM {table}")).scalar_one()
        session.execute(text(f"UPDATE {table} SET {column} = :value"), {"value": value})
    return before


def damages(exchange: Exchange) -> list[str]:
    with reading(exchange.engine) as session:
        told = select(JournalEvent.facts).where(JournalEvent.kind == "identity.damaged")
        return list(session.exec(told))


def test_a_row_of_identity_that_was_changed_by_hand_is_refused_and_journalled(ways: Ways) -> None:
    for count, (table, column, value, way_in) in enumerate(CHANGES, 1):
        assert way_in(ways)
        before = change(ways.exchange, table, column, value)
        with pytest.raises(IdentityDamagedError):
            way_in(ways)
        assert len(damages(ways.exchange)) == count
        change(ways.exchange, table, column, before)
    assert journal.verify(ways.exchange) is None


def test_what_makes_somebody_who_they_are_is_covered() -> None:
    assert {kind.__name__ for kind in _COVERED} == {
        "Account",
        "ApiToken",
        "CertificateAuthority",
        "DualControl",
        "LocateAgreement",
        "LocateWorker",
        "Organization",
        "Passkey",
        "Policy",
        "Representation",
        "SSHKey",
        "SignOnProvider",
        "WebSession",
    }
    assert {"role", "status", "organization_id"} <= set(_COVERED[enrolment.Account])


def test_rows_prove_themselves_whatever_the_time_zone_of_the_machine(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "TZ", "Pacific/Kiritimati")
    assert all(by(ways) for by in (Ways.by_session, Ways.by_token, Ways.by_key))


def test_an_unknown_account_is_nobody(exchange: Exchange, employer: Partner) -> None:
    with pytest.raises(SignInRefusedError):
        actor_of(exchange, employer.organization.id, Channel.WEB, "")


def test_a_key_works_until_it_expires_and_for_its_owner_only(ways: Ways, clock: Clock) -> None:
    name = ways.partner.account.username
    assert sign_in.key_is_known(ways.exchange, name, SECRET, SFTP)
    assert not sign_in.key_is_known(ways.exchange, "somebody-else", SECRET, SFTP)
    assert not sign_in.key_is_known(ways.exchange, name, SECRET + b"x", SFTP)
    clock.forward(days=366)
    assert not sign_in.key_is_known(ways.exchange, name, SECRET, SFTP)
    with pytest.raises(SignInRefusedError):
        ways.by_key()


def test_asking_for_a_key_counts_no_failure(ways: Ways) -> None:
    for _ in range(10):
        assert not sign_in.key_is_known(ways.exchange, ways.partner.account.username, b"x", SFTP)
    assert ways.by_key()


def test_a_key_of_a_suspended_account_signs_nobody_in(ways: Ways) -> None:
    suspended = ways.partner.account
    suspended.status = "suspended"
    suspended.authenticator = mark(ways.exchange, suspended)
    with transaction(ways.exchange.engine) as session:
        session.merge(suspended)
    assert not sign_in.key_is_known(ways.exchange, suspended.username, SECRET, SFTP)
    with pytest.raises(SignInRefusedError):
        ways.by_key()
