"""Letting messages go: their words and files when their time has ended, never while a side holds the thread.

What stays is the journal, and a row that says when a message was sent and that it is purged.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, exists, update
from sqlmodel import Session, col, delete, select

from exchange import journal
from exchange.database import reading, transaction
from exchange.messages import attachments, index, standing
from exchange.messages.access import pulse
from exchange.models.messages import (
    Message,
    MessageAttachment,
    MessageDraft,
    MessageState,
    Thread,
    ThreadSide,
)
from exchange.models.transfers import Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import retention

_AT_ONCE = 500


def sweep(exchange: Exchange) -> int:
    """Purge the messages that are due, with what only they hold; how many went. A worker's chore."""
    with reading(exchange.engine) as session:
        found = session.exec(select(Message.thread_id).where(_due(exchange)).limit(_AT_ONCE))
        threads = list(dict.fromkeys(found))
    return sum(_purge(exchange, thread_id) for thread_id in threads)


def _due(exchange: Exchange) -> ColumnElement[bool]:
    """Messages whose time has ended, in threads that nobody holds."""
    held = exists().where(
        col(ThreadSide.thread_id) == col(Message.thread_id), col(ThreadSide.held_at).is_not(None)
    )
    kept = col(Message.state) != MessageState.PURGED
    return kept & (col(Message.expires_at) <= exchange.clock()) & ~held


def _purge(exchange: Exchange, thread_id: UUID) -> int:
    """Purge what is due of one thread, in one transaction, and shred its files after it."""
    with transaction(exchange.engine) as session:
        session.get(Thread, thread_id, with_for_update=True)
        of_it = col(Message.thread_id) == thread_id
        messages = session.exec(select(Message).where(of_it, _due(exchange))).all()
        files = _let_files_go(session, exchange, messages)
        retention.purge(session, exchange, files)
        for message in messages:
            message.state, message.sealed, message.size = MessageState.PURGED.value, None, 0
            session.add(message)
            journal.append(session, exchange, "message.purged", None, message.id)
        _settle(session, exchange, thread_id)
    retention.shred_unused(exchange, {file.blob_id for file in files if file.blob_id})
    return len(messages)


def _let_files_go(session: Session, exchange: Exchange, messages: Sequence[Message]) -> list[Transfer]:
    """Take the files of messages from them; those that no other message or draft holds."""
    ids = [message.id for message in messages]
    links = session.exec(select(MessageAttachment).where(col(MessageAttachment.message_id).in_(ids))).all()
    files = {link.transfer_id for link in links}
    for link in links:
        link.message_id = None
        session.add(link)
    session.flush()
    attachments.let_go(session, exchange, files)
    named = col(MessageAttachment.message_id).is_not(None) | col(MessageAttachment.draft_id).is_not(None)
    mine = col(MessageAttachment.transfer_id).in_(files)
    wanted = set(session.exec(select(MessageAttachment.transfer_id).where(mine, named)))
    unused = col(Transfer.id).in_(files - wanted)
    return list(session.exec(select(Transfer).where(unused, Transfer.status != Status.PURGED)).all())


def _settle(session: Session, exchange: Exchange, thread_id: UUID) -> None:
    """Have both mailboxes show what is left of a thread; one that is empty leaves them with its subject."""
    sides = session.exec(select(ThreadSide).where(ThreadSide.thread_id == thread_id)).all()
    pulse(session, *(side.organization_id for side in sides))
    left = select(Message.id).where(Message.thread_id == thread_id, Message.state != MessageState.PURGED)
    if session.exec(left.limit(1)).first() is not None:
        for side in sides:
            standing.recount(session, side)
        return
    _forget_words(session, exchange, thread_id, [side.organization_id for side in sides])
    for draft in session.exec(select(MessageDraft).where(MessageDraft.thread_id == thread_id)).all():
        draft.thread_id = None
        session.add(draft)
    session.execute(delete(ThreadSide).where(col(ThreadSide.thread_id) == thread_id))
    session.get_one(Thread, thread_id).subject_sealed = b""


def _forget_words(session: Session, exchange: Exchange, thread_id: UUID, organizations: list[UUID]) -> None:
    """Take a thread out of both indexes while it is still known whose they are."""
    indexed = (col(Message.thread_id) == thread_id) & col(Message.indexed_at).is_not(None)
    numbers = [number for number in session.exec(select(Message.number).where(indexed)) if number]
    for organization_id in sorted(organizations):
        index.remove(session, exchange, organization_id, numbers)
    session.execute(update(Message).where(indexed).values(indexed_at=None))
