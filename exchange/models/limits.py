"""What OCSS allows one organization, where it differs from what the settings say."""

from datetime import datetime
from uuid import UUID

from sqlmodel import BigInteger, Field

from exchange.models.base import Table


class Bandwidth(Table, table=True):
    """Bytes a second that all SFTP connections of an organization have together; 0 for no limit."""

    organization_id: UUID = Field(foreign_key="organization.id", primary_key=True)
    bytes_per_second: int = Field(sa_type=BigInteger)
    changed_at: datetime


class SpaceWarning(Table, table=True):
    """An organization whose file contact was told that this many percent of its space are used."""

    __tablename__ = "space_warning"

    organization_id: UUID = Field(foreign_key="organization.id", primary_key=True)
    percent: int
    warned_at: datetime
