"""The journal is one chain, whoever appends at once, and tells where anything in it was touched."""

import json
import threading
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select

from exchange import journal
from exchange.database import reading, transaction
from exchange.journal import Break
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support import children
from tests.support.partners import Partner, make_partner

SUBJECT = UUID(int=5)


def append(exchange: Exchange, times: int, partner: Partner | None = None) -> None:
    for number in range(times):
        with transaction(exchange.engine) as session:
            actor = partner.actor if partner else None
            journal.append(session, exchange, "test.event", actor, SUBJECT, number=number)


def change(exchange: Exchange, *statements: str) -> None:
    """Do to the journal what only somebody with the database could."""
    for statement in statements:
        with transaction(exchange.engine) as session:
            session.connection().exec_driver_sql(statement)


def events(exchange: Exchange) -> list[JournalEvent]:
    with reading(exchange.engine) as session:
        return list(session.exec(select(JournalEvent).order_by(JournalEvent.position)))  # type: ignore[arg-type]  # a column to SQL


def test_an_empty_journal_and_an_untouched_one_are_whole(each_exchange: Exchange) -> None:
    assert journal.verify(each_exchange) is None
    append(each_exchange, 5, make_partner(each_exchange, Role.EMPLOYER))
    assert journal.verify(each_exchange) is None


def test_an_event_says_who_did_what_to_what_and_through_which_door(exchange: Exchange) -> None:
    partner = make_partner(exchange, Role.EMPLOYER)
    append(exchange, 1, partner)
    event = events(exchange)[-1]
    assert (event.kind, event.subject_id, event.channel) == ("test.event", SUBJECT, "web")
    assert (event.account_id, event.organization_id) == (partner.account.id, partner.organization.id)
    assert json.loads(event.facts) == {"number": 0}
    assert event.digest == journal.digest_of_fields(json.loads(json.dumps(journal.canonical(event))))


EDITS = {
    "at": "'2020-01-01T00:00:00+00:00'",
    "kind": "'test.forged'",
    "account_id": f"'{uuid4().hex}'",
    "organization_id": "NULL",
    "subject_id": f"'{uuid4().hex}'",
    "channel": "'api'",
    "facts": "'{\"number\":9}'",
    "previous": f"'{'f' * 64}'",
    "digest": f"'{'f' * 64}'",
}


def test_every_column_of_an_event_has_an_edit_here() -> None:
    assert set(EDITS) | {"position"} == set(JournalEvent.model_fields)


@pytest.mark.parametrize("column", EDITS)
def test_an_edit_of_any_column_is_found_and_named(exchange: Exchange, column: str) -> None:
    append(exchange, 2)
    append(exchange, 3, make_partner(exchange, Role.EMPLOYER))
    place = len(events(exchange)) - 1
    change(exchange, f"UPDATE journal_event SET {column} = {EDITS[column]} WHERE position = {place}")
    found = journal.verify(exchange)
    assert found is not None
    assert found.position == place
    assert f"event {place} " in found.why


@pytest.mark.parametrize("place", [1, 3, 5])
def test_an_edit_on_postgresql_is_found_too(each_exchange: Exchange, place: int) -> None:
    append(each_exchange, 5)
    change(each_exchange, f"UPDATE journal_event SET facts = '{{}}' WHERE position = {place}")
    assert journal.verify(each_exchange) == Break(place, f"event {place} was changed after it was written")


@pytest.mark.parametrize("place", [1, 3, 5])
def test_a_removed_event_is_missed_wherever_it_stood(exchange: Exchange, place: int) -> None:
    append(exchange, 5)
    change(exchange, f"DELETE FROM journal_event WHERE position = {place}")
    found = journal.verify(exchange)
    assert found is not None
    assert found.position == place
    assert found.why.startswith(f"event {place} ")


def test_a_journal_emptied_by_hand_is_missed(exchange: Exchange) -> None:
    append(exchange, 2)
    change(exchange, "DELETE FROM journal_event")
    assert journal.verify(exchange) == Break(1, "event 1 and later ones, up to 2, are missing")


