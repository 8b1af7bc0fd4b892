"""The multistate employer registry: registrations, every version of them, and which state they concern when.

What was said is one sealed cell a version. The names, hashes, states and days beside it are what it is found
by; they are written anew from the version in the same transaction.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from exchange.models.base import Table, one_of
from roles.multistate import Registrant


class RegistryStatus(StrEnum):
    """Where a registration stands; what may follow on what is `exchange.multistate.statuses`."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    ACTIVE = "ACTIVE"
    CHANGED = "CHANGED"
    CANCELLED = "CANCELLED"


class MultistateRegistration(Table, table=True):
    """One FEIN and the state its new hires are reported to.

    `organization_id`: the employer, or the processor that registers for its clients (`registrant`).
    `prepared_sealed`: what is being filled in and was not handed in yet. `version`: the latest that was.
    """

    __tablename__ = "multistate_registration"
    __table_args__ = (one_of("registrant", Registrant), one_of("status", RegistryStatus))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    reference: str = Field(unique=True)
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    registrant: str
    status: str = RegistryStatus.DRAFT.value
    fein_sealed: bytes
    fein_hash: bytes = Field(index=True)
    legal_name: str = ""
    version: int = 0
    prepared_sealed: bytes | None = None
    effective_on: date | None = None
    created_at: datetime
    changed_at: datetime


class MultistateVersion(Table, table=True):
    """What was handed in at one time, and by whom: the organization itself, or who acted for it."""

    __tablename__ = "multistate_version"
    __table_args__ = (UniqueConstraint("registration_id", "number"), one_of("status", RegistryStatus))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    registration_id: UUID = Field(foreign_key="multistate_registration.id", index=True)
    number: int
    status: str
    said_sealed: bytes
    effective_on: date
    said_at: datetime
    account_id: UUID = Field(foreign_key="account.id")
    organization_id: UUID = Field(foreign_key="organization.id")


class MultistatePlace(Table, table=True):
    """A state that a registration concerns, from a day until before another; None: until something changes.

    `designated`: the state that the reports go to; the others have employees, too.
    """

    __tablename__ = "multistate_place"
    __table_args__ = (Index("ix_multistate_place_state", "state", "until"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    registration_id: UUID = Field(foreign_key="multistate_registration.id", index=True)
    state: str
    designated: bool
    since: date
    until: date | None = None


class MultistateMember(Table, table=True):
    """A subsidiary, or a client of a processor, that the latest version names; found by its FEIN."""

    __tablename__ = "multistate_member"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    registration_id: UUID = Field(foreign_key="multistate_registration.id", index=True)
    fein_hash: bytes = Field(index=True)
