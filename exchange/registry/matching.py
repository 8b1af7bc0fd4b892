"""Who of a file owes support, and to which states: two questions to the database for a block of records.

The rule (domain.md, Appendix B): SSN and first four letters of the last name equal is a match; only the SSN
equal is `REVIEW`, which names neither person nor states; anything else, and who owes nothing, is no match.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from sqlmodel import Session, col, select

from exchange.models.registry import OWES, Debt, InquirySubject, Participant, Person, SupportCase
from exchange.registry import keys
from exchange.registry.bulk import among
from exchange.vault.cells import Cells

Key = TypeVar("Key")
_AT_ONCE = 5_000
"""Keys named in one question; SQLite takes 32,766, PostgreSQL 65,535."""


class Match(StrEnum):
    """The answer for one record, as result files print it; ERROR is for a record that was refused."""

    ERROR = "E"
    MATCH = "M"
    NO_MATCH = "N"
    REVIEW = "P"


Owed = dict[int, dict[str, str]]
"""By the record's place in its block: each state that is owed, in alphabetical order, and its case number."""


@dataclass
class Matches:
    """Answers by the record's place in its block; a place that is in neither has no match."""

    owed: Owed = field(default_factory=dict)
    review: set[int] = field(default_factory=set)

    def answer(self, place: int) -> Match:
        """The answer for the record at `place`."""
        if place in self.owed:
            return Match.MATCH
        return Match.REVIEW if place in self.review else Match.NO_MATCH


def match(session: Session, cells: Cells, ssns: Sequence[bytes], last_names: Sequence[bytes]) -> Matches:
    """Match people by SSN and last name, both as they stand in the file, blanks stripped."""
    people, owed = _owing(session, by_ssn := keys.ssn_hashes(cells, ssns))
    found = Matches()
    for place, named in enumerate(keys.name_hashes(cells, ssns, last_names)):
        person = people.get(by_ssn[place])
        if person is None or person.id not in owed:
            continue
        if person.name_hash == named:
            found.owed[place] = owed[person.id]
        else:
            found.review.add(place)
    return found


def match_by_ssn(session: Session, cells: Cells, ssns: Sequence[bytes]) -> Owed:
    """Match people by SSN alone, which is the key of the data match (domain.md, Appendix B)."""
    people, owed = _owing(session, hashes := keys.ssn_hashes(cells, ssns))
    asked = ((place, people.get(hashed)) for place, hashed in enumerate(hashes))
    return {place: owed[person.id] for place, person in asked if person and person.id in owed}


def inquired(session: Session, cells: Cells, period: str, ssns: Sequence[bytes]) -> set[int]:
    """The places whose SSN the inquiry file of `period` (CCYYMM) asked about."""
    hashes, known = keys.ssn_hashes(cells, ssns), set[bytes]()
    for some in _chunks(hashes):
        same = col(InquirySubject.ssn_hash).in_(some)
        known.update(
            session.exec(select(InquirySubject.ssn_hash).where(InquirySubject.period == period, same))
        )
    return {place for place, hashed in enumerate(hashes) if hashed in known}


@dataclass(frozen=True)
class _Known:
    """A person who was found: the row's number and the keyed hash of SSN and name."""

    id: int
    name_hash: bytes


def _owing(session: Session, hashes: Sequence[bytes]) -> tuple[dict[bytes, _Known], Owed]:
    """The people of these SSN hashes, and by their numbers the states owed by those who owe.

    Both questions name the keys they want one by one, so that no planner reads a whole table for them.
    """
    people: dict[bytes, _Known] = {}
    owed: Owed = {}
    for some in _chunks(hashes):
        asked = among(session, col(Person.ssn_hash), some)
        for hashed, number, named in session.exec(
            select(Person.ssn_hash, Person.id, Person.name_hash).where(asked)
        ):
            people[hashed] = _Known(number, named)
    for numbers in _chunks([person.id for person in people.values()]):
        asked = among(session, col(Participant.person_id), numbers)
        for number, state, case in session.exec(_CASES.where(asked)):
            owed.setdefault(number, {}).setdefault(state, case)
    return people, owed


_CASES = (
    select(Participant.person_id, SupportCase.state, SupportCase.number)
    .join(SupportCase, col(SupportCase.id) == Participant.case_id)
    .join(Debt, (col(Debt.case_id) == SupportCase.id) & (col(Debt.cents) > 0))
    .where(Participant.part == OWES)
    .order_by(col(SupportCase.state), col(SupportCase.number))
)
"""Person, state and case number of every unpaid debt, in the order answers list them."""


def _chunks(items: Sequence[Key]) -> Iterator[Sequence[Key]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
