"""Registering, as the applicant does it: sealed, resumable, throttled, handed in once all is answered."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from exchange import business_days
from exchange.accounts import clearances, registration, throttle
from exchange.accounts.registration_steps import Step, is_done, next_step, steps_of
from exchange.database import reading, transaction
from exchange.errors import (
    CellDamagedError,
    ClearanceMissingError,
    ConfirmationRefusedError,
    RecordNotFoundError,
    RegistrationNotFoundError,
    RegistrationSettledError,
    RegistrationUnfinishedError,
    TooManyAttemptsError,
)
from exchange.models.journal import JournalEvent
from exchange.models.registration import Registration
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind
from tests.conftest import Clock
from tests.support.partners import Partner
from tests.support.registering import HERE, PERSON, Applicant, clear, code_in, mails

KIND = OrganizationKind
REGISTERING = [kind for kind, about in KINDS.items() if about.registers]


@pytest.mark.parametrize("kind", REGISTERING)
def test_every_kind_that_registers_gets_from_the_first_page_to_submitted(
    exchange: Exchange, ocss: Partner, kind: OrganizationKind
) -> None:
    if KINDS[kind].prerequisite:
        clear(exchange, ocss.actor, kind)
    made = Applicant(exchange, kind).submit()
    assert (made.status, made.kind, made.joining) == ("submitted", kind, False)
    assert made.organization_name
    assert made.submitted_at is not None
    assert made.due_at is not None
    assert made.due_at == business_days.after(made.submitted_at, 7)
    assert mails(exchange)[-1].startswith("We have your registration")


def test_nothing_that_was_typed_stands_in_the_database(exchange: Exchange) -> None:
    Applicant(exchange, KIND.EMPLOYER).submit()
    with transaction(exchange.engine) as session:
        session.execute(text("SELECT 1"))
    stored = b"".join(file.read_bytes() for file in Path(exchange.settings.home).glob("portal.db*"))
    for typed in (b"O'Sample", b"900123456", b"19800327", b"robin.sample", b"Synthetic Way", b"009000017"):
        assert typed not in stored


def test_a_draft_is_found_again_by_the_mailed_code_only(exchange: Exchange) -> None:
    applicant = Applicant(exchange, KIND.EMPLOYER)
    applicant.go_to(Step.EMAIL)
    code = code_in(mails(exchange)[-1])
    assert code == applicant.secret
    assert registration.come_back(exchange, code.lower().replace("-", " "), HERE) == applicant.application
    with pytest.raises(ConfirmationRefusedError):
        registration.come_back(exchange, "WRNG-WRNG-WRNG-WRNG-WRNG", HERE)
    assert applicant.open_step is Step.ORGANIZATION


def test_guessing_codes_is_stopped_and_does_not_stop_signing_in(exchange: Exchange) -> None:
    for _ in range(exchange.settings.attempts * 10):
        with pytest.raises(ConfirmationRefusedError):
            registration.come_back(exchange, "WRNG", HERE)
    with pytest.raises(TooManyAttemptsError):
        registration.come_back(exchange, "WRNG", HERE)
    with pytest.raises(TooManyAttemptsError):
        registration.begin(exchange, KIND.EMPLOYER, HERE)
    throttle.check(exchange, HERE)


def test_an_address_is_proven_by_a_code_that_lapses_and_is_guessed_three_times(
    exchange: Exchange, clock: Clock
) -> None:
    applicant = Applicant(exchange, KIND.INSURER)
    applicant.go_to(Step.YOU)
    applicant.hand_in(Step.EMAIL)
    code = code_in(mails(exchange)[-1])
    for _ in range(3):
        (problem,) = applicant.hand_in(Step.EMAIL, code="WRNG-WRNG").problems
        assert problem.field == "code"
    with pytest.raises(TooManyAttemptsError):
        applicant.hand_in(Step.EMAIL, code=code)
    clock.forward(minutes=61)
    assert applicant.hand_in(Step.EMAIL, code=code).problems
    assert not applicant.application.confirmed


def test_an_address_is_not_flooded_with_mails(exchange: Exchange) -> None:
    applicant = Applicant(exchange, KIND.INSURER)
    applicant.go_to(Step.YOU)
    for source in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        applicant.source = source
        applicant.hand_in(Step.EMAIL)
    with pytest.raises(TooManyAttemptsError):
        applicant.hand_in(Step.EMAIL)
    assert len(mails(exchange)) == 3


def test_another_address_has_to_be_proven_anew(exchange: Exchange) -> None:
    applicant = Applicant(exchange, KIND.EMPLOYER)
    applicant.go_to(Step.AGREEMENT)
    assert applicant.open_step is Step.CHECK
    applicant.hand_in(Step.EMAIL, email="other@example.org")
    assert applicant.open_step is Step.EMAIL


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"ssn": "123-45-6789"}, "ssn"),
        ({"birth_date-year": "2999"}, "birth_date"),
        ({"phone": "12"}, "phone"),
        ({"first_name": ""}, "first_name"),
    ],
)
def test_what_is_wrong_is_told_and_begins_no_draft(
    exchange: Exchange, typed: dict[str, str], field: str
) -> None:
    applicant = Applicant(exchange, KIND.INSURER)
    assert [problem.field for problem in applicant.hand_in(Step.YOU, **typed).problems] == [field]
    assert applicant.secret is None
    with reading(exchange.engine) as session:
        assert session.exec(select(Registration)).all() == []


def test_a_tribe_cannot_start_before_its_agreements_are_on_record(exchange: Exchange, ocss: Partner) -> None:
    applicant = Applicant(exchange, KIND.TRIBE)
    with pytest.raises(ClearanceMissingError, match="A tribe may register once"):
        applicant.hand_in(Step.CLEARANCE)
    clear(exchange, ocss.actor, KIND.RESEARCH_PARTNER)
    with pytest.raises(ClearanceMissingError):
        Applicant(exchange, KIND.TRIBE).hand_in(Step.CLEARANCE)
    clear(exchange, ocss.actor, KIND.TRIBE, "Tall River Tribe")
    applicant.hand_in(Step.CLEARANCE)
    assert applicant.application.organization_name == "Tall River Tribe"
    assert applicant.open_step is Step.YOU


def test_an_agency_is_not_cleared_by_what_is_on_record_of_a_research_partner(
    exchange: Exchange, ocss: Partner
) -> None:
    clear(exchange, ocss.actor, KIND.RESEARCH_PARTNER)
    applicant = Applicant(exchange, KIND.RESEARCH_PARTNER)
    applicant.go_to(Step.AGREEMENT)
    applicant.hand_in(Step.KIND, kind=KIND.FEDERAL_AGENCY.value)
    assert applicant.open_step is Step.CLEARANCE
    assert applicant.hand_in(Step.KIND, kind=KIND.EMPLOYER.value).problems


def test_a_change_of_kind_keeps_what_both_are_asked(exchange: Exchange) -> None:
    applicant = Applicant(exchange, KIND.EMPLOYER)
    applicant.go_to(Step.AGREEMENT)
    applicant.hand_in(Step.KIND, kind=KIND.PROCESSOR.value)
    assert applicant.application.answers["fein"] == "009000017"
    assert [step for step in steps_of(KIND.PROCESSOR) if not is_done(applicant.application, step)] == [
        Step.ORGANIZATION,
        Step.CHECK,
    ]


def test_a_username_is_nobody_elses(exchange: Exchange, employer: Partner) -> None:
    applicant = Applicant(exchange, KIND.EMPLOYER)
    applicant.go_to(Step.ORGANIZATION)
    (problem,) = applicant.hand_in(Step.USERNAME, username=employer.account.username.upper()).problems
    assert "taken" in problem.message
    Applicant(exchange, KIND.INSURER, "robin.other").submit()
    (problem,) = applicant.hand_in(Step.USERNAME, username="robin.other").problems
    assert "taken" in problem.message


def test_nothing_is_submitted_unfinished_or_twice_or_changed_afterwards(exchange: Exchange) -> None:
    applicant = Applicant(exchange, KIND.EMPLOYER)
    applicant.go_to(Step.USERNAME)
    with pytest.raises(RegistrationUnfinishedError):
        applicant.hand_in(Step.CHECK)
    assert applicant.hand_in(Step.AGREEMENT, accept="").problems
    applicant.hand_in(Step.AGREEMENT)
    applicant.hand_in(Step.CHECK)
    for step in (Step.CHECK, Step.YOU, Step.AGREEMENT):
        with pytest.raises(RegistrationSettledError):
            applicant.hand_in(step)


def test_a_clearance_withdrawn_meanwhile_stops_the_submission(exchange: Exchange, ocss: Partner) -> None:
    clear(exchange, ocss.actor, KIND.TRIBE)
    applicant = Applicant(exchange, KIND.TRIBE)
    applicant.go_to(Step.AGREEMENT)
    (standing,) = clearances.on_record(exchange, ocss.actor)
    clearances.withdraw(exchange, ocss.actor, standing.id)
    with pytest.raises(RecordNotFoundError):
        clearances.withdraw(exchange, ocss.actor, standing.id)
    with pytest.raises(ClearanceMissingError):
        applicant.hand_in(Step.CHECK)


def test_a_kind_changed_in_the_database_makes_the_registration_unreadable(exchange: Exchange) -> None:
    applicant = Applicant(exchange, KIND.EMPLOYER)
    applicant.submit()
    with transaction(exchange.engine) as session:
        session.execute(text("UPDATE registration SET kind = 'tribe'"))
    with pytest.raises(CellDamagedError):
        _ = applicant.application


def test_submitting_is_journalled_without_anything_personal(exchange: Exchange) -> None:
    Applicant(exchange, KIND.EMPLOYER).submit()
    with reading(exchange.engine) as session:
        event = session.exec(select(JournalEvent).where(JournalEvent.kind == "registration.submitted")).one()
    assert event.facts == '{"agreement":"employer-services 1.0","joining":false,"of":"employer"}'


def test_drafts_are_forgotten_in_time_and_registrations_are_not(exchange: Exchange, clock: Clock) -> None:
    Applicant(exchange, KIND.INSURER).hand_in(Step.YOU)
    proven = Applicant(exchange, KIND.INSURER, "robin.proven")
    proven.go_to(Step.EMAIL)
    Applicant(exchange, KIND.EMPLOYER, "robin.done").submit()
    assert registration.sweep(exchange) == 0
    clock.forward(days=2)
    assert registration.sweep(exchange) == 1
    assert proven.application.status == "draft"
    clock.forward(days=29)
    assert registration.sweep(exchange) == 1
    with pytest.raises(RegistrationNotFoundError):
        _ = proven.application
    with reading(exchange.engine) as session:
        assert [row.status for row in session.exec(select(Registration))] == ["submitted"]


def test_the_same_journey_on_postgresql_and_sqlite(each_exchange: Exchange) -> None:
    applicant = Applicant(each_exchange, KIND.TRANSMITTER)
    assert applicant.submit().status == "submitted"
    assert registration.sweep(each_exchange) == 0
    assert PERSON["first_name"] == applicant.application.answers["first_name"]
    assert next_step(applicant.application) is Step.CHECK
