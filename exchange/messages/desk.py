"""Work in the shared inbox of an agency: who answers a thread, by when, and which office it lies in.

All of it stands on the agency's own side of a thread. The other organization learns nothing of it: neither
its pages nor the count of changes that its open pages follow.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from exchange import business_days, journal, mail
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, NotNowError
from exchange.messages.access import mailbox, pulse, side_of
from exchange.messages.addressees import offices
from exchange.messages.colleagues import colleague, colleagues
from exchange.models.messages import ThreadSide
from exchange.runtime import Exchange
from roles.correspondence import AGENCIES, Topic
from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor

FURTHEST = timedelta(days=366)
"""How far ahead an answer may be due."""
Named = tuple[UUID, str]


@dataclass(frozen=True)
class Choices:
    """Whom a thread may be assigned to, and where it may go: ids with their names, by name."""

    people: list[Named]
    offices: list[Named]


def choices(exchange: Exchange, actor: Actor) -> Choices:
    """The people with access and the open offices of the actor's agency. Raises `NotPermittedError`."""
    with reading(exchange.engine) as session:
        visible = mailbox(session, exchange, actor, Permission.MESSAGE_MANAGE).visible
        people = [(one.id, one.name) for one in colleagues(session, visible)]
        return Choices(people, [(one.id, one.name) for one in offices(session, visible)])


def assign(exchange: Exchange, actor: Actor, thread_id: UUID, account_id: UUID) -> None:
    """Give a thread to somebody of one's own organization, who is told, and sees it whatever its topic.

    Raises `FieldsRefusedError` for anybody without access, or `ThreadNotFoundError`.
    """
    with _working(exchange, actor, thread_id) as (session, side):
        if colleague(session, side.organization_id, account_id) is None:
            raise FieldsRefusedError({"assigned_to": "Choose somebody of your organization who has access"})
        _assign(session, exchange, actor, side, account_id)
        if account_id != actor.account_id:
            mail.notify_of_message(session, exchange, side.organization_id, thread_id, [account_id])


def take(exchange: Exchange, actor: Actor, thread_id: UUID) -> None:
    """Take a thread that nobody has, or only somebody without access: of two who do, one gets it.

    Raises `NotNowError` when a colleague has it, or `ThreadNotFoundError`.
    """
    with _working(exchange, actor, thread_id) as (session, side):
        other = side.assigned_to if side.assigned_to != actor.account_id else None
        if other is not None and colleague(session, side.organization_id, other) is not None:
            raise NotNowError(why="a colleague has taken this conversation; see who, and ask them")
        _assign(session, exchange, actor, side, actor.account_id)


def unassign(exchange: Exchange, actor: Actor, thread_id: UUID) -> None:
    """Let a thread be nobody's again. Raises `ThreadNotFoundError`."""
    with _working(exchange, actor, thread_id) as (session, side):
        _assign(session, exchange, actor, side, None)


def due(exchange: Exchange, actor: Actor, thread_id: UUID, typed: str) -> None:
    """Say by which day the answer is due, as year-month-day; nothing typed: it is due on no day.

    Raises `FieldsRefusedError`, `NotNowError` where nobody waits for an answer, or `ThreadNotFoundError`.
    """
    with _working(exchange, actor, thread_id) as (session, side):
        day = _day(typed, exchange.clock().date()) if typed else None
        if side.waiting_since is None:
            raise NotNowError(why="nobody waits for an answer in this conversation")
        if side.due_on != day:
            side.due_on = day
            _note(session, exchange, actor, side, "thread.due", day=day.isoformat() if day else None)


def move(exchange: Exchange, actor: Actor, thread_id: UUID, office_id: UUID | None) -> None:
    """Move a thread to an office of one's own agency, or out of any.

    Raises `FieldsRefusedError` for an office that is closed or another's, or `ThreadNotFoundError`.
    """
    with _working(exchange, actor, thread_id) as (session, side):
        if office_id is not None and office_id not in {
            one.id for one in offices(session, side.organization_id)
        }:
            raise FieldsRefusedError({"office": "Choose an open office of your organization"})
        if side.office_id != office_id:
            side.office_id = office_id
            _note(session, exchange, actor, side, "thread.moved", office=_text(office_id))


def usual_due(own: OrganizationKind, topic: Topic, since: datetime) -> date | None:
    """The day by which an agency owes an answer for which somebody waits since then; others owe none."""
    return business_days.after(since, topic.answer_days).date() if own in AGENCIES else None


@contextmanager
def _working(exchange: Exchange, actor: Actor, thread_id: UUID) -> Iterator[tuple[Session, ThreadSide]]:
    """One transaction on one's own side of a thread, which is held until it ends."""
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_MANAGE)
        yield session, side_of(session, box, thread_id, lock=True)


def _assign(
    session: Session, exchange: Exchange, actor: Actor, side: ThreadSide, account_id: UUID | None
) -> None:
    if side.assigned_to != account_id:
        side.assigned_to = account_id
        _note(session, exchange, actor, side, "thread.assigned", to=_text(account_id))


def _note(
    session: Session, exchange: Exchange, actor: Actor, side: ThreadSide, kind: str, **facts: Any
) -> None:
    """Put the act down, and have the open pages of one's own organization follow it; no others."""
    session.add(side)
    journal.append(session, exchange, kind, actor, side.thread_id, **facts)
    pulse(session, side.organization_id)


def _text(identifier: UUID | None) -> str | None:
    return str(identifier) if identifier else None


def _day(typed: str, today: date) -> date:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise FieldsRefusedError({"due_on": "Enter a day as year-month-day, such as 2026-03-27"}) from None
    if not today <= day <= today + FURTHEST:
        raise FieldsRefusedError({"due_on": "Enter a day from today on, a year ahead at most"})
    return day
