"""Deciding registrations: by staff or by an organization's own administrators, once, told and journalled."""

from uuid import uuid4

import pytest
from sqlmodel import select

from exchange.accounts import activation, clearances, registration, verification
from exchange.accounts.registration_steps import Step
from exchange.accounts.sign_in import Attempt
from exchange.database import reading, transaction
from exchange.errors import (
    ClearanceMissingError,
    NotPermittedError,
    RecordNotFoundError,
    RegistrationSettledError,
    RequestInvalidError,
    UsernameTakenError,
)
from exchange.models.accounts import Account, Organization
from exchange.models.journal import JournalEvent
from exchange.models.organizations import Address, Mandate
from exchange.models.registration import OrganizationFact, Registration
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind
from roles.permissions import Role
from roles.policy import Actor, Channel
from tests.support.partners import Partner, make_partner
from tests.support.registering import Applicant, clear, code_in, mails

KIND = OrganizationKind
REGISTERING = [kind for kind, about in KINDS.items() if about.registers]


def submitted(
    exchange: Exchange, kind: OrganizationKind = KIND.EMPLOYER, username: str = "robin.sample"
) -> Applicant:
    applicant = Applicant(exchange, kind, username)
    applicant.submit()
    return applicant


def accounts(exchange: Exchange) -> dict[str, Account]:
    with reading(exchange.engine) as session:
        return {account.username: account for account in session.exec(select(Account))}


def events(exchange: Exchange, prefix: str) -> list[str]:
    with reading(exchange.engine) as session:
        found = session.exec(select(JournalEvent).order_by(JournalEvent.position))  # type: ignore[arg-type]  # a column to SQL
        return [event.kind for event in found if event.kind.startswith(prefix)]


@pytest.mark.parametrize("kind", REGISTERING)
def test_staff_let_every_kind_in_with_its_first_administrator(
    exchange: Exchange, ocss: Partner, kind: OrganizationKind
) -> None:
    if KINDS[kind].prerequisite:
        clear(exchange, ocss.actor, kind)
    applicant = submitted(exchange, kind)
    (waiting,) = verification.waiting(exchange, ocss.actor)
    verification.verify(exchange, ocss.actor, waiting.id)
    account = accounts(exchange)["robin.sample"]
    assert (account.status, account.administrator, account.role) == ("invited", True, KINDS[kind].role)
    with reading(exchange.engine) as session:
        organization = session.get_one(Organization, account.organization_id)
        facts = {fact.name for fact in session.exec(select(OrganizationFact))}
        office = session.exec(select(Address)).one()
        asked = session.exec(select(Mandate)).all()
    assert organization.kind == kind.value
    assert facts == set(KINDS[kind].facts) - {"fein", "clients"}
    assert (office.organization_id, office.city, office.zip) == (organization.id, "Topeka", "66612")
    assert [one.asked_by for one in asked] == [account.id] * ("clients" in KINDS[kind].facts)
    assert (organization.match_method == 2) == ("match_method" in KINDS[kind].facts)
    assert applicant.application.status == "verified"
    code = code_in(mails(exchange)[-1])
    assert (
        activation.check(exchange, "robin.sample", code, Attempt(Channel.WEB, "192.0.2.9")).id == account.id
    )


def test_what_only_the_check_needed_is_forgotten_once_decided(exchange: Exchange, ocss: Partner) -> None:
    applicant = submitted(exchange)
    assert "ssn" in applicant.application.answers
    verification.verify(exchange, ocss.actor, applicant.application.id)
    assert not {"ssn", "birth_date"} & set(applicant.application.answers)
    with reading(exchange.engine) as session:
        assert session.exec(select(Registration)).one().person_hash is not None


def test_two_cannot_decide_the_same_one(exchange: Exchange, ocss: Partner) -> None:
    other = make_partner(exchange, Role.OCSS_STAFF, 2).actor
    registration_id = submitted(exchange).application.id
    verification.verify(exchange, ocss.actor, registration_id)
    for act in (
        lambda: verification.verify(exchange, other, registration_id),
        lambda: verification.deny(exchange, other, registration_id, "no"),
        lambda: verification.ask_back(exchange, other, registration_id, "what?"),
    ):
        with pytest.raises(RegistrationSettledError):
            act()
    assert events(exchange, "registration.") == ["registration.submitted", "registration.verified"]


def test_asked_back_the_applicant_corrects_and_submits_again(exchange: Exchange, ocss: Partner) -> None:
    applicant = submitted(exchange)
    verification.ask_back(exchange, ocss.actor, applicant.application.id, "Is the FEIN right?")
    letter = mails(exchange)[-1]
    assert letter.startswith("Your registration needs something")
    assert "FEIN" not in letter
    assert (applicant.application.status, applicant.application.note) == ("returned", "Is the FEIN right?")
    assert verification.waiting(exchange, ocss.actor) == []
    assert [one.id for one in verification.waiting(exchange, ocss.actor, "returned")] == [
        applicant.application.id
    ]
    assert applicant.hand_in(Step.ORGANIZATION, fein="009000018").problems == ()
    applicant.hand_in(Step.CHECK)
    (again,) = verification.waiting(exchange, ocss.actor)
    assert again.answers["fein"] == "009000018"


