"""The journal's tables: append-only events, and the head that orders their writers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from exchange.models.base import Table


class JournalEvent(Table, table=True):
    """One thing that was done. `facts` is canonical JSON; `digest` covers every field and `previous`."""

    __tablename__ = "journal_event"

    position: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    at: str
    kind: str = Field(index=True)
    account_id: UUID | None = Field(default=None, index=True)
    organization_id: UUID | None = Field(default=None, index=True)
    subject_id: UUID | None = Field(default=None, index=True)
    channel: str
    facts: str = Field(sa_type=Text)
    previous: str
    digest: str


class JournalHead(Table, table=True):
    """The last event; its one row is locked by whoever appends, so that the chain has one order."""

    __tablename__ = "journal_head"

    id: int = Field(default=1, primary_key=True)
    position: int = Field(sa_type=BigInteger)
    digest: str
    changed_at: datetime
