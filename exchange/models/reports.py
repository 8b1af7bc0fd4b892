"""What was reported already, and which rows of a file were corrected by another."""

from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from exchange.models.base import Table


class Reported(Table, table=True):
    """The records a file reported, as keyed numbers of eight bytes in their order, one a record.

    `scope` tells for whom: numbers of two scopes cannot be compared. Few numbers stand in `numbers`, many in
    a sealed blob.
    """

    __table_args__ = (Index("ix_reported_scope", "organization_id", "program", "scope"),)

    transfer_id: UUID = Field(foreign_key="transfer.id", primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id")
    program: str
    scope: bytes = Field(sa_type=LargeBinary)
    numbers: bytes | None = Field(default=None, sa_type=LargeBinary)
    blob_id: str | None = Field(default=None, index=True)


class CorrectedRow(Table, table=True):
    """A refused row (its line in the file) that was sent again in another file."""

    __tablename__ = "corrected_row"

    transfer_id: UUID = Field(foreign_key="transfer.id", primary_key=True)
    line: int = Field(primary_key=True)
    correction_id: UUID = Field(foreign_key="transfer.id", index=True)
