"""What is still to be done, in the same database as the facts it follows; and notices to be mailed."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index
from sqlmodel import Field

from exchange.models.base import Table, one_of


class Job(Table, table=True):
    """One step of work. A job is done when its row says so; a lapsed lease frees it for another worker."""

    __table_args__ = (
        one_of("state", ("waiting", "done", "failed")),
        Index("ix_job_next", "state", "run_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: str
    transfer_id: UUID = Field(foreign_key="transfer.id", index=True)
    state: str = "waiting"
    run_at: datetime
    attempts: int = 0
    owner: str | None = None
    lease_until: datetime | None = None
    created_at: datetime


class Notice(Table, table=True):
    """A mail without content, to be sent once: which organization, about what kind of event.

    `transfer_id` or `thread_id`: the file or the conversation that it is about, if any. `account_id`: whom
    it goes to; None for the organization's contact.
    """

    __table_args__ = (Index("ix_notice_waiting", "sent_at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id")
    event: str
    transfer_id: UUID | None = Field(default=None, foreign_key="transfer.id")
    thread_id: UUID | None = Field(default=None, foreign_key="thread.id")
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    created_at: datetime
    sent_at: datetime | None = None


class Letter(Table, table=True):
    """A mail to one person, to be sent once; its address is sealed, and so is what only they may read."""

    __table_args__ = (Index("ix_letter_waiting", "sent_at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    event: str
    recipient_sealed: bytes
    secret_sealed: bytes | None = None
    created_at: datetime
    sent_at: datetime | None = None
