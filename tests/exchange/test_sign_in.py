"""Password and code: refused in the same words whatever was wrong, each code once, pauses at all doors."""

import base64
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import pyotp
import pytest
from sqlmodel import select

from exchange.accounts import enrolment, second_factor, sign_in, throttle
from exchange.accounts.identity import mark
from exchange.accounts.sign_in import Attempt, PasswordPassed
from exchange.database import reading, transaction
from exchange.errors import SignInRefusedError, TooManyAttemptsError
from exchange.models.accounts import Account
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.permissions import Role
from roles.policy import Channel
from tests.conftest import Clock
from tests.support.partners import Partner, make_partner
from tests.support.signing_in import SFTP, WEB, enter

NOBODY = "nobody"
WRONG = "a wrong password of some length"
BLOB = b"an ssh public key blob"


def patience(exchange: Exchange) -> Exchange:
    """An installation that takes any number of wrong attempts."""
    return replace(exchange, settings=exchange.settings.model_copy(update={"attempts": 1_000}))


@pytest.fixture
def patient(exchange: Exchange) -> Exchange:
    return patience(exchange)


def journalled(exchange: Exchange) -> list[str]:
    with reading(exchange.engine) as session:
        events = session.exec(select(JournalEvent).order_by(JournalEvent.position))  # type: ignore[arg-type]  # a column to SQL
        return [event.kind for event in events if event.kind.startswith("account.")]


def test_password_and_code_give_a_fresh_identity_at_that_door(each_exchange: Exchange) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    actor = enter(each_exchange, partner, attempt=SFTP)
    assert (actor.account_id, actor.role, actor.channel) == (partner.account.id, Role.EMPLOYER, Channel.SFTP)
    assert (actor.organization_id, actor.source) == (partner.organization.id, SFTP.source)
    assert journalled(each_exchange)[-1] == "account.signed_in"


def test_a_role_that_does_not_use_sftp_is_refused_there(exchange: Exchange) -> None:
    abroad = make_partner(exchange, Role.INTERNATIONAL)
    assert enter(exchange, abroad, attempt=WEB).role is Role.INTERNATIONAL
    with pytest.raises(SignInRefusedError):
        sign_in.check_password(exchange, abroad.account.username, abroad.password, SFTP)


def test_a_username_is_one_however_it_is_spelled(exchange: Exchange, employer: Partner) -> None:
    for spelling in (" EMPLOYER-1 ", "\uff45mployer-1"):
        assert sign_in.check_password(exchange, spelling, employer.password, WEB).username == "employer-1"


def test_a_password_is_one_however_its_accents_are_encoded(exchange: Exchange) -> None:
    assert sign_in.passwords.matches(sign_in.passwords.hash_password("caf\u00e9" * 5), "cafe\u0301" * 5)


def test_a_code_is_taken_once(exchange: Exchange, employer: Partner) -> None:
    code = employer.code()
    enter(exchange, employer, code=code)
    with pytest.raises(SignInRefusedError):
        enter(exchange, employer, code=code)
    assert enter(exchange, employer, code=employer.code(1)).account_id == employer.account.id


def test_a_code_older_than_one_that_was_used_is_refused(exchange: Exchange, employer: Partner) -> None:
    older = employer.code()
    enter(exchange, employer, code=employer.code(1))
    with pytest.raises(SignInRefusedError):
        enter(exchange, employer, code=older)


def test_a_code_two_steps_away_is_refused(exchange: Exchange, employer: Partner, clock: Clock) -> None:
    late = employer.code()
    clock.forward(seconds=2 * second_factor.STEP_SECONDS)
    with pytest.raises(SignInRefusedError):
        enter(exchange, employer, code=late)


def test_a_code_may_be_typed_with_a_space(exchange: Exchange, employer: Partner) -> None:
    code = employer.code()
    assert enter(exchange, employer, code=f"{code[:3]} {code[3:]}")


def test_a_wrong_code_is_refused_and_journalled(patient: Exchange, employer: Partner) -> None:
    passed = sign_in.check_password(patient, employer.account.username, employer.password, WEB)
    for code in ("", "000000", "\u0967" * 6, "\ud800", "\0" * 6, "1" * 10_000):
        with pytest.raises(SignInRefusedError):
            sign_in.check_code(patient, passed, code, WEB)
        assert journalled(patient)[-1] == "account.refused"


