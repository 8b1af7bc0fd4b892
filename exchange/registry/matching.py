"""Who of a file owes support, and to which states: two questions to the database for many records at once.

The rule (domain.md, Appendix B): SSN and first four letters of the last name equal is a match; only the SSN
equal is `REVIEW`, which names neither person nor states; anything else, and who owes nothing, is no match.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import func
from sqlmodel import Session, col, select

from exchange.models.registry import OWES, Debt, Participant, SupportCase
from exchange.registry import keys
from exchange.registry.bulk import HASH_WORDS, Found, Hashes, Numbers, Where, among, joined, packed, table_of
from exchange.vault.cells import Cells

Texts = npt.NDArray[np.bytes_]
Mask = npt.NDArray[np.bool_]


class Match(StrEnum):
    """The answer for one record, as result files print it; ERROR is for a record that was refused."""

    ERROR = "E"
    MATCH = "M"
    NO_MATCH = "N"
    REVIEW = "P"


def _places() -> Numbers:
    return np.zeros(0, dtype=np.int64)


def _texts() -> Texts:
    return np.zeros(0, dtype="S2")


@dataclass(frozen=True)
class Owed:
    """Who owes to which state: the record's place in its block, the state, the case number there.

    In order of place, and of the state's letters; each state once a place.
    """

    places: Numbers = field(default_factory=_places)
    states: Texts = field(default_factory=_texts)
    cases: Texts = field(default_factory=_texts)

    def __len__(self) -> int:
        return len(self.places)

    def take(self, which: Mask | slice) -> "Owed":
        """Some of these."""
        return Owed(self.places[which], self.states[which], self.cases[which])


@dataclass(frozen=True)
class Matches:
    """Answers by the record's place in its block; a place that is in neither has no match."""

    owed: Owed = field(default_factory=Owed)
    review: Numbers = field(default_factory=_places)

    def between(self, first: int, before: int) -> "Matches":
        """Those of the places from `first` on, which are counted from there."""
        owed = self.owed.take(slice(*np.searchsorted(self.owed.places, (first, before))))
        review = self.review[slice(*np.searchsorted(self.review, (first, before)))]
        return Matches(replace(owed, places=owed.places - first), review - first)

    def only(self, accepted: Mask) -> "Matches":
        """Those of the records that are accepted."""
        return Matches(self.owed.take(accepted[self.owed.places]), self.review[accepted[self.review]])

    def by_block(self, accepted: Iterable[Mask]) -> Iterator["Matches"]:
        """For each of several blocks its own, where these are about the accepted records of all of them."""
        first = 0
        for mask in accepted:
            places = mask.nonzero()[0]
            mine = self.between(first, first + len(places))
            yield Matches(replace(mine.owed, places=places[mine.owed.places]), places[mine.review])
            first += len(places)


def match(session: Session, cells: Cells, ssns: Texts, last_names: Texts) -> Matches:
    """Match people by SSN and last name or what counts of it, as they stand in the file, blanks stripped."""
    known = joined(session, _hashed(cells, ssns), _PEOPLE)
    owed, who = _owed(session, known)
    places = np.unique(who)
    asked = known.places[places]
    named = packed(keys.name_hashes(cells, ssns[asked].tolist(), last_names[asked].tolist()))
    same = np.zeros(len(known.places), dtype=np.bool_)
    same[places] = (known.told[places] == named).all(axis=1)
    matched = same[who]
    review = np.sort(known.places[places[~same[places]]])
    return Matches(owed.take(matched), review)


def match_by_ssn(session: Session, cells: Cells, ssns: Texts) -> Matches:
    """Match people by SSN alone, which is the key of the data match (domain.md, Appendix B)."""
    owed, _ = _owed(session, joined(session, _hashed(cells, ssns), _PEOPLE))
    return Matches(owed)


def inquired(session: Session, cells: Cells, period: str, ssns: Texts) -> Numbers:
    """The places whose SSN the inquiry file of `period` (CCYYMM) asked about, in no order."""
    return joined(session, _hashed(cells, ssns), _INQUIRED, period=period).places


def _hashed(cells: Cells, ssns: Texts) -> Hashes:
    """The keyed hashes, some thousands at a time: Python's objects are three times as large."""
    hashes = np.zeros((len(ssns), HASH_WORDS), dtype=np.uint64)
    for first in range(0, len(ssns), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        hashes[some] = packed(keys.ssn_hashes(cells, ssns[some].tolist()))
    return hashes


def _owed(session: Session, known: Found) -> tuple[Owed, Numbers]:
    """What these people owe, and of each row which of the known it is about."""
    person, states, cases = _cases(session, np.unique(known.numbers))
    first, before = (np.searchsorted(person, known.numbers, side) for side in ("left", "right"))
    counts = before - first
    who = np.repeat(np.arange(len(counts)), counts)
    rows = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(len(who))
    order = np.argsort(known.places[who], kind="stable")
    who, rows = who[order], rows[order]
    return Owed(known.places[who], states[rows], cases[rows]), who


def _cases(session: Session, people: Numbers) -> tuple[Numbers, Texts, Texts]:
    """Person, state and case number of what they owe, in this order; of each state the first number."""
    if not len(people):
        return _places(), _texts(), _texts()
    some = (people[first : first + _AT_ONCE] for first in range(0, len(people), _AT_ONCE))
    told = zip(*(_told(session, each) for each in some), strict=True)
    person, states, cases = (list(chain.from_iterable(column)) for column in told)
    numbers, of_state, case = np.array(person, dtype=np.int64), _encoded(states), _encoded(cases)
    order = np.lexsort((case, of_state, numbers))
    numbers, of_state = numbers[order], of_state[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (numbers[1:] != numbers[:-1]) | (of_state[1:] != of_state[:-1])
    return numbers[first], of_state[first], case[order[first]]


def _told(session: Session, people: Numbers) -> Sequence[list[Any]]:
    """Person, state and case number of every unpaid debt of some people, each column as one value."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    together = func.json_group_array if sqlite else func.array_agg
    asked = among(session, col(Participant.person_id), people.tolist())
    wanted = select(*map(together, _COLUMNS)).select_from(_UNPAID).where(_OWING, asked)
    told = session.execute(wanted).one()
    return [json.loads(column) if sqlite else column or [] for column in told]


def _encoded(words: list[str]) -> Texts:
    return np.array([word.encode() for word in words], dtype=np.bytes_)


_AT_ONCE = 1 << 14
_PEOPLE = Where("id", "name_hash", "person WHERE ssn_hash = hash")
_INQUIRED = Where("person_id", "ssn_hash", "inquiry_subject WHERE period = :period AND ssn_hash = hash")
_COLUMNS = (col(Participant.person_id), col(SupportCase.state), col(SupportCase.number))
_UNPAID = (
    table_of(Participant)
    .join(table_of(SupportCase), col(SupportCase.id) == col(Participant.case_id))
    .join(table_of(Debt), col(Debt.case_id) == col(SupportCase.id))
)
_OWING = (col(Participant.part) == OWES) & (col(Debt.cents) > 0)
