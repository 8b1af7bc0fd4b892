"""How much waits in the shared inbox of an agency, with whom, and how long its answers took."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, text
from sqlalchemy import select as columns
from sqlmodel import Session, col

from exchange.database import reading
from exchange.messages.access import Mailbox, mailbox
from exchange.messages.colleagues import colleagues
from exchange.models.accounts import Account
from exchange.models.base import as_utc
from exchange.models.messages import Message, Office, ThreadSide
from exchange.runtime import Exchange
from exchange.volumes.figures import Volume, month_after, months_before
from roles.correspondence import TOPICS
from roles.permissions import Permission
from roles.policy import Actor

MONTHS = 12
"""The present month and those before it."""
_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000
_TOOK: Any = col(Message.answered_in)
_ROUNDED: ColumnElement[int] = case(
    (_TOOK < _HOUR, _TOOK - _TOOK % _MINUTE),
    (_TOOK < _DAY, _TOOK - _TOOK % (5 * _MINUTE)),
    else_=_TOOK - _TOOK % _HOUR,
)
"""To the minute below an hour, five minutes below a day, the hour above: few rows come out."""


@dataclass(frozen=True)
class Share:
    """What waits of a topic, in an office or with a person; `key`: the slug or id, empty for none of them.

    `since`: since when the first of them waits. `gone`: the office is closed, the person has no access.
    """

    key: str
    name: str
    waiting: int
    overdue: int
    since: datetime
    gone: bool = False


@dataclass(frozen=True)
class Month:
    """The answers of a month, which begins at `begin`: how many, and the time in which they were given."""

    begin: datetime
    answers: int
    median: timedelta | None
    ninety: timedelta | None


@dataclass(frozen=True)
class Load:
    """What waits now, in three ways, those with most first, and the answers of the last months."""

    waiting: int
    overdue: int
    unassigned: int
    topics: list[Share]
    offices: list[Share]
    people: list[Share]
    months: list[Month]


@dataclass(frozen=True)
class _Group:
    """Threads of a topic, an office and a person that wait."""

    topic: str
    office: UUID | None
    person: UUID | None
    waiting: int
    overdue: int
    since: datetime


def load(exchange: Exchange, actor: Actor) -> Load:
    """Count what waits of the threads that the actor sees, and time all answers of its agency.

    A thread waits until it is answered, closed or put away. Raises `NotPermittedError`.
    """
    now = exchange.clock()
    with reading(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_MANAGE)
        groups = _groups(session, box, now.date())
        months = [_month(session, box, begin) for begin in months_before(now, MONTHS)]
        offices = _offices(session, box)
        people = _people(session, box, {one.person for one in groups if one.person})
    return Load(
        waiting=sum(one.waiting for one in groups),
        overdue=sum(one.overdue for one in groups),
        unassigned=sum(one.waiting for one in groups if one.person is None),
        topics=_shares((one.topic, one) for one in groups),
        offices=_shares(((str(one.office or ""), one) for one in groups), offices),
        people=_shares(((str(one.person or ""), one) for one in groups), people),
        months=months,
    )


def _groups(session: Session, box: Mailbox, today: date) -> list[_Group]:
    side = (col(ThreadSide.topic), col(ThreadSide.office_id), col(ThreadSide.assigned_to))
    late = func.sum(case((col(ThreadSide.due_on) < today, 1), else_=0))
    since = col(ThreadSide.waiting_since)
    counted = columns(*side, func.count(), late, func.min(since)).where(
        box.shown,
        since.is_not(None),
        col(ThreadSide.closed).is_(False),
        col(ThreadSide.archived).is_(False),
    )
    rows = session.execute(counted.group_by(*side))
    return [
        _Group(topic, office, person, int(waiting), int(late), as_utc(first))
        for topic, office, person, waiting, late, first in rows
    ]


_Called = Mapping[str, tuple[str, bool]]
"""What a key is called, and whether it is gone."""
_TITLES: _Called = {slug: (topic.title, False) for slug, topic in TOPICS.items()}


def _shares(groups: Iterable[tuple[str, _Group]], called: _Called = _TITLES) -> list[Share]:
    """The groups added up by a key, those with most first; an office or a person with nothing is left out."""
    found: dict[str, Share] = {}
    for key, one in groups:
        name, gone = called[key]
        so_far = found.get(key) or Share(key, name, 0, 0, one.since, gone)
        found[key] = Share(
            key,
            name,
            so_far.waiting + one.waiting,
            so_far.overdue + one.overdue,
            min(so_far.since, one.since),
            gone,
        )
    return sorted(found.values(), key=lambda one: (-one.waiting, one.name))


def _offices(session: Session, box: Mailbox) -> dict[str, tuple[str, bool]]:
    own = columns(col(Office.id), col(Office.name), col(Office.closed_at))
    rows = session.execute(own.where(col(Office.organization_id) == box.visible))
    return {"": ("No office", False)} | {str(of): (name, closed is not None) for of, name, closed in rows}


def _people(session: Session, box: Mailbox, wanted: set[UUID]) -> dict[str, tuple[str, bool]]:
    there = {row.id for row in colleagues(session, box.visible)}
    named = columns(col(Account.id), col(Account.name)).where(col(Account.id).in_(wanted))
    rows = session.execute(named)
    return {"": ("Nobody yet", False)} | {str(of): (name, of not in there) for of, name in rows}


def _month(session: Session, box: Mailbox, begin: datetime) -> Month:
    """The answers of one month, over an index of its own: median and 90th percentile by nearest rank."""
    at = col(Message.sent_at)
    counted = columns(_ROUNDED, func.count()).where(
        col(Message.organization_id) == box.visible,
        at >= begin,
        at < month_after(begin),
        text("answered_in IS NOT NULL"),  # by the word of the index; a Boolean would be compared with 1
    )
    took = Counter({time: int(count) for time, count in session.execute(counted.group_by(_ROUNDED))})
    answered = Volume(answered=took)
    return Month(begin, took.total(), answered.within(50), answered.within(90))
