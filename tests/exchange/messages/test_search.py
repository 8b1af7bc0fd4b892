"""Searching a mailbox: everybody finds what they may read, at once, and nobody anything else."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, event
from sqlmodel import col, select

from exchange.database import reading, transaction
from exchange.errors import RequestInvalidError
from exchange.messages import acts, documents, drafts, index, indexing, sending
from exchange.messages import reading as opening
from exchange.messages.inbox import InboxQuery, threads
from exchange.messages.live import unread
from exchange.messages.load import load
from exchange.messages.search import SearchQuery, search
from exchange.models.messages import Message, TopicReader
from exchange.runtime import Exchange
from roles.permissions import Role
from roles.policy import Actor
from tests.conftest import Clock
from tests.support.correspondence import Delivered, answer, attached, fields_to, settle, write
from tests.support.partners import Partner, make_colleague, make_partner


def found(exchange: Exchange, actor: Actor, asked: str, **more: object) -> list[UUID]:
    """The threads that a search finds."""
    return [hit.line.id for hit in search(exchange, actor, SearchQuery(asked, **more)).items]  # type: ignore[arg-type]  # whatever a test asks for


def within(**more: object) -> InboxQuery:
    return InboxQuery(**({"box": "all"} | more))  # type: ignore[arg-type]  # whatever a test asks for


def in_index(exchange: Exchange, owner: Partner, asked: str) -> list[int]:
    with reading(exchange.engine) as session:
        numbers: list[int] = index.find(session, exchange, owner.organization.id, asked).tolist()
        return numbers


def messages(exchange: Exchange) -> list[Message]:
    with reading(exchange.engine) as session:
        return list(session.exec(select(Message).order_by(col(Message.number))))


def add_note(exchange: Exchange, writer: Partner, thread_id: UUID, body: str) -> None:
    """A note of the writer's organization in a thread."""
    with transaction(exchange.engine) as session:
        first = session.exec(select(Message).where(Message.thread_id == thread_id)).first()
        assert first is not None
        said = documents.read(documents.opened(exchange, first.sealed or b"", first.id))
        identifier = uuid4()
        given = {**vars(said), "id": identifier, "body": body, "note": True}
        text = documents.written(documents.Document(**given))
        kept = first.model_dump(exclude={"number"})
        own = {"id": identifier, "kind": "note", "sealed": documents.seal(exchange, text), "indexed_at": None}
        mine = {"organization_id": writer.organization.id, "account_id": writer.account.id}
        session.add(Message(**(kept | own | mine)))


def test_both_sides_find_a_message_at_once_and_by_the_index_after_that(each_exchange: Exchange) -> None:
    state, employer, other = (
        make_partner(each_exchange, role, number)
        for number, role in enumerate((Role.STATE, Role.EMPLOYER, Role.EMPLOYER), 1)
    )
    sent = write(
        each_exchange, employer.actor, state, subject="Lump sum", body="for Herr Müller, withholding"
    )
    for _ in range(2):
        for reader in (state, employer):
            for asked in ("muller", "WITHHOLD", "lump müll", reader.organization.name, employer.account.name):
                assert found(each_exchange, reader.actor, asked) == [sent.thread_id]
            assert found(each_exchange, reader.actor, "muller nothing") == []
        assert found(each_exchange, other.actor, "muller") == []
        indexing.index_waiting(each_exchange)
        assert indexing.index_waiting(each_exchange) == 0
    assert in_index(each_exchange, state, "muller") == in_index(each_exchange, employer, "muller") == [1]
    assert in_index(each_exchange, other, "muller") == []


def test_no_day_is_too_early_or_too_late(each_exchange: Exchange) -> None:
    state, employer = (make_partner(each_exchange, role) for role in (Role.STATE, Role.EMPLOYER))
    sent = write(each_exchange, employer.actor, state, body="secret")
    assert found(each_exchange, state.actor, "secret", since=date.min, until=date.max) == [sent.thread_id]
    assert found(each_exchange, state.actor, "secret", since=date.max) == []
    assert found(each_exchange, state.actor, "secret", until=date.min) == []
    assert opening.opened(each_exchange, state.actor, sent.thread_id, 10**15 - 1).messages != []


def test_searching_is_no_reading(exchange: Exchange, employer: Partner, state: Partner) -> None:
    sent = write(exchange, employer.actor, state, body="secret")
    assert found(exchange, state.actor, "secret") == [sent.thread_id]
    assert messages(exchange)[0].read_at is None


