"""Proactive matches of the case registry: who stands in a case of another state, though nobody asked (8.8).

Made in the transaction that ends a file's job, behind the lock of the registry's row: of two files at once
the later one sees the cases of the earlier. What is no match any more goes. See decision 36.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from uuid import UUID

from sqlmodel import Session, col, delete, or_, select

from exchange import journal, mail
from exchange.cases.book import Book, Human
from exchange.cases.ruling import IV_D
from exchange.locate import protection
from exchange.models.cases import CaseMatch, RegisteredCase, RegisteredPart
from exchange.models.registry import Participant, SupportCase
from exchange.registry.bulk import chunks
from exchange.runtime import Exchange

MOST_PLACES = 100
"""Cases of one person that are looked at, the oldest first, so that nobody can hold us up with many."""
_NOBODY = UUID(int=0)
Key = tuple[int, int, int]
"""Of a match: the agency's case, the person, the case of another state."""


@dataclass(frozen=True)
class _Place:
    """A case that somebody stands in; `owner` and `kind` of one that an agency registered."""

    case_id: int
    state: str
    owner: UUID | None = None
    kind: str = ""

    def is_told_of(self, other: "_Place") -> bool:
        """Whether the agency of this case is told of the other: it is IV-D, the other is another state's."""
        elsewhere = self.owner != other.owner and (self.state != other.state or not self.state)
        return self.owner is not None and self.kind == IV_D and elsewhere


def write(session: Session, exchange: Exchange, book: Book) -> None:
    """Match the people of the cases that a file changed; nothing is kept of who is protected.

    Everybody is looked up alike. The agencies are told that there is something, and not what.
    """
    cases = {case.id: case for case in book.touched() if case.id is not None}
    everybody = (part.human for case in cases.values() for part in case.parts)
    people = {human.id: human for human in everybody if human.id is not None and not human.private}
    shown = _shown(session, exchange, people)
    wanted = {
        key: owner
        for person_id, places in _places(session, list(people)).items()
        if person_id in shown
        for key, owner in _matches(person_id, places, cases)
    }
    known = _stored(session, list(cases))
    _drop(session, [known[key] for key in known.keys() - wanted.keys()])
    _keep(session, exchange, {key: wanted[key] for key in sorted(wanted.keys() - known.keys())})


def _shown(session: Session, exchange: Exchange, people: Mapping[int, Human]) -> set[int]:
    """Those whom nobody protects."""
    known = [(human.hashed, human.facts) for human in people.values()]
    hidden = protection.hidden_people(session, exchange, _NOBODY, known)
    return {person_id for person_id, withheld in zip(people, hidden, strict=True) if not withheld}


def _places(session: Session, people: list[int]) -> dict[int, dict[int, _Place]]:
    """By person, every case they stand in: of the synthetic population, and registered by agencies."""
    found: dict[int, dict[int, _Place]] = defaultdict(dict)
    anybody = select(Participant.person_id, SupportCase.id, SupportCase.state).join(
        SupportCase, col(SupportCase.id) == Participant.case_id
    )
    registered = (
        select(RegisteredPart.person_id, SupportCase.id, SupportCase.state, RegisteredCase)
        .join(RegisteredCase, col(RegisteredCase.case_id) == RegisteredPart.case_id)
        .join(SupportCase, col(SupportCase.id) == RegisteredPart.case_id)
    )
    for some in chunks(people):
        for person_id, case_id, state in session.exec(anybody.where(col(Participant.person_id).in_(some))):
            found[person_id][case_id] = _Place(case_id, state)
        theirs = registered.where(col(RegisteredPart.person_id).in_(some))
        for person_id, case_id, state, case in session.exec(theirs):
            found[person_id][case_id] = _Place(case_id, state, case.organization_id, case.kind)
    return found


def _matches(
    person_id: int, places: Mapping[int, _Place], changed: Collection[int]
) -> Iterator[tuple[Key, UUID]]:
    """The matches of one person that a changed case is part of, and whose each is."""
    oldest = [places[case_id] for case_id in sorted(places)[:MOST_PLACES]]
    for mine, other in permutations(oldest, 2):
        if mine.is_told_of(other) and mine.owner and (mine.case_id in changed or other.case_id in changed):
            yield (mine.case_id, person_id, other.case_id), mine.owner


def _stored(session: Session, cases: list[int]) -> dict[Key, UUID]:
    """The matches that changed cases are part of so far."""
    found: dict[Key, UUID] = {}
    for some in chunks(cases):
        part = or_(col(CaseMatch.case_id).in_(some), col(CaseMatch.matched_case_id).in_(some))
        for row in session.exec(select(CaseMatch).where(part)):
            found[row.case_id, row.person_id, row.matched_case_id] = row.id
    return found


def _drop(session: Session, ids: list[UUID]) -> None:
    for some in chunks(ids):
        session.execute(
            delete(CaseMatch).where(col(CaseMatch.id).in_(some)),
            execution_options={"synchronize_session": False},
        )


def _keep(session: Session, exchange: Exchange, new: Mapping[Key, UUID]) -> None:
    for (case_id, person_id, matched), owner in new.items():
        match = CaseMatch(
            organization_id=owner,
            case_id=case_id,
            person_id=person_id,
            matched_case_id=matched,
            found_at=exchange.clock(),
        )
        session.add(match)
    session.flush()
    for owner, number in sorted(Counter(new.values()).items()):
        mail.notify(session, exchange, owner, mail.MATCHED, None)
        journal.append(session, exchange, "locate.matched", None, owner, number=number)
