"""Forgotten username or password: letters to the person alone, and a second factor besides the letter."""

import statistics
import time

import pytest
from sqlmodel import select

from exchange.accounts import recovery, sessions, sign_in, throttle
from exchange.accounts.identity import mark
from exchange.accounts.sign_in import Attempt
from exchange.database import reading, transaction
from exchange.errors import NotSignedInError, PasswordRefusedError, SignInRefusedError, TooManyAttemptsError
from exchange.models.accounts import Account
from exchange.models.credentials import Ticket
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.letters import code_in, mailed
from tests.support.partners import Partner, make_partner
from tests.support.signing_in import WEB, enter

PHRASE = "seven wise walruses at sea"


def told(exchange: Exchange) -> list[str]:
    recovery.answer_waiting(exchange)
    return mailed(exchange)


def code_for(exchange: Exchange, partner: Partner) -> str:
    recovery.ask(exchange, recovery.PASSWORD, partner.account.username.upper(), WEB)
    return code_in(told(exchange)[-1])


def test_the_username_goes_to_the_address_of_the_account_only(exchange: Exchange, employer: Partner) -> None:
    recovery.ask(exchange, recovery.USERNAME, "somebody@example.org", WEB)
    assert told(exchange) == []
    recovery.ask(exchange, recovery.USERNAME, f" {employer.account.email}".strip().upper(), WEB)
    (letter,) = told(exchange)
    assert f"To: {employer.account.email}" in letter
    assert employer.account.username in letter


def test_a_new_password_takes_the_letter_and_the_second_factor(each_exchange: Exchange, clock: Clock) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    token = sessions.open_session(each_exchange, partner.actor, "")
    name, code = partner.account.username, code_for(each_exchange, partner)
    for wrong in (("WRNG-WRNG-WRNG", partner.code()), (code, "000000")):
        with pytest.raises(SignInRefusedError):
            recovery.reset(each_exchange, name, wrong, PHRASE, WEB)
    recovery.reset(each_exchange, name, (code.lower(), partner.code()), PHRASE, WEB)
    with pytest.raises(NotSignedInError):
        sessions.visit(each_exchange, token, "192.0.2.1")
    clock.forward(seconds=60)
    assert enter(each_exchange, partner, password=PHRASE)
    with pytest.raises(SignInRefusedError):
        recovery.reset(each_exchange, name, (code, partner.code(1)), PHRASE, WEB)


def test_a_password_that_cannot_be_used_uses_up_no_code(exchange: Exchange, employer: Partner) -> None:
    codes = code_for(exchange, employer), employer.code()
    with pytest.raises(PasswordRefusedError):
        recovery.reset(exchange, employer.account.username, codes, "too short", WEB)
    recovery.reset(exchange, employer.account.username, codes, PHRASE, WEB)


def test_the_code_belongs_to_one_account_and_lapses(
    exchange: Exchange, employer: Partner, other_employer: Partner, clock: Clock
) -> None:
    code = code_for(exchange, employer)
    with pytest.raises(SignInRefusedError):
        recovery.reset(exchange, other_employer.account.username, (code, other_employer.code()), PHRASE, WEB)
    clock.forward(hours=1)
    with pytest.raises(SignInRefusedError):
        recovery.reset(exchange, employer.account.username, (code, employer.code()), PHRASE, WEB)


def test_guessing_the_code_is_stopped(exchange: Exchange, employer: Partner) -> None:
    code = code_for(exchange, employer)
    name = employer.account.username
    for _ in range(exchange.settings.attempts):
        with pytest.raises(SignInRefusedError):
            recovery.reset(exchange, name, ("WRNG-WRNG-WRNG", employer.code()), PHRASE, WEB)
    with pytest.raises(TooManyAttemptsError):
        recovery.reset(exchange, name, (code, employer.code()), PHRASE, WEB)


def test_no_mailbox_is_flooded_and_no_source_asks_without_end(exchange: Exchange, employer: Partner) -> None:
    for _ in range(3):
        recovery.ask(exchange, recovery.PASSWORD, employer.account.username, WEB)
    assert len(told(exchange)) == 1
    for _ in range(exchange.settings.attempts * throttle.SOURCE_FACTOR - 3):
        recovery.ask(exchange, recovery.PASSWORD, "nobody", WEB)
    with pytest.raises(TooManyAttemptsError):
        recovery.ask(exchange, recovery.PASSWORD, "nobody", WEB)
    recovery.ask(exchange, recovery.PASSWORD, "nobody", Attempt(WEB.channel, "192.0.2.99"))


def test_a_suspended_account_gets_no_letter(exchange: Exchange, employer: Partner) -> None:
    row = employer.account
    row.status = "suspended"
    row.authenticator = mark(exchange, row)
    with transaction(exchange.engine) as session:
        session.merge(row)
    recovery.ask(exchange, recovery.PASSWORD, row.username, WEB)
    recovery.ask(exchange, recovery.USERNAME, row.email or "", WEB)
    assert told(exchange) == []


def test_asking_takes_as_long_for_nobody_as_for_somebody(exchange: Exchange, employer: Partner) -> None:
    def median(name: str) -> float:
        taken = []
        for number in range(9):
            attempt, started = Attempt(WEB.channel, f"192.0.2.{number}"), time.thread_time()
            recovery.ask(exchange, recovery.PASSWORD, name, attempt)
            taken.append(time.thread_time() - started)
        return statistics.median(taken)

    assert 0.3 < median("nobody") / median(employer.account.username) < 3


def test_what_was_asked_for_is_sealed_and_journalled(exchange: Exchange, employer: Partner) -> None:
    recovery.ask(exchange, recovery.PASSWORD, employer.account.username, WEB)
    with reading(exchange.engine) as session:
        kept = repr(session.exec(select(Ticket)).one().model_dump())
    assert employer.account.username not in kept
    code = code_in(told(exchange)[-1])
    with reading(exchange.engine) as session:
        assert code not in repr(session.exec(select(Ticket)).one().model_dump())
        asked = session.exec(select(JournalEvent).where(JournalEvent.kind == "reset.asked")).one()
    assert asked.subject_id == employer.account.id


def test_the_account_is_the_same_afterwards(exchange: Exchange, employer: Partner) -> None:
    codes = code_for(exchange, employer), employer.code()
    recovery.reset(exchange, employer.account.username, codes, PHRASE, WEB)
    with reading(exchange.engine) as session:
        row = session.get_one(Account, employer.account.id)
    assert (row.status, row.role, row.totp_sealed) == ("active", "employer", employer.account.totp_sealed)
    assert sign_in.passwords.matches(row.password_hash, PHRASE)
