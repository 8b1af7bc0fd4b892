"""What is done with threads and messages: recalled before anybody read them, closed, reopened, put away."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from exchange import journal
from exchange.database import transaction
from exchange.errors import NotNowError, RecallTooLateError, ThreadNotFoundError
from exchange.messages import attachments, documents, drafts, standing
from exchange.messages.access import Mailbox, mailbox, pulse, side_of
from exchange.models.base import as_utc
from exchange.models.messages import (
    Message,
    MessageAttachment,
    MessageKind,
    MessageState,
    Thread,
    ThreadSide,
)
from exchange.runtime import Exchange
from roles.permissions import Permission
from roles.policy import Actor


def recall(exchange: Exchange, actor: Actor, message_id: UUID) -> UUID:
    """Take a message of one's own organization back before anybody has read it; returns a draft of it.

    Raises `RecallTooLateError`, `ThreadNotFoundError`, or `NotNowError` while its own side holds the thread:
    whoever recalls could throw it away. Nothing of it can be read afterwards: reading and recalling hold the
    thread, so that one of them comes first.
    """
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        own, message = _recallable(session, box, message_id)
        draft_id = _as_draft(session, exchange, actor, box, message)
        _take_back(session, exchange, own, message)
        journal.append(session, exchange, "message.recalled", actor, message.id)
    return draft_id


def close(exchange: Exchange, actor: Actor, thread_id: UUID) -> None:
    """End a conversation: nothing can be added until one of the two reopens it."""
    _set_closed(exchange, actor, thread_id, closed=True)


def reopen(exchange: Exchange, actor: Actor, thread_id: UUID) -> None:
    """Let a conversation that was closed go on."""
    _set_closed(exchange, actor, thread_id, closed=False)


def archive(exchange: Exchange, actor: Actor, thread_id: UUID, *, away: bool = True) -> None:
    """Put a thread away for one's own organization, or fetch it back; a new message fetches it back, too."""
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor)
        side = side_of(session, box, thread_id, lock=True)
        if side.archived == away:
            return
        side.archived = away
        session.add(side)
        journal.append(session, exchange, "thread.archived", actor, thread_id, away=away)
        pulse(session, box.visible)


def _set_closed(exchange: Exchange, actor: Actor, thread_id: UUID, *, closed: bool) -> None:
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        side_of(session, box, thread_id, lock=True)
        thread = session.get_one(Thread, thread_id)
        if (thread.closed_at is not None) == closed:
            return
        thread.closed_at = exchange.clock() if closed else None
        session.add(thread)
        sides = session.exec(select(ThreadSide).where(ThreadSide.thread_id == thread_id)).all()
        for side in sides:
            side.closed = closed
            session.add(side)
        journal.append(session, exchange, "thread.closed" if closed else "thread.reopened", actor, thread_id)
        pulse(session, *(side.organization_id for side in sides))


def _recallable(session: Session, box: Mailbox, message_id: UUID) -> tuple[ThreadSide, Message]:
    """A message of the mailbox's own with its side of the thread, which is held from now on."""
    message = session.exec(select(Message).where(Message.id == message_id)).first()
    if message is None:
        raise ThreadNotFoundError
    own = side_of(session, box, message.thread_id, lock=True)
    session.refresh(message, with_for_update=True)
    if message.organization_id != box.visible or message.kind != MessageKind.MESSAGE:
        raise ThreadNotFoundError
    if message.state != MessageState.SENT or message.read_at is not None:
        raise RecallTooLateError
    if own.held_at is not None:
        raise NotNowError(why="a legal hold keeps this conversation; nothing is taken out of it")
    return own, message


def _as_draft(session: Session, exchange: Exchange, actor: Actor, box: Mailbox, message: Message) -> UUID:
    """The message as a draft of whoever recalls it, with its files."""
    said = documents.read(documents.opened(exchange, message.sealed or b"", message.id))
    filled = {
        "to": str(said.addressee.organization_id),
        "office": "",
        "person": "",
        "topic": said.topic,
        "classification": said.classification,
        "subject": said.subject,
        "body": said.body,
    }
    draft = drafts.add(session, exchange, actor, box, filled, message.thread_id)
    drafts.copy_attachments(session, message.id, draft.id)
    return draft.id


def _take_back(session: Session, exchange: Exchange, own: ThreadSide, message: Message) -> None:
    """Take a message out of both sides of its thread."""
    theirs = session.get_one(ThreadSide, (own.thread_id, own.other_id))
    _answer_later(session, message)
    message.state, message.sealed, message.size = MessageState.RECALLED.value, None, 0
    message.recalled_at, message.answered_in = exchange.clock(), None
    theirs.messages -= 1
    session.add(message)
    for side in (own, theirs):
        standing.recount(session, side)
    _let_files_go(session, exchange, message)
    pulse(session, own.organization_id, theirs.organization_id)


def _answer_later(session: Session, message: Message) -> None:
    """Where a message was the answer to something, what its writers sent next is that now."""
    if message.answered_in is None:
        return
    next_one = (
        select(Message)
        .where(Message.thread_id == message.thread_id, Message.organization_id == message.organization_id)
        .where(Message.kind == MessageKind.MESSAGE, Message.state == MessageState.SENT)
        .where(col(Message.number) > message.number)
    )
    later = session.exec(next_one.order_by(col(Message.number))).first()
    if later is not None:
        more = as_utc(later.sent_at) - as_utc(message.sent_at)
        later.answered_in = message.answered_in + more // timedelta(milliseconds=1)
        session.add(later)


def _let_files_go(session: Session, exchange: Exchange, message: Message) -> None:
    links = session.exec(select(MessageAttachment).where(MessageAttachment.message_id == message.id)).all()
    for link in links:
        session.delete(link)
    session.flush()
    attachments.let_go(session, exchange, [link.transfer_id for link in links])
