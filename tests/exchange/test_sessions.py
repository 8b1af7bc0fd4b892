"""Browser sessions live on the server: they idle out, end for good, and are worth nothing half-way."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import select

from exchange.accounts import enrolment, sessions, sign_in
from exchange.accounts.identity import mark
from exchange.accounts.sign_in import PasswordPassed
from exchange.accounts.tokens import actor_of_token
from exchange.database import reading, transaction
from exchange.errors import NotSignedInError
from exchange.models.accounts import WebSession
from exchange.models.base import as_utc
from exchange.runtime import Exchange
from roles.policy import Channel
from tests.conftest import Clock
from tests.support.partners import Partner
from tests.support.signing_in import WEB

HERE = "192.0.2.7"


@pytest.fixture
def token(exchange: Exchange, employer: Partner) -> str:
    return sessions.open_session(exchange, employer.actor, "A browser " * 50)


@pytest.fixture
def challenge(exchange: Exchange, employer: Partner) -> str:
    passed = PasswordPassed(employer.account.id, employer.account.username)
    return sessions.begin_challenge(exchange, passed, HERE)


def seen_at(exchange: Exchange) -> datetime:
    with reading(exchange.engine) as session:
        return as_utc(session.exec(select(WebSession.seen_at)).one())


def test_a_session_gives_the_identity_back_at_the_web_door(
    exchange: Exchange, employer: Partner, token: str
) -> None:
    actor = sessions.visit(exchange, token, HERE).actor
    assert (actor.account_id, actor.channel, actor.source) == (employer.account.id, Channel.WEB, HERE)


def test_the_token_itself_is_not_kept(exchange: Exchange, token: str) -> None:
    with reading(exchange.engine) as session:
        row = session.exec(select(WebSession)).one()
    assert token.encode() not in repr(row.model_dump()).encode()
    assert len(row.user_agent) == 200


@pytest.mark.parametrize("unknown", ["", "nonsense", "\0", "\ud800"])
def test_an_unknown_token_is_nobodys(exchange: Exchange, token: str, unknown: str) -> None:
    for asked in (
        lambda: sessions.visit(exchange, unknown, HERE),
        lambda: sessions.passed_of_challenge(exchange, unknown),
        lambda: actor_of_token(exchange, unknown, HERE),
    ):
        with pytest.raises(NotSignedInError):
            asked()


def test_a_session_idles_out_unless_it_is_used(exchange: Exchange, token: str, clock: Clock) -> None:
    for _ in range(3):
        clock.forward(minutes=exchange.settings.idle_minutes - 1)
        assert sessions.visit(exchange, token, HERE)
    clock.forward(minutes=exchange.settings.idle_minutes)
    with pytest.raises(NotSignedInError):
        sessions.visit(exchange, token, HERE)


def test_a_session_ends_after_its_longest_time_however_much_it_is_used(
    exchange: Exchange, token: str, clock: Clock
) -> None:
    for _ in range(exchange.settings.absolute_hours * 6 - 1):
        clock.forward(minutes=10)
        assert sessions.visit(exchange, token, HERE)
    clock.forward(minutes=10)
    with pytest.raises(NotSignedInError):
        sessions.visit(exchange, token, HERE)


def test_requests_close_together_write_nothing(exchange: Exchange, token: str, clock: Clock) -> None:
    before = seen_at(exchange)
    clock.forward(seconds=20)
    sessions.visit(exchange, token, HERE)
    assert seen_at(exchange) == before
    clock.forward(seconds=20)
    sessions.visit(exchange, token, HERE)
    assert seen_at(exchange) > before


def test_an_ended_session_is_over_and_ending_it_again_is_no_error(exchange: Exchange, token: str) -> None:
    for _ in range(2):
        sessions.end_session(exchange, token)
    with pytest.raises(NotSignedInError):
        sessions.visit(exchange, token, HERE)


def test_a_challenge_is_no_session_and_a_session_no_challenge(
    exchange: Exchange, token: str, challenge: str
) -> None:
    with pytest.raises(NotSignedInError):
        sessions.visit(exchange, challenge, HERE)
    with pytest.raises(NotSignedInError):
        sessions.passed_of_challenge(exchange, token)


def test_a_challenge_leads_to_the_second_factor_for_five_minutes(
    exchange: Exchange, employer: Partner, challenge: str, clock: Clock
) -> None:
    passed = sessions.passed_of_challenge(exchange, challenge)
    assert sign_in.check_code(exchange, passed, employer.code(), WEB).account_id == employer.account.id
    clock.forward(minutes=5)
    with pytest.raises(NotSignedInError):
        sessions.passed_of_challenge(exchange, challenge)


def test_an_ended_challenge_is_over(exchange: Exchange, challenge: str) -> None:
    sessions.end_session(exchange, challenge)
    with pytest.raises(NotSignedInError):
        sessions.passed_of_challenge(exchange, challenge)


def suspend(exchange: Exchange, partner: Partner) -> None:
    row = partner.account
    row.status = "suspended"
    row.authenticator = mark(exchange, row)
    with transaction(exchange.engine) as session:
        session.merge(row)


def test_a_suspension_counts_at_the_next_request(exchange: Exchange, employer: Partner, token: str) -> None:
    bearer = employer.token()
    suspend(exchange, employer)
    ways: list[Callable[[], object]] = [
        lambda: sessions.visit(exchange, token, HERE),
        lambda: actor_of_token(exchange, bearer, HERE),
    ]
    for way_in in ways:
        with pytest.raises(NotSignedInError):
            way_in()


def test_a_bearer_token_works_until_it_expires(exchange: Exchange, employer: Partner, clock: Clock) -> None:
    bearer = employer.token()
    actor = actor_of_token(exchange, bearer, HERE)
    assert (actor.account_id, actor.channel) == (employer.account.id, Channel.API)
    clock.forward(days=enrolment.TOKEN_LIFETIME.days + 1)
    with pytest.raises(NotSignedInError):
        actor_of_token(exchange, bearer, HERE)
