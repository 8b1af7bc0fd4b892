"""Two people for what one alone must not do, and what staff find in their console."""

from uuid import uuid4

import pytest
from sqlmodel import select

from exchange import errors
from exchange.accounts import console, first, organizations, oversight, resets
from exchange.accounts.sessions import open_session, visit
from exchange.accounts.tokens import actor_of_token
from exchange.database import reading, transaction
from exchange.models.accounts import Account, Organization
from exchange.models.jobs import Letter
from exchange.models.journal import JournalEvent
from exchange.models.oversight import DualControl, Policy
from exchange.runtime import Exchange
from roles.oversight import TwoPersonAct
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.partners import PASSWORD, Partner, make_colleague, make_partner

APPOINT, RESET = TwoPersonAct.APPOINT_ADMINISTRATOR, TwoPersonAct.RESET_SECOND_FACTOR
UNMASKING = TwoPersonAct.CHANGE_UNMASKING


@pytest.fixture
def ada(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.OCSS_ADMINISTRATOR, administrator=True)


@pytest.fixture
def otto(ada: Partner) -> Partner:
    return make_colleague(ada, "otto-2", administrator=True)


@pytest.fixture
def olive(ada: Partner) -> Partner:
    return make_colleague(ada, "olive-3", Role.OCSS_STAFF)


def kinds(exchange: Exchange) -> list[str]:
    with reading(exchange.engine) as session:
        return list(session.exec(select(JournalEvent.kind).order_by(JournalEvent.position)))  # type: ignore[arg-type]  # a column to SQL


def test_an_administrator_is_appointed_by_two(
    exchange: Exchange, ada: Partner, otto: Partner, olive: Partner
) -> None:
    token = open_session(exchange, olive.actor, "test")
    asked = oversight.ask(exchange, ada.actor, APPOINT, olive.account.id, "More work than two can do")
    assert olive.actor.role is Role.OCSS_STAFF
    with pytest.raises(errors.SecondPersonError):
        oversight.approve(exchange, ada.actor, asked)
    with pytest.raises(errors.NotPermittedError):
        oversight.approve(exchange, olive.actor, asked)
    oversight.approve(exchange, otto.actor, asked)
    assert (olive.actor.role, olive.actor.administrator) == (Role.OCSS_ADMINISTRATOR, True)
    with pytest.raises(errors.NotSignedInError):
        visit(exchange, token, "127.0.0.1")
    with pytest.raises(errors.NotNowError):
        oversight.approve(exchange, otto.actor, asked)
    assert [one for one in kinds(exchange) if "decision" in one] == ["decision.asked", "decision.approved"]


def test_a_request_lapses_and_can_be_refused(
    exchange: Exchange, ada: Partner, otto: Partner, olive: Partner, clock: Clock
) -> None:
    first = oversight.ask(exchange, ada.actor, APPOINT, olive.account.id, "Soon")
    oversight.refuse(exchange, otto.actor, first)
    second = oversight.ask(exchange, ada.actor, APPOINT, olive.account.id, "Again")
    clock.forward(hours=73)
    for decision in (first, second):
        with pytest.raises(errors.NotNowError):
            oversight.approve(exchange, otto.actor, decision)
    states = {one.state for one in oversight.requests(exchange, ada.actor)}
    assert states == {"refused", "lapsed"}


def test_a_request_changed_by_hand_is_refused(
    exchange: Exchange, ada: Partner, otto: Partner, olive: Partner
) -> None:
    asked = oversight.ask(exchange, ada.actor, RESET, olive.account.id, "Lost telephone")
    with transaction(exchange.engine) as session:
        session.get_one(DualControl, asked).asked_by = olive.account.id
    with pytest.raises(errors.IdentityDamagedError):
        oversight.approve(exchange, ada.actor, asked)


def test_two_of_an_organization_reset_a_second_factor_and_nobody_elses(
    exchange: Exchange, ada: Partner, otto: Partner, other_employer: Partner, clock: Clock
) -> None:
    one = make_partner(exchange, Role.EMPLOYER, 1, administrator=True)
    two = make_colleague(one, "boss-2", administrator=True)
    worker = make_colleague(one, "worker-3")
    token = worker.token()
    for actor in (one.actor, two.actor):
        for foreign in (other_employer.account.id, uuid4()):
            with pytest.raises(errors.RecordNotFoundError):
                oversight.ask(exchange, actor, RESET, foreign, "Lost")
    asked = oversight.ask(exchange, one.actor, RESET, worker.account.id, "Lost telephone")
    with pytest.raises(errors.RecordNotFoundError):
        oversight.approve(exchange, otto.actor, asked)
    oversight.approve(exchange, two.actor, asked)
    clock.forward(hours=24)
    assert resets.settle(exchange) == 1
    with reading(exchange.engine) as session:
        row = session.get_one(Account, worker.account.id)
        told = list(session.exec(select(Letter.event).order_by(Letter.created_at)))  # type: ignore[arg-type]  # a column to SQL
    assert (row.status, row.totp_sealed, row.password_hash) == ("invited", None, None)
    assert sorted(told) == ["activation", "reset-agreed", "reset-asked", "reset-done"]
    with pytest.raises(errors.NotSignedInError):
        actor_of_token(exchange, token, "127.0.0.1")


