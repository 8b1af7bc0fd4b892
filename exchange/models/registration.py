"""Organizations and people on their way in: registrations, what OCSS has on record, facts kept after."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from exchange.models.base import Table, one_of
from roles.organizations import OrganizationKind

DRAFT, SUBMITTED, RETURNED = "draft", "submitted", "returned"
VERIFIED, DENIED = "verified", "denied"
REGISTRATION_STATES = (DRAFT, SUBMITTED, RETURNED, VERIFIED, DENIED)


class Registration(Table, table=True):
    """One person's registration, of a new organization or (`joining`) into one that exists.

    All that was typed is one sealed cell; the hashes find an organization, a username and a person again.
    `secret_hash` is of the code that brings the applicant back, `reference` is what people quote.
    """

    __table_args__ = (
        one_of("kind", OrganizationKind),
        one_of("status", REGISTRATION_STATES),
        Index("ix_registration_waiting", "status", "submitted_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    reference: str = Field(unique=True)
    secret_hash: bytes = Field(unique=True)
    kind: str
    status: str = DRAFT
    answers_sealed: bytes
    confirm_hash: bytes | None = None
    confirm_until: datetime | None = None
    confirmed_at: datetime | None = None
    agreement: str | None = None
    accepted_at: datetime | None = None
    joining: bool = False
    organization_id: UUID | None = Field(default=None, foreign_key="organization.id", index=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    key_hash: bytes | None = Field(default=None, index=True)
    username_hash: bytes | None = Field(default=None, index=True)
    person_hash: bytes | None = Field(default=None, index=True)
    note_sealed: bytes | None = None
    created_at: datetime
    changed_at: datetime
    submitted_at: datetime | None = None
    due_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: UUID | None = Field(default=None, foreign_key="account.id")


class Clearance(Table, table=True):
    """OCSS has on record what an organization of this kind needs before it may register."""

    __table_args__ = (one_of("kind", OrganizationKind),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: str
    key_sealed: bytes
    key_hash: bytes = Field(index=True)
    name: str
    evidence: str
    recorded_at: datetime
    recorded_by: UUID = Field(foreign_key="account.id")
    withdrawn_at: datetime | None = None


class OrganizationFact(Table, table=True):
    """One fact about an organization, sealed; `name` is one of the registration's FACTS, or of EVIDENCE."""

    __tablename__ = "organization_fact"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    name: str
    value_sealed: bytes
    value_hash: bytes = Field(index=True)
