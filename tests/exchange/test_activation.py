"""An activation code: mailed once, worth nothing without the username, used once, for seven working days."""

import email
import re
from email import policy

import pytest
from sqlmodel import select

from exchange import letters
from exchange.accounts import activation, enrolment
from exchange.accounts.enrolment import Invitation
from exchange.accounts.sign_in import Attempt
from exchange.database import reading, transaction
from exchange.errors import SignInRefusedError, TooManyAttemptsError
from exchange.models.accounts import Account
from exchange.models.jobs import Letter
from exchange.runtime import Exchange
from roles.permissions import Role
from roles.policy import Channel
from tests.conftest import Clock
from tests.support.partners import make_partner

HERE = Attempt(Channel.WEB, "127.0.0.1")


def invited(exchange: Exchange) -> Account:
    organization = make_partner(exchange, Role.EMPLOYER).organization
    new = Invitation(organization.id, "Casey.New", "Casey New", Role.EMPLOYER, "casey@example.org")
    with transaction(exchange.engine) as session:
        return enrolment.invite(session, exchange, new)


def mailed(exchange: Exchange) -> list[str]:
    letters.send_waiting(exchange)
    found = sorted(exchange.settings.mail_folder.glob("*.eml"))
    return [email.message_from_bytes(one.read_bytes(), policy=policy.default).as_string() for one in found]


def code_in(letter: str) -> str:
    return re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", letter)[-1]


def test_the_code_goes_to_the_person_by_a_mail_that_does_not_name_them(exchange: Exchange) -> None:
    account = invited(exchange)
    (letter,) = mailed(exchange)
    assert "To: casey@example.org" in letter
    assert "/activate" in letter
    assert "demonstration" in letter.lower()
    assert account.username not in letter
    assert account.name not in letter
    assert activation.check(exchange, "casey.new", code_in(letter).lower(), HERE).id == account.id


def test_a_letter_that_went_keeps_neither_code_nor_plain_address(exchange: Exchange) -> None:
    invited(exchange)
    (letter,) = mailed(exchange)
    with reading(exchange.engine) as session:
        kept = session.exec(select(Letter)).one()
    assert kept.secret_sealed is None
    assert b"casey@" not in kept.recipient_sealed
    assert mailed(exchange) == [letter]


def test_the_code_works_once(exchange: Exchange) -> None:
    account = invited(exchange)
    code = code_in(mailed(exchange)[0])
    with transaction(exchange.engine) as session:
        activation.use(session, exchange, account.id, code)
    with pytest.raises(SignInRefusedError):
        activation.check(exchange, account.username, code, HERE)
    with pytest.raises(SignInRefusedError), transaction(exchange.engine) as session:
        activation.use(session, exchange, account.id, code)


def test_a_stolen_code_is_refused_for_another_name_and_guessing_is_stopped(exchange: Exchange) -> None:
    account = invited(exchange)
    code = code_in(mailed(exchange)[0])
    for name in ("employer-1", "nobody", ""):
        with pytest.raises(SignInRefusedError):
            activation.check(exchange, name, code, HERE)
    for _ in range(exchange.settings.attempts):
        with pytest.raises(SignInRefusedError):
            activation.check(exchange, account.username, "WRNG-WRNG-WRNG", HERE)
    with pytest.raises(TooManyAttemptsError):
        activation.check(exchange, account.username, code, HERE)


def test_a_new_code_makes_the_earlier_one_void(exchange: Exchange) -> None:
    account = invited(exchange)
    first = code_in(mailed(exchange)[0])
    with transaction(exchange.engine) as session:
        activation.issue(session, exchange, account)
    with pytest.raises(SignInRefusedError):
        activation.check(exchange, account.username, first, HERE)
    assert activation.check(exchange, account.username, code_in(mailed(exchange)[-1]), HERE).id == account.id


def test_a_code_lapses_after_seven_working_days(exchange: Exchange, clock: Clock) -> None:
    account = invited(exchange)
    code = code_in(mailed(exchange)[0])
    clock.forward(days=8)
    assert activation.check(exchange, account.username, code, HERE).id == account.id
    clock.forward(days=3)
    with pytest.raises(SignInRefusedError):
        activation.check(exchange, account.username, code, HERE)
