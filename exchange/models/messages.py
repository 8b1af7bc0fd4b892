"""Threads of messages between two organizations, what each of them has of a thread, and drafts.

What people wrote stands in sealed cells only: subjects, messages, notes, drafts, templates.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Index, Integer, UniqueConstraint
from sqlmodel import Field

from exchange.models.base import Table, one_of, only_where
from roles.correspondence import Classification
from roles.policy import Channel

UNINDEXED = "indexed_at IS NULL AND state <> 'RECALLED' AND state <> 'PURGED'"
"""Messages that are in no index of words yet. Of an equation SQLite thinks too much, and reads all sent."""
LEAVING = "indexed_at IS NOT NULL AND state <> 'SENT'"
"""Recalled and purged messages that are in an index of words still."""
_IN_ORDER = ("organization_id", "archived", "last_at", "thread_id")
_ASSIGNED = ("organization_id", "assigned_to", "topic", *_IN_ORDER[1:])
_IN_OFFICE = ("organization_id", "office_id", *_IN_ORDER[1:])
_LOAD = (
    "organization_id",
    "archived",
    "closed",
    "topic",
    "office_id",
    "assigned_to",
    "due_on",
    "waiting_since",
)
"""All that the load of a shared inbox asks of a thread that waits."""


class MessageState(StrEnum):
    """Where a message stands; that it was delivered, read or answered its times and receipts tell."""

    SENT = "SENT"
    RECALLED = "RECALLED"
    PURGED = "PURGED"


class MessageKind(StrEnum):
    """A `note` is read by the people of its own organization only."""

    MESSAGE = "message"
    NOTE = "note"


class DraftState(StrEnum):
    """`SENDING`: its writer has sent it; it goes as soon as all that is attached was scanned."""

    EDITING = "EDITING"
    SENDING = "SENDING"


class ReceiptKind(StrEnum):
    """What somebody did with a message that was not their own."""

    READ = "read"
    DOWNLOADED = "downloaded"


class Thread(Table, table=True):
    """A correspondence of two organizations about one subject; the cell is empty once all of it is purged."""

    __tablename__ = "thread"
    __table_args__ = (one_of("classification", Classification),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    topic: str
    classification: str
    subject_sealed: bytes
    opened_at: datetime
    closed_at: datetime | None = None


class ThreadSide(Table, table=True):
    """What one of the two organizations has of a thread; `other_id` is the other one.

    `person_id`: whom of its people it is meant for, or who wrote it first. `unread`: messages of the other
    side that nobody has opened; `messages`: those it can read at all. `waiting_since`: since when the other
    side waits for its answer. `topic` is the thread's, and `closed` whether it is. `held_at`: since when this
    side holds it, so that nothing of it is purged (a legal hold).
    """

    __tablename__ = "thread_side"
    __table_args__ = (
        Index("ix_thread_side_inbox", "organization_id", "archived", "last_at", "thread_id"),
        Index("ix_thread_side_topic", "organization_id", "topic", "last_at", "thread_id"),
        Index(
            "ix_thread_side_assigned", "organization_id", "assigned_to", "archived", "last_at", "thread_id"
        ),
        Index("ix_thread_side_other", "organization_id", "other_id", "last_at", "thread_id"),
        Index("ix_thread_side_person", "organization_id", "person_id", "last_at", "thread_id"),
        only_where("ix_thread_side_unread", *_IN_ORDER, holds="unread > 0"),
        only_where("ix_thread_side_assigned_topic", *_ASSIGNED, holds="assigned_to IS NOT NULL"),
        only_where("ix_thread_side_owing", *_IN_ORDER, holds="waiting_since IS NOT NULL"),
        only_where(
            "ix_thread_side_overdue",
            "organization_id",
            "archived",
            "due_on",
            holds="waiting_since IS NOT NULL",
        ),
        Index("ix_thread_side_waiting", "organization_id", "waiting_since"),
        only_where("ix_thread_side_office", *_IN_OFFICE, holds="office_id IS NOT NULL"),
        only_where("ix_thread_side_load", *_LOAD, holds="waiting_since IS NOT NULL"),
    )

    thread_id: UUID = Field(foreign_key="thread.id", primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", primary_key=True)
    other_id: UUID = Field(foreign_key="organization.id")
    topic: str
    person_id: UUID | None = Field(default=None, foreign_key="account.id")
    office_id: UUID | None = Field(default=None, foreign_key="office.id")
    assigned_to: UUID | None = Field(default=None, foreign_key="account.id")
    due_on: date | None = None
    unread: int = 0
    messages: int = 0
    waiting_since: datetime | None = None
    last_at: datetime
    archived: bool = False
    closed: bool = False
    held_at: datetime | None = None
    held_by: UUID | None = Field(default=None, foreign_key="account.id")


class Message(Table, table=True):
    """One message or note. `number` orders messages and names them in the index of words.

    `sealed` is its document (`exchange.messages.documents`), None once it was recalled or purged.
    `answered_in`: milliseconds that the other side had waited for it, where it answers. `read_at`: when
    somebody of the other side first opened it. `indexed_at`: when its words were put into the index.
    """

    __tablename__ = "message"
    __table_args__ = (
        one_of("state", MessageState),
        one_of("kind", MessageKind),
        one_of("channel", Channel),
        Index("ix_message_thread", "thread_id", "number"),
        only_where("ix_message_unindexed", "number", holds=UNINDEXED),
        only_where("ix_message_leaving", "number", holds=LEAVING),
        only_where(
            "ix_message_answers",
            "organization_id",
            "sent_at",
            "answered_in",
            holds="answered_in IS NOT NULL",
        ),
        Index("ix_message_due", "state", "expires_at"),
        {"sqlite_autoincrement": True},
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    id: UUID = Field(default_factory=uuid4, unique=True)
    thread_id: UUID = Field(foreign_key="thread.id")
    organization_id: UUID = Field(foreign_key="organization.id")
    account_id: UUID = Field(foreign_key="account.id")
    kind: str
    state: str = MessageState.SENT.value
    channel: str
    sealed: bytes | None = None
    size: int = Field(default=0, description="bytes of the document, padding included")
    sent_at: datetime
    expires_at: datetime
    answered_in: int | None = Field(default=None, sa_type=BigInteger)
    read_at: datetime | None = None
    recalled_at: datetime | None = None
    indexed_at: datetime | None = None


class MessageDraft(Table, table=True):
    """What one person is writing, in the mailbox of `organization_id`; `sealed` holds the fields of the form.

    `thread_id`: what it answers; `forward_of`: the message that it passes on. `refusal`: why it came back.
    """

    __tablename__ = "message_draft"
    __table_args__ = (
        one_of("state", DraftState),
        one_of("channel", Channel),
        Index("ix_message_draft_of", "account_id", "organization_id", "changed_at"),
        Index("ix_message_draft_sending", "state", "changed_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id")
    account_id: UUID = Field(foreign_key="account.id")
    thread_id: UUID | None = Field(default=None, foreign_key="thread.id")
    forward_of: UUID | None = Field(default=None, foreign_key="message.id")
    state: str = DraftState.EDITING.value
    channel: str
    sealed: bytes
    refusal: str = ""
    created_at: datetime
    changed_at: datetime


class MessageAttachment(Table, table=True):
    """A file that came through the intake, in a draft or in a message; two messages may share a file.

    `name_sealed`: what its reader sees it called.
    """

    __tablename__ = "message_attachment"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    transfer_id: UUID = Field(foreign_key="transfer.id", index=True)
    draft_id: UUID | None = Field(default=None, foreign_key="message_draft.id", index=True)
    message_id: UUID | None = Field(default=None, foreign_key="message.id", index=True)
    position: int
    name_sealed: bytes


class MessageReceipt(Table, table=True):
    """That somebody of the other side opened a message, or fetched what was attached; the first time only."""

    __tablename__ = "message_receipt"
    __table_args__ = (
        one_of("kind", ReceiptKind),
        one_of("channel", Channel),
        UniqueConstraint("message_id", "account_id", "kind", "attachment_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    message_id: UUID = Field(foreign_key="message.id")
    account_id: UUID = Field(foreign_key="account.id")
    kind: str
    attachment_id: UUID | None = Field(default=None, foreign_key="message_attachment.id")
    channel: str
    at: datetime


class Office(Table, table=True):
    """A part of an agency that has people and topics of its own."""

    __tablename__ = "office"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id")
    name: str
    closed_at: datetime | None = None


class TopicRoute(Table, table=True):
    """The office that a topic goes to where its writer names none."""

    __tablename__ = "topic_route"
    organization_id: UUID = Field(foreign_key="organization.id", primary_key=True)
    topic: str = Field(primary_key=True)
    office_id: UUID = Field(foreign_key="office.id")


class TopicReader(Table, table=True):
    """One of the people who receive a topic; a topic without any is received by all of the organization."""

    __tablename__ = "topic_reader"
    organization_id: UUID = Field(foreign_key="organization.id", primary_key=True)
    topic: str = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", primary_key=True)


class MessageTemplate(Table, table=True):
    """A text that an organization uses again; `sealed` holds its title, subject and body."""

    __tablename__ = "message_template"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    topic: str = ""
    sealed: bytes
    changed_at: datetime
    changed_by: UUID = Field(foreign_key="account.id")


class MailboxPulse(Table, table=True):
    """Counts the changes of an organization's mailbox, so that open pages learn of them."""

    __tablename__ = "mailbox_pulse"

    organization_id: UUID = Field(foreign_key="organization.id", primary_key=True)
    count: int = 0
