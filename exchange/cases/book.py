"""An agency's cases in memory while a file is read: what stands in the tables, and what the file makes of it.

Nothing is written here. Everybody is looked up alike, whether protected or not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import Session, col, select

from exchange.models.cases import RegisteredCase, RegisteredPart
from exchange.models.locate import PersonProtection
from exchange.models.registry import Participant, Person
from exchange.registry import keys
from exchange.registry.bulk import among, chunks
from exchange.registry.searching.facts import Facts
from exchange.runtime import Exchange

PRIVATE, MEMBER = "registry.private-person", "registry.member"
"""What people without a number that can be believed are found by, and member ids."""


@dataclass(eq=False)
class Human:
    """A person: stored under `id`, or to be stored. `vouched`: others than this agency know the person."""

    hashed: bytes
    name_hash: bytes
    facts: Facts
    id: int | None = None
    private: bool = False
    vouched: bool = False
    protected: bool = False


@dataclass(eq=False)
class Part:
    """A person's part in a case."""

    human: Human
    part: str
    ssn_hash: bytes | None
    member_hash: bytes | None
    violence: bool


@dataclass(eq=False)
class Case:
    """A case of the agency; `touched` where a file changed something of it."""

    number: str
    kind: str
    ordered: bool
    county: str
    id: int | None = None
    parts: list[Part] = field(default_factory=list)
    touched: bool = False


class Book:
    """The cases of one agency and the people of the registry, as far as a file speaks of them."""

    def __init__(self, exchange: Exchange, organization_id: UUID) -> None:
        self.exchange = exchange
        self.organization_id = organization_id
        self.cases: dict[str, Case | None] = {}
        self.dropped: list[int] = []
        self._numbers: dict[str, bytes] = {}
        self._humans: dict[bytes, Human | None] = {}
        self._by_id: dict[int, Human] = {}

    def load(self, session: Session, cases: Iterable[str], ssns: Iterable[str]) -> None:
        """Look up what some records speak of, unless it was before."""
        for some in chunks(sorted({number for number in cases if number not in self.cases})):
            self._load_cases(session, some)
        new = sorted({ssn for ssn in ssns if ssn and ssn not in self._numbers})
        hashes = keys.ssn_hashes(self.exchange.vault.cells, [ssn.encode() for ssn in new])
        self._numbers |= dict(zip(new, hashes, strict=True))
        for few in chunks([one for one in hashes if one not in self._humans]):
            self._humans |= dict.fromkeys(few)
            self._load_people(
                session, session.exec(select(Person).where(col(Person.ssn_hash).in_(few))).all()
            )

    def hash_of(self, ssn: str) -> bytes | None:
        """The hash of a number that was loaded."""
        return self._numbers[ssn] if ssn else None

    def member_hash(self, member_id: str) -> bytes | None:
        """The hash of a member id; None without one."""
        return self.exchange.vault.cells.keyed_hash(MEMBER, member_id) if member_id else None

    def human(self, hashed: bytes) -> Human | None:
        """Who is known under a number's hash."""
        return self._humans.get(hashed)

    def add(self, human: Human) -> Human:
        """Somebody new; one who was made of the same words before is the same."""
        known = self._humans.get(human.hashed)
        if known is None:
            known = self._humans[human.hashed] = human
        return known

    def touched(self) -> list[Case]:
        """The cases that the file leaves changed, or new."""
        return [case for case in self.cases.values() if case is not None and case.touched]

    def _load_cases(self, session: Session, numbers: Sequence[str]) -> None:
        mine = RegisteredCase.organization_id == self.organization_id
        rows = session.exec(
            select(RegisteredCase).where(mine, among(session, col(RegisteredCase.number), numbers))
        )
        found = {
            row.case_id: Case(row.number, row.kind, row.ordered, row.county, row.case_id) for row in rows
        }
        self.cases |= dict.fromkeys(numbers) | {case.number: case for case in found.values()}
        for some in chunks(list(found)):
            parts = session.exec(select(RegisteredPart).where(col(RegisteredPart.case_id).in_(some))).all()
            self._load_people_of(session, {part.person_id for part in parts})
            for part in parts:
                human = self._by_id[part.person_id]
                human.private = part.private
                found[part.case_id].parts.append(
                    Part(human, part.part, part.ssn_hash, part.member_hash, part.violence)
                )

    def _load_people_of(self, session: Session, people: set[int]) -> None:
        for some in chunks(sorted(people - set(self._by_id))):
            self._load_people(session, session.exec(select(Person).where(col(Person.id).in_(some))).all())

    def _load_people(self, session: Session, rows: Sequence[Person]) -> None:
        new = [row for row in rows if row.id not in self._by_id]
        cells = self.exchange.vault.cells.open_all(keys.PERSON, [row.sealed for row in new])
        vouched, guarded = self._vouched(session, new), _guarded(session, new)
        for row, cell in zip(new, cells, strict=True):
            human = Human(row.ssn_hash, row.name_hash, Facts.of(cell), row.id)
            human.vouched, human.protected = row.id in vouched, row.ssn_hash in guarded
            self._by_id[row.id] = human
        self._humans |= {row.ssn_hash: self._by_id[row.id] for row in rows}

    def _vouched(self, session: Session, rows: Sequence[Person]) -> set[int]:
        """Those who have a part in a case that is not this agency's."""
        people = [row.id for row in rows]
        mine = select(RegisteredCase.case_id).where(RegisteredCase.organization_id == self.organization_id)
        found: set[int] = set()
        for model in (Participant, RegisteredPart):
            person, case = col(model.person_id), col(model.case_id)
            found |= set(session.exec(select(person).where(person.in_(people), case.not_in(mine))))
        return found


def _guarded(session: Session, rows: Sequence[Person]) -> set[bytes]:
    """Those about whom nothing is told."""
    hashes = [row.ssn_hash for row in rows]
    known = select(PersonProtection.person_hash).where(col(PersonProtection.person_hash).in_(hashes))
    return set(session.exec(known))
