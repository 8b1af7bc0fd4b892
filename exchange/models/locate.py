"""Locate: who may ask, what was asked, which sources were asked and what they answered, and who saw it.

What is known of a person, and what a source answered, is sealed; a person is found again by keyed hash. An
answer is padded before it is sealed, so that its size says nothing.
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from exchange.models.base import Table, one_of, only_where
from roles.locate import Alarm, Purpose
from roles.policy import Channel

OPEN = "closed_at IS NULL"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When a source is asked again that is not."""


class RequestStatus(StrEnum):
    """Where a request stands (domain.md 8.10): C created, S sent, R at least one response, E expired."""

    CREATED = "C"
    SENT = "S"
    ANSWERED = "R"
    EXPIRED = "E"


class QueryStatus(StrEnum):
    """Where the question to one source stands; `silent`: it did not answer while the request was open."""

    WAITING = "waiting"
    SENT = "sent"
    ANSWERED = "answered"
    SILENT = "silent"


class Use(StrEnum):
    """What the worker made of an answer (8.10)."""

    UNREAD = ""
    USED = "U"
    DISCARDED = "D"


class Act(StrEnum):
    """How somebody came to see something."""

    SEARCH = "search"
    VIEW = "view"
    PRINT = "print"
    EXPORT = "export"
    UNMASK = "unmask"


class LocateWorker(Table, table=True):
    """What somebody of an agency may do in locate, beside the role; a row of identity.

    `tax`: cleared for federal tax information. `manager`: reviews what colleagues asked.
    """

    __tablename__ = "locate_worker"

    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    tax: bool = False
    manager: bool = False
    trained_on: date | None = None
    granted_by: UUID | None = Field(default=None, foreign_key="account.id")
    granted_at: datetime
    authenticator: bytes = b""


class LocateAgreement(Table, table=True):
    """The agreement by which an agency may locate people, on record with OCSS; a row of identity."""

    __tablename__ = "locate_agreement"

    organization_id: UUID = Field(foreign_key="organization.id", primary_key=True)
    signed_on: date
    until: date
    recorded_by: UUID | None = Field(default=None, foreign_key="account.id")
    authenticator: bytes = b""


class PersonProtection(Table, table=True):
    """A person about whom nothing leaves: family violence (domain.md 8.10). Found by the number's hash."""

    __tablename__ = "person_protection"

    person_hash: bytes = Field(primary_key=True)
    since: datetime
    set_by: UUID | None = Field(default=None, foreign_key="account.id")


