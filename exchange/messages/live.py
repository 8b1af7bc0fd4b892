"""What is new in a mailbox, for the badge of every page and for pages that stay open."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import col, select

from exchange.database import reading
from exchange.messages.access import mailbox
from exchange.messages.inbox import UNREAD
from exchange.models.messages import MailboxPulse, ThreadSide
from exchange.runtime import Exchange
from roles.permissions import Permission
from roles.policy import Actor, can

MOST = 100
"""Threads that are counted; a badge says "99+" for as many."""


def unread(exchange: Exchange, actor: Actor) -> int:
    """How many threads of the actor's mailbox have something unread, at most `MOST`; 0 for who reads none."""
    if not can(actor, Permission.MESSAGE_READ):
        return 0
    with reading(exchange.engine) as session:
        shown = mailbox(session, exchange, actor).shown
        new = columns(col(ThreadSide.thread_id)).where(shown, UNREAD).limit(MOST)
        return int(session.execute(columns(func.count()).select_from(new.subquery())).scalar_one())


def pulses(exchange: Exchange, organizations: Collection[UUID]) -> dict[UUID, int]:
    """How often each of these mailboxes has changed; one that never did is not there."""
    wanted = select(MailboxPulse).where(col(MailboxPulse.organization_id).in_(organizations))
    with reading(exchange.engine) as session:
        return {row.organization_id: row.count for row in session.exec(wanted)}
