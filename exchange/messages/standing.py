"""What a side of a thread has before it, counted anew from its messages when one of them is taken away."""

from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from exchange.messages import desk
from exchange.models.accounts import Organization
from exchange.models.base import as_utc
from exchange.models.messages import Message, MessageKind, MessageState, ThreadSide
from roles.correspondence import TOPICS
from roles.organizations import OrganizationKind


def recount(session: Session, side: ThreadSide) -> None:
    """Count what nobody of a side has opened, and since when the other side waits for its answer.

    In the caller's transaction, which holds the thread. A day that somebody set for the answer stays, unless
    it is another message that waits now.
    """
    session.flush()
    side.unread = session.exec(
        select(func.count()).where(_theirs(side), col(Message.read_at).is_(None))
    ).one()
    since = _waits_since(session, side)
    if since != (as_utc(side.waiting_since) if side.waiting_since else None):
        kind = OrganizationKind(session.get_one(Organization, side.organization_id).kind)
        side.waiting_since = since
        side.due_on = desk.usual_due(kind, TOPICS[side.topic], since) if since else None
    session.add(side)


def _waits_since(session: Session, side: ThreadSide) -> datetime | None:
    """When the other side wrote first after this one wrote last; an answer that was purged was one."""
    ours = _of(side) & (col(Message.organization_id) == side.organization_id)
    answered = columns(func.coalesce(func.max(col(Message.number)), 0)).where(
        ours, col(Message.state) != MessageState.RECALLED
    )
    after = col(Message.number) > answered.scalar_subquery()
    first = session.exec(select(func.min(Message.sent_at)).where(_theirs(side), after)).one()
    return as_utc(first) if first else None


def _theirs(side: ThreadSide) -> ColumnElement[bool]:
    """What the other side wrote and still stands."""
    return (
        _of(side)
        & (col(Message.organization_id) == side.other_id)
        & (col(Message.state) == MessageState.SENT)
    )


def _of(side: ThreadSide) -> ColumnElement[bool]:
    return (col(Message.thread_id) == side.thread_id) & (col(Message.kind) == MessageKind.MESSAGE)
