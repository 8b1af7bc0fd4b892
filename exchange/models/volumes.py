"""What was exchanged in months that are over: few rows, written once."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import BigInteger, Field

from exchange.models.base import Table


class ClosedMonth(Table, table=True):
    """A month (its first day, UTC) that is counted; one without any transfer has no other row."""

    __tablename__ = "closed_month"

    month: date = Field(primary_key=True)
    closed_at: datetime


class MonthlyVolume(Table, table=True):
    """What one organization exchanged under one program in a closed month."""

    __tablename__ = "monthly_volume"

    month: date = Field(primary_key=True, foreign_key="closed_month.month")
    program: str = Field(primary_key=True)
    organization_id: UUID = Field(primary_key=True, foreign_key="organization.id")
    files: int
    records: int = Field(sa_type=BigInteger)
    checked: int = Field(sa_type=BigInteger)
    refused: int = Field(sa_type=BigInteger)
    rejected: int
    issued: int


class AnswerTime(Table, table=True):
    """How many files of a program in a closed month were answered in so many milliseconds, rounded."""

    __tablename__ = "answer_time"

    month: date = Field(primary_key=True, foreign_key="closed_month.month")
    program: str = Field(primary_key=True)
    took: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    files: int
