"""Writes what a file made of an agency's cases, in the transaction that ends the file's job.

What was decided while the file was read holds only if nobody changed the agency's cases meanwhile: then the
step fails here, and is done again.
"""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, delete, func, or_, select

from exchange.cases.book import Book, Case, Human
from exchange.models.cases import CaseMatch, RegisteredCase, RegisteredPart, RegistryTurn
from exchange.models.locate import LocateQuery, LocateRequest, QueryStatus
from exchange.models.registry import CUSTODIAL, OWES, Participant, Person, RegistrySeed, SupportCase
from exchange.registry import keys
from exchange.registry.bulk import chunks, insert_rows, table_of
from exchange.registry.population import MOST_CASES
from exchange.registry.searching import filling
from exchange.runtime import Exchange
from roles.locate import CASE_REGISTRY

_PARTS = {"CP": CUSTODIAL, "NP": OWES, "PF": OWES}
"""Children have no part in what debts are matched with."""
_PART_COLUMNS = ("case_id", "person_id", "part", "ssn_hash", "member_hash", "private", "violence")


class TurnLostError(Exception):
    """Another file changed the agency's cases since this one was read."""


def turn_of(session: Session, organization_id: UUID) -> int:
    """How many files have changed an agency's cases so far."""
    row = session.get(RegistryTurn, organization_id)
    return row.number if row else 0


def is_seeded(session: Session) -> bool:
    """Whether nobody is just filling the registry with its synthetic people."""
    row = session.get(RegistrySeed, 1)
    return row is None or row.complete


def write(session: Session, exchange: Exchange, book: Book, turn: int, state: str) -> None:
    """Write the cases and their people; raises `TurnLostError` where `turn` is over."""
    _take_turn(session, book.organization_id, turn)
    cases = book.touched()
    before = [case.id for case in cases if case.id is not None]
    private = _take_parts_away(session, [*before, *book.dropped])
    _drop_cases(session, book.dropped)
    seed = _locked(session)
    _store_people(session, exchange, seed, cases)
    _store_cases(session, seed, book.organization_id, cases, state)
    _store_parts(session, cases)
    kept = {part.human.id for case in cases for part in case.parts}
    _forget_people(session, [number for number in private if number not in kept])
    _look_again(session, exchange, {part.human.hashed for case in cases for part in case.parts})


def _look_again(session: Session, exchange: Exchange, people: set[bytes]) -> None:
    """Let the case registry be asked again, now, by open requests about these people: a proactive match."""
    answered = col(LocateQuery.status) == QueryStatus.ANSWERED.value
    for some in chunks(sorted(people)):
        about = select(LocateRequest.id).where(
            col(LocateRequest.person_hash).in_(some), col(LocateRequest.closed_at).is_(None)
        )
        theirs = (col(LocateQuery.source) == CASE_REGISTRY) & col(LocateQuery.request_id).in_(about)
        again = update(LocateQuery).where(theirs, answered).values(next_at=exchange.clock())
        session.execute(again, execution_options={"synchronize_session": False})


def _take_turn(session: Session, organization_id: UUID, seen: int) -> None:
    if not seen:
        session.add(RegistryTurn(organization_id=organization_id, number=1))
        session.flush()
        return
    mine = (col(RegistryTurn.organization_id) == organization_id) & (col(RegistryTurn.number) == seen)
    taken = session.connection().execute(update(table_of(RegistryTurn)).where(mine).values(number=seen + 1))
    if taken.rowcount != 1:
        raise TurnLostError


def _take_parts_away(session: Session, cases: Sequence[int]) -> set[int]:
    """Everybody's part in these cases goes; the people who were known in one of them only."""
    private: set[int] = set()
    for some in chunks(cases):
        theirs = col(RegisteredPart.case_id).in_(some)
        private |= set(session.exec(select(RegisteredPart.person_id).where(theirs, RegisteredPart.private)))
        session.execute(delete(RegisteredPart).where(theirs))
        session.execute(delete(Participant).where(col(Participant.case_id).in_(some)))
    return private


