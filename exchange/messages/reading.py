"""Reading a thread: what a page of it shows, and that opening it is a receipt for the other side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from exchange import journal
from exchange.database import transaction
from exchange.messages import attachments, documents
from exchange.messages.access import Mailbox, mailbox, message_of, pulse, side_of
from exchange.messages.attachments import AttachmentView
from exchange.messages.documents import Document
from exchange.messages.inbox import ThreadLine, lines_of
from exchange.models.accounts import Account
from exchange.models.base import as_utc
from exchange.models.messages import (
    Message,
    MessageKind,
    MessageReceipt,
    MessageState,
    ReceiptKind,
    ThreadSide,
)
from exchange.runtime import Exchange
from roles.policy import Actor

AT_ONCE = 50
"""Messages on one page of a thread, the newest of it."""
BEYOND = 2**31 - 1
"""No message has such a number, and no database would compare a greater one."""


@dataclass(frozen=True)
class ReceiptView:
    """Who did what with a message, and when; `attachment_id` of what was fetched."""

    person: str
    kind: str
    at: datetime
    channel: str
    attachment_id: UUID | None


@dataclass(frozen=True)
class MessageView:
    """A message as one side sees it; `document` is None for one that is gone.

    `own`: its own organization wrote it. `may_recall`: nobody of the other side has read it yet, and
    no hold of its own side keeps it.
    """

    id: UUID
    number: int
    kind: str
    state: str
    own: bool
    at: datetime
    recalled_at: datetime | None
    document: Document | None
    attachments: list[AttachmentView]
    receipts: list[ReceiptView]
    may_recall: bool


@dataclass(frozen=True)
class ThreadView:
    """A thread as one side sees it: its line in the list, its newest messages, oldest of them first.

    `earlier`: the number to ask for what came before; 0 where nothing did. `held`: its
    own side holds it, so that nothing of it is purged.
    """

    line: ThreadLine
    topic: str
    messages: list[MessageView]
    earlier: int
    held: bool
    assigned_to: UUID | None
    office_id: UUID | None
    person_id: UUID | None


def opened(exchange: Exchange, actor: Actor, thread_id: UUID, before: int = 0) -> ThreadView:
    """Open a thread: what is new in it counts as read from now on, and its writers are shown so.

    `before`: messages with a smaller number only. Raises `ThreadNotFoundError`.
    """
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor)
        side = side_of(session, box, thread_id, lock=True)
        rows = _rows(session, box, thread_id, before)
        shown = rows[:AT_ONCE][::-1]
        note_read(session, exchange, actor, side, shown)
        return ThreadView(
            line=lines_of(session, exchange, [side])[0],
            topic=side.topic,
            messages=_views(session, exchange, side, shown),
            earlier=shown[0].number or 0 if len(rows) > AT_ONCE else 0,
            held=side.held_at is not None,
            assigned_to=side.assigned_to,
            office_id=side.office_id,
            person_id=side.person_id,
        )


def opened_message(exchange: Exchange, actor: Actor, message_id: UUID) -> bytes:
    """The document of one message, byte by byte as it was delivered; it counts as read from now on.

    Raises `ThreadNotFoundError`.
    """
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor)
        message = message_of(session, box, message_id, lock=True)
        note_read(
            session, exchange, actor, session.get_one(ThreadSide, (message.thread_id, box.visible)), [message]
        )
        return documents.opened(exchange, message.sealed or b"", message.id)


def note_read(
    session: Session, exchange: Exchange, actor: Actor, side: ThreadSide, messages: Sequence[Message]
) -> None:
    """Note, in the caller's transaction, that the actor has these messages of the other side before them.

    The thread is held by the caller, so that none of them is recalled at the same moment.
    """
    foreign = [one for one in messages if _is_readable(one) and one.organization_id != side.organization_id]
    seen = _seen_by(session, actor, [one.id for one in foreign])
    for message in foreign:
        if message.id not in seen:
            _mark_read(session, exchange, side, message)
            _receive(session, exchange, actor, message.id, ReceiptKind.READ)


def note_downloaded(
    session: Session,
    exchange: Exchange,
    actor: Actor,
    side: ThreadSide,
    message: Message,
    attachment_id: UUID,
) -> None:
    """Note, in the caller's transaction, that the actor fetches a file; a message is read by that as well."""
    if message.organization_id == side.organization_id:
        return
    note_read(session, exchange, actor, side, [message])
    known = select(MessageReceipt.id).where(
        MessageReceipt.message_id == message.id,
        MessageReceipt.account_id == actor.account_id,
        MessageReceipt.attachment_id == attachment_id,
    )
    if session.exec(known).first() is None:
        _receive(session, exchange, actor, message.id, ReceiptKind.DOWNLOADED, attachment_id)