def test_a_denial_tells_its_reason_on_the_page_and_not_by_mail(exchange: Exchange, ocss: Partner) -> None:
    applicant = submitted(exchange)
    verification.deny(exchange, ocss.actor, applicant.application.id, "Records name another employer.")
    assert "another employer" not in mails(exchange)[-1]
    assert applicant.application.note == "Records name another employer."
    assert "robin.sample" not in accounts(exchange)
    with pytest.raises(RegistrationSettledError):
        applicant.hand_in(Step.CHECK)


def test_only_staff_see_and_decide(exchange: Exchange, employer: Partner) -> None:
    registration_id = submitted(exchange).application.id
    for act in (
        lambda: verification.waiting(exchange, employer.actor),
        lambda: verification.look(exchange, employer.actor, registration_id),
        lambda: verification.verify(exchange, employer.actor, registration_id),
        lambda: verification.ask_back(exchange, employer.actor, registration_id, "?"),
        lambda: verification.deny(exchange, employer.actor, registration_id, "no"),
        lambda: clearances.on_record(exchange, employer.actor),
        lambda: verification.joins_waiting(exchange, employer.actor),
    ):
        with pytest.raises(NotPermittedError):
            act()


def test_a_draft_is_nobodys_to_look_at_and_looking_is_journalled(exchange: Exchange, ocss: Partner) -> None:
    applicant = Applicant(exchange, KIND.EMPLOYER)
    applicant.go_to(Step.AGREEMENT)
    for unknown in (applicant.application.id, uuid4()):
        with pytest.raises(RecordNotFoundError):
            verification.look(exchange, ocss.actor, unknown)
    applicant.hand_in(Step.CHECK)
    assert verification.look(exchange, ocss.actor, applicant.application.id).cautions == ()
    assert events(exchange, "registration.viewed") == ["registration.viewed"]


def test_staff_are_told_of_the_same_organization_and_person_elsewhere(
    exchange: Exchange, ocss: Partner
) -> None:
    first = submitted(exchange)
    second = submitted(exchange, username="robin.second")
    cautions = verification.look(exchange, ocss.actor, second.application.id).cautions
    assert len(cautions) == 2
    assert all(first.application.reference in caution for caution in cautions)


def test_the_second_of_two_for_one_organization_goes_to_its_new_administrator(
    exchange: Exchange, ocss: Partner
) -> None:
    first, second = submitted(exchange), submitted(exchange, username="robin.second")
    verification.verify(exchange, ocss.actor, first.application.id)
    assert verification.verify(exchange, ocss.actor, second.application.id).status == "submitted"
    assert "robin.second" not in accounts(exchange)
    assert second.application.joining
    assert any("join" in letter for letter in mails(exchange, "robin.sample@"))


def activated(exchange: Exchange, username: str) -> Actor:
    """The account of an invited person, as it is once activated."""
    from exchange.accounts.identity import actor_of, mark  # noqa: PLC0415

    with transaction(exchange.engine) as session:
        account = session.exec(select(Account).where(Account.username == username)).one()
        account.status = "active"
        account.authenticator = mark(exchange, account)
    return actor_of(exchange, account.id, Channel.WEB, "192.0.2.9")


@pytest.fixture
def administrator(exchange: Exchange, ocss: Partner) -> Actor:
    """Who looks after the organization that later applicants ask to join."""
    first = submitted(exchange, username="robin.first")
    verification.verify(exchange, ocss.actor, first.application.id)
    return activated(exchange, "robin.first")


def test_joining_an_organization_is_its_own_administrators_to_decide(
    exchange: Exchange, ocss: Partner, administrator: Actor
) -> None:
    joiner = submitted(exchange)
    assert joiner.application.joining
    assert verification.waiting(exchange, ocss.actor) == []
    with pytest.raises(RecordNotFoundError):
        verification.verify(exchange, ocss.actor, joiner.application.id)
    assert [one.id for one in verification.joins_waiting(exchange, administrator)] == [joiner.application.id]
    verification.approve_join(exchange, administrator, joiner.application.id)
    account = accounts(exchange)["robin.sample"]
    assert (account.organization_id, account.administrator) == (administrator.organization_id, False)
    with pytest.raises(RegistrationSettledError):
        verification.deny_join(exchange, administrator, joiner.application.id, "late")


def test_a_join_is_denied_with_a_reason(exchange: Exchange, administrator: Actor) -> None:
    joiner = submitted(exchange)
    verification.deny_join(exchange, administrator, joiner.application.id, "We do not know you.")
    assert (joiner.application.status, joiner.application.note) == ("denied", "We do not know you.")