def test_a_wrong_password_is_refused_and_journalled(patient: Exchange, employer: Partner) -> None:
    for password in ("", WRONG, "\0", "\ud800 no proper unicode", "long " * 1_000):
        with pytest.raises(SignInRefusedError):
            sign_in.check_password(patient, employer.account.username, password, WEB)
        assert journalled(patient)[-1] == "account.refused"


NAMES = (NOBODY, "", "\0", "sam\0", "sam\r\n-1", "\u202esam", "\ud800", "x" * 999)


def test_a_username_that_is_nobodys_is_refused_alike(each_exchange: Exchange) -> None:
    patient = patience(each_exchange)
    for username in NAMES:
        with pytest.raises(SignInRefusedError) as refused:
            sign_in.check_password(patient, username, WRONG, WEB)
        assert str(refused.value) == SignInRefusedError.sentence


def test_whatever_is_wrong_is_told_in_the_same_words(patient: Exchange, employer: Partner) -> None:
    told = set()
    tries: list[Callable[[], object]] = [
        lambda: sign_in.check_password(patient, NOBODY, WRONG, WEB),
        lambda: sign_in.check_password(patient, employer.account.username, WRONG, WEB),
        lambda: enter(patient, employer, code="000000"),
        lambda: sign_in.sign_in_by_key(patient, employer.account.username, b"no key", WEB),
    ]
    for attempt in tries:
        with pytest.raises(SignInRefusedError) as refused:
            attempt()
        told.add(str(refused.value))
    assert len(told) == 1


def seconds(work: Callable[[], object]) -> float:
    """Of this process's own work: what else the machine does is none of the caller's knowledge."""
    started = time.process_time()
    with pytest.raises(SignInRefusedError):
        work()
    return time.process_time() - started


def test_an_unknown_user_is_refused_no_faster_than_a_wrong_password(
    patient: Exchange, employer: Partner
) -> None:
    def median(name: str) -> float:
        return statistics.median(
            seconds(lambda: sign_in.check_password(patient, name, WRONG, WEB)) for _ in range(5)
        )

    unknown, known = median(NOBODY), median(employer.account.username)
    assert 0.4 < unknown / known < 2.5


def test_three_wrong_attempts_pause_the_account_at_every_door(
    exchange: Exchange, employer: Partner, clock: Clock
) -> None:
    doors = [Attempt(channel, f"192.0.2.{n}") for n, channel in enumerate((Channel.WEB, Channel.SFTP))]
    for attempt in (*doors, WEB):
        with pytest.raises(SignInRefusedError):
            enter(exchange, employer, password=WRONG, attempt=attempt)
    for attempt in doors:
        with pytest.raises(TooManyAttemptsError) as paused:
            enter(exchange, employer, attempt=attempt)
    assert 1700 < paused.value.retry_after <= 1801
    clock.forward(minutes=exchange.settings.lock_minutes + 1)
    assert enter(exchange, employer)


def test_wrong_codes_pause_the_account_too(exchange: Exchange, employer: Partner) -> None:
    for _ in range(exchange.settings.attempts):
        with pytest.raises(SignInRefusedError):
            enter(exchange, employer, code="000000")
    with pytest.raises(TooManyAttemptsError):
        enter(exchange, employer)


def test_a_right_sign_in_clears_the_count(exchange: Exchange, employer: Partner) -> None:
    for steps_ahead in (0, 1):
        for _ in range(exchange.settings.attempts - 1):
            with pytest.raises(SignInRefusedError):
                enter(exchange, employer, password=WRONG)
        assert enter(exchange, employer, code=employer.code(steps_ahead))


def test_wrong_attempts_long_ago_do_not_count(exchange: Exchange, employer: Partner, clock: Clock) -> None:
    for _ in range(exchange.settings.attempts + 1):
        with pytest.raises(SignInRefusedError):
            enter(exchange, employer, password=WRONG)
        clock.forward(minutes=exchange.settings.attempt_window_minutes + 1)
    assert enter(exchange, employer)


def test_an_address_that_tries_many_names_is_paused_for_all_of_them(
    exchange: Exchange, employer: Partner
) -> None:
    for number in range(exchange.settings.attempts * 10):
        with pytest.raises(SignInRefusedError):
            raise sign_in.refuse(exchange, f"guess-{number}", SFTP, sign_in.KEY)
    with pytest.raises(TooManyAttemptsError):
        enter(exchange, employer, attempt=WEB)
    assert enter(exchange, employer, attempt=Attempt(Channel.WEB, "192.0.2.99"))


