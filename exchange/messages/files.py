"""Giving the files of messages out: one gate for every door."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel import Session, col, select

from exchange import journal
from exchange.database import reading, transaction
from exchange.errors import ContentNotAvailableError, ThreadNotFoundError
from exchange.messages import attachments
from exchange.messages.access import Mailbox, mailbox, message_of
from exchange.messages.attachments import AttachmentView
from exchange.messages.inbox import subject_of
from exchange.messages.reading import note_downloaded, note_read
from exchange.models.messages import MessageAttachment, Thread, ThreadSide
from exchange.models.transfers import Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers.delivery import Content, compare
from exchange.transfers.views import view_of
from exchange.vault import SealedReader
from roles.policy import Actor

OPENED = "message.file_opened"
"""The journal's word for each opening; the first of a person is a receipt besides."""


@dataclass(frozen=True)
class _Found:
    """A file of a message, and what its reader sees it called."""

    row: Transfer
    name: str


@dataclass(frozen=True)
class MessageFiles:
    """The files of a message, and the thread it stands in."""

    thread_id: UUID
    subject: str
    files: list[AttachmentView]


def listed(exchange: Exchange, actor: Actor, message_id: UUID) -> MessageFiles:
    """All files of a message, which counts as read from now on. Raises `ThreadNotFoundError`."""
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor)
        message = message_of(session, box, message_id, lock=True)
        side = session.get_one(ThreadSide, (message.thread_id, box.visible))
        note_read(session, exchange, actor, side, [message])
        subject = subject_of(exchange, session.get_one(Thread, message.thread_id), side)
        return MessageFiles(message.thread_id, subject, attachments.of_message(session, exchange, message.id))


def content(exchange: Exchange, actor: Actor, message_id: UUID, attachment_id: UUID) -> Content:
    """Open a file of a message that the actor may read; its writers see that it was fetched. Close it.

    `view.filename` is what the message calls it. Raises `ThreadNotFoundError`, also for what was recalled,
    `ContentNotAvailableError` once its bytes are gone, or a vault error when the store is damaged.
    """
    with reading(exchange.engine) as session:
        found = _found(session, exchange, mailbox(session, exchange, actor), message_id, attachment_id)
    reader = _reader(exchange, found.row)
    try:
        compare(reader, found.row)
        _note(exchange, actor, message_id, attachment_id)
    except BaseException:  # recalled meanwhile, or not in the journal: not given out
        reader.close()
        raise
    return Content(replace(view_of(found.row), filename=found.name), reader)


def _note(exchange: Exchange, actor: Actor, message_id: UUID, attachment_id: UUID) -> None:
    """Note that the actor has the file, while nobody can recall its message."""
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor)
        message = message_of(session, box, message_id, lock=True)
        side = session.get_one(ThreadSide, (message.thread_id, box.visible))
        note_downloaded(session, exchange, actor, side, message, attachment_id)
        journal.append(session, exchange, OPENED, actor, message_id, attachment=str(attachment_id))


def _found(
    session: Session, exchange: Exchange, box: Mailbox, message_id: UUID, attachment_id: UUID
) -> _Found:
    message = message_of(session, box, message_id)
    pair = (
        select(MessageAttachment, Transfer)
        .join(Transfer, col(Transfer.id) == col(MessageAttachment.transfer_id))
        .where(MessageAttachment.id == attachment_id, MessageAttachment.message_id == message.id)
    )
    row = session.exec(pair).first()
    if row is None:
        raise ThreadNotFoundError
    link, transfer = row
    return _Found(transfer, attachments.name_of(exchange, link))


def _reader(exchange: Exchange, row: Transfer) -> SealedReader:
    if row.status != Status.COMPLETE or row.blob_id is None:
        raise ContentNotAvailableError(why="its time of keeping has ended")
    return exchange.vault.open(row.blob_id)
