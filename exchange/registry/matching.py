"""Who of a file owes support, and to which states: one join inside the database for a whole block of records.

The rule (domain.md, Appendix B): SSN and first four letters of the last name equal is a match; only the SSN
equal is `REVIEW`, which names neither person nor states; anything else, and who owes nothing, is no match.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, select
from sqlmodel import Session, col

from exchange.models.registry import OWES, Debt, InquirySubject, Participant, Person, SupportCase
from exchange.registry import keys
from exchange.registry.bulk import insert_rows
from exchange.vault.cells import Cells


class Match(StrEnum):
    """The answer for one record, as result files print it."""

    MATCH = "M"
    NO_MATCH = "N"
    REVIEW = "P"


@dataclass
class Matches:
    """Answers by the record's place in its block; a place that is in neither has no match."""

    states: dict[int, tuple[str, ...]] = field(default_factory=dict)
    review: set[int] = field(default_factory=set)

    def answer(self, place: int) -> Match:
        """The answer for the record at `place`."""
        if place in self.states:
            return Match.MATCH
        return Match.REVIEW if place in self.review else Match.NO_MATCH


_ASKED = Table(
    "asked",
    MetaData(),
    Column("place", Integer),
    Column("ssn_hash", LargeBinary),
    Column("name_hash", LargeBinary),
    prefixes=["TEMPORARY"],
)
"""Hashes only: this table may spill to a temporary file of the database."""


def match(session: Session, cells: Cells, ssns: Sequence[bytes], last_names: Sequence[bytes]) -> Matches:
    """Match people by SSN and last name, both as they stand in the file, blanks stripped."""
    hashed = zip(keys.ssn_hashes(cells, ssns), keys.name_hashes(cells, ssns, last_names), strict=True)
    found = Matches()
    for place, state, named in _owed(session, [(place, *pair) for place, pair in enumerate(hashed)]):
        if named:
            found.states[place] = (*found.states.get(place, ()), state)
        else:
            found.review.add(place)
    return found


def states_owed(session: Session, cells: Cells, ssns: Sequence[bytes]) -> dict[int, tuple[str, ...]]:
    """The states owed by the person of each SSN, by place; the key of the data match is the SSN alone."""
    owed: dict[int, tuple[str, ...]] = {}
    for place, state, _ in _owed(session, _by_ssn(cells, ssns)):
        owed[place] = (*owed.get(place, ()), state)
    return owed


def inquired(session: Session, cells: Cells, period: str, ssns: Sequence[bytes]) -> set[int]:
    """The places whose SSN the inquiry file of `period` (CCYYMM) asked about."""
    same = col(InquirySubject.ssn_hash) == _ASKED.c.ssn_hash
    in_file = select(_ASKED.c.place).join(InquirySubject, same).where(col(InquirySubject.period) == period)
    with _asked(session, _by_ssn(cells, ssns)):
        return set(session.scalars(in_file))


Asked = list[tuple[int, bytes, bytes]]
"""Place in the block, hash of the SSN, hash of SSN and name."""


def _by_ssn(cells: Cells, ssns: Sequence[bytes]) -> Asked:
    return [(place, hashed, b"") for place, hashed in enumerate(keys.ssn_hashes(cells, ssns))]


def _owed(session: Session, asked: Asked) -> Sequence[tuple[int, str, bool]]:
    """Every (place, state, name agrees too) where the person asked for owes that state, states in order."""
    owed = (
        select(_ASKED.c.place, col(SupportCase.state), col(Person.name_hash) == _ASKED.c.name_hash)
        .join(Person, col(Person.ssn_hash) == _ASKED.c.ssn_hash)
        .join(Participant, (col(Participant.person_id) == Person.id) & (col(Participant.part) == OWES))
        .join(SupportCase, col(SupportCase.id) == Participant.case_id)
        .join(Debt, (col(Debt.case_id) == SupportCase.id) & (col(Debt.cents) > 0))
        .distinct()
        .order_by(_ASKED.c.place, col(SupportCase.state))
    )
    with _asked(session, asked):
        return [(place, state, named) for place, state, named in session.execute(owed)]


@contextmanager
def _asked(session: Session, rows: Asked) -> Iterator[None]:
    """The temporary table of one question; a failing question takes it along as it rolls back."""
    connection = session.connection()
    _ASKED.create(connection)
    insert_rows(session, _ASKED, ("place", "ssn_hash", "name_hash"), rows)
    yield
    _ASKED.drop(connection)