def _mark_read(session: Session, exchange: Exchange, side: ThreadSide, message: Message) -> None:
    """The first of an organization who opens a message has it counted as read."""
    if message.read_at is None:
        message.read_at = exchange.clock()
        side.unread = max(side.unread - 1, 0)
        session.add_all([message, side])
        pulse(session, side.organization_id, message.organization_id)


def _receive(
    session: Session,
    exchange: Exchange,
    actor: Actor,
    message_id: UUID,
    kind: ReceiptKind,
    attachment_id: UUID | None = None,
) -> None:
    receipt = MessageReceipt(
        message_id=message_id,
        account_id=actor.account_id,
        kind=kind.value,
        attachment_id=attachment_id,
        channel=actor.channel.value,
        at=exchange.clock(),
    )
    session.add(receipt)
    session.flush()
    facts = {"attachment": str(attachment_id)} if attachment_id else {}
    journal.append(session, exchange, f"message.{kind.value}", actor, message_id, **facts)


def _is_readable(message: Message) -> bool:
    return message.state == MessageState.SENT and message.kind == MessageKind.MESSAGE


def _seen_by(session: Session, actor: Actor, ids: list[UUID]) -> set[UUID]:
    mine = select(MessageReceipt.message_id).where(
        col(MessageReceipt.message_id).in_(ids),
        MessageReceipt.account_id == actor.account_id,
        MessageReceipt.kind == ReceiptKind.READ,
    )
    return set(session.exec(mine))


def _rows(session: Session, box: Mailbox, thread_id: UUID, before: int) -> Sequence[Message]:
    """The newest messages of a thread, and the notes of one's own organization, one more than are shown."""
    ours = or_(col(Message.kind) != MessageKind.NOTE, col(Message.organization_id) == box.visible)
    wanted = select(Message).where(Message.thread_id == thread_id, ours)
    if before:
        wanted = wanted.where(col(Message.number) < min(before, BEYOND))
    return session.exec(wanted.order_by(col(Message.number).desc()).limit(AT_ONCE + 1)).all()


def _views(
    session: Session, exchange: Exchange, side: ThreadSide, rows: Sequence[Message]
) -> list[MessageView]:
    receipts = _receipts(session, [row.id for row in rows])
    return [_view(session, exchange, side, row, receipts.get(row.id, [])) for row in rows]


def _view(
    session: Session, exchange: Exchange, side: ThreadSide, row: Message, receipts: list[ReceiptView]
) -> MessageView:
    own, there = row.organization_id == side.organization_id, row.sealed is not None
    return MessageView(
        id=row.id,
        number=row.number or 0,
        kind=row.kind,
        state=row.state,
        own=own,
        at=as_utc(row.sent_at),
        recalled_at=as_utc(row.recalled_at) if row.recalled_at else None,
        document=documents.read(documents.opened(exchange, row.sealed, row.id)) if row.sealed else None,
        attachments=attachments.of_message(session, exchange, row.id) if there else [],
        receipts=receipts,
        may_recall=own and _is_readable(row) and row.read_at is None and side.held_at is None,
    )


def _receipts(session: Session, ids: list[UUID]) -> dict[UUID, list[ReceiptView]]:
    pairs = (
        select(MessageReceipt, Account.name)
        .join(Account, col(Account.id) == col(MessageReceipt.account_id))
        .where(col(MessageReceipt.message_id).in_(ids))
        .order_by(col(MessageReceipt.at))
    )
    found: dict[UUID, list[ReceiptView]] = {}
    for row, person in session.exec(pairs):
        seen = ReceiptView(person, row.kind, as_utc(row.at), row.channel, row.attachment_id)
        found.setdefault(row.message_id, []).append(seen)
    return found
