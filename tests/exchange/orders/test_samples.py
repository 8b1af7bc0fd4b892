"""Samples of orders and acknowledgements for an installation: its accounts can hand them over."""

import io

import pytest

from exchange.errors import RequestInvalidError
from exchange.models.transfers import Status
from exchange.orders import lists
from exchange.orders.lists import OrderQuery
from exchange.registry.overlap import overlap
from exchange.runtime import Exchange
from roles.permissions import Role
from schemas.catalog import LAYOUTS
from schemas.record import Form
from schemas.sample import SampleOrder, sample
from tests.support.order_files import PROGRAM, hand_in
from tests.support.partners import Partner, make_partner
from tests.support.record_files import Answered


def handed_in(partner: Partner, layout: str, records: int, errors: float = 0.0, **more: Form) -> Answered:
    out = io.BytesIO()
    people = overlap(partner.exchange, partner.account.username, 3)
    truth = sample(LAYOUTS[layout], SampleOrder(records, 3, errors, population=people, **more), out)
    back = hand_in(partner, out.getvalue(), f"{layout}.{more.get('form', 'txt')}")
    assert {(one["line"], one["field"], one["code"]) for one in truth["errors"]} == set(back.codes)
    return back


def statuses(partner: Partner) -> list[str]:
    found = lists.orders(partner.exchange, partner.actor, OrderQuery(limit=500)).items
    return sorted(one.status.value for one in found)


def test_orders_reach_who_takes_part_and_are_acknowledged_as_file_and_as_table(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    make_partner(exchange, Role.EMPLOYER, 2)
    assert handed_in(state, PROGRAM, 40, errors=10).status is Status.COMPLETE
    mine = len(statuses(firm))
    assert 10 < mine < 36
    assert handed_in(state, PROGRAM, 40).codes == [], "a second sample has control numbers of its own"
    assert handed_in(firm, f"{PROGRAM}-ack", mine).status is Status.COMPLETE
    assert handed_in(firm, f"{PROGRAM}-ack", 4, form=Form.CSV).codes == []
    assert [statuses(firm).count(one) for one in ("accepted", "rejected")] == [
        (mine + 4) - -(-mine // 5) - 1,
        -(-mine // 5) + 1,
    ]
    with pytest.raises(RequestInvalidError, match="orders wait"):
        handed_in(firm, f"{PROGRAM}-ack", 1_000)
