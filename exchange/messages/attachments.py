"""Files of drafts and messages: they come through the intake of all files and stay where it sealed them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, NotNowError, ThreadNotFoundError
from exchange.messages.access import Mailbox, mailbox, pulse
from exchange.messages.documents import Attached
from exchange.models.messages import DraftState, MessageAttachment, MessageDraft
from exchange.models.transfers import Direction, Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import names
from exchange.transfers.progress import kept_for
from roles.permissions import Permission
from roles.policy import Actor

PROGRAM = "messages"
MOST = 10_000
"""Files of one message."""
_TOO_MANY = f"A message takes {MOST:,} files; put them into an archive"
_NAME = "message.attachment"
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_SETTLING = frozenset(
    {Status.RECEIVED, Status.SCANNING, Status.VALIDATING, Status.ACCEPTED, Status.PROCESSING}
)
_REFUSED = {
    Status.QUARANTINED: "malware was found in it, or it could not be scanned",
    Status.REJECTED: "it could not be taken in",
    Status.EXPIRED: "its time of keeping has ended; attach it again",
    Status.PURGED: "its time of keeping has ended; attach it again",
}


@dataclass(frozen=True)
class AttachmentView:
    """A file of a draft or a message. `waits`: it is being scanned; `refused`: why it cannot be sent."""

    id: UUID
    transfer_id: UUID
    name: str
    size: int
    sha256: str
    waits: bool = False
    refused: str = ""


def attach(exchange: Exchange, actor: Actor, draft_id: UUID, transfer_id: UUID, name: str) -> UUID:
    """Put a file that was handed over under `messages` into a draft; returns the attachment's id.

    Raises `ThreadNotFoundError` for what is not the actor's, `FileNameRefusedError`, `FieldsRefusedError`
    when a message can take no more, or `NotNowError` once it was sent.
    """
    shown = names.checked(name)
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        draft = editable(session, box, actor, draft_id)
        _own_file(session, actor, transfer_id)
        row = _held(exchange, draft.id, transfer_id, shown, _next_position(session, draft.id))
        session.add(row)
        draft.changed_at = exchange.clock()
        pulse(session, box.visible)
    return row.id


def hold(
    session: Session, exchange: Exchange, actor: Actor, draft_id: UUID, transfer_ids: Sequence[UUID]
) -> None:
    """Put files into a new draft, in the caller's transaction, each under the name it was handed over by.

    Raises `FieldsRefusedError` for what is not the actor's, named twice, or too many.
    """
    if len(transfer_ids) > MOST:
        raise FieldsRefusedError({"attachments": _TOO_MANY})
    if len(set(transfer_ids)) < len(transfer_ids):
        raise FieldsRefusedError({"attachments": "A file is named twice"})
    for position, transfer_id in enumerate(transfer_ids, start=1):
        try:
            file = _own_file(session, actor, transfer_id)
        except ThreadNotFoundError:
            raise FieldsRefusedError({"attachments": f"You handed no file {transfer_id} over here"}) from None
        session.add(_held(exchange, draft_id, transfer_id, file.filename, position))
    session.flush()


def _held(
    exchange: Exchange, draft_id: UUID, transfer_id: UUID, name: str, position: int
) -> MessageAttachment:
    return MessageAttachment(
        transfer_id=transfer_id,
        draft_id=draft_id,
        position=position,
        name_sealed=exchange.vault.cells.seal(_NAME, name),
    )


def check_attachable(exchange: Exchange, actor: Actor, draft_id: UUID, name: str) -> None:
    """Whether a file of this name could be attached, before its bytes come. Raises as `attach` does."""
    names.checked(name)
    with reading(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        _next_position(session, editable(session, box, actor, draft_id).id)


def neutral(name: str, number: int) -> str:
    """What a file is called among transfers: only its ending tells anything of it."""
    ending = _ENDING.search(name)
    return f"attachment-{number}{ending.group().lower() if ending else ''}"


def detach(exchange: Exchange, actor: Actor, draft_id: UUID, attachment_id: UUID) -> None:
    """Take a file out of a draft again; its bytes go when their time ends. Raises as `editable`."""
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        draft = editable(session, box, actor, draft_id)
        row = session.get(MessageAttachment, attachment_id)
        if row is None or row.draft_id != draft.id:
            raise ThreadNotFoundError
        session.delete(row)
        session.flush()
        let_go(session, exchange, [row.transfer_id])


def own_draft(
    session: Session, box: Mailbox, actor: Actor, draft_id: UUID, *, lock: bool = False
) -> MessageDraft:
    """The actor's own draft in this mailbox, or `ThreadNotFoundError`."""
    row = session.get(MessageDraft, draft_id, with_for_update=lock)
    if row is None or (row.account_id, row.organization_id) != (actor.account_id, box.visible):
        raise ThreadNotFoundError
    return row


