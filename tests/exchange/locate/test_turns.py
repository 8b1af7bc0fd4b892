"""Whoever looks, asks, takes and makes at once waits for each other in one order, on PostgreSQL."""

import json
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from exchange import journal
from exchange.cases import making
from exchange.database import reading, transaction
from exchange.locate import connections, taking, viewing
from exchange.models.accounts import Organization
from exchange.models.cases import LocatePlanned
from exchange.models.locate import LocateQuery, LocateRequest, LocateView, QueryStatus
from exchange.runtime import Exchange, open_exchange
from exchange.settings import Settings
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.case_files import only, taken
from tests.support.locating import FOUND, SSN, ask, make_worker, sent
from tests.support.partners import Partner, make_partner

_WAITS = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
WAITED = 20


@pytest.fixture
def shared(postgres_settings: Settings, clock: Clock) -> Iterator[Exchange]:
    exchange = open_exchange(postgres_settings, clock)
    yield exchange
    exchange.dispose()


@pytest.fixture
def worker(shared: Exchange) -> Partner:
    make_partner(shared, Role.OCSS_STAFF)
    return make_worker(shared, role=Role.STATE, jurisdiction="KS")


def meanwhile(shared: Exchange, act: Callable[[], object], first: Any, then: Any) -> None:
    """Do `act` between two halves of a transaction: it has to wait for the second, and then it goes on."""
    done: list[object] = []
    running = Thread(target=lambda: done.append(act()))
    with transaction(shared.engine) as session:
        first(session)
        running.start()
        while session.connection().execute(_WAITS).scalar_one() == 0:
            assert running.is_alive()
        then(session)
    running.join(WAITED)
    assert done, "it was ended by the database, for each waited for the other"


def locked(request_id: UUID) -> Callable[[Session], object]:
    return lambda session: session.get_one(LocateRequest, request_id, with_for_update=True)


def noted(shared: Exchange) -> Callable[[Session], object]:
    return lambda session: journal.append(session, shared, "locate.answered", None, None)


def test_a_look_waits_for_an_answer_that_is_just_taken(shared: Exchange, worker: Partner) -> None:
    wanted = ask(shared, worker.actor)
    look = lambda: viewing.opened(shared, worker.actor, wanted)  # noqa: E731
    meanwhile(shared, look, locked(wanted), noted(shared))


def test_what_comes_while_somebody_looks_is_new_afterwards(
    shared: Exchange, worker: Partner, clock: Clock
) -> None:
    """The answer's time is before the look's, and it is there behind it: nobody has seen it."""
    wanted = ask(shared, worker.actor, sources=("A01",))
    query = sent(shared, wanted)["A01"]
    about = {"ssn": SSN, "last_name": "Alderson"}
    raw = json.dumps({"id": str(query), "about": about, "answer": FOUND}).encode()
    keep = taking._keep
    looking = Thread(target=viewing.opened, args=(shared, worker.actor, wanted))

    def kept_while_somebody_looks(session: Session, *given: Any) -> bool:
        taken_ = keep(session, *given)
        clock.forward(seconds=1)
        looking.start()
        while session.connection().execute(_WAITS).scalar_one() == 0:
            assert looking.is_alive()
        return taken_

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(taking, "_keep", kept_while_somebody_looks)
        assert taking.take(shared, "A01", raw)
    looking.join(WAITED)
    with reading(shared.engine) as session:
        assert session.exec(select(LocateView.sources)).all() == ["A01"]


def test_a_question_that_was_just_taken_waits_for_whoever_ends_its_request(
    shared: Exchange, worker: Partner
) -> None:
    wanted = ask(shared, worker.actor, sources=("A01",))
    with reading(shared.engine) as session:
        query = session.exec(select(LocateQuery.id)).one()

    def note_sent() -> bool:
        with transaction(shared.engine) as session:
            connections._sent(session, shared, query)
        return True

    def end_questions(session: Session) -> None:
        row = session.get_one(LocateQuery, query, with_for_update=True)
        row.status = QueryStatus.SILENT.value
        session.add(row)

    meanwhile(shared, note_sent, locked(wanted), end_questions)


def test_requests_are_made_in_turn_with_a_file_that_ends_them(shared: Exchange, worker: Partner) -> None:
    record = only("L", ssn=SSN, last_name="ALDERSON", locate_request_type="CS", locate_source_1="A01")
    taken(shared, worker, record)

    def agency(session: Session) -> None:
        session.get_one(Organization, worker.organization.id, with_for_update=True)

    def ends(session: Session) -> None:
        session.exec(select(LocatePlanned).order_by(col(LocatePlanned.line)).with_for_update()).one()

    meanwhile(shared, lambda: making.make_waiting(shared), agency, ends)
