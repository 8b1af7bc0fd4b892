"""Sending: a draft becomes a message of its thread, in one transaction, once its files are scanned.

A message exists only when it was delivered. Until then it is a draft in the state SENDING, which a chore
takes up again: whatever is killed meanwhile, it is a draft or a message, and never both.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import update
from sqlmodel import Session, col, select

from exchange import journal, mail
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, NotNowError, PortalError, ThreadClosedError
from exchange.messages import attachments, desk, documents, fields
from exchange.messages.access import Mailbox, mailbox, pulse, receivers, side_of
from exchange.messages.attachments import AttachmentView, own_draft
from exchange.messages.documents import Document, Party
from exchange.messages.fields import Addressed
from exchange.models.accounts import Account, Organization
from exchange.models.base import as_utc
from exchange.models.messages import (
    DraftState,
    Message,
    MessageAttachment,
    MessageDraft,
    MessageKind,
    Thread,
    ThreadSide,
    TopicRoute,
)
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from roles.correspondence import Classification
from roles.permissions import Permission
from roles.policy import Actor

_AT_ONCE = 100


@dataclass(frozen=True)
class Sent:
    """What became of a draft: the message, or None while its files are still being scanned."""

    thread_id: UUID | None
    message_id: UUID | None


@dataclass(frozen=True)
class _Going:
    """A draft that goes now: whom to and what it says, and the thread it becomes a part of."""

    draft: MessageDraft
    addressed: Addressed
    thread: Thread
    at: datetime


def send(exchange: Exchange, actor: Actor, draft_id: UUID) -> Sent:
    """Send a draft of the actor's; what it says and whom it goes to is decided here.

    Raises `FieldsRefusedError` with all that is wrong, `ThreadClosedError`, or `ThreadNotFoundError`.
    """
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        return dispatch(session, exchange, actor, box, own_draft(session, box, actor, draft_id, lock=True))


def dispatch(session: Session, exchange: Exchange, actor: Actor, box: Mailbox, draft: MessageDraft) -> Sent:
    """As `send`, in the caller's transaction, which holds the draft."""
    if draft.thread_id is not None:
        side_of(session, box, draft.thread_id, lock=True)
    addressed, held = _checked(session, exchange, box.organization, draft)
    if any(one.waits for one in held):
        draft.state, draft.changed_at = DraftState.SENDING.value, exchange.clock()
        session.add(draft)
        journal.append(session, exchange, "message.queued", actor, draft.id, attachments=len(held))
        return Sent(draft.thread_id, None)
    return _deliver(session, exchange, draft, addressed, actor)


