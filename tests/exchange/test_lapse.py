"""Idle and unconfirmed accounts end by themselves, after a warning, and quarterly users do not."""

import pytest
from sqlmodel import select

from exchange.accounts import lapse, own
from exchange.accounts.enrolment import NewAccount, create_account
from exchange.accounts.tokens import actor_of_token
from exchange.database import reading, transaction
from exchange.errors import NotSignedInError
from exchange.models.accounts import Account
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.letters import mailed
from tests.support.partners import PASSWORD, Partner, make_partner
from tests.support.signing_in import enter


def status(exchange: Exchange, partner: Partner) -> str:
    with reading(exchange.engine) as session:
        return session.get_one(Account, partner.account.id).status


def subjects(exchange: Exchange) -> list[str]:
    lines = [line for letter in mailed(exchange) for line in letter.splitlines()]
    return [line.removeprefix("Subject: ") for line in lines if line.startswith("Subject: ")]


@pytest.mark.parametrize("role", [Role.EMPLOYER, Role.FINANCIAL_INSTITUTION, Role.ACCESS_VISITATION])
def test_an_idle_account_is_warned_and_then_closed_at_every_door(
    each_exchange: Exchange, clock: Clock, role: Role
) -> None:
    partner = make_partner(each_exchange, role)
    days = KINDS[OrganizationKind(partner.organization.kind)].idle_days
    bearer = partner.token()
    clock.forward(days=days - 16)
    assert (lapse.sweep(each_exchange), subjects(each_exchange)) == (0, [])
    clock.forward(days=2)
    for _ in range(2):
        assert lapse.sweep(each_exchange) == 0
    assert subjects(each_exchange).count("Your account will lapse") == 1
    clock.forward(days=14)
    assert lapse.sweep(each_exchange) == 1
    assert status(each_exchange, partner) == "inactive"
    with pytest.raises(NotSignedInError):
        actor_of_token(each_exchange, bearer, "127.0.0.1")
    with reading(each_exchange.engine) as session:
        told = session.exec(select(JournalEvent).where(JournalEvent.kind == "account.lapsed")).one()
    assert told.subject_id == partner.account.id
    assert lapse.sweep(each_exchange) == 0


def test_whoever_signs_in_or_calls_is_not_idle(exchange: Exchange, clock: Clock) -> None:
    person, program = make_partner(exchange, Role.EMPLOYER), make_partner(exchange, Role.EMPLOYER, 2)
    days = KINDS[OrganizationKind.EMPLOYER].idle_days
    bearer = program.token()
    clock.forward(days=days - 1)
    enter(exchange, person)
    actor_of_token(exchange, bearer, "127.0.0.1")
    own.confirm(exchange, person.actor)
    own.confirm(exchange, program.actor)
    clock.forward(days=days - 1)
    assert lapse.sweep(exchange) == 0


def test_who_comes_back_is_warned_anew_the_next_time(exchange: Exchange, clock: Clock) -> None:
    partner = make_partner(exchange, Role.EMPLOYER)
    days = KINDS[OrganizationKind.EMPLOYER].idle_days
    for _ in range(2):
        clock.forward(days=days - 10)
        lapse.sweep(exchange)
        enter(exchange, partner)
        own.confirm(exchange, partner.actor)
    assert subjects(exchange).count("Your account will lapse") == 2
    assert status(exchange, partner) == "active"


def test_an_account_nobody_confirms_is_closed_after_a_month_however_much_it_is_used(
    exchange: Exchange, employer: Partner, clock: Clock
) -> None:
    bearer = employer.token()
    for _ in range(21):
        clock.forward(days=10)
        actor_of_token(exchange, bearer, "127.0.0.1")
        if clock.offset < own.CONFIRM_AFTER + lapse.CONFIRM_GRACE:
            assert lapse.sweep(exchange) == 0
    assert lapse.sweep(exchange) == 1
    assert "Do you still need your account?" in subjects(exchange)


def test_the_last_who_looks_after_others_is_not_closed_by_time(exchange: Exchange, clock: Clock) -> None:
    keeper = make_partner(exchange, Role.OCSS_ADMINISTRATOR)
    new = NewAccount(keeper.organization.id, "second", "Second", Role.OCSS_ADMINISTRATOR, PASSWORD)
    other, _secret = create_account(exchange, new)
    clock.forward(days=400)
    assert lapse.sweep(exchange) == 1
    left = {one for one in (keeper.account.id, other.id) if _is_active(exchange, one)}
    assert len(left) == 1
    clock.forward(days=400)
    assert lapse.sweep(exchange) == 0


def _is_active(exchange: Exchange, identifier: object) -> bool:
    with transaction(exchange.engine) as session:
        return session.get_one(Account, identifier).status == "active"