def test_the_key_of_somebody_of_ocss_opens_sftp_though_no_authority_of_theirs_could(
    exchange: Exchange, ocss: Partner
) -> None:
    blob = add_key(exchange, ocss)
    assert sign_in.key_is_known(exchange, ocss.account.username, blob, SFTP)
    by_key = sign_in.sign_in_by_key(exchange, ocss.account.username, blob, SFTP)
    assert by_key.account_id == ocss.account.id


def test_wrong_passwords_do_not_stop_a_right_key(exchange: Exchange, employer: Partner) -> None:
    blob = add_key(exchange, employer)
    fail(exchange, employer, exchange.settings.attempts)
    assert sign_in.key_is_known(exchange, employer.account.username, blob, SFTP)
    by_key = sign_in.sign_in_by_key(exchange, employer.account.username, blob, SFTP)
    assert by_key.account_id == employer.account.id


def test_a_right_key_does_not_clear_the_count_of_wrong_passwords(
    exchange: Exchange, employer: Partner
) -> None:
    blob = add_key(exchange, employer)
    for _ in range(exchange.settings.attempts):
        sign_in.sign_in_by_key(exchange, employer.account.username, blob, SFTP)
        fail(exchange, employer, 1)
    sign_in.sign_in_by_key(exchange, employer.account.username, blob, SFTP)
    with pytest.raises(TooManyAttemptsError):
        enter(exchange, employer)


def test_wrong_keys_pause_their_source_and_nobody_elses_password(
    exchange: Exchange, employer: Partner
) -> None:
    name, blob = employer.account.username, add_key(exchange, employer)
    for _ in range(exchange.settings.attempts * throttle.SOURCE_FACTOR):
        with pytest.raises(SignInRefusedError):
            sign_in.sign_in_by_key(exchange, name, b"no key", SFTP)
    assert not sign_in.key_is_known(exchange, name, blob, SFTP)
    with pytest.raises(TooManyAttemptsError):
        sign_in.sign_in_by_key(exchange, name, blob, SFTP)
    elsewhere = Attempt(Channel.WEB, "192.0.2.99")
    assert enter(exchange, employer, attempt=elsewhere).account_id == employer.account.id


def add_key(exchange: Exchange, partner: Partner) -> bytes:
    line = f"ssh-ed25519 {base64.b64encode(BLOB).decode()} nightly"
    enrolment.add_ssh_key(exchange, partner.account.id, line, "nightly")
    return BLOB


def fail(exchange: Exchange, partner: Partner, times: int) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefusedError):
            enter(exchange, partner, password=WRONG, attempt=Attempt(Channel.WEB, "192.0.2.66"))


def suspend(exchange: Exchange, partner: Partner, table: str) -> None:
    row = partner.account if table == "account" else partner.organization
    row.status = "suspended"
    row.authenticator = mark(exchange, row)
    with transaction(exchange.engine) as session:
        session.merge(row)


@pytest.mark.parametrize("table", ["account", "organization"])
def test_a_suspended_account_or_organization_is_refused_at_once(
    exchange: Exchange, employer: Partner, table: str
) -> None:
    passed = sign_in.check_password(exchange, employer.account.username, employer.password, WEB)
    suspend(exchange, employer, table)
    with pytest.raises(SignInRefusedError):
        sign_in.check_code(exchange, passed, employer.code(), WEB)
    with pytest.raises(SignInRefusedError):
        enter(exchange, employer)


def test_an_account_that_is_gone_between_the_factors_is_refused(
    exchange: Exchange, employer: Partner
) -> None:
    gone = PasswordPassed(employer.organization.id, NOBODY)
    with pytest.raises(SignInRefusedError):
        sign_in.check_code(exchange, gone, employer.code(), WEB)


def test_the_demonstration_gives_codes_that_work_each_time(exchange: Exchange, employer: Partner) -> None:
    settings = exchange.settings.model_copy(update={"demonstration": True})
    demonstration = replace(exchange, settings=settings)
    for _ in range(2):
        assert enter(
            demonstration, employer, code=second_factor.next_code(demonstration, employer.account.id)
        )


def test_secrets_are_not_in_the_database(exchange: Exchange, employer: Partner) -> None:
    with reading(exchange.engine) as session:
        row = session.get_one(Account, employer.account.id)
    kept = repr(row.model_dump()).encode() + row.totp_sealed
    assert employer.password.encode() not in kept
    assert employer.totp_secret.encode() not in kept
    assert row.password_hash.startswith("$argon2id$")
    assert pyotp.TOTP(employer.totp_secret).interval == second_factor.STEP_SECONDS
