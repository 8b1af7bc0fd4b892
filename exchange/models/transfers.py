"""Transfers, what was found in them, their receipts and the control numbers they used."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from exchange.models.base import Table, one_of
from roles.policy import Channel


class Status(StrEnum):
    """Where a transfer stands, from its first byte to the end of its keeping."""

    DRAFT = "DRAFT"
    RECEIVED = "RECEIVED"
    SCANNING = "SCANNING"
    QUARANTINED = "QUARANTINED"
    VALIDATING = "VALIDATING"
    REJECTED = "REJECTED"
    ACCEPTED = "ACCEPTED"
    ACCEPTED_WITH_ERRORS = "ACCEPTED_WITH_ERRORS"
    PROCESSING = "PROCESSING"
    COMPLETE = "COMPLETE"
    EXPIRED = "EXPIRED"
    PURGED = "PURGED"


class Direction(StrEnum):
    """Seen from the portal: inbound was handed over to us, outbound is for the partner to fetch."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Scan(StrEnum):
    """The three outcomes of a malware scan; "not scanned" is never shown as clean."""

    CLEAN = "clean"
    INFECTED = "infected"
    NOT_SCANNED = "not scanned"


def _some(name: str, which: str) -> Index:
    """An index of those rows only for which this is so: they are few, and counted by age and program."""
    where = text(which)
    return Index(name, "created_at", "program", "organization_id", sqlite_where=where, postgresql_where=where)


class Transfer(Table, table=True):
    """One file, one way; it stands in the folder of `organization_id`, `sender_id` wrote an outbound one.

    `client_id`: the client it is about, where its organization acted for one. `corrects`: the file of which
    it sends refused rows again.
    What is counted of it stays when it is purged: of an inbound one its `outcome` (the state it was settled
    in), how many of its records were `refused` and how long it `took` from the hand-over to the answer, in
    milliseconds; of an outbound one when it was first fetched.
    """

    __table_args__ = (
        one_of("status", Status),
        one_of("direction", Direction),
        one_of("channel", Channel),
        UniqueConstraint("answers_to", "organization_id", "kind"),
        Index("ix_transfer_folder", "organization_id", "direction", "program", "created_at"),
        Index("ix_transfer_created", "created_at"),
        _some("ix_transfer_unsettled", "direction = 'inbound' AND outcome IS NULL"),
        _some(
            "ix_transfer_unfetched", "direction = 'outbound' AND status = 'COMPLETE' AND fetched_at IS NULL"
        ),
        Index("ix_transfer_name", "organization_id", "direction", "program", "filename", "created_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id")
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    sender_id: UUID | None = Field(default=None, foreign_key="organization.id")
    recipient_id: UUID | None = Field(default=None, foreign_key="organization.id")
    client_id: UUID | None = Field(default=None, foreign_key="organization.id")
    direction: str
    channel: str
    program: str
    filename: str
    kind: str = Field(
        default="file", description="file, result, findings, acknowledgement, inquiry, notice ..."
    )
    status: str
    size: int = Field(default=0, sa_type=BigInteger)
    sha256: str | None = None
    blob_id: str | None = Field(default=None, index=True)
    layout: str | None = None
    scan: str | None = None
    scan_detail: str | None = None
    records: int | None = None
    findings_count: int | None = None
    refused: int | None = None
    outcome: str | None = None
    took: int | None = Field(default=None, sa_type=BigInteger)
    fetched_at: datetime | None = None
    answers_to: UUID | None = Field(default=None, foreign_key="transfer.id", index=True)
    corrects: UUID | None = Field(default=None, foreign_key="transfer.id", index=True)
    created_at: datetime
    changed_at: datetime
    modified_at: datetime | None = Field(default=None, description="the time the client gave the file")
    expires_at: datetime | None = Field(
        default=None, index=True, description="of a draft: when its sender began anew (`draft_rows.replace`)"
    )


class Finding(Table, table=True):
    """One thing wrong in a file; `words` is sealed: what was found, what is expected, what to do."""

    transfer_id: UUID = Field(foreign_key="transfer.id", primary_key=True)
    sequence: int = Field(primary_key=True)
    line: int
    first_column: int
    last_column: int
    field: str
    code: str
    words: bytes


class Receipt(Table, table=True):
    """The signed receipt of a transfer that was handed over, as flattened JWS JSON (RFC 7515, 7.2.2)."""

    transfer_id: UUID = Field(foreign_key="transfer.id", primary_key=True)
    jws: str = Field(sa_type=Text)


class ControlNumber(Table, table=True):
    """Control numbers that were accepted, as keyed hashes; one is never used twice."""

    __tablename__ = "control_number"

    organization_id: UUID = Field(foreign_key="organization.id", primary_key=True)
    program: str = Field(primary_key=True)
    number_hash: str = Field(primary_key=True)
    transfer_id: UUID = Field(foreign_key="transfer.id")
