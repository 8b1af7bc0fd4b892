"""An activation code: mailed once, worth nothing without the username, used once, for seven business days."""

from uuid import UUID

import pyotp
import pytest
from sqlmodel import select

from exchange import business_days
from exchange.accounts import activation, enrolment, second_factor, sign_in
from exchange.accounts.enrolment import Invitation
from exchange.accounts.sign_in import Attempt
from exchange.database import reading, transaction
from exchange.errors import NotSignedInError, SignInRefusedError, TooManyAttemptsError
from exchange.models.accounts import Account
from exchange.models.credentials import Ticket
from exchange.models.jobs import Letter
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.permissions import Role
from roles.policy import Channel
from tests.conftest import Clock
from tests.support.letters import code_in, mailed
from tests.support.partners import make_partner

HERE = Attempt(Channel.WEB, "127.0.0.1")


def invited(exchange: Exchange) -> Account:
    organization = make_partner(exchange, Role.EMPLOYER).organization
    new = Invitation(organization.id, "Casey.New", "Casey New", Role.EMPLOYER, "casey@example.org")
    with transaction(exchange.engine) as session:
        return enrolment.invite(session, exchange, new)


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


def test_a_code_lapses_after_seven_business_days_as_its_letter_says(exchange: Exchange, clock: Clock) -> None:
    begun = exchange.clock()
    account = invited(exchange)
    (letter,) = mailed(exchange)
    code, ends = code_in(letter), business_days.after(begun, 7)
    assert f"until {ends:%A, %B} {ends.day}, {ends.year}" in letter
    clock.forward(seconds=(ends - begun).total_seconds() - 60)
    assert activation.check(exchange, account.username, code, HERE).id == account.id
    clock.forward(minutes=2)
    with pytest.raises(SignInRefusedError):
        activation.check(exchange, account.username, code, HERE)


PHRASE = "seven wise walruses at sea"


def on_the_way(exchange: Exchange, account: Account, code: str) -> tuple[str, str]:
    """The ticket and the app's secret of somebody who has chosen a password."""
    token = activation.begin(exchange, account.username, code, HERE)
    activation.choose_password(exchange, token, PHRASE)
    return token, activation.offered(exchange, token).secret


def app_code(exchange: Exchange, secret: str, steps_ahead: int = 0) -> str:
    return pyotp.TOTP(secret).at(exchange.clock(), counter_offset=steps_ahead)


def test_code_password_and_app_make_an_account_that_signs_in(each_exchange: Exchange, clock: Clock) -> None:
    clock.stop()
    account = invited(each_exchange)
    token, secret = on_the_way(each_exchange, account, code_in(mailed(each_exchange)[0]))
    done = activation.complete(each_exchange, token, app_code(each_exchange, secret), HERE)
    assert (done.actor.account_id, done.actor.username) == (account.id, "casey.new")
    assert len(set(done.recovery_codes)) == 10
    with pytest.raises(SignInRefusedError):  # the code that was shown here is used
        enter(each_exchange, account.username, app_code(each_exchange, secret))
    clock.forward(seconds=30)
    assert enter(each_exchange, account.username, app_code(each_exchange, secret)) == account.id
    for code in done.recovery_codes[:2]:
        assert enter(each_exchange, account.username, code.upper().replace("-", " ")) == account.id
        with pytest.raises(SignInRefusedError):
            enter(each_exchange, account.username, code)


def enter(exchange: Exchange, username: str, code: str) -> UUID:
    passed = sign_in.check_password(exchange, username, PHRASE, HERE)
    return sign_in.check_code(exchange, passed, code, HERE).account_id


def test_a_wrong_app_code_gives_nothing_and_may_be_mended(exchange: Exchange) -> None:
    account = invited(exchange)
    token, secret = on_the_way(exchange, account, code_in(mailed(exchange)[0]))
    with pytest.raises(SignInRefusedError):
        activation.complete(exchange, token, "000000", HERE)
    with pytest.raises(SignInRefusedError):
        enter(exchange, account.username, app_code(exchange, secret))
    assert activation.complete(exchange, token, app_code(exchange, secret), HERE).actor


def test_only_the_first_of_two_who_have_the_code_gets_the_account(each_exchange: Exchange) -> None:
    account = invited(each_exchange)
    code = code_in(mailed(each_exchange)[0])
    ways = [on_the_way(each_exchange, account, code) for _ in range(2)]
    token, secret = ways[1]
    assert activation.complete(each_exchange, token, app_code(each_exchange, secret), HERE).actor
    for late, its_secret in ways:
        with pytest.raises((SignInRefusedError, NotSignedInError)):
            activation.complete(each_exchange, late, app_code(each_exchange, its_secret, 1), HERE)
    with reading(each_exchange.engine) as session:
        kept = session.get_one(Account, account.id)
    assert sign_in.passwords.matches(kept.password_hash, PHRASE)
    assert second_factor.matching_step(each_exchange, secret, app_code(each_exchange, secret))


def test_a_new_code_stops_whoever_is_on_the_way_with_the_old_one(exchange: Exchange) -> None:
    account = invited(exchange)
    token, secret = on_the_way(exchange, account, code_in(mailed(exchange)[0]))
    with transaction(exchange.engine) as session:
        activation.issue(session, exchange, account)
    with pytest.raises(SignInRefusedError):
        activation.complete(exchange, token, app_code(exchange, secret), HERE)
    assert activation.begin(exchange, account.username, code_in(mailed(exchange)[-1]), HERE)


def test_no_page_can_be_left_out(exchange: Exchange) -> None:
    account = invited(exchange)
    token = activation.begin(exchange, account.username, code_in(mailed(exchange)[0]), HERE)
    with pytest.raises(NotSignedInError):
        activation.offered(exchange, token)
    with pytest.raises(SignInRefusedError):
        activation.complete(exchange, token, "", HERE)
    for unknown in ("", "nonsense", "\ud800"):
        with pytest.raises(NotSignedInError):
            activation.choose_password(exchange, unknown, PHRASE)


def test_the_way_ends_after_half_an_hour(exchange: Exchange, clock: Clock) -> None:
    account = invited(exchange)
    token, secret = on_the_way(exchange, account, code_in(mailed(exchange)[0]))
    clock.forward(minutes=30)
    with pytest.raises(NotSignedInError):
        activation.complete(exchange, token, app_code(exchange, secret), HERE)


def test_what_stands_between_the_pages_is_sealed(exchange: Exchange) -> None:
    account = invited(exchange)
    code = code_in(mailed(exchange)[0])
    token, secret = on_the_way(exchange, account, code)
    with reading(exchange.engine) as session:
        kept = repr(session.exec(select(Ticket)).one().model_dump())
    assert not [word for word in (token, secret, code, "argon2id") if word in kept]


def test_refused_codes_stand_in_the_journal(exchange: Exchange) -> None:
    account = invited(exchange)
    for username in (account.username, "nobody"):
        with pytest.raises(SignInRefusedError):
            activation.begin(exchange, username, "WRNG-WRNG-WRNG", HERE)
    with reading(exchange.engine) as session:
        told = select(JournalEvent).where(JournalEvent.kind == "account.refused")
        events = session.exec(told).all()
    assert [event.subject_id for event in events] == [account.id, None]
    assert all('"at":"activation"' in event.facts for event in events)