def _drop_cases(session: Session, cases: Sequence[int]) -> None:
    for some in chunks(cases):
        matched = or_(col(CaseMatch.case_id).in_(some), col(CaseMatch.matched_case_id).in_(some))
        session.execute(delete(CaseMatch).where(matched))
        session.execute(delete(RegisteredCase).where(col(RegisteredCase.case_id).in_(some)))
        session.execute(delete(SupportCase).where(col(SupportCase.id).in_(some)))


def _locked(session: Session) -> RegistrySeed:
    """The row of the synthetic people, behind whom others stand; nobody else numbers people meanwhile."""
    row = session.get(RegistrySeed, 1, with_for_update=True)
    if row is None:
        row = RegistrySeed(people=0, seed=0, complete=True)
        session.add(row)
        session.flush()
    return row


def _store_people(session: Session, exchange: Exchange, seed: RegistrySeed, cases: Iterable[Case]) -> None:
    everybody = dict.fromkeys(part.human for case in cases for part in case.parts)
    new = [human for human in everybody if human.id is None]
    if not new:
        return
    last = session.exec(select(func.max(Person.id))).one()
    first = max(-1 if last is None else last, seed.people - 1) + 1
    for number, human in enumerate(new, start=first):
        human.id = number
    insert_rows(session, table_of(Person), ("id", "ssn_hash", "name_hash", "sealed"), _rows(exchange, new))
    filling.grow(session, exchange.vault.cells, range(first, first + len(new)))


def _rows(exchange: Exchange, people: Sequence[Human]) -> Iterator[tuple[int | None, bytes, bytes, bytes]]:
    sealed = exchange.vault.cells.seal_all(keys.PERSON, [human.facts.cell for human in people])
    for human, cell in zip(people, sealed, strict=True):
        yield human.id, human.hashed, human.name_hash, cell


def _store_cases(
    session: Session, seed: RegistrySeed, organization_id: UUID, cases: Sequence[Case], state: str
) -> None:
    stored, new = [one for one in cases if one.id is not None], [one for one in cases if one.id is None]
    for case in stored:  # two may have changed their numbers with each other
        _update(session, case, f"*{case.id}")
    for case in stored:
        _update(session, case, case.number)
    last = session.exec(select(func.max(SupportCase.id))).one()
    first = max(-1 if last is None else last, seed.people * MOST_CASES - 1) + 1
    for number, case in enumerate(new, start=first):
        case.id = number
    rows = ((case.id, state, case.number) for case in new)
    insert_rows(session, table_of(SupportCase), ("id", "state", "number"), rows)
    columns = ("case_id", "organization_id", "number", "kind", "ordered", "county")
    more = ((one.id, organization_id, one.number, one.kind, one.ordered, one.county) for one in new)
    insert_rows(session, table_of(RegisteredCase), columns, more)


def _update(session: Session, case: Case, number: str) -> None:
    said = {"number": number, "kind": case.kind, "ordered": case.ordered, "county": case.county}
    session.execute(update(RegisteredCase).where(col(RegisteredCase.case_id) == case.id).values(**said))
    session.execute(update(SupportCase).where(col(SupportCase.id) == case.id).values(number=number))


def _store_parts(session: Session, cases: Sequence[Case]) -> None:
    parts = [(case.id, part) for case in cases for part in case.parts]
    rows = (
        (case, one.human.id, one.part, one.ssn_hash, one.member_hash, one.human.private, one.violence)
        for case, one in parts
    )
    insert_rows(session, table_of(RegisteredPart), _PART_COLUMNS, rows)
    owing = ((one.human.id, case, _PARTS[one.part]) for case, one in parts if one.part in _PARTS)
    insert_rows(session, table_of(Participant), ("person_id", "case_id", "part"), owing)


def _forget_people(session: Session, people: Iterable[int]) -> None:
    """People who were known in one case only go with it."""
    for some in chunks(sorted(people)):
        session.execute(delete(Person).where(col(Person.id).in_(some)))
