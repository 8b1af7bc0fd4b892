"""The case registry's tables, and the memory of which people an inquiry file of a quarter asked about.

No SSN and no name is readable here: SSN, and SSN with name, are keyed hashes; equal names do not look equal.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, LargeBinary
from sqlmodel import Field

from exchange.models.base import Table, one_of

OWES, CUSTODIAL = "NCP", "CP"
"""The two parts a person has in a case: owing support, or having custody."""

KEY = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite keeps rows by their key only where its type is exactly INTEGER; it holds 64 bits there too."""
NUMBER = {"autoincrement": False}


class Person(Table, table=True):
    """One person. `sealed` holds what is known of them in one cell: SSN, names, birth date ..."""

    __table_args__ = (Index("ix_person_ssn_hash", "ssn_hash", unique=True),)

    id: int = Field(primary_key=True, sa_type=KEY, sa_column_kwargs=NUMBER)
    ssn_hash: bytes = Field(sa_type=LargeBinary)
    name_hash: bytes = Field(sa_type=LargeBinary)
    sealed: bytes = Field(sa_type=LargeBinary)


class SupportCase(Table, table=True):
    """A case of one state, by the number that state gave it."""

    __tablename__ = "support_case"

    id: int = Field(primary_key=True, sa_type=KEY, sa_column_kwargs=NUMBER)
    state: str
    number: str


class Participant(Table, table=True):
    """A person's part in a case."""

    __table_args__ = (one_of("part", (OWES, CUSTODIAL)),)

    person_id: int = Field(foreign_key="person.id", primary_key=True, sa_type=BigInteger)
    case_id: int = Field(foreign_key="support_case.id", primary_key=True, sa_type=BigInteger)
    part: str


class Debt(Table, table=True):
    """What is past due in a case, in whole cents; zero means paid."""

    case_id: int = Field(
        foreign_key="support_case.id", primary_key=True, sa_type=KEY, sa_column_kwargs=NUMBER
    )
    cents: int = Field(sa_type=BigInteger)
    as_of: date


class RegistrySeed(Table, table=True):
    """The synthetic population this registry holds: one row at most. `stored` people are in so far."""

    __tablename__ = "registry_seed"

    id: int = Field(default=1, primary_key=True)
    people: int
    seed: int
    stored: int = 0
    complete: bool = False


class PersonSegment(Table, table=True):
    """A part of the sealed index that people are found by: those numbered from `first` to before `before`.

    It has so many `keys` in two to the power of `bits` pages. `joined` of 256 steps are done: all, unless it
    is being made of others just now. See decision 33.
    """

    __tablename__ = "person_segment"

    id: int | None = Field(default=None, primary_key=True, sa_type=KEY)
    first: int = Field(sa_type=BigInteger)
    before: int = Field(sa_type=BigInteger)
    keys: int = Field(sa_type=BigInteger)
    bits: int
    version: int
    joined: int = 256


class PersonPage(Table, table=True):
    """A sealed page of that index; its key is made of its segment's and its place in it."""

    __tablename__ = "person_page"

    id: int = Field(primary_key=True, sa_type=KEY, sa_column_kwargs=NUMBER)
    sealed: bytes = Field(sa_type=LargeBinary)


class Inquiry(Table, table=True):
    """The data-match inquiry file of one quarter; `period` is its CCYYMM."""

    period: str = Field(primary_key=True)
    issued_at: datetime
    records: int


class InquirySubject(Table, table=True):
    """A person an inquiry file asked about."""

    __tablename__ = "inquiry_subject"

    period: str = Field(foreign_key="inquiry.period", primary_key=True)
    ssn_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    person_id: int = Field(sa_type=BigInteger)


class Handover(Table, table=True):
    """The digest of each file a program has taken from an organization: the same file is not taken twice."""

    organization_id: UUID = Field(foreign_key="organization.id", primary_key=True)
    program: str = Field(primary_key=True)
    sha256: str = Field(primary_key=True)
    transfer_id: UUID = Field(foreign_key="transfer.id")
