"""Cases that agencies keep in the case registry by file, and what became of requests that came by file."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from exchange.models.base import Table, one_of
from exchange.models.locate import Use
from exchange.models.registry import KEY, NUMBER
from schemas.tables import CASE_TYPES, PARTICIPANT_TYPES


class RegisteredCase(Table, table=True):
    """A case of the registry that an agency registered, changes and deletes by file; `kind` as in 8.2."""

    __tablename__ = "registered_case"
    __table_args__ = (one_of("kind", CASE_TYPES), UniqueConstraint("organization_id", "number"))

    case_id: int = Field(
        foreign_key="support_case.id", primary_key=True, sa_type=KEY, sa_column_kwargs=NUMBER
    )
    organization_id: UUID = Field(foreign_key="organization.id")
    number: str
    kind: str
    ordered: bool
    county: str = ""


class RegisteredPart(Table, table=True):
    """A person's part in such a case, as the agency said it; found by the hashes of number and member id.

    `private`: the person is known in this case only, without a number that could be believed. `violence`: the
    agency said that nothing about the person may be disclosed.
    """

    __tablename__ = "registered_part"
    __table_args__ = (one_of("part", PARTICIPANT_TYPES),)

    case_id: int = Field(
        foreign_key="registered_case.case_id", primary_key=True, sa_type=KEY, sa_column_kwargs=NUMBER
    )
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True, sa_type=BigInteger)
    part: str
    ssn_hash: bytes | None = None
    member_hash: bytes | None = None
    private: bool = False
    violence: bool = False


class RegistryTurn(Table, table=True):
    """How many files have changed an agency's part of the registry: two at once cannot be the same one."""

    __tablename__ = "registry_turn"

    organization_id: UUID = Field(foreign_key="organization.id", primary_key=True)
    number: int


class LocateFiled(Table, table=True):
    """A locate request that came by file: of which line, and (sealed) what its answers repeat of it.

    `told_at`: as the request was changed last, when its answers were put into files the last time.
    """

    __tablename__ = "locate_filed"

    request_id: UUID = Field(foreign_key="locate_request.id", primary_key=True)
    transfer_id: UUID = Field(foreign_key="transfer.id", index=True)
    line: int
    sealed: bytes
    told_at: datetime | None = None


class LocatePlanned(Table, table=True):
    """A request that a file asks for and a worker is still to make; its file is acknowledged.

    `same_hash`: as the request's will be. An agency plans no two about the same person in the same case.
    """

    __tablename__ = "locate_planned"
    __table_args__ = (UniqueConstraint("organization_id", "same_hash"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id")
    transfer_id: UUID = Field(foreign_key="transfer.id", index=True)
    line: int
    same_hash: bytes
    sealed: bytes
    planned_at: datetime


class LocateTold(Table, table=True):
    """An answer that a file of responses tells: none does twice. `digest`: what the file says of it.

    An answer that tells nothing else than the one before stands in no file.
    """

    __tablename__ = "locate_told"

    answer_id: UUID = Field(foreign_key="locate_answer.id", primary_key=True)
    transfer_id: UUID | None = Field(default=None, foreign_key="transfer.id", index=True)
    digest: bytes


class CaseMatch(Table, table=True):
    """Somebody in a case that an agency registered stands in a case of another state, too (8.8, proactive).

    It belongs to the agency of `case_id`. `use` as 8.10 has it of answers: `account_id` took it up, or set it
    aside.
    """

    __tablename__ = "case_match"
    __table_args__ = (
        one_of("use", Use),
        UniqueConstraint("case_id", "person_id", "matched_case_id"),
        Index("ix_case_match_organization", "organization_id", "use", "found_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id")
    case_id: int = Field(foreign_key="registered_case.case_id", sa_type=BigInteger)
    person_id: int = Field(foreign_key="person.id", sa_type=BigInteger)
    matched_case_id: int = Field(foreign_key="support_case.id", index=True, sa_type=BigInteger)
    found_at: datetime
    use: str = Use.UNREAD.value
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    settled_at: datetime | None = None