def problems(exchange: Exchange, actor: Actor, draft_id: UUID) -> dict[str, str]:
    """What would keep a draft from being sent, by field. Raises `ThreadClosedError`."""
    with reading(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        draft = own_draft(session, box, actor, draft_id)
        try:
            _checked(session, exchange, box.organization, draft)
        except FieldsRefusedError as refusal:
            return refusal.problems
    return {}


def deliver_waiting(exchange: Exchange) -> int:
    """Deliver what was sent and whose files are scanned by now; how many went. A worker's chore.

    One whose file was refused, or that nobody takes any more, goes back to its writer as a draft.
    """
    waiting = select(MessageDraft.id).where(MessageDraft.state == DraftState.SENDING)
    with reading(exchange.engine) as session:
        ids = session.exec(waiting.order_by(col(MessageDraft.changed_at)).limit(_AT_ONCE)).all()
        ready = [one for one in ids if not any(f.waits for f in attachments.of_draft(session, exchange, one))]
    return sum(_deliver_later(exchange, draft_id) for draft_id in ready)


def _deliver_later(exchange: Exchange, draft_id: UUID) -> bool:
    with transaction(exchange.engine) as session:
        draft = session.get(MessageDraft, draft_id, with_for_update=True)
        if draft is None or draft.state != DraftState.SENDING:
            return False
        if draft.thread_id is not None:
            session.get(Thread, draft.thread_id, with_for_update=True)
        organization = session.get_one(Organization, draft.organization_id)
        try:
            addressed, _ = _checked(session, exchange, organization, draft)
            _deliver(session, exchange, draft, addressed, None)
        except PortalError as refusal:
            _return(session, exchange, draft, refusal)
            return False
    return True


def _return(session: Session, exchange: Exchange, draft: MessageDraft, refusal: PortalError) -> None:
    """Give a message back to its writer, saying why."""
    why = " ".join(refusal.problems.values()) if isinstance(refusal, FieldsRefusedError) else str(refusal)
    draft.state, draft.refusal, draft.changed_at = DraftState.EDITING.value, why, exchange.clock()
    session.add(draft)
    journal.append(session, exchange, "message.returned", None, draft.id, code=refusal.code)
    own = [draft.account_id]
    mail.notify_of_message(session, exchange, draft.organization_id, draft.thread_id, own)
    pulse(session, draft.organization_id)


def _checked(
    session: Session, exchange: Exchange, own: Organization, draft: MessageDraft
) -> tuple[Addressed, list[AttachmentView]]:
    thread = session.get(Thread, draft.thread_id) if draft.thread_id else None
    if thread is not None and thread.closed_at is not None:
        raise ThreadClosedError
    passed_on = _marked(session, draft.forward_of) if draft.forward_of else None
    addressed = fields.checked(session, own, fields.opened(exchange, draft.sealed), thread, passed_on)
    held = attachments.of_draft(session, exchange, draft.id)
    refused = [f"{one.name}: {one.refused}." for one in held if one.refused]
    if refused:
        raise FieldsRefusedError({"attachments": "Take out what cannot be sent. " + " ".join(refused)})
    return addressed, held


def _marked(session: Session, message_id: UUID) -> Classification:
    """How a message that is passed on is marked. Raises `NotNowError` when it is gone meanwhile."""
    message = session.exec(select(Message).where(Message.id == message_id)).one()
    if message.sealed is None:
        raise NotNowError(why="the message that it passes on is gone")
    return Classification(session.get_one(Thread, message.thread_id).classification)


def _deliver(
    session: Session, exchange: Exchange, draft: MessageDraft, addressed: Addressed, actor: Actor | None
) -> Sent:
    """Make the message and move both sides of its thread, in the caller's transaction."""
    now = exchange.clock()
    thread = _thread(session, exchange, draft, addressed, now)
    own, theirs = _sides(session, thread, draft, addressed, now)
    message = _message(session, exchange, _Going(draft, addressed, thread, now))
    message.answered_in = _waited(own, now)
    own.last_at, own.waiting_since, own.due_on, own.archived = now, None, None, False
    theirs.last_at, theirs.archived = now, False
    theirs.unread += 1
    theirs.messages += 1
    own.messages += 1
    _await_answer(theirs, addressed, now)
    session.add_all([own, theirs, message])
    session.flush()
    session.delete(draft)
    facts = {"thread": str(thread.id), "topic": thread.topic, "classification": thread.classification}
    journal.append(session, exchange, "message.sent", actor, message.id, **facts)
    told = receivers(session, theirs)
    mail.notify_of_message(session, exchange, theirs.organization_id, thread.id, told)
    pulse(session, own.organization_id, theirs.organization_id)
    return Sent(thread.id, message.id)


def _thread(
    session: Session, exchange: Exchange, draft: MessageDraft, addressed: Addressed, now: datetime
) -> Thread:
    if draft.thread_id is not None:
        return session.get_one(Thread, draft.thread_id)
    thread = Thread(
        id=thread_begun_by(draft.id),
        topic=addressed.topic.slug,
        classification=addressed.marked.value,
        subject_sealed=exchange.vault.cells.seal(documents.SUBJECT, addressed.subject),
        opened_at=now,
    )
    session.add(thread)
    session.flush()
    return thread


def thread_begun_by(draft_id: UUID) -> UUID:
    """The id of the thread that a draft begins when it goes."""
    return uuid5(draft_id, "thread")


def _sides(
    session: Session, thread: Thread, draft: MessageDraft, addressed: Addressed, now: datetime
) -> tuple[ThreadSide, ThreadSide]:
    """The writer's side of a thread and the other one; new ones for a new thread."""
    own_id, other_id = draft.organization_id, addressed.to.id
    own = session.get(ThreadSide, (thread.id, own_id))
    theirs = session.get(ThreadSide, (thread.id, other_id))
    own = own or _side(thread, own_id, other_id, now, person_id=draft.account_id)
    if theirs is None:
        office_id = addressed.office_id or _routed(session, other_id, thread.topic)
        theirs = _side(thread, other_id, own_id, now, person_id=addressed.person_id, office_id=office_id)
    return own, theirs


def _side(
    thread: Thread,
    organization_id: UUID,
    other_id: UUID,
    now: datetime,
    *,
    person_id: UUID | None,
    office_id: UUID | None = None,
) -> ThreadSide:
    return ThreadSide(
        thread_id=thread.id,
        organization_id=organization_id,
        other_id=other_id,
        topic=thread.topic,
        person_id=person_id,
        office_id=office_id,
        last_at=now,
    )


def _routed(session: Session, organization_id: UUID, topic: str) -> UUID | None:
    route = session.get(TopicRoute, (organization_id, topic))
    return route.office_id if route else None


def _await_answer(side: ThreadSide, addressed: Addressed, now: datetime) -> None:
    """The first message that waits for an answer says since when, and by when an agency owes one."""
    if side.waiting_since is None:
        side.waiting_since = now
        side.due_on = desk.usual_due(addressed.to.kind, addressed.topic, now)


def _waited(side: ThreadSide, now: datetime) -> int | None:
    """Milliseconds that the other side has waited for what is sent now; None where it waits for nothing."""
    return (now - as_utc(side.waiting_since)) // timedelta(milliseconds=1) if side.waiting_since else None


def _message(session: Session, exchange: Exchange, going: _Going) -> Message:
    """The row of a message, its document, and its files, which stay as long as it does.

    It has the id of its draft: whoever sent that can ask afterwards what became of it, and no draft can
    become two messages.
    """
    draft, views = going.draft, attachments.of_draft(session, exchange, going.draft.id)
    text = documents.written(_document(session, exchange, going, views))
    message = Message(
        id=draft.id,
        thread_id=going.thread.id,
        organization_id=draft.organization_id,
        account_id=draft.account_id,
        kind=MessageKind.MESSAGE.value,
        channel=draft.channel,
        sealed=documents.seal(exchange, text),
        size=len(text),
        sent_at=going.at,
        expires_at=going.at + timedelta(days=going.addressed.topic.keep_days),
    )
    session.add(message)
    session.flush()
    _hand_files_on(session, draft, message, views)
    return message


def _document(session: Session, exchange: Exchange, going: _Going, views: list[AttachmentView]) -> Document:
    """What a message says for good."""
    addressed, thread = going.addressed, going.thread
    return Document(
        id=going.draft.id,
        thread_id=thread.id,
        topic=thread.topic,
        classification=thread.classification,
        subject=exchange.vault.cells.open(documents.SUBJECT, thread.subject_sealed),
        author=_author(session, going.draft),
        addressee=Party(addressed.to.id, addressed.to.name, addressed.person, addressed.office),
        sent_at=going.at,
        body=addressed.body,
        attachments=attachments.as_attached(views),
    )


def _hand_files_on(
    session: Session, draft: MessageDraft, message: Message, views: list[AttachmentView]
) -> None:
    files = [one.transfer_id for one in views]
    moved = update(MessageAttachment).where(col(MessageAttachment.draft_id) == draft.id)
    session.execute(moved.values(draft_id=None, message_id=message.id))
    session.execute(update(Transfer).where(col(Transfer.id).in_(files)).values(expires_at=None))


def _author(session: Session, draft: MessageDraft) -> Party:
    """Who wrote: the organization whose mailbox it was, and the processor of somebody who acted for it."""
    person = session.get_one(Account, draft.account_id)
    organization = session.get_one(Organization, draft.organization_id)
    acted = person.organization_id != organization.id
    agent = session.get_one(Organization, person.organization_id).name if acted else ""
    return Party(organization.id, organization.name, person.name, "", agent)