def editable(session: Session, box: Mailbox, actor: Actor, draft_id: UUID) -> MessageDraft:
    """The actor's own draft, held to be changed. Raises `ThreadNotFoundError`, or `NotNowError` once sent."""
    row = own_draft(session, box, actor, draft_id, lock=True)
    if row.state != DraftState.EDITING:
        raise NotNowError(why="it was sent; it goes as soon as its files are scanned")
    return row


def of_draft(session: Session, exchange: Exchange, draft_id: UUID) -> list[AttachmentView]:
    """The files of a draft, in order."""
    return _views(session, exchange, col(MessageAttachment.draft_id) == draft_id)


def of_message(session: Session, exchange: Exchange, message_id: UUID) -> list[AttachmentView]:
    """The files of a message, in order."""
    return _views(session, exchange, col(MessageAttachment.message_id) == message_id)


def name_of(exchange: Exchange, row: MessageAttachment) -> str:
    """What readers see a file called."""
    return exchange.vault.cells.open(_NAME, row.name_sealed)


def let_go(session: Session, exchange: Exchange, transfer_ids: Collection[UUID]) -> None:
    """Files that no message names any more are kept as long as any that were handed over, from now on."""
    named = select(MessageAttachment.transfer_id).where(
        col(MessageAttachment.transfer_id).in_(transfer_ids), col(MessageAttachment.message_id).is_not(None)
    )
    kept = session.exec(named).all()
    loose = col(Transfer.id).in_(set(transfer_ids).difference(kept))
    until = exchange.clock() + kept_for(PROGRAM)
    session.execute(
        update(Transfer).where(loose, col(Transfer.expires_at).is_(None)).values(expires_at=until)
    )


def as_attached(views: list[AttachmentView]) -> tuple[Attached, ...]:
    """The same as a document names them."""
    return tuple(Attached(one.id, one.name, one.size, one.sha256) for one in views)


def _views(session: Session, exchange: Exchange, which: ColumnElement[bool]) -> list[AttachmentView]:
    pairs = (
        select(MessageAttachment, Transfer)
        .join(Transfer, col(Transfer.id) == col(MessageAttachment.transfer_id))
        .where(which)
        .order_by(col(MessageAttachment.position), col(MessageAttachment.id))
    )
    return [_view(exchange, row, file) for row, file in session.exec(pairs)]


def _view(exchange: Exchange, row: MessageAttachment, file: Transfer) -> AttachmentView:
    status = Status(file.status)
    return AttachmentView(
        id=row.id,
        transfer_id=file.id,
        name=name_of(exchange, row),
        size=file.size,
        sha256=file.sha256 or "",
        waits=status in _SETTLING,
        refused=_REFUSED.get(status, ""),
    )


def _own_file(session: Session, actor: Actor, transfer_id: UUID) -> Transfer:
    """Files belong to who handed them over, whomever they wrote for: like drafts, to one person."""
    row = session.get(Transfer, transfer_id)
    if row is None or (row.account_id, row.organization_id) != (actor.account_id, actor.organization_id):
        raise ThreadNotFoundError
    if row.program != PROGRAM or row.direction != Direction.INBOUND:
        raise ThreadNotFoundError
    if row.status == Status.DRAFT:
        raise ThreadNotFoundError
    return row


def _next_position(session: Session, draft_id: UUID) -> int:
    of_it = col(MessageAttachment.draft_id) == draft_id
    held = columns(func.max(col(MessageAttachment.position)), func.count()).where(of_it)
    last, count = session.execute(held).one()
    if count >= MOST:
        raise FieldsRefusedError({"attachments": _TOO_MANY})
    return int(last or 0) + 1