def test_nobody_takes_part_in_what_concerns_themselves(
    exchange: Exchange, ada: Partner, otto: Partner, olive: Partner
) -> None:
    with pytest.raises(errors.SecondPersonError):
        oversight.ask(exchange, ada.actor, RESET, ada.account.id, "Mine")
    asked = oversight.ask(exchange, ada.actor, RESET, otto.account.id, "His")
    with pytest.raises(errors.SecondPersonError):
        oversight.approve(exchange, otto.actor, asked)
    with pytest.raises(errors.NotPermittedError):
        oversight.ask(exchange, olive.actor, RESET, ada.account.id, "Hers")


@pytest.mark.parametrize(("reason", "choice", "field"), [("", "staff", "reason"), ("Why", "x", "choice")])
def test_reason_and_choice_are_asked_for(
    exchange: Exchange, ada: Partner, reason: str, choice: str, field: str
) -> None:
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        oversight.ask(exchange, ada.actor, UNMASKING, None, reason, choice)
    assert set(refusal.value.problems) == {field}


def test_only_two_change_who_sees_numbers_in_full(
    exchange: Exchange, ada: Partner, otto: Partner, olive: Partner, employer: Partner
) -> None:
    theirs = employer.organization.id
    assert console.unmask(exchange, ada.actor, theirs, "A call of the employer") == employer.fein
    with pytest.raises(errors.NotPermittedError):
        console.unmask(exchange, olive.actor, theirs, "A call")
    asked = oversight.ask(exchange, ada.actor, UNMASKING, None, "Staff answer the calls", "staff")
    oversight.approve(exchange, otto.actor, asked)
    assert console.unmask(exchange, olive.actor, theirs, "A call") == employer.fein
    with transaction(exchange.engine) as session:
        session.exec(select(Policy)).one().value = "nobody"
    with pytest.raises(errors.IdentityDamagedError):
        console.unmask(exchange, olive.actor, theirs, "A call")


def test_staff_find_organizations_by_name_and_number_and_accounts_by_name(
    exchange: Exchange, ada: Partner, olive: Partner, employer: Partner, other_employer: Partner
) -> None:
    organizations.add_subsidiary(
        exchange, make_colleague(employer, "boss-1", administrator=True).actor, "Chairs", "001888777"
    )
    by_name = console.organizations(exchange, olive.actor, "EMPLOYER")
    assert {one.id for one in by_name} == {employer.organization.id, other_employer.organization.id}
    for number in (employer.fein, "00-1888777"):
        (found,) = console.organizations(exchange, olive.actor, number)
        assert found.id == employer.organization.id
    assert console.organizations(exchange, olive.actor, "%") == []
    assert [one.person.username for one in console.accounts(exchange, ada.actor, "OLIVE")] == ["olive-3"]
    with pytest.raises(errors.NotPermittedError):
        console.accounts(exchange, olive.actor)
    with pytest.raises(errors.NotPermittedError):
        console.organizations(exchange, employer.actor)
    looked = console.organization(exchange, olive.actor, employer.organization.id)
    assert {one.username for one in looked.people} == {"boss-1", employer.account.username}
    (pending,) = [one for one in looked.profile.numbers if not one.verified]
    assert console.verify_subsidiary(exchange, olive.actor, pending.id) == employer.organization.id


def test_a_suspended_organization_is_out_at_once(exchange: Exchange, ada: Partner, employer: Partner) -> None:
    token, theirs = employer.token(), employer.organization.id
    console.suspend(exchange, ada.actor, theirs)
    with pytest.raises(errors.NotSignedInError):
        actor_of_token(exchange, token, "127.0.0.1")
    with pytest.raises(errors.NotNowError):
        console.suspend(exchange, ada.actor, theirs)
    console.reactivate(exchange, ada.actor, theirs)
    assert actor_of_token(exchange, token, "127.0.0.1")
    with pytest.raises(errors.NotNowError):
        console.suspend(exchange, ada.actor, ada.organization.id)
    with reading(exchange.engine) as session:
        assert session.get_one(Organization, theirs).status == "active"


def test_a_name_that_nobody_has_or_an_act_that_is_none_is_told(exchange: Exchange, ada: Partner) -> None:
    for act, name, field in (("nonsense", "x", "act"), (RESET.value, "nobody", "username")):
        with pytest.raises(errors.FieldsRefusedError) as refusal:
            oversight.ask_about(exchange, ada.actor, act, name, ("Why", ""))
        assert set(refusal.value.problems) == {field}


def test_the_first_administrator_is_made_once(exchange: Exchange) -> None:
    made, secret = first.create(exchange, first.First("ada", "Ada First", "ada@example.org", PASSWORD))
    assert (made.role, made.administrator, len(secret)) == ("ocss_administrator", True, 32)
    with pytest.raises(errors.NotNowError, match="administrator"):
        first.create(exchange, first.First("eve", "Eve Second", "eve@example.org", PASSWORD))


def test_only_people_of_ocss_become_its_administrators_and_a_policy_concerns_nobody(
    exchange: Exchange, ada: Partner, employer: Partner
) -> None:
    with pytest.raises(errors.NotNowError, match="only active people of OCSS"):
        oversight.ask(exchange, ada.actor, APPOINT, employer.account.id, "A friend")
    oversight.ask_about(exchange, ada.actor, UNMASKING.value, "", ("Staff answer the calls", "staff"))
    (asked,) = oversight.requests(exchange, ada.actor)
    assert (asked.act, asked.subject, asked.choice) == (UNMASKING, "", "staff")