def test_another_organizations_joins_do_not_exist(
    exchange: Exchange, ocss: Partner, administrator: Actor
) -> None:
    joiner = submitted(exchange)
    insurer = submitted(exchange, KIND.INSURER, "ina.other")
    with pytest.raises(RequestInvalidError, match="FEIN"):
        verification.verify(exchange, ocss.actor, insurer.application.id)
    bank = Applicant(exchange, KIND.FINANCIAL_INSTITUTION, "bea.bank")
    bank.go_to(Step.EMAIL)
    bank.hand_in(Step.ORGANIZATION, fein="00-9000099")
    for step in (Step.USERNAME, Step.AGREEMENT, Step.CHECK):
        bank.hand_in(step)
    verification.verify(exchange, ocss.actor, bank.application.id)
    stranger = activated(exchange, "bea.bank")
    assert verification.joins_waiting(exchange, stranger) == []
    for act in (verification.approve_join, lambda *of: verification.deny_join(*of, "no")):
        with pytest.raises(RecordNotFoundError):
            act(exchange, stranger, joiner.application.id)


def test_an_organization_without_an_administrator_gets_one_from_staff(
    exchange: Exchange, ocss: Partner, employer: Partner
) -> None:
    joiner = Applicant(exchange, KIND.EMPLOYER)
    joiner.go_to(Step.EMAIL)
    joiner.hand_in(Step.ORGANIZATION, fein=employer.fein)
    for step in (Step.USERNAME, Step.AGREEMENT, Step.CHECK):
        joiner.hand_in(step)
    (waiting,) = verification.waiting(exchange, ocss.actor)
    assert "no administrator" in verification.look(exchange, ocss.actor, waiting.id).cautions[-1]
    verification.verify(exchange, ocss.actor, waiting.id)
    account = accounts(exchange)["robin.sample"]
    assert (account.organization_id, account.administrator) == (employer.organization.id, True)


def test_a_tribe_registers_once_and_then_is_joined(exchange: Exchange, ocss: Partner) -> None:
    clear(exchange, ocss.actor, KIND.TRIBE)
    first = submitted(exchange, KIND.TRIBE)
    verification.verify(exchange, ocss.actor, first.application.id)
    assert submitted(exchange, KIND.TRIBE, "tala.second").application.joining


def test_a_clearance_withdrawn_or_a_username_taken_meanwhile_stops_the_verification(
    exchange: Exchange, ocss: Partner
) -> None:
    clear(exchange, ocss.actor, KIND.TRIBE)
    tribe = submitted(exchange, KIND.TRIBE, "tribe.first").application
    clearances.withdraw(exchange, ocss.actor, clearances.on_record(exchange, ocss.actor)[0].id)
    with pytest.raises(ClearanceMissingError):
        verification.verify(exchange, ocss.actor, tribe.id)
    clash = submitted(exchange, username="employer-1").application
    make_partner(exchange, Role.EMPLOYER)
    with pytest.raises(UsernameTakenError):
        verification.verify(exchange, ocss.actor, clash.id)
    assert registration.DUE_DAYS == 7


def test_a_clearance_is_recorded_once_and_checked(exchange: Exchange, ocss: Partner) -> None:
    said = {"locator_code": "90830", "organization_name": "Sample Nation", "evidence": "file 1"}
    assert clearances.record(exchange, ocss.actor, KIND.TRIBE, said) == ()
    (again,) = clearances.record(exchange, ocss.actor, KIND.TRIBE, said)
    (wrong,) = clearances.record(exchange, ocss.actor, KIND.TRIBE, said | {"locator_code": "20000"})
    assert (again.field, wrong.field) == ("locator_code", "locator_code")
    (standing,) = clearances.on_record(exchange, ocss.actor)
    assert (standing.key, standing.name, standing.withdrawn_at) == ("90830", "Sample Nation", None)
    assert events(exchange, "clearance.") == ["clearance.recorded"]


def test_the_queue_says_how_many_wait_and_how_many_too_long(exchange: Exchange, ocss: Partner) -> None:
    applicant = submitted(exchange)
    due = applicant.application.due_at
    assert due is not None
    assert verification.how_many_wait(exchange, ocss.actor, exchange.clock()) == (1, 0)
    assert verification.how_many_wait(exchange, ocss.actor, due.replace(year=due.year + 1)) == (1, 1)


def test_a_client_that_is_here_is_told_that_somebody_asks_to_act_for_it(
    exchange: Exchange, ocss: Partner
) -> None:
    client = make_partner(exchange, Role.EMPLOYER, administrator=True)
    applicant = Applicant(exchange, KIND.PROCESSOR)
    applicant.go_to(Step.EMAIL)
    applicant.hand_in(Step.ORGANIZATION, clients=f"{client.fein}\n00-9000055")
    for step in (Step.USERNAME, Step.AGREEMENT, Step.CHECK):
        applicant.hand_in(step)
    verification.verify(exchange, ocss.actor, applicant.application.id)
    with reading(exchange.engine) as session:
        asked = session.exec(select(Mandate)).all()
    cells = exchange.vault.cells
    assert {cells.open(f"mandate:{one.id}", one.fein_sealed) for one in asked} == {client.fein, "009000055"}
    (told,) = mails(exchange, str(client.account.email))
    assert told.startswith("Somebody asks to act for your organization")
