"""Finding threads by the words of their messages: what the actor may read, newest first.

Asks the sealed index of the mailbox, opens what is not in it yet, and lets the database say, some at a time,
which of what was found the actor may see and asked for.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, cast
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, Integer, func, literal_column
from sqlalchemy import select as columns
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from exchange.database import reading, table_of
from exchange.errors import RequestInvalidError
from exchange.messages import index
from exchange.messages.access import Mailbox, mailbox
from exchange.messages.inbox import MOST, Box, InboxQuery, ThreadLine, conditions, lines_of
from exchange.messages.indexing import NOT_YET, words_in
from exchange.messages.reading import BEYOND
from exchange.messages.segment import Numbers
from exchange.messages.words import asked_for
from exchange.models.base import as_utc
from exchange.models.messages import Message, MessageKind, MessageState, ThreadSide
from exchange.registry.bulk import among, chunks
from exchange.runtime import Exchange
from exchange.transfers.views import Page
from roles.policy import Actor

_FIRST_LOOK, _MORE, _LARGEST_LOOK = 50, 3, 3_200
"""About how many that were found the database is asked first; how many times more each next time; at most."""
_PATIENCE, _WHOLE_PATIENCE = 500, 20_000
"""After so many in vain it is asked what the filters leave; the second where nothing is filtered."""
_EASIER = 3
"""How many times as many threads of filters are walked as messages were looked at: their numbers stand in an
index, side by side, while a message is looked up and then its thread."""
_OPENED = 1_000
"""Messages opened for one search at most: those that no index has yet, which the worker keeps few."""
_DIGITS = 11
"""More than the number of any message has."""
_SKEW = timedelta(hours=1)
"""By how much the order of numbers may differ from that of times: clocks of machines, long transactions."""
_EARLIEST, _LATEST = date(1970, 1, 1), date(9000, 1, 1)
"""Days that are asked for beyond these are none that can be reckoned with."""


@dataclass(frozen=True)
class SearchQuery:
    """What is looked for, and in which part of the mailbox; `since` and `until` are days, both included."""

    asked: str
    within: InboxQuery = field(default_factory=lambda: InboxQuery(box=Box.ALL.value))
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Hit:
    """A thread, and the newest message in it that was found."""

    line: ThreadLine
    message_id: UUID
    number: int
    at: datetime


class _Row(NamedTuple):
    """What is asked of a message to place it: not what it says."""

    number: int
    id: UUID
    thread_id: UUID
    organization_id: UUID
    kind: str
    state: str
    sent_at: datetime


def search(exchange: Exchange, actor: Actor, query: SearchQuery) -> Page[Hit]:
    """Threads in which one message has all the words asked for, or words that begin so.

    Each thread stands where the newest such message of it does. Opening none of them, this leaves no receipt.
    Raises `RequestInvalidError` for a box, topic or cursor that is none.
    """
    limit = min(max(query.within.limit, 1), MOST)
    with reading(exchange.engine) as session:
        shown, within = mailbox(session, exchange, actor), replace(query.within, cursor="")
        wanted = [shown.shown, *conditions(exchange, actor, shown.visible, within)]
        looking = _Looking(session, exchange, shown, query, wanted, asked_for(query.asked))
        found = looking.threads(limit + 1)
        lines = lines_of(session, exchange, looking.sides(found[:limit]))
    hits = [
        Hit(line, row.id, row.number, as_utc(row.sent_at))
        for row, line in zip(found[:limit], lines, strict=True)
    ]
    return Page(hits, str(hits[-1].number) if len(found) > limit else None)


@dataclass(frozen=True)
class _Looking:
    """One search; `wanted` says which sides of threads count, `beginnings` what words begin with."""

    session: Session
    exchange: Exchange
    box: Mailbox
    query: SearchQuery
    wanted: list[ColumnElement[bool]]
    beginnings: tuple[str, ...]

    def threads(self, count: int) -> list[_Row]:
        """The newest message that was found of each of the newest threads with any."""
        found: dict[UUID, _Row] = {}
        earlier: set[UUID] = set()
        for numbers in self._portions():
            known, newest = found.keys() | earlier, dict[UUID, _Row]()
            for row in self._placed(numbers):
                if row.thread_id not in known:
                    newest.setdefault(row.thread_id, row)
            for some in chunks(list(newest.values()), count):
                earlier |= self._on_earlier_pages([row.thread_id for row in some])
                found |= {row.thread_id: row for row in some if row.thread_id not in earlier}
                if len(found) >= count:
                    return list(found.values())[:count]
        return list(found.values())

    def sides(self, found: Sequence[_Row]) -> list[ThreadSide]:
        """What the mailbox has of the threads that were found, in their order."""
        threads = [row.thread_id for row in found]
        own = (col(ThreadSide.organization_id) == self.box.visible, col(ThreadSide.thread_id).in_(threads))
        known = {side.thread_id: side for side in self.session.exec(select(ThreadSide).where(*own))}
        return [known[thread] for thread in threads]

    def _portions(self) -> Iterator[Numbers]:
        """Numbers of messages that hold the words, newest first, few at first: most often these fill a page.

        Where the first are in vain, because few threads pass the filters, those threads are walked instead
        as soon as they are not many more than what was looked at: so the lesser of both decides.
        """
        left: Numbers | None = None
        looked, size = 0, _FIRST_LOOK
        for some in self._candidates():
            rest = some
            while len(rest):
                left = self._left_by_filters(looked) if left is None else left
                rest = rest if left is None else rest[np.isin(rest, left, assume_unique=True)]
                yield rest[:size]
                rest, looked = rest[size:], looked + size
                size = min(size * _MORE, _LARGEST_LOOK)

    def _left_by_filters(self, looked: int) -> Numbers | None:
        """All messages of the threads that pass the filters; None where these are too many to be walked."""
        within = self.query.within
        filtered = within.box != Box.ALL or within.topic or within.other_id
        narrow = filtered or within.office_id or within.assigned_to
        if looked < (_PATIENCE if narrow else _WHOLE_PATIENCE):
            return None
        most = _EASIER * looked
        threads = columns(col(ThreadSide.thread_id)).where(*self.wanted)
        capped = columns(func.count()).select_from(threads.limit(most + 1).subquery())
        connection = self.session.connection()
        if connection.execute(capped).scalar_one() > most:
            return None
        walked = columns(col(Message.number)).where(col(Message.thread_id).in_(threads))
        return np.fromiter(connection.execute(walked).scalars(), np.uint32)

    def _placed(self, numbers: Numbers) -> list[_Row]:
        """Of messages with these numbers those that are wanted, newest first.

        The side of each is looked up by its key. No join assures that: a database may read all of a filter.
        """
        if not len(numbers):
            return []
        side = columns(literal_column("1", Integer)).where(
            col(ThreadSide.thread_id) == col(Message.thread_id), *self.wanted
        )
        is_wanted = side.correlate(table_of(Message)).scalar_subquery().is_not(None)
        return self._rows(_of(self.session, numbers.tolist()), is_wanted)

    def _rows(self, *which: ColumnElement[bool], most: int | None = None) -> list[_Row]:
        """Those of some messages (the `most` newest) that the mailbox may read, newest first.

        What else is asked of them is looked at here: of two conditions SQLite might take the wrong index.
        """
        rows = columns(*(col(getattr(Message, name)) for name in _Row._fields)).where(*which)
        found = self.session.connection().execute(rows.order_by(col(Message.number).desc()).limit(most))
        return [row for row in map(_Row._make, found) if self._is_wanted(row)]

    def _is_wanted(self, message: _Row | Message) -> bool:
        since, until = self._between()
        ours = message.kind != MessageKind.NOTE or message.organization_id == self.box.visible
        at = as_utc(message.sent_at)
        in_time = (since is None or at >= since) and (until is None or at < until)
        return message.state == MessageState.SENT and ours and in_time

    def _on_earlier_pages(self, threads: Collection[UUID]) -> set[UUID]:
        """Those of which an earlier page has shown a newer message."""
        if self._cursor is None:
            return set()
        newer = col(Message.thread_id).in_(threads) & (col(Message.number) >= self._cursor)
        return {row.thread_id for row in self._opened(newer)}

    def _opened(self, which: ColumnElement[bool]) -> list[Message]:
        """The newest of some messages: those that are found by being opened."""
        newest = select(Message).where(which).order_by(col(Message.number).desc()).limit(_OPENED)
        rows = [row for row in self.session.exec(newest) if self._is_wanted(row)]
        return [row for row in rows if self._is_found(row)]

    def _is_found(self, message: Message) -> bool:
        words = words_in(self.exchange, message)
        return all(any(word.startswith(one) for word in words) for one in self.beginnings)

    def _candidates(self) -> Iterator[Numbers]:
        """Numbers of messages that hold the words, newest first, whoever may read them."""
        if not self.beginnings:
            return
        below, least = self._bounds()
        for some in self._with_fresh(below):
            bounded = some[some >= least]
            yield bounded
            if len(bounded) < len(some):
                return

    def _with_fresh(self, below: int) -> Iterator[Numbers]:
        """What the index knows, and in its place what is in no index yet."""
        fresh = self._fresh(below)
        asked = (self.session, self.exchange, self.box.visible, self.query.asked, below)
        for some in index.found(*asked):
            newer = fresh[fresh >= some[-1]]
            yield np.sort(np.concatenate([some, newer]))[::-1]
            fresh = fresh[len(newer) :]
        yield fresh

    def _fresh(self, below: int) -> Numbers:
        """Those of this mailbox that no index has yet, found by being opened.

        Nothing is asked of their numbers there: SQLite would read all messages in the order of numbers.
        """
        rows = [row.number for row in self._rows(NOT_YET, most=_OPENED) if row.number < below]
        numbers = [row.number for row in self._placed(np.array(rows, np.uint32))]
        return _numbers(self._opened(_of(self.session, numbers)) if numbers else [])

    @property
    def _cursor(self) -> int | None:
        given = self.query.within.cursor
        if given and not (given.isdecimal() and given.isascii() and len(given) < _DIGITS):
            raise RequestInvalidError(what="this cursor was not given by the portal")
        return min(int(given), BEYOND) if given else None

    def _between(self) -> tuple[datetime | None, datetime | None]:
        """From when, and before when, messages were sent."""
        since, until = (
            day and min(max(day, _EARLIEST), _LATEST) for day in (self.query.since, self.query.until)
        )
        begin = datetime.combine(since, time(), UTC) if since else None
        return begin, datetime.combine(until + timedelta(days=1), time(), UTC) if until else None

    def _bounds(self) -> tuple[int, int]:
        """Only messages of a number below the first and not below the second come into question."""
        since, until = self._between()
        least = _first_since(self.session, since - _SKEW) if since else 0
        below = _first_since(self.session, until + _SKEW) if until else BEYOND
        return min(below, BEYOND if self._cursor is None else self._cursor), least


def _of(session: Session, numbers: Sequence[int]) -> ColumnElement[bool]:
    """That a message has one of these numbers, which are any many."""
    return among(session, cast("Mapped[int]", col(Message.number)), numbers)


def _numbers(rows: Iterable[Message]) -> Numbers:
    return np.array([row.number for row in rows], np.uint32)


def _first_since(session: Session, moment: datetime) -> int:
    """The least number of a message sent at this moment or later, if numbers are in the order of times.

    Found by halving: it needs no index over times.
    """
    low, high = 0, (session.exec(select(func.max(Message.number))).one() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        there = (
            select(Message.sent_at)
            .where(col(Message.number) >= middle)
            .order_by(col(Message.number))
            .limit(1)
        )
        sent_at = session.exec(there).first()
        if sent_at is None or as_utc(sent_at) >= moment:
            high = middle
        else:
            low = middle + 1
    return low
