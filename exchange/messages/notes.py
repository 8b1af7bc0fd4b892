"""Internal notes: what an agency writes beside a thread for its own people.

A note is a message that nobody is sent: no receipt, nothing unread, no answer, no due date follows from it.
"""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlmodel import Session

from exchange import journal
from exchange.database import transaction
from exchange.errors import FieldsRefusedError
from exchange.messages import documents, fields
from exchange.messages.access import mailbox, pulse, side_of
from exchange.messages.documents import Document, Party
from exchange.messages.inbox import subject_of
from exchange.models.messages import Message, MessageKind, Thread, ThreadSide
from exchange.runtime import Exchange
from roles.correspondence import TOPICS
from roles.permissions import Permission
from roles.policy import Actor

LONGEST = 10_000
"""Characters."""


def add(exchange: Exchange, actor: Actor, thread_id: UUID, text: str) -> UUID:
    """Write a note beside a thread, a closed one, too; returns its id.

    Raises `FieldsRefusedError` for a text that is none, or `ThreadNotFoundError`.
    """
    body = fields.cleaned({"body": text})["body"].strip()
    if wrong := fields.wrong_text(body, LONGEST) if body else "Enter the note":
        raise FieldsRefusedError({"note": wrong})
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_MANAGE)
        side = side_of(session, box, thread_id, lock=True)
        row = _written(session, exchange, actor, side, body)
        journal.append(session, exchange, "message.noted", actor, row.id, thread=str(thread_id))
        pulse(session, box.visible)
        return row.id


def _written(session: Session, exchange: Exchange, actor: Actor, side: ThreadSide, body: str) -> Message:
    now, identifier = exchange.clock(), uuid4()
    thread = session.get_one(Thread, side.thread_id)
    own = Party(actor.organization_id, actor.organization_name, actor.name)
    document = Document(
        id=identifier,
        thread_id=thread.id,
        topic=thread.topic,
        classification=thread.classification,
        subject=subject_of(exchange, thread, side),
        author=own,
        addressee=Party(own.organization_id, own.organization),
        sent_at=now,
        body=body,
        note=True,
    )
    text = documents.written(document)
    row = Message(
        id=identifier,
        thread_id=thread.id,
        organization_id=side.organization_id,
        account_id=actor.account_id,
        kind=MessageKind.NOTE.value,
        channel=actor.channel.value,
        sealed=documents.seal(exchange, text),
        size=len(text),
        sent_at=now,
        expires_at=now + timedelta(days=TOPICS[thread.topic].keep_days),
    )
    session.add(row)
    session.flush()
    return row