class LocateRequest(Table, table=True):
    """One person whom one worker looks for in one case.

    `person_hash`: of the number, where one is known. `same_hash`: of case and person, for repetitions;
    `typed_hash`: the same of what the worker had typed, before a search found somebody.
    `seen_at`: when the worker who asked last looked at it; what came since is new.
    """

    __tablename__ = "locate_request"
    __table_args__ = (
        one_of("purpose", Purpose),
        one_of("status", RequestStatus),
        one_of("channel", Channel),
        Index("ix_locate_request_organization", "organization_id", "created_at"),
        Index("ix_locate_request_same", "organization_id", "same_hash", "created_at"),
        Index("ix_locate_request_typed", "organization_id", "typed_hash", "created_at"),
        only_where("ix_locate_request_open", "expires_at", holds=OPEN),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    reference: str = Field(unique=True)
    organization_id: UUID = Field(foreign_key="organization.id")
    account_id: UUID = Field(foreign_key="account.id", index=True)
    purpose: str
    status: str = RequestStatus.CREATED.value
    channel: str
    case_sealed: bytes
    case_hash: bytes
    subject_sealed: bytes
    person_hash: bytes | None = Field(default=None, index=True)
    same_hash: bytes
    typed_hash: bytes | None = None
    transfer_id: UUID | None = Field(default=None, foreign_key="transfer.id")
    created_at: datetime
    expires_at: datetime
    closed_at: datetime | None = None
    changed_at: datetime
    seen_at: datetime | None = None


class LocateQuery(Table, table=True):
    """The question to one source. Its id is what the source is told to answer to; it names nobody."""

    __tablename__ = "locate_query"
    __table_args__ = (
        one_of("status", QueryStatus),
        UniqueConstraint("request_id", "source"),
        Index("ix_locate_query_waiting", "status", "source", "next_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    request_id: UUID = Field(foreign_key="locate_request.id", index=True)
    source: str
    status: str = QueryStatus.WAITING.value
    attempts: int = 0
    next_at: datetime
    sent_at: datetime | None = None
    answered_at: datetime | None = None


class LocateAnswer(Table, table=True):
    """What a source answered, each version of it; `digest` tells a repetition from a correction."""

    __tablename__ = "locate_answer"
    __table_args__ = (one_of("use", Use), UniqueConstraint("query_id", "number"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    query_id: UUID = Field(foreign_key="locate_query.id", index=True)
    number: int
    sealed: bytes
    digest: bytes
    received_at: datetime
    use: str = Use.UNREAD.value


class LocateRefused(Table, table=True):
    """What a source sent that was not taken: to nobody's question, after its end, or not about the person.

    Nothing of its content is kept.
    """

    __tablename__ = "locate_refused"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    source: str
    query_id: UUID | None = None
    why: str
    at: datetime


class LocateSource(Table, table=True):
    """How the connection to a source stands: how far its answers were fetched, and since when it is down."""

    __tablename__ = "locate_source"

    code: str = Field(primary_key=True)
    cursor: str = ""
    down_since: datetime | None = None


class LocateView(Table, table=True):
    """Somebody saw something about a person: kept for the auditor, who finds it by person, worker or agency.

    `person_hash`: of the number, else of what makes the person the same one. `sources`: their codes.
    """

    __tablename__ = "locate_view"
    __table_args__ = (
        one_of("act", Act),
        Index("ix_locate_view_account", "account_id", "at"),
        Index("ix_locate_view_organization", "organization_id", "at"),
        Index("ix_locate_view_person", "person_hash", "at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    at: datetime
    act: str
    account_id: UUID = Field(foreign_key="account.id")
    organization_id: UUID = Field(foreign_key="organization.id")
    request_id: UUID | None = Field(default=None, foreign_key="locate_request.id")
    person_hash: bytes | None = None
    purpose: str = ""
    sources: str = ""
    came_from: str = ""
    reason_sealed: bytes | None = None


class LocateReview(Table, table=True):
    """A manager looked at a colleague's request: signed off, or with a question that the colleague answers.

    `waits_for`: whose turn it is by it, the colleague's to answer or then the manager's to read the answer.
    """

    __tablename__ = "locate_review"
    __table_args__ = (only_where("ix_locate_review_waits", "waits_for", holds="waits_for IS NOT NULL"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    request_id: UUID = Field(foreign_key="locate_request.id", index=True)
    account_id: UUID = Field(foreign_key="account.id")
    at: datetime
    signed_off: bool
    note_sealed: bytes | None = None
    answered_at: datetime | None = None
    answer_sealed: bytes | None = None
    waits_for: UUID | None = None


class LocateAlarm(Table, table=True):
    """Something unusual about what somebody asked; raised once, settled by a person."""

    __tablename__ = "locate_alarm"
    __table_args__ = (one_of("kind", Alarm), Index("ix_locate_alarm_open", "organization_id", "settled_at"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: str
    account_id: UUID = Field(foreign_key="account.id", index=True)
    organization_id: UUID = Field(foreign_key="organization.id")
    request_id: UUID | None = Field(default=None, foreign_key="locate_request.id")
    day: date
    at: datetime
    settled_at: datetime | None = None
    settled_by: UUID | None = Field(default=None, foreign_key="account.id")
    note_sealed: bytes | None = None
