"""Reports of incidents: what a partner told OCSS, and what OCSS did with it."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Field

from exchange.models.base import Table, one_of

OPEN, TAKEN, CLOSED = "open", "taken", "closed"


class Incident(Table, table=True):
    """One report. What was told in words, and whom to call, is sealed."""

    __table_args__ = (one_of("status", (OPEN, TAKEN, CLOSED)),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    account_id: UUID = Field(foreign_key="account.id")
    kind: str
    people: str
    tax_information: str
    told_sealed: bytes
    discovered_at: datetime
    reported_at: datetime = Field(index=True)
    status: str = OPEN
    taken_by: UUID | None = Field(default=None, foreign_key="account.id")
    taken_at: datetime | None = None
    closed_at: datetime | None = None
