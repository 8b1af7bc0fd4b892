"""Searches in a part of a mailbox: they find what reading everything finds, without walking all of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, event, update
from sqlmodel import col

from exchange.database import transaction
from exchange.messages import index, indexing
from exchange.messages.inbox import Box, InboxQuery, threads
from exchange.messages.search import SearchQuery, search
from exchange.models.messages import Message, Office, TopicReader
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.mailbox_rows import Said, Talk, keep, talks
from tests.support.partners import Partner, make_colleague, make_partner

ASKED = ("order", "wages", "wag", "muller", "order wages", "nothing")
ORDER = frozenset({"order"})
THREADS, MESSAGES, INDEXED, QUERIES = 60, 160, 140, 24


class Mailbox:
    """A mailbox with random threads: who reads it, what is in it, and which filters there may be."""

    def __init__(self, exchange: Exchange, random: Random) -> None:
        self.exchange, self.random = exchange, random
        self.own, self.others = make_partner(exchange, Role.STATE), [_employer(exchange, n) for n in (1, 2)]
        self.reader = make_colleague(self.own, "colleague")
        self.office = Office(organization_id=self.own.organization.id, name="North")
        with transaction(exchange.engine) as session:
            keeping = {"organization_id": self.own.organization.id, "account_id": self.own.account.id}
            session.add_all([self.office, TopicReader(topic="medical", **keeping)])
        begin = exchange.clock() - timedelta(days=60)
        self.talks = talks(random, [self._side() for _ in range(THREADS)], MESSAGES, begin)
        keep(exchange, self.own, self.others[0], self.talks)
        self._index()

    def _side(self) -> dict[str, Any]:
        some, maybe = self.random.choice, self.random.random
        today = self.exchange.clock().date()
        return {
            "other_id": some(self.others).organization.id,
            "topic": some(("general", "lump-sum", "medical")),
            "person_id": some((None, None, None, self.reader.account.id)),
            "assigned_to": some((None, None, self.own.account.id, self.reader.account.id)),
            "office_id": some((None, self.office.id)),
            "due_on": some((None, today - timedelta(days=3), today + timedelta(days=3))),
            "unread": int(maybe() < 0.3),
            "waiting_since": some((None, self.exchange.clock())),
            "archived": maybe() < 0.3,
            "closed": maybe() < 0.2,
        }

    def _index(self) -> None:
        """Put the older ones into the index; the newer ones remain to be opened."""
        newer = update(Message).where(col(Message.number) > INDEXED)
        for indexed_at in (self.exchange.clock(), None):
            with transaction(self.exchange.engine) as session:
                session.execute(newer.values(indexed_at=indexed_at))
            if indexed_at:
                indexing.index_waiting(self.exchange)

    def query(self, box: Box) -> SearchQuery:
        """A random question in a box."""
        some, seldom = self.random.choice, lambda value: value if self.random.random() < 0.25 else None
        within = InboxQuery(
            box=box.value,
            topic=seldom("lump-sum") or "",
            other_id=seldom(self.others[1].organization.id),
            office_id=seldom(self.office.id),
            assigned_to=seldom(some((self.own, self.reader)).account.id),
            limit=some((2, 4, 25)),
        )
        day = self.exchange.clock().date() - timedelta(days=self.random.randrange(60))
        return SearchQuery(some(ASKED), within, seldom(day), seldom(day + timedelta(days=20)))

    def by_reading_all(self, query: SearchQuery) -> list[int]:
        """The newest message found of each thread, newest first."""

        def in_time(one: Said) -> bool:
            return (query.since or date.min) <= one.at.date() <= (query.until or date.max)

        seen = [one.found(query.asked, in_time) for one in self.talks if self._shows(one.side, query.within)]
        return sorted((number for number in seen if number), reverse=True)

    def by_sorting_all(self, within: InboxQuery) -> list[UUID]:
        """The threads of a list, the newest first."""
        shown = [one for one in self.talks if self._shows(one.side, within)]
        return [one.id for one in sorted(shown, key=lambda one: one.last_at, reverse=True)]

    def by_listing(self, within: InboxQuery) -> list[UUID]:
        """What all pages of a list show, one after the other."""
        listed: list[UUID] = []
        cursor: str | None = ""
        while cursor is not None:
            page = threads(self.exchange, self.reader.actor, replace(within, cursor=cursor))
            listed += [line.id for line in page.items]
            cursor = page.next
        return listed

    def _shows(self, side: dict[str, Any], within: InboxQuery) -> bool:
        me = self.reader.account.id
        mine = me in (side["person_id"], side["assigned_to"])
        waits = side["waiting_since"] is not None and not side["closed"]
        late = side["due_on"] is not None and side["due_on"] < self.exchange.clock().date()
        holds = {
            Box.ARCHIVED: side["archived"],
            Box.UNREAD: side["unread"] > 0,
            Box.MINE: mine,
            Box.UNASSIGNED: waits and side["assigned_to"] is None,
            Box.OVERDUE: waits and late,
            Box.WAITING: waits,
        }
        asked = {name: getattr(within, name) for name in ("topic", "other_id", "office_id", "assigned_to")}
        return (
            (side["topic"] != "medical" or mine)
            and holds.get(Box(within.box), True)
            and (within.box in (Box.ALL, Box.ARCHIVED) or not side["archived"])
            and all(side[name] == value for name, value in asked.items() if value)
        )

    def by_searching(self, query: SearchQuery) -> list[int]:
        """What all pages of a search show, one after the other."""
        numbers: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            within = replace(query.within, cursor=cursor)
            page = search(self.exchange, self.reader.actor, replace(query, within=within))
            assert len(page.items) == within.limit or page.next is None
            numbers += [hit.number for hit in page.items]
            cursor = page.next
        return numbers


def _employer(exchange: Exchange, number: int) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, number)


@pytest.fixture
def few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to look are taken by searches in a small mailbox: through messages, and through threads."""
    for name, value in {"_FIRST_LOOK": 2, "_LARGEST_LOOK": 6, "_PATIENCE": 6, "_WHOLE_PATIENCE": 20}.items():
        monkeypatch.setattr(f"exchange.messages.search.{name}", value)


