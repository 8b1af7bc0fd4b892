"""What agencies are still to be told of employers, and how often organizations want mail."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Index
from sqlmodel import Field

from exchange.models.base import Table, one_of
from roles.purposes import Rhythm


class EmployerChange(Table, table=True):
    """An address or contact that an employer changed; `told_at`: when the states it concerns were told."""

    __tablename__ = "employer_change"
    __table_args__ = (
        one_of("sort", ("address", "contact")),
        Index("ix_employer_change_waiting", "told_at", "at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id")
    sort: str
    purpose: str
    at: datetime
    told_at: datetime | None = None


class MailRhythm(Table, table=True):
    """How often an organization is told by mail of what waits; without a row: at once.

    `told_on`: the business day of its last digest (UTC).
    """

    __tablename__ = "mail_rhythm"
    __table_args__ = (one_of("rhythm", Rhythm),)

    organization_id: UUID = Field(foreign_key="organization.id", primary_key=True)
    rhythm: str
    told_on: date | None = None
