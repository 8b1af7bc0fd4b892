"""The rows of a gateway: what is written, what is read, and when a gateway counts as gone."""

from dataclasses import replace

import pytest
from sqlmodel import select

from exchange import connections
from exchange.connections import Motion
from exchange.database import reading
from exchange.errors import NotPermittedError, RecordNotFoundError
from exchange.models.connections import Connected, Gateway
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.children import fork, outcome
from tests.support.gateways import connection_of, ledger_of, report
from tests.support.partners import Partner, make_colleague, make_partner


def test_rows_follow_what_is_going_on(each_exchange: Exchange) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    ledger = ledger_of(each_exchange)
    first, second = (connection_of(partner, each_exchange.clock()) for _ in range(2))
    ledger.write(report(first, second, signing_in=4))
    grown = replace(first, bytes_in=9_000_000_000, moving=(Motion("lump-sum", "in", 8_000_000_000),))
    ledger.write(report(grown, signing_in=1))
    found = connections.looked_at(each_exchange)
    assert [one.seen for one in found.connections] == [grown]
    assert found.connections[0].username == partner.account.username
    assert found.signing_in == 1
    ledger.close()
    assert connections.looked_at(each_exchange) == connections.Overview([], 0)


def test_what_has_not_changed_is_not_written(exchange: Exchange, employer: Partner) -> None:
    ledger = ledger_of(exchange)
    seen = report(connection_of(employer, exchange.clock()))
    ledger.write(seen)
    with reading(exchange.engine) as session:
        said_at = session.exec(select(Gateway.seen_at)).one()
    ledger.write(seen)
    with reading(exchange.engine) as session:
        assert session.exec(select(Gateway.seen_at)).one() == said_at


def test_a_silent_gateway_is_gone_and_comes_back_when_it_speaks(
    exchange: Exchange, employer: Partner, clock: Clock
) -> None:
    ledger, seen = ledger_of(exchange), connection_of(employer, exchange.clock())
    ledger.write(report(seen))
    clock.forward(seconds=connections.SILENT.total_seconds() + 1)
    assert not connections.looked_at(exchange).connections
    with pytest.raises(RecordNotFoundError):
        connections.end(exchange, None, seen.id)
    ledger.write(report(seen))
    assert len(connections.looked_at(exchange).connections) == 1


def test_what_an_ended_process_left_is_not_there_and_is_thrown_away(
    exchange: Exchange, employer: Partner
) -> None:
    def leave() -> None:
        exchange.after_fork()
        ledger_of(exchange, "gone").write(report(connection_of(employer, exchange.clock())))

    assert outcome(fork(leave)) == 0
    assert not connections.looked_at(exchange).connections
    ledger_of(exchange).forget_ended()
    with reading(exchange.engine) as session:
        assert not session.exec(select(Gateway)).all() + session.exec(select(Connected)).all()


def test_a_gateway_whose_rows_were_taken_away_writes_them_anew(exchange: Exchange, employer: Partner) -> None:
    ledger, seen = ledger_of(exchange), connection_of(employer, exchange.clock())
    ledger.write(report(seen))
    ledger.close()
    ledger.write(report(seen, signing_in=1))
    assert len(connections.looked_at(exchange).connections) == 1


def test_one_is_ended_once_and_stands_in_the_journal(exchange: Exchange, employer: Partner) -> None:
    head = make_partner(exchange, Role.OCSS_ADMINISTRATOR)
    staff = make_colleague(head, "olive-3", Role.OCSS_STAFF)
    ledger, seen = ledger_of(exchange), connection_of(employer, exchange.clock())
    ledger.write(report(seen))
    for outsider in (staff, employer):
        with pytest.raises(NotPermittedError):
            connections.overview(exchange, outsider.actor)
        with pytest.raises(NotPermittedError):
            connections.end(exchange, outsider.actor, seen.id)
    assert ledger.to_end() == set()
    for _ in range(2):
        connections.end(exchange, head.actor, seen.id)
    assert ledger.to_end() == {seen.id}
    assert connections.overview(exchange, head.actor).connections[0].ending
    with reading(exchange.engine) as session:
        ended = select(JournalEvent).where(JournalEvent.kind == "connection.ended")
        event = session.exec(ended).one()
    assert (event.account_id, event.subject_id) == (head.account.id, seen.id)
    assert str(employer.account.id) in event.facts
