"""What became of an order, as its state and its employer are told it, and how many wait."""

import pytest
from sqlmodel import select

from exchange.database import transaction
from exchange.errors import RecordNotFoundError
from exchange.models.orders import OrderAnswer
from exchange.orders import lists
from exchange.orders.history import history
from exchange.orders.lists import Counts, OrderQuery
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.orders import stored_answer, stored_order
from tests.support.partners import Partner, make_partner


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE, jurisdiction="KS")


def test_each_side_is_told_what_happened_and_the_names_of_its_own_people_only(
    exchange: Exchange, state: Partner, employer: Partner
) -> None:
    order = stored_order(exchange, state, employer, days=2)
    for partner in (state, employer, employer):
        lists.order(exchange, partner.actor, order.id)
    stored_answer(exchange, order, employer)
    with transaction(exchange.engine) as session:
        session.exec(select(OrderAnswer)).one().account_id = employer.account.id
    seen, own = (history(exchange, who.actor, order.id) for who in (state, employer))
    firm = employer.organization.name
    assert [(step.what, step.who) for step in seen] == [
        ("sent", state.organization.name),
        ("opened", state.account.name),
        ("receipted", firm),
        ("answered", firm),
    ]
    assert [(step.what, step.who) for step in own] == [
        ("sent", state.organization.name),
        ("receipted", firm),
        ("opened", employer.account.name),
        ("answered", employer.account.name),
    ]
    assert [step.transfer_id is not None for step in seen] == [True, False, False, False]
    assert [step.transfer_id is not None for step in own] == [False, False, False, True]
    with pytest.raises(RecordNotFoundError):
        history(exchange, make_partner(exchange, Role.EMPLOYER, 2).actor, order.id)


def test_who_waits_is_counted_by_flag(exchange: Exchange, state: Partner, employer: Partner) -> None:
    other = make_partner(exchange, Role.EMPLOYER, 2)
    for days in (0, 9, 10, 19, 20):
        stored_order(exchange, state, employer, days=days, document_tracking_number=f"T{days}")
    stored_order(exchange, state, other, days=30)
    answered = stored_order(exchange, state, employer, days=40, document_tracking_number="DONE")
    stored_answer(exchange, answered, employer)
    assert lists.counts(exchange, employer.actor) == Counts(waiting=5, yellow=2, red=1)
    assert lists.counts(exchange, state.actor) == Counts(waiting=6, yellow=2, red=2)
    assert lists.counts(exchange, state.actor, other.organization.id) == Counts(waiting=1, yellow=0, red=1)
    waiting = lists.orders(exchange, employer.actor, OrderQuery(status=lists.UNANSWERED)).items
    assert len(waiting) == 5
