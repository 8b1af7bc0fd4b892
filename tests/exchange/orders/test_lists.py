"""Who sees which orders, in which order and with which flag; and what opening one shows and notes."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlmodel import select

from exchange.accounts import acting, representations
from exchange.accounts.enrolment import represent
from exchange.database import reading, transaction
from exchange.errors import (
    CellDamagedError,
    NotPermittedError,
    RecordNotFoundError,
    RepresentationEndedError,
    RequestInvalidError,
)
from exchange.models.accounts import Representation
from exchange.models.journal import JournalEvent
from exchange.models.orders import OrderStatus, WithholdingOrder
from exchange.orders import lists
from exchange.orders.lists import OrderQuery
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Role
from tests.support.orders import ORIGIN, stored_answer, stored_order
from tests.support.partners import Partner, make_partner


def listed(exchange: Exchange, of: Partner, **query: object) -> list[str]:
    """The tracking numbers of a list, page by page."""
    numbers, cursor = [], None
    while True:
        page = lists.orders(exchange, of.actor, OrderQuery(cursor=cursor, limit=2, **query))
        numbers += [line.tracking_number for line in page.items]
        cursor = page.next
        if cursor is None:
            return numbers


def test_a_state_and_an_employer_see_their_own_orders_newest_first_page_by_page(
    each_exchange: Exchange,
) -> None:
    state = make_partner(each_exchange, Role.STATE, jurisdiction="KS")
    firm = make_partner(each_exchange, Role.EMPLOYER)
    other_state = make_partner(each_exchange, Role.STATE, 2, jurisdiction="NE")
    other_firm = make_partner(each_exchange, Role.EMPLOYER, 2)
    for days in (3, 1, 5, 2, 4):
        stored_order(each_exchange, state, firm, days=days, document_tracking_number=f"T{days}")
    stored_order(each_exchange, state, other_firm, days=6, document_tracking_number="T6")
    stored_order(each_exchange, state, None, days=7, document_tracking_number="T7")
    stored_order(each_exchange, other_state, firm, days=0, document_tracking_number="T0")
    assert listed(each_exchange, state) == ["T1", "T2", "T3", "T4", "T5", "T6", "T7"]
    assert listed(each_exchange, firm) == ["T0", "T1", "T2", "T3", "T4", "T5"]
    assert (listed(each_exchange, other_state), listed(each_exchange, other_firm)) == (["T0"], ["T6"])
    assert listed(each_exchange, state, status="error") == ["T7"]
    assert listed(each_exchange, firm, employer_id=other_firm.organization.id) == []


def test_a_processor_sees_the_orders_of_its_clients_while_it_acts_for_them(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    agent = make_partner(exchange, Role.EMPLOYER, 3, kind=OrganizationKind.PROCESSOR)
    other = make_partner(exchange, Role.EMPLOYER, 4)
    order = stored_order(exchange, state, firm)
    assert listed(exchange, agent) == []
    with pytest.raises(RecordNotFoundError):
        lists.order(exchange, agent.actor, order.id)
    for client in (firm, other):
        represent(exchange, agent.organization.id, client.organization.id)
    stored_order(exchange, state, other, days=1, document_tracking_number="TRACK2")
    assert listed(exchange, agent) == ["TRACK1", "TRACK2"]
    assert listed(exchange, agent, employer_id=other.organization.id) == ["TRACK2"]
    assert {name for _, name in lists.clients(exchange, agent.actor)} == {
        each.organization.name for each in (agent, firm, other)
    }
    assert lists.order(exchange, agent.actor, order.id).line.employer == firm.organization.name


def test_whoever_acts_for_one_client_sees_the_orders_of_that_one_only(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    agent = make_partner(exchange, Role.EMPLOYER, 3, kind=OrganizationKind.PROCESSOR)
    other = make_partner(exchange, Role.EMPLOYER, 4)
    for number, client in enumerate((firm, other), 1):
        pair = represent(exchange, agent.organization.id, client.organization.id)
        stored_order(exchange, state, client, days=number, document_tracking_number=f"TRACK{number}")
    acts = replace(agent.actor, client=acting.chosen(exchange, agent.actor, other.organization.id))
    assert [line.tracking_number for line in lists.orders(exchange, acts, OrderQuery()).items] == ["TRACK2"]
    assert (lists.counts(exchange, acts).waiting, lists.clients(exchange, acts)) == (1, [])
    with transaction(exchange.engine) as session:
        row = session.get_one(Representation, pair.id)
        representations.end(session, exchange, row, other.actor)
    with pytest.raises(RepresentationEndedError):
        lists.orders(exchange, acts, OrderQuery())


def test_who_waits_too_long_is_flagged_and_found_by_the_flag(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    for days in (9.9, 10, 19.9, 20, 400):
        stored_order(exchange, state, firm, days=days, document_tracking_number=f"{days}")
    done = stored_order(exchange, state, firm, days=500, document_tracking_number="ANSWERED")
    stored_answer(exchange, done, firm, disposition_status="R", disposition_reason="U")
    lines = lists.orders(exchange, state.actor, OrderQuery()).items
    assert [line.flag for line in lines] == [None, "yellow", "yellow", "red", "red", None]
    assert listed(exchange, firm, flag="yellow") == ["10", "19.9"]
    assert listed(exchange, firm, flag="red") == ["20", "400"]
    assert listed(exchange, firm, status="rejected") == ["ANSWERED"]
    assert (lines[-1].disposition, lines[-1].reason) == ("R", "U")


def test_an_order_opened_shows_all_of_it_and_counts_as_received_when_its_employer_does(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    order = stored_order(exchange, state, firm)
    assert lists.order(exchange, state.actor, order.id).line.status is OrderStatus.SUBMITTED
    seen = lists.order(exchange, firm.actor, order.id)
    assert (seen.line.status, seen.origin, seen.answer) == (OrderStatus.RECEIPTED, ORIGIN, None)
    assert seen.line.receipted_at is not None
    assert (seen.values["employee_ssn"], seen.values["total_amount"]) == ("900010001", 50_000)
    stored_answer(exchange, order, firm)
    answered = lists.order(exchange, state.actor, order.id)
    assert answered.line.status is OrderStatus.ACCEPTED
    assert answered.answer is not None
    assert answered.answer["disposition_status"] == "A"
    with reading(exchange.engine) as session:
        events = session.exec(select(JournalEvent).where(JournalEvent.kind == "order.opened")).all()
    assert [(each.subject_id, each.organization_id) for each in events] == [
        (order.id, partner.organization.id) for partner in (state, firm, state)
    ]


def test_whoever_has_nothing_to_do_with_orders_sees_none(
    exchange: Exchange, ocss: Partner, employer: Partner
) -> None:
    order = stored_order(exchange, make_partner(exchange, Role.STATE, jurisdiction="KS"), employer)
    for refused in (ocss, make_partner(exchange, Role.INSURER)):
        with pytest.raises(NotPermittedError):
            lists.orders(exchange, refused.actor, OrderQuery())
        with pytest.raises(NotPermittedError):
            lists.order(exchange, refused.actor, order.id)
    with pytest.raises(RecordNotFoundError):
        lists.order(exchange, employer.actor, uuid4())


@pytest.mark.parametrize("query", [{"status": "lost"}, {"flag": "green"}, {"cursor": "x"}])
def test_what_can_never_be_found_is_refused(exchange: Exchange, employer: Partner, query: object) -> None:
    with pytest.raises(RequestInvalidError):
        lists.orders(exchange, employer.actor, OrderQuery(**query))  # type: ignore[arg-type]  # of any kind


def test_a_record_in_the_place_of_another_does_not_open(exchange: Exchange, employer: Partner) -> None:
    state = make_partner(exchange, Role.STATE, jurisdiction="KS")
    first, second = (stored_order(exchange, state, employer) for _ in range(2))
    with transaction(exchange.engine) as session:
        session.get_one(WithholdingOrder, first.id).sealed = second.sealed
    with pytest.raises(CellDamagedError):
        lists.order(exchange, employer.actor, first.id)
