"""The reference guide's tables: every revision of every entry for ever, and drafts apart from them.

A revision counts from `published_at` until `until`; None: it still does. So the guide of any moment of the
past is one condition, and a draft, which is a row of another table, is in none of them.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from exchange.models.base import Table, one_of, only_where
from roles.guide import EntrySort
from schemas.guide.documents import JurisdictionKind

CURRENT = "until IS NULL"


class DraftStatus(StrEnum):
    """`waiting`: for a second person."""

    DRAFT = "draft"
    WAITING = "waiting"


class GuideEdition(Table, table=True):
    """How often anything was published: one row, whose number tells readers that there is something new."""

    __tablename__ = "guide_edition"

    id: int = Field(default=1, primary_key=True)
    number: int = 0
    at: datetime


class GuideQuestionnaire(Table, table=True):
    """The questions and versions, as one document, from `since` until `until`."""

    __tablename__ = "guide_questionnaire"

    edition: int = Field(primary_key=True)
    body: str
    since: datetime
    until: datetime | None = None


class GuideJurisdiction(Table, table=True):
    """Whose part it is. `second_person`: somebody else approves before anything is published."""

    __tablename__ = "guide_jurisdiction"
    __table_args__ = (one_of("kind", JurisdictionKind),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    locator_code: str = Field(unique=True)
    kind: str
    second_person: bool = False


class GuideRevision(Table, table=True):
    """What an entry said from one moment to another; an empty body says that it was taken out.

    `edition`: in which it changed last. `account_id`: who wrote it, None for an import;
    `approved_by`: the second person. `reviewed_at`: when its keeper last said that it still holds.
    """

    __tablename__ = "guide_revision"
    __table_args__ = (
        one_of("sort", EntrySort),
        UniqueConstraint("jurisdiction_id", "sort", "slug", "number"),
        only_where("ix_guide_revision_current", "jurisdiction_id", "sort", "slug", holds=CURRENT),
        Index("ix_guide_revision_edition", "edition"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    jurisdiction_id: UUID = Field(foreign_key="guide_jurisdiction.id")
    sort: str
    slug: str
    number: int
    body: str
    edition: int
    published_at: datetime
    until: datetime | None = None
    reviewed_at: datetime
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    approved_by: UUID | None = Field(default=None, foreign_key="account.id")
    note: str = ""


class GuideDraft(Table, table=True):
    """What an entry is to say, once it is published; an empty body takes it out.

    `base`: the number of the revision that it was made from, 0 for a new entry. `refusal`: what the second
    person said.
    """

    __tablename__ = "guide_draft"
    __table_args__ = (
        one_of("sort", EntrySort),
        one_of("status", DraftStatus),
        UniqueConstraint("jurisdiction_id", "sort", "slug"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    jurisdiction_id: UUID = Field(foreign_key="guide_jurisdiction.id")
    sort: str
    slug: str
    body: str
    base: int
    status: str = DraftStatus.DRAFT.value
    account_id: UUID = Field(foreign_key="account.id")
    changed_at: datetime
    note: str = ""
    refusal: str = ""


class GuideVisit(Table, table=True):
    """When somebody last looked at what changed, and the time before that."""

    __tablename__ = "guide_visit"

    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    seen_at: datetime
    before_at: datetime | None = None


class GuideLink(Table, table=True):
    """An address in the web that the guide names, and what came of asking for it; `problem`: in words."""

    __tablename__ = "guide_link"

    url: str = Field(primary_key=True)
    checked_at: datetime
    problem: str = ""
    failing_since: datetime | None = None