@pytest.mark.usefixtures("few_at_a_time")
def test_every_filter_leaves_exactly_what_reading_all_messages_leaves(each_exchange: Exchange) -> None:
    mailbox = Mailbox(each_exchange, Random(6))
    found = 0
    for turn in range(QUERIES):
        query = mailbox.query(list(Box)[turn % len(Box)])
        expected = mailbox.by_reading_all(query)
        assert mailbox.by_searching(query) == expected, query
        assert mailbox.by_listing(query.within) == mailbox.by_sorting_all(query.within), query
        found += len(expected)
    assert found > QUERIES


def crowd(
    exchange: Exchange, owner: Partner, threads: int, unread: Callable[[int], bool], first: int
) -> Partner:
    """A mailbox with so many threads of one message each that says the same, oldest first."""
    begin = exchange.clock() - timedelta(days=60)
    side = {"other_id": owner.organization.id, "topic": "general"}
    made = [
        Talk(
            side | {"unread": int(unread(turn))},
            said=[Said(first + turn, begin + timedelta(hours=turn), ORDER)],
        )
        for turn in range(threads)
    ]
    keep(exchange, owner, owner, made)
    with transaction(exchange.engine) as session:
        entries = [(first + turn, ORDER) for turn in range(threads)]
        index.add(session, exchange, owner.organization.id, entries)
        session.execute(update(Message).values(indexed_at=exchange.clock()))
    return owner


def steps(exchange: Exchange, work: Callable[[], object]) -> int:
    """How many tens of steps SQLite's machine takes for all statements of some work."""
    taken = 0

    def count() -> None:
        nonlocal taken
        taken += 1

    def watch(connection: Connection, *_: object) -> None:
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(count, 10)

    event.listen(exchange.engine, "before_cursor_execute", watch)
    work()
    event.remove(exchange.engine, "before_cursor_execute", watch)
    return taken


Unread = Callable[[int], bool]
GROWING: dict[str, tuple[tuple[int, Unread], tuple[int, Unread]]] = {
    "a mailbox of more": ((900, lambda turn: turn % 10 == 0), (2_700, lambda turn: turn % 10 == 0)),
    "more that is unread": ((600, lambda turn: turn % 10 == 0), (600, lambda turn: turn % 2 == 0)),
    "only old ones unread": ((300, lambda turn: turn < 20), (1_200, lambda turn: turn < 20)),
}


@pytest.mark.usefixtures("few_at_a_time")
@pytest.mark.parametrize("growing", GROWING)
def test_the_walk_of_a_search_does_not_grow_with(exchange: Exchange, growing: str) -> None:
    first, efforts = 1, []
    for number, (count, unread) in enumerate(GROWING[growing]):
        owner = crowd(exchange, make_partner(exchange, Role.STATE, number), count, unread, first)
        query = SearchQuery("order", InboxQuery(box="unread", limit=2))
        assert len(search(exchange, owner.actor, query).items) == 2
        efforts.append(steps(exchange, partial(search, exchange, owner.actor, query)))
        first += count
    assert efforts[1] < 1.3 * efforts[0], efforts
