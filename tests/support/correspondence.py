"""Writing messages in tests, through the use cases that every door calls."""

from typing import NamedTuple
from uuid import UUID

from exchange.messages import attachments, drafts, sending
from exchange.messages.inbox import InboxQuery, ThreadLine, threads
from exchange.messages.reading import ThreadView, opened
from exchange.messages.sending import Sent
from exchange.runtime import Exchange
from exchange.transfers import pipeline
from roles.policy import Actor
from tests.support.files import hand_in
from tests.support.partners import Partner

SUBJECT, BODY = "Question about the withholding table", "Which table is in force since March?"


class Delivered(NamedTuple):
    """A message that was delivered."""

    thread_id: UUID
    message_id: UUID


def fields_to(partner: Partner, **more: str) -> dict[str, str]:
    """A filled form for somebody of an agency."""
    to = str(partner.organization.id)
    filled = {"to": to, "topic": "general", "classification": "none", "subject": SUBJECT, "body": BODY}
    return filled | more


def write(exchange: Exchange, actor: Actor, partner: Partner, **more: str) -> Delivered:
    """Write to a partner's organization, without files."""
    return delivered(sending.send(exchange, actor, drafts.start(exchange, actor, fields_to(partner, **more))))


def answer(exchange: Exchange, actor: Actor, thread_id: UUID, body: str = "The one of 2026.") -> Delivered:
    """Answer in a thread, without files."""
    return delivered(sending.send(exchange, actor, drafts.start(exchange, actor, {"body": body}, thread_id)))


def delivered(sent: Sent) -> Delivered:
    """That a message went at once."""
    assert sent.thread_id is not None
    assert sent.message_id is not None
    return Delivered(sent.thread_id, sent.message_id)


def attached(
    exchange: Exchange, actor: Actor, draft_id: UUID, content: bytes = b"synthetic", name: str = "notes.txt"
) -> UUID:
    """Attach a file that is not scanned yet; returns the attachment's id."""
    handed = hand_in(exchange, actor, content, name, "messages")
    return attachments.attach(exchange, actor, draft_id, handed.transfer.id, name)


def send_file(
    exchange: Exchange,
    writer: Partner,
    to: Partner,
    content: bytes = b"synthetic",
    name: str = "notes.txt",
) -> Delivered:
    """Write to a partner's organization with one file, and have it scanned and delivered."""
    draft_id = drafts.start(exchange, writer.actor, fields_to(to))
    attached(exchange, writer.actor, draft_id, content, name)
    sending.send(exchange, writer.actor, draft_id)
    assert settle(exchange) == 1
    thread_id = inbox(exchange, writer.actor)[0].id
    return Delivered(thread_id, opened(exchange, writer.actor, thread_id).messages[-1].id)


def settle(exchange: Exchange) -> int:
    """Let the worker scan all that waits, and deliver; how many messages went."""
    while pipeline.run_next(exchange, "test"):
        pass
    return sending.deliver_waiting(exchange)


def inbox(exchange: Exchange, actor: Actor, **query: object) -> list[ThreadLine]:
    """What a list of the mailbox shows."""
    return threads(exchange, actor, InboxQuery(**query)).items  # type: ignore[arg-type]  # whatever a test asks for


def bodies(view: ThreadView) -> list[str]:
    """What the messages of a thread say."""
    return [one.document.body for one in view.messages if one.document]


def read(exchange: Exchange, actor: Actor, thread_id: UUID) -> list[str]:
    """Open a thread and tell what it says."""
    return bodies(opened(exchange, actor, thread_id))
