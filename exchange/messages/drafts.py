"""Drafts: kept as one types, each with its writer alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from exchange.database import reading, transaction
from exchange.errors import NotNowError
from exchange.messages import attachments, documents, fields
from exchange.messages import reading as receipts
from exchange.messages.access import Mailbox, mailbox, message_of, pulse, side_of
from exchange.messages.attachments import AttachmentView, own_draft
from exchange.messages.documents import Document
from exchange.models.base import as_utc
from exchange.models.messages import DraftState, MessageAttachment, MessageDraft, MessageKind, ThreadSide
from exchange.runtime import Exchange
from roles.permissions import Permission
from roles.policy import Actor

MOST = 200
"""Drafts of one person in one mailbox."""


@dataclass(frozen=True)
class DraftView:
    """A draft as its writer sees it. `sending`: it was sent and waits for its files to be scanned."""

    id: UUID
    thread_id: UUID | None
    forward_of: UUID | None
    fields: Mapping[str, str]
    attachments: list[AttachmentView]
    sending: bool
    refusal: str
    changed_at: datetime


@dataclass(frozen=True)
class Begun:
    """A draft to be made: its fields, what it answers, and the id that it shall have."""

    filled: Mapping[str, str]
    thread_id: UUID | None = None
    id: UUID = field(default_factory=uuid4)


def start(exchange: Exchange, actor: Actor, given: Mapping[str, str], thread_id: UUID | None = None) -> UUID:
    """Begin a draft, an answer where a thread is named; returns its id. Raises `ThreadNotFoundError`."""
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        filled = fields.cleaned(given)
        if thread_id is not None:
            filled["to"] = str(side_of(session, box, thread_id).other_id)
        return add(session, exchange, actor, box, filled, thread_id).id


def forward(exchange: Exchange, actor: Actor, message_id: UUID) -> UUID:
    """Begin a draft that passes a message on, with its words and its files; returns its id.

    It counts as read from now on. Raises `ThreadNotFoundError`, or `NotNowError` for a note.
    """
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        message = message_of(session, box, message_id, lock=True)
        if message.kind != MessageKind.MESSAGE:
            raise NotNowError(why="only messages are passed on")
        side = session.get_one(ThreadSide, (message.thread_id, box.visible))
        receipts.note_read(session, exchange, actor, side, [message])
        said = documents.read(documents.opened(exchange, message.sealed or b"", message.id))
        draft = add(session, exchange, actor, box, _passing_on(said), None)
        draft.forward_of = message.id
        copy_attachments(session, message.id, draft.id)
    return draft.id


def keep(exchange: Exchange, actor: Actor, draft_id: UUID, given: Mapping[str, str]) -> None:
    """Keep what was typed. Raises `ThreadNotFoundError`, or `NotNowError` once it was sent."""
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        row = attachments.editable(session, box, actor, draft_id)
        filled = fields.cleaned(given)
        if row.thread_id is not None:
            filled["to"] = fields.opened(exchange, row.sealed)["to"]
        row.sealed, row.changed_at, row.refusal = fields.seal(exchange, filled), exchange.clock(), ""
        session.add(row)


def draft(exchange: Exchange, actor: Actor, draft_id: UUID) -> DraftView:
    """One draft of the actor's. Raises `ThreadNotFoundError`."""
    with reading(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        return _view(session, exchange, own_draft(session, box, actor, draft_id))


def drafts(exchange: Exchange, actor: Actor, thread_id: UUID | None = None) -> list[DraftView]:
    """The actor's drafts in this mailbox, newest first; of one thread, if named."""
    with reading(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        mine = select(MessageDraft).where(
            MessageDraft.account_id == actor.account_id, MessageDraft.organization_id == box.visible
        )
        if thread_id is not None:
            mine = mine.where(MessageDraft.thread_id == thread_id)
        rows = session.exec(mine.order_by(col(MessageDraft.changed_at).desc()).limit(MOST)).all()
        return [_view(session, exchange, row) for row in rows]


@dataclass(frozen=True)
class DraftCounts:
    """Drafts of one person in one mailbox; `sending`: those that wait for their files to be scanned."""

    editing: int
    sending: int


def counts(exchange: Exchange, actor: Actor) -> DraftCounts:
    """How many drafts the actor has in this mailbox."""
    with reading(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        mine = (
            columns(col(MessageDraft.state), func.count())
            .where(
                col(MessageDraft.account_id) == actor.account_id,
                col(MessageDraft.organization_id) == box.visible,
            )
            .group_by(col(MessageDraft.state))
        )
        found = {str(state): int(number) for state, number in session.execute(mine)}
    return DraftCounts(found.get(DraftState.EDITING, 0), found.get(DraftState.SENDING, 0))


def discard(exchange: Exchange, actor: Actor, draft_id: UUID) -> None:
    """Throw a draft away, also one whose files are still being scanned. Raises `ThreadNotFoundError`."""
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        row = own_draft(session, box, actor, draft_id, lock=True)
        links = _links(session, col(MessageAttachment.draft_id) == row.id)
        for one in links:
            session.delete(one)
        session.flush()
        attachments.let_go(session, exchange, [one.transfer_id for one in links])
        session.delete(row)
        pulse(session, box.visible)


def add(
    session: Session,
    exchange: Exchange,
    actor: Actor,
    box: Mailbox,
    filled: Mapping[str, str],
    thread_id: UUID | None,
) -> MessageDraft:
    """A new draft of the actor's, in the caller's transaction. Raises `NotNowError` where there are many."""
    return begin(session, exchange, actor, box, Begun(filled, thread_id))


def begin(session: Session, exchange: Exchange, actor: Actor, box: Mailbox, begun: Begun) -> MessageDraft:
    """As `add`, for whoever has to know its id before."""
    mine = (MessageDraft.account_id == actor.account_id, MessageDraft.organization_id == box.visible)
    if len(session.exec(select(MessageDraft.id).where(*mine).limit(MOST)).all()) >= MOST:
        raise NotNowError(why=f"you have {MOST} drafts; send or discard some first")
    now = exchange.clock()
    row = MessageDraft(
        id=begun.id,
        organization_id=box.visible,
        account_id=actor.account_id,
        thread_id=begun.thread_id,
        channel=actor.channel.value,
        sealed=fields.seal(exchange, begun.filled),
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    pulse(session, box.visible)
    return row


def copy_attachments(session: Session, message_id: UUID, draft_id: UUID) -> None:
    """Let a draft hold the files of a message, too; their bytes are not copied."""
    for one in _links(session, col(MessageAttachment.message_id) == message_id):
        session.add(
            MessageAttachment(
                transfer_id=one.transfer_id,
                draft_id=draft_id,
                position=one.position,
                name_sealed=one.name_sealed,
            )
        )


def _links(session: Session, which: ColumnElement[bool]) -> list[MessageAttachment]:
    return list(session.exec(select(MessageAttachment).where(which)).all())


def _passing_on(said: Document) -> dict[str, str]:
    """The fields of a draft that passes on what was said."""
    return fields.cleaned(
        {
            "topic": said.topic,
            "classification": said.classification,
            "subject": f"Fwd: {said.subject}",
            "body": f"\n\n{_quoted(said.author.organization, said.sent_at, said.body)}",
        }
    )


def _quoted(organization: str, sent_at: datetime, body: str) -> str:
    lines = "\n".join(f"> {line}" for line in body.splitlines())
    return f"{organization} wrote on {sent_at:%B} {sent_at.day}, {sent_at:%Y}:\n{lines}"


def _view(session: Session, exchange: Exchange, row: MessageDraft) -> DraftView:
    return DraftView(
        id=row.id,
        thread_id=row.thread_id,
        forward_of=row.forward_of,
        fields=fields.opened(exchange, row.sealed),
        attachments=attachments.of_draft(session, exchange, row.id),
        sending=row.state == DraftState.SENDING,
        refusal=row.refusal,
        changed_at=as_utc(row.changed_at),
    )
