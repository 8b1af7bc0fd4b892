"""What lies on a worker's desk, who may be cleared and agreed with, and how far a person found is carried."""

from datetime import timedelta

import pytest

from exchange.errors import FieldsRefusedError, RecordNotFoundError
from exchange.locate import desk, searching, standing, viewing
from exchange.locate.standing import Clearance
from exchange.runtime import Exchange
from roles.permissions import Role
from schemas.locate.query import as_fields
from tests.conftest import Clock
from tests.support.locating import FOUND, answer, ask, make_worker, sent
from tests.support.partners import make_colleague, make_partner
from tests.support.registered import facts, register


def test_what_came_is_new_until_the_worker_looks(each_exchange: Exchange, clock: Clock) -> None:
    worker = make_worker(each_exchange)
    first, _ = (
        ask(each_exchange, worker.actor, sources=("FCR", "A01")),
        ask(each_exchange, worker.actor, "T-2"),
    )
    queries = sent(each_exchange, first)
    clock.forward(minutes=1)
    answer(each_exchange, "FCR", queries["FCR"], {"outcome": "nothing"})
    answer(each_exchange, "A01", queries["A01"], FOUND)
    found = desk.overview(each_exchange, worker.actor)
    assert found is not None
    assert (found.new, found.cases, [line.new for line in found.open]) == (1, 1, [2, 0])
    before = viewing.stamp(each_exchange, worker.actor, first)
    clock.forward(minutes=1)
    viewing.opened(each_exchange, worker.actor, first)
    assert desk.new_results(each_exchange, worker.actor) == 0
    assert viewing.stamp(each_exchange, worker.actor, first) == before
    page = desk.desk(each_exchange, worker.actor)
    assert [line.new for line in page.lines.items] == [0, 0]
    stranger = make_partner(each_exchange, Role.EMPLOYER).actor
    assert (desk.overview(each_exchange, stranger), desk.new_results(each_exchange, stranger)) == (None, 0)


def test_only_agencies_locate_and_only_their_own_administrators_clear(exchange: Exchange) -> None:
    boss, ocss = (
        make_partner(exchange, Role.TRIBE, administrator=True),
        make_partner(exchange, Role.OCSS_STAFF),
    )
    shop = make_partner(exchange, Role.EMPLOYER, administrator=True)
    today = exchange.clock().date()
    for organization in (shop.organization.id, shop.account.id):
        with pytest.raises(RecordNotFoundError):
            standing.record_agreement(exchange, ocss.actor, organization, today)
    with pytest.raises(FieldsRefusedError, match="still to come"):
        standing.record_agreement(exchange, ocss.actor, boss.organization.id, today - timedelta(days=1))
    assert standing.clearance_of(exchange, shop.actor, make_colleague(shop, "eli-2").account.id) is None
    trained = Clearance(tax=False, manager=False, trained_on=today + timedelta(days=1))
    with pytest.raises(RecordNotFoundError):
        standing.clearance_of(exchange, boss.actor, shop.account.id)
    with pytest.raises(RecordNotFoundError):
        standing.clear(exchange, boss.actor, shop.account.id, trained)
    with pytest.raises(FieldsRefusedError, match="was done"):
        standing.clear(exchange, boss.actor, make_colleague(boss, "fellow-2").account.id, trained)


def test_somebody_found_is_carried_for_two_hours_and_never_by_others(
    exchange: Exchange, clock: Clock
) -> None:
    worker, other = make_worker(exchange), make_worker(exchange, 2)
    register(exchange, facts(1, "ALDERSON", "IDA", "19870327"))
    known = as_fields({"last_name": "Alderson", "first_name": "Ida", "birth_date": "19870327"})
    (match,) = searching.search(exchange, worker.actor, "support", "T-1", known).matches
    assert searching.carried(exchange, worker.actor, match.carried).subject.ssn == facts(1, "", "").ssn
    for actor, sealed in (
        (other.actor, match.carried),
        (worker.actor, match.carried[:-8]),
        (worker.actor, "é"),
    ):
        with pytest.raises(FieldsRefusedError, match="too old"):
            searching.carried(exchange, actor, sealed)
    with pytest.raises(FieldsRefusedError, match="nine digits"):
        searching.search(exchange, worker.actor, "", "", {"ssn": "1"})
    clock.forward(hours=3)
    with pytest.raises(FieldsRefusedError, match="too old"):
        searching.carried(exchange, worker.actor, match.carried)