def test_names_of_attachments_are_found(exchange: Exchange, employer: Partner, state: Partner) -> None:
    draft = drafts.start(exchange, employer.actor, fields_to(state))
    attached(exchange, employer.actor, draft, name="Garnishment-2026.txt")
    sending.send(exchange, employer.actor, draft)
    assert found(exchange, state.actor, "garnish") == []
    settle(exchange)
    indexing.index_waiting(exchange)
    assert len(found(exchange, state.actor, "garnishment 2026")) == 1


def test_a_note_is_found_by_its_own_organization_only(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    sent = write(exchange, employer.actor, state)
    add_note(exchange, state, sent.thread_id, "suspicious")
    for _ in range(2):
        assert found(exchange, state.actor, "suspicious") == [sent.thread_id]
        assert found(exchange, employer.actor, "suspicious") == []
        indexing.index_waiting(exchange)
    assert in_index(exchange, employer, "suspicious") == []
    assert in_index(exchange, state, "suspicious") == [2]


def test_a_recalled_message_is_not_found_and_leaves_the_index(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    first, second = (write(exchange, employer.actor, state, body=f"mistake {turn}") for turn in range(2))
    acts.recall(exchange, employer.actor, first.message_id)
    indexing.index_waiting(exchange)
    acts.recall(exchange, employer.actor, second.message_id)
    assert found(exchange, state.actor, "mistake") == found(exchange, employer.actor, "mistake") == []
    assert in_index(exchange, state, "mistake") == [2]
    indexing.index_waiting(exchange)
    assert in_index(exchange, state, "mistake") == in_index(exchange, employer, "mistake") == []
    assert indexing.index_waiting(exchange) == 0


def test_a_topic_kept_for_others_is_not_found(exchange: Exchange, employer: Partner, state: Partner) -> None:
    sent = write(exchange, employer.actor, state, body="kept")
    colleague = make_colleague(state, "colleague")
    with transaction(exchange.engine) as session:
        keeping = {"organization_id": state.organization.id, "account_id": colleague.account.id}
        session.add(TopicReader(topic="general", **keeping))
    assert found(exchange, state.actor, "kept") == []
    assert found(exchange, employer.actor, "kept") == [sent.thread_id]


def test_a_damaged_message_holds_up_no_other(exchange: Exchange, employer: Partner, state: Partner) -> None:
    write(exchange, employer.actor, state, body="damaged")
    sent = write(exchange, employer.actor, state, body="whole")
    with transaction(exchange.engine) as session:
        row = session.get_one(Message, 1)
        row.sealed = (row.sealed or b"")[:-1] + b"x"
        session.add(row)
    indexing.index_waiting(exchange)
    assert found(exchange, state.actor, "whole") == [sent.thread_id]
    assert found(exchange, state.actor, "damaged") == []


def many(exchange: Exchange, writer: Partner, reader: Partner, count: int) -> list[Delivered]:
    return [write(exchange, writer.actor, reader, body=f"order number {turn}") for turn in range(count)]


@pytest.mark.parametrize("indexed", [0, 3, 6])
def test_pages_go_on_where_they_ended_and_name_each_thread_once(
    exchange: Exchange, employer: Partner, state: Partner, indexed: int
) -> None:
    threads = [one.thread_id for one in many(exchange, employer, state, 5)]
    answer(exchange, state.actor, threads[1], "Thank you for the order.")
    with transaction(exchange.engine) as session:
        later = list(session.exec(select(Message).where(col(Message.number) > indexed)))
        for row in later:
            row.indexed_at = exchange.clock()
    indexing.index_waiting(exchange)
    with transaction(exchange.engine) as session:
        for row in later:
            row.indexed_at = None
            session.add(row)
    pages, cursor = [], ""
    while cursor is not None:
        page = search(exchange, employer.actor, SearchQuery("order", within(limit=2, cursor=cursor)))
        pages.append([hit.line.id for hit in page.items])
        cursor = page.next  # type: ignore[assignment]  # None ends it
    newest = [threads[1], threads[4], threads[3], threads[2], threads[0]]
    assert pages == [newest[:2], newest[2:4], newest[4:]]


def test_a_strange_cursor_or_box_is_refused(exchange: Exchange, employer: Partner) -> None:
    for wrong in (within(cursor="x"), within(cursor="9" * 30), within(box="none")):
        with pytest.raises(RequestInvalidError):
            search(exchange, employer.actor, SearchQuery("order", wrong))


@pytest.mark.parametrize("indexed", [True, False])
def test_filters_narrow_what_is_found(exchange: Exchange, state: Partner, indexed: bool) -> None:
    clock = cast(Clock, exchange.clock)
    employer, other_employer = (make_partner(exchange, Role.EMPLOYER, number) for number in (1, 2))
    [first] = many(exchange, employer, state, 1)
    clock.forward(days=3)
    second = write(exchange, other_employer.actor, state, body="an order", topic="lump-sum")
    if indexed:
        indexing.index_waiting(exchange)
    opening.opened(exchange, state.actor, first.thread_id)
    acts.archive(exchange, state.actor, first.thread_id)
    today = exchange.clock().date()
    early, late = [first.thread_id], [second.thread_id]

    def narrowed(**more: object) -> list[UUID]:
        return found(exchange, state.actor, "order", within=within(**more))

    assert narrowed() == late + early
    assert narrowed(box="archived") == narrowed(topic="general") == early
    assert narrowed(box="unread") == narrowed(box="inbox") == narrowed(topic="lump-sum") == late
    assert narrowed(other_id=other_employer.organization.id) == late
    assert narrowed(box="mine") == []
    assert found(exchange, state.actor, "order", since=today) == late
    assert found(exchange, state.actor, "order", until=today - timedelta(days=1)) == early
    assert found(exchange, state.actor, "order", until=today - timedelta(days=9)) == []
    theirs = within(other_id=employer.organization.id)
    assert found(exchange, state.actor, "order", within=theirs, until=today - timedelta(days=1)) == early


def test_days_are_kept_to_the_minute(exchange: Exchange, employer: Partner, state: Partner) -> None:
    clock = cast(Clock, exchange.clock)
    now = clock()
    clock.forward(seconds=(now.replace(hour=23, minute=50) - now).total_seconds())
    [early] = many(exchange, employer, state, 1)
    clock.forward(minutes=20)
    [late] = many(exchange, employer, state, 1)
    midnight = exchange.clock().date()
    assert found(exchange, state.actor, "order", since=midnight) == [late.thread_id]
    assert found(exchange, state.actor, "order", until=midnight - timedelta(days=1)) == [early.thread_id]


def plans(exchange: Exchange, work: Callable[[], object]) -> list[str]:
    """What SQLite reads tables by in all statements of some work."""
    told: list[str] = []

    def explain(
        connection: Connection, _cursor: object, statement: str, given: tuple[object, ...], *_: object
    ) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        told.extend(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", given))

    event.listen(exchange.engine, "before_cursor_execute", explain)
    work()
    event.remove(exchange.engine, "before_cursor_execute", explain)
    return told


def test_no_search_or_list_or_chore_reads_all_messages(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    many(exchange, employer, state, 2)

    def all_of_it() -> None:
        for box in ("all", "unread", "mine", "waiting", "overdue"):
            threads(exchange, state.actor, within(box=box))
            found(exchange, state.actor, "order", within=within(box=box))
        threads(exchange, state.actor, within(office_id=uuid4()))
        unread(exchange, state.actor)
        load(exchange, state.actor)
        indexing.index_waiting(exchange)
        found(exchange, state.actor, "order")

    seen = set(plans(exchange, all_of_it))
    sides = {"thread_side", "thread_side_1"}
    tables = [line for line in seen if line.split()[1] in {"message", "search_page"} | sides]
    scanned = {line for line in tables if line.startswith("SCAN")}
    assert scanned == {
        "SCAN message USING INDEX ix_message_unindexed",
        "SCAN message USING INDEX ix_message_leaving",
    }
    assert {line.split("INDEX ")[1].split()[0] for line in tables if line.split()[1] in sides} >= {
        "ix_thread_side_unread",
        "ix_thread_side_owing",
        "ix_thread_side_overdue",
        "ix_thread_side_office",
        "ix_thread_side_load",
    }
    assert "SEARCH message USING COVERING INDEX ix_message_answers" in {
        line.split(" (")[0] for line in tables
    }


def test_asking_for_nothing_finds_nothing(exchange: Exchange, employer: Partner, state: Partner) -> None:
    many(exchange, employer, state, 1)
    assert found(exchange, state.actor, " - ") == []


def test_a_topic_of_one_person_is_no_walk_through_the_topic(exchange: Exchange, state: Partner) -> None:
    wanted = within(topic="lump-sum", assigned_to=state.account.id)
    told = plans(exchange, partial(threads, exchange, state.actor, wanted))
    assert any("ix_thread_side_assigned_topic" in one for one in told), told
