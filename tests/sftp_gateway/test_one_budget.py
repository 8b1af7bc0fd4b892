"""Stuffing credentials through all three doors at once meets one budget; void tokens stay out."""

from collections.abc import Iterator

import paramiko
import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from exchange.accounts import sessions, sign_in, throttle
from exchange.accounts.identity import mark
from exchange.accounts.sign_in import Attempt
from exchange.accounts.tokens import actor_of_token
from exchange.database import reading, transaction
from exchange.errors import NotSignedInError, TooManyAttemptsError
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.policy import Channel
from tests.sftp_gateway.conftest import Gateway, User
from web.app import create_app

GUESS = "a guess of some length"


@pytest.fixture
def web(exchange: Exchange, source: str) -> Iterator[TestClient]:
    """Pages and API, asked from the address of this test."""
    with TestClient(create_app(exchange), "http://localhost", client=(source, 50_000)) as client:
        yield client


def by_web(web: TestClient, name: str) -> bool:
    """Whether an attempt was looked at (and refused)."""
    return web.post("/sign-in", data={"username": name, "password": GUESS}).status_code == 401


def by_api(web: TestClient, name: str) -> bool:
    bearer = {"Authorization": f"Bearer ocss_{name}"}
    return web.get("/api/v1/transfers", headers=bearer).status_code == 401


def by_sftp(gateway: Gateway, source: str, name: str) -> str:
    """What the gateway said when it refused."""
    transport = gateway.transport(source)
    try:
        transport.auth_password(name, GUESS, fallback=False)
    except paramiko.AuthenticationException as refused:
        return str(refused)
    finally:
        transport.close()
    return "entered"


def test_one_budget_for_all_three_doors(
    exchange: Exchange, gateway: Gateway, user: User, web: TestClient, source: str
) -> None:
    budget = exchange.settings.attempts * throttle.SOURCE_FACTOR
    looked_at = 0
    for number in range(budget // 3):
        assert by_sftp(gateway, source, f"guess-{source}-{number}") != "entered"
        looked_at += 1 + by_web(web, f"nobody-{source}-{number}") + by_api(web, f"{source}-{number}")
    assert looked_at == budget
    assert not by_web(web, "nobody")
    assert not by_api(web, "nobody")
    with pytest.raises(TooManyAttemptsError):
        sign_in.check_password(exchange, user.name, user.partner.password, Attempt(Channel.SFTP, source))
    assert by_sftp(gateway, source, user.name) != "entered"
    with pytest.raises(TooManyAttemptsError):
        actor_of_token(exchange, user.partner.token(), source)
    elsewhere = Attempt(Channel.WEB, "192.0.2.250")
    assert sign_in.check_password(exchange, user.name, user.partner.password, elsewhere)


def test_three_wrong_passwords_at_three_doors_pause_the_account(
    exchange: Exchange, gateway: Gateway, user: User, web: TestClient, source: str
) -> None:
    assert by_web(web, user.name)
    by_sftp(gateway, source, user.name)
    assert by_web(web, user.name)
    with pytest.raises(TooManyAttemptsError):
        sign_in.check_password(exchange, user.name, user.partner.password, Attempt(Channel.SFTP, "192.0.2.3"))


def refusals(exchange: Exchange, user: User, at: str) -> int:
    mine = select(JournalEvent.facts).where(
        JournalEvent.kind == "account.refused", JournalEvent.subject_id == user.partner.account.id
    )
    with reading(exchange.engine) as session:
        return sum(f'"at":"{at}"' in facts for facts in session.exec(mine))


def suspend(exchange: Exchange, user: User) -> None:
    row = user.partner.account
    row.status = "suspended"
    row.authenticator = mark(exchange, row)
    with transaction(exchange.engine) as session:
        session.merge(row)


def test_tokens_and_sessions_of_a_suspended_account_are_refused_and_journalled(
    exchange: Exchange, user: User, source: str
) -> None:
    bearer, token = user.partner.token(), sessions.open_session(exchange, user.actor, "")
    suspend(exchange, user)
    for _ in range(2):
        with pytest.raises(NotSignedInError):
            sessions.visit(exchange, token, source)
    for _ in range(exchange.settings.attempts):
        with pytest.raises(NotSignedInError):
            actor_of_token(exchange, bearer, source)
    with pytest.raises(TooManyAttemptsError):
        actor_of_token(exchange, bearer, source)
    assert refusals(exchange, user, "session") == 1
    assert refusals(exchange, user, "token") == exchange.settings.attempts


def test_a_forgotten_program_with_a_void_token_shuts_nobody_else_out(
    exchange: Exchange, user: User, stranger: User, source: str
) -> None:
    bearer = user.partner.token()
    suspend(exchange, user)
    for _ in range(exchange.settings.attempts * throttle.SOURCE_FACTOR + 1):
        with pytest.raises((NotSignedInError, TooManyAttemptsError)):
            actor_of_token(exchange, bearer, source)
    assert actor_of_token(exchange, stranger.partner.token(), source)
    here = Attempt(Channel.WEB, source)
    assert sign_in.check_password(exchange, stranger.name, stranger.partner.password, here)
