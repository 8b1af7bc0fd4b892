"""Who of a file owes support, and to which states: two questions to the database for many records at once.

The rule (domain.md, Appendix B): SSN and first four letters of the last name equal is a match; only the SSN
equal is `REVIEW`, which names neither person nor states; anything else, and who owes nothing, is no match.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlmodel import Session, col, select

from exchange.models.registry import OWES, Debt, Participant, SupportCase
from exchange.registry import keys
from exchange.registry.bulk import among, joined
from exchange.vault.cells import Cells


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
    known = _owing(session, cells, ssns)
    same = [place for place, _, _ in known]
    named = keys.name_hashes(cells, [ssns[place] for place in same], [last_names[place] for place in same])
    found = Matches()
    for (place, name_hash, cases), hashed in zip(known, named, strict=True):
        if name_hash == hashed:
            found.owed[place] = cases
        else:
            found.review.add(place)
    return found


def match_by_ssn(session: Session, cells: Cells, ssns: Sequence[bytes]) -> Owed:
    """Match people by SSN alone, which is the key of the data match (domain.md, Appendix B)."""
    return {place: cases for place, _, cases in _owing(session, cells, ssns)}


def inquired(session: Session, cells: Cells, period: str, ssns: Sequence[bytes]) -> set[int]:
    """The places whose SSN the inquiry file of `period` (CCYYMM) asked about."""
    return {place for (place,) in joined(session, keys.ssn_hashes(cells, ssns), _INQUIRED, period=period)}


def _owing(session: Session, cells: Cells, ssns: Sequence[bytes]) -> list[tuple[int, bytes, dict[str, str]]]:
    """Those who owe: the place of their SSN, the keyed hash of SSN and name, and the states owed."""
    people = list(joined(session, keys.ssn_hashes(cells, ssns), _PEOPLE))
    owed: Owed = {}
    asked = among(session, col(Participant.person_id), sorted({number for number, _, _ in people}))
    for number, state, case in session.exec(_CASES.where(asked)) if people else ():
        owed.setdefault(number, {}).setdefault(state, case)
    return [(place, named, owed[number]) for number, named, place in people if number in owed]


_PEOPLE = "SELECT id, name_hash, place FROM asked CROSS JOIN person WHERE ssn_hash = hash"
_INQUIRED = "SELECT place FROM asked CROSS JOIN inquiry_subject WHERE period = :period AND ssn_hash = hash"
_CASES = (
    select(Participant.person_id, SupportCase.state, SupportCase.number)
    .join(SupportCase, col(SupportCase.id) == Participant.case_id)
    .join(Debt, (col(Debt.case_id) == SupportCase.id) & (col(Debt.cents) > 0))
    .where(Participant.part == OWES)
    .order_by(col(SupportCase.state), col(SupportCase.number))
)
"""Person, state and case number of every unpaid debt, in the order answers list them."""