def test_events_that_changed_places_are_found(exchange: Exchange) -> None:
    append(exchange, 5)
    renumber = "UPDATE journal_event SET position = {} WHERE position = {}"
    change(exchange, renumber.format(99, 2), renumber.format(2, 3), renumber.format(3, 99))
    assert journal.verify(exchange) == Break(2, "event 2 does not follow event 1")


def test_events_numbered_anew_after_a_removal_are_found(exchange: Exchange) -> None:
    append(exchange, 5)
    renumber = "UPDATE journal_event SET position = position - 1 WHERE position = {}"
    change(exchange, "DELETE FROM journal_event WHERE position = 2", *map(renumber.format, (3, 4, 5)))
    assert journal.verify(exchange) == Break(2, "event 2 does not follow event 1")


@pytest.mark.parametrize(("place", "named"), [(-5, -5), (6, 6), (9, 6)])
def test_an_event_slipped_in_by_hand_is_found(exchange: Exchange, place: int, named: int) -> None:
    append(exchange, 5)
    columns = "at, kind, channel, facts, previous, digest"
    copied = f"SELECT {place}, {columns} FROM journal_event WHERE position = 5"
    change(exchange, f"INSERT INTO journal_event (position, {columns}) {copied}")
    found = journal.verify(exchange)
    assert found is not None
    assert found.position == named


def test_a_forged_event_that_continues_the_chain_is_found_beyond_the_head(exchange: Exchange) -> None:
    append(exchange, 3)
    last = events(exchange)[-1]
    forged = JournalEvent(**{**last.model_dump(), "position": 4, "previous": last.digest})
    forged.digest = journal.digest_of(forged)
    with transaction(exchange.engine) as session:
        session.add(forged)
    assert journal.verify(exchange) == Break(4, "event 4 was not written by the portal")


@pytest.mark.parametrize("times", [0, 3])
def test_a_head_changed_by_hand_is_found(exchange: Exchange, times: int) -> None:
    append(exchange, times)
    change(exchange, f"UPDATE journal_head SET digest = '{'f' * 64}'")
    assert journal.verify(exchange) == Break(times, f"event {times} is not the one the journal ended with")


def append_and_fail(session: Session, exchange: Exchange) -> None:
    journal.append(session, exchange, "test.event", None, None)
    raise ZeroDivisionError


def test_a_rolled_back_event_leaves_no_gap(each_exchange: Exchange) -> None:
    append(each_exchange, 1)
    with pytest.raises(ZeroDivisionError), transaction(each_exchange.engine) as session:
        append_and_fail(session, each_exchange)
    append(each_exchange, 1)
    assert [event.position for event in events(each_exchange)] == [1, 2]
    assert journal.verify(each_exchange) is None


def test_many_events_of_one_transaction_are_one_chain(each_exchange: Exchange) -> None:
    with transaction(each_exchange.engine) as session:
        for number in range(5):
            journal.append(session, each_exchange, "test.event", None, None, number=number)
    assert len(events(each_exchange)) == 5
    assert journal.verify(each_exchange) is None


def test_threads_that_append_at_once_make_one_chain(each_exchange: Exchange) -> None:
    threads = [threading.Thread(target=append, args=(each_exchange, 8)) for _ in range(5)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(events(each_exchange)) == 40
    assert journal.verify(each_exchange) is None


def test_processes_that_append_at_once_make_one_chain_that_verifies_meanwhile(
    each_exchange: Exchange,
) -> None:
    def work() -> None:
        each_exchange.after_fork()
        append(each_exchange, 20)

    running = [children.fork(work) for _ in range(3)]
    while_running = [journal.verify(each_exchange) for _ in range(5)]
    assert [children.outcome(child) for child in running] == [0, 0, 0]
    assert len(events(each_exchange)) == 60
    assert [*while_running, journal.verify(each_exchange)] == [None] * 6


def test_a_journal_longer_than_a_page_is_read_to_its_end(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_PAGE", 2)
    append(exchange, 4)
    assert journal.verify(exchange) is None
    change(exchange, "UPDATE journal_event SET kind = 'x' WHERE position = 4")
    assert journal.verify(exchange) == Break(4, "event 4 was changed after it was written")
