"""The list of a mailbox: its threads, newest first, by box, topic and office."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, literal_column, union
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from exchange.cursors import cursor, place
from exchange.database import reading
from exchange.errors import RequestInvalidError
from exchange.messages import documents
from exchange.messages.access import mailbox
from exchange.models.accounts import Account, Organization
from exchange.models.base import as_utc
from exchange.models.messages import Office, Thread, ThreadSide
from exchange.runtime import Exchange
from exchange.transfers.views import Page
from roles.correspondence import TOPICS
from roles.policy import Actor

SHOWN, MOST = 25, 1_000
NOT_THERE = "A message that was recalled"
"""Stands where a subject would tell something of a thread whose only message was taken back."""


UNREAD = col(ThreadSide.unread) > literal_column("0", Integer)
"""Written out, as the index over these rows has it."""


class Box(StrEnum):
    """Which threads of a mailbox a list holds; archived ones stand in `archived` and `all` only."""

    INBOX = "inbox"
    UNREAD = "unread"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    OVERDUE = "overdue"
    WAITING = "waiting"
    ARCHIVED = "archived"
    ALL = "all"


@dataclass(frozen=True)
class InboxQuery:
    """Which threads: of a box, a topic (slug), another organization, an office, assigned to somebody."""

    box: str = Box.INBOX.value
    topic: str = ""
    other_id: UUID | None = None
    office_id: UUID | None = None
    assigned_to: UUID | None = None
    cursor: str = ""
    limit: int = SHOWN


@dataclass(frozen=True)
class ThreadLine:
    """A thread in a list, as one side has it. `waiting_since`: since when the other side waits for us."""

    id: UUID
    subject: str
    topic: str
    classification: str
    other: str
    other_id: UUID
    unread: int
    messages: int
    last_at: datetime
    waiting_since: datetime | None
    due_on: date | None
    assigned_to: str
    office: str
    closed: bool
    archived: bool
    overdue: bool


@dataclass(frozen=True)
class _Names:
    """What the ids in some rows are called."""

    organizations: dict[UUID, str]
    people: dict[UUID, str]
    offices: dict[UUID, str]


def threads(exchange: Exchange, actor: Actor, query: InboxQuery) -> Page[ThreadLine]:
    """A page of the mailbox. Raises `RequestInvalidError` for a box, topic or cursor that is none."""
    limit = min(max(query.limit, 1), MOST)
    with reading(exchange.engine) as session:
        own = mailbox(session, exchange, actor)
        asked = [own.shown, *conditions(exchange, actor, own.visible, query)]
        rows = _newest(session, asked, limit + 1, apart=query.box == Box.ALL)
        lines = lines_of(session, exchange, rows[:limit])
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(lines, cursor(last.last_at, last.thread_id) if last else None)


def _newest(
    session: Session, asked: Sequence[ColumnElement[bool]], count: int, *, apart: bool
) -> Sequence[ThreadSide]:
    """The newest sides of threads. What is archived stands `apart` in each index: two lists in order."""
    wanted = select(ThreadSide).where(*asked).limit(count)
    in_order = wanted.order_by(col(ThreadSide.last_at).desc(), col(ThreadSide.thread_id).desc())
    if not apart:
        return session.exec(in_order).all()
    parts = (in_order.where(col(ThreadSide.archived).is_(away)) for away in (False, True))
    rows = [row for part in parts for row in session.exec(part)]
    return sorted(rows, key=lambda row: (row.last_at, row.thread_id), reverse=True)[:count]


def lines_of(session: Session, exchange: Exchange, rows: Sequence[ThreadSide]) -> list[ThreadLine]:
    """Sides of threads as a list shows them, in their order."""
    ids = [row.thread_id for row in rows]
    known = {one.id: one for one in session.exec(select(Thread).where(col(Thread.id).in_(ids)))}
    names, today = _names(session, rows), exchange.clock().date()
    return [_line(exchange, row, known[row.thread_id], names, today) for row in rows]


def subject_of(exchange: Exchange, thread: Thread, side: ThreadSide) -> str:
    """What a thread is about, unless all that this side could read of it was recalled."""
    if not side.messages:
        return NOT_THERE
    return exchange.vault.cells.open(documents.SUBJECT, thread.subject_sealed)


def _line(exchange: Exchange, row: ThreadSide, thread: Thread, names: _Names, today: date) -> ThreadLine:
    waits = row.waiting_since is not None
    return ThreadLine(
        id=thread.id,
        subject=subject_of(exchange, thread, row),
        topic=TOPICS[thread.topic].title,
        classification=thread.classification,
        other=names.organizations[row.other_id],
        other_id=row.other_id,
        unread=row.unread,
        messages=row.messages,
        last_at=as_utc(row.last_at),
        waiting_since=as_utc(row.waiting_since) if row.waiting_since else None,
        due_on=row.due_on,
        assigned_to=names.people.get(row.assigned_to, "") if row.assigned_to else "",
        office=names.offices.get(row.office_id, "") if row.office_id else "",
        closed=row.closed,
        archived=row.archived,
        overdue=bool(waits and not row.closed and row.due_on and row.due_on < today),
    )


def _names(session: Session, rows: Sequence[ThreadSide]) -> _Names:
    others = {row.other_id for row in rows}
    people = {row.assigned_to for row in rows if row.assigned_to}
    rooms = {row.office_id for row in rows if row.office_id}
    return _Names(
        _named(session, Organization, others),
        _named(session, Account, people),
        _named(session, Office, rooms),
    )


def _named(
    session: Session, model: type[Organization | Account | Office], ids: Collection[UUID]
) -> dict[UUID, str]:
    if not ids:
        return {}
    return dict(session.exec(select(model.id, model.name).where(col(model.id).in_(ids))).all())


def conditions(
    exchange: Exchange, actor: Actor, visible: UUID, query: InboxQuery
) -> list[ColumnElement[bool]]:
    """What a query says of a side of a thread in the mailbox of `visible`. Raises `RequestInvalidError`."""
    if query.box not in set(Box) or (query.topic and query.topic not in TOPICS):
        raise RequestInvalidError(what="there is no such box or topic")
    given = {
        ThreadSide.topic: query.topic,
        ThreadSide.other_id: query.other_id,
        ThreadSide.office_id: query.office_id,
        ThreadSide.assigned_to: query.assigned_to,
    }
    found = [col(column) == value for column, value in given.items() if value]
    found += _of_box(Box(query.box), visible, actor.account_id, exchange.clock().date())
    if query.cursor:
        moment, last = place(query.cursor)
        at, same = col(ThreadSide.last_at), col(ThreadSide.thread_id)
        found += [at <= moment, (at < moment) | ((at == moment) & (same < last))]
    return found


def _of_person(visible: UUID, account_id: UUID) -> ColumnElement[bool]:
    """Threads of this person, as two short lists: told of an "or", a database may read the whole mailbox."""
    one = aliased(ThreadSide)
    ours = columns(col(one.thread_id)).where(col(one.organization_id) == visible)
    lists = (ours.where(col(whose) == account_id) for whose in (one.assigned_to, one.person_id))
    return col(ThreadSide.thread_id).in_(union(*lists))


def _late(visible: UUID, today: date) -> ColumnElement[bool]:
    """Threads whose answer was due, as a list of their own: else SQLite reads the whole mailbox in order."""
    one = aliased(ThreadSide)
    owing = col(one.waiting_since).is_not(None) & col(one.archived).is_(False)
    late = columns(col(one.thread_id)).where(col(one.organization_id) == visible, owing)
    due = col(one.due_on).is_not(None) & (col(one.due_on) < today)  # said twice, it is a range worth an index
    return col(ThreadSide.thread_id).in_(late.where(due))


def _of_box(box: Box, visible: UUID, me: UUID, today: date) -> list[ColumnElement[bool]]:
    waits = col(ThreadSide.waiting_since).is_not(None) & col(ThreadSide.closed).is_(False)
    more: dict[Box, list[ColumnElement[bool]]] = {
        Box.UNREAD: [UNREAD],
        Box.MINE: [_of_person(visible, me)],
        Box.UNASSIGNED: [col(ThreadSide.assigned_to).is_(None), waits],
        Box.OVERDUE: [waits, _late(visible, today)],
        Box.WAITING: [waits],
    }
    if box is Box.ALL:
        return []
    return [col(ThreadSide.archived).is_(box is Box.ARCHIVED), *more.get(box, [])]
