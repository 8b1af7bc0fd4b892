"""The sealed index of words: each organization has its own, of segments that are written once.

No word is readable here, nor how often it occurs: a segment is so many sealed pages of one size.
"""

from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, LargeBinary
from sqlmodel import Field

from exchange.models.base import Table

_KEY = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite keeps rows by their key only where its type is exactly INTEGER; it holds 64 bits there too."""


class SearchSegment(Table, table=True):
    """Messages that are found together: how many, between which numbers, and how many pages."""

    __tablename__ = "search_segment"
    __table_args__ = (Index("ix_search_segment_newest", "organization_id", "last_number"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=_KEY)
    organization_id: UUID = Field(foreign_key="organization.id")
    first_number: int = Field(sa_type=BigInteger)
    last_number: int = Field(sa_type=BigInteger)
    messages: int
    pages: int


class SearchPage(Table, table=True):
    """A sealed page; its key is made of its segment's and its place in it."""

    __tablename__ = "search_page"

    id: int = Field(primary_key=True, sa_type=_KEY, sa_column_kwargs={"autoincrement": False})
    sealed: bytes = Field(sa_type=LargeBinary)
