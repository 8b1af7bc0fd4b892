"""Filling a registry with a synthetic population: in blocks, each a transaction, to be resumed after a stop.

The index that finds people is built once at the end: growing it row by row takes many times as long.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from exchange.database import reading, transaction
from exchange.errors import RegistrySeededError
from exchange.models.registry import (
    CUSTODIAL,
    OWES,
    Debt,
    Participant,
    Person,
    RegistrySeed,
    SupportCase,
)
from exchange.registry import keys
from exchange.registry.bulk import analyze, insert_rows, table_of
from exchange.registry.population import MOST_CASES, People, Population, is_custodial
from exchange.runtime import Exchange
from exchange.vault.cells import Cells

BLOCK = 20_000
AS_OF = date(2026, 1, 1)
"""The day the synthetic debts were last reported."""


def seed(
    exchange: Exchange, people: int, number: int, progress: Callable[[int], None] = lambda _stored: None
) -> Population:
    """Store `people` synthetic persons of seed `number`; the same call again does nothing more.

    `progress` hears the number stored so far. Raises `RegistrySeededError` when the registry holds another
    population, `ValueError` for a size outside 0 to 10,000,000.
    """
    population = Population(people, number)
    stored = _begin(exchange, population)
    while stored < people:
        stored = _store_block(exchange, population, stored)
        progress(stored)
    _finish(exchange)
    return population


def population_of(exchange: Exchange) -> Population:
    """The synthetic population this registry holds; an empty one where there is none."""
    with reading(exchange.engine) as session:
        row = session.get(RegistrySeed, 1)
        return Population(row.stored, row.seed) if row else Population(0, 0)


def _begin(exchange: Exchange, population: Population) -> int:
    """Note what is about to be stored, or where an earlier call stopped."""
    with transaction(exchange.engine) as session:
        row = session.get(RegistrySeed, 1)
        if row is None:
            row = RegistrySeed(people=population.people, seed=population.seed)
            session.add(row)
        if (row.people, row.seed) != (population.people, population.seed):
            raise RegistrySeededError(people=row.people)
        if not row.complete:
            session.execute(text("DROP INDEX IF EXISTS ix_person_ssn_hash"))
        return row.stored


def _finish(exchange: Exchange) -> None:
    with transaction(exchange.engine) as session:
        row = session.get_one(RegistrySeed, 1)
        if not row.complete:
            session.execute(text("CREATE UNIQUE INDEX ix_person_ssn_hash ON person (ssn_hash)"))
            analyze(session, Person, SupportCase, Participant, Debt)
            row.complete = True


def _store_block(exchange: Exchange, population: Population, first: int) -> int:
    """Store the block that begins with person `first`; returns how many people are stored then."""
    block = population.block(first, min(BLOCK, population.people - first))
    people = list(_person_rows(exchange.vault.cells, block))
    cases = list(_case_rows(block))
    with transaction(exchange.engine) as session:
        _insert(session, people, cases, list(_part_rows(block)))
        stored = first + len(people)
        session.get_one(RegistrySeed, 1).stored = stored
    return stored


Row = tuple[Any, ...]


def _insert(session: Session, people: list[Row], cases: list[Row], parts: list[Row]) -> None:
    insert_rows(session, table_of(Person), ("id", "ssn_hash", "name_hash", "sealed"), people)
    insert_rows(session, table_of(SupportCase), ("id", "state", "number"), [case[:3] for case in cases])
    insert_rows(session, table_of(Participant), ("person_id", "case_id", "part"), parts)
    insert_rows(
        session,
        table_of(Debt),
        ("case_id", "cents", "as_of"),
        [(c[0], c[3], AS_OF.isoformat()) for c in cases],
    )


def _person_rows(cells: Cells, block: People) -> Iterator[Row]:
    ssns = [ssn.encode() for ssn in block.ssn]
    names = keys.name_hashes(cells, ssns, [name.encode() for name in block.last_name])
    written = zip(block.ssn, block.last_name, block.first_name, block.birth_date, strict=True)
    sealed = (cells.seal(keys.PERSON, "|".join(fields)) for fields in written)
    numbers = range(block.first, block.first + len(ssns))
    return zip(numbers, keys.ssn_hashes(cells, ssns), names, sealed, strict=True)


def _case_rows(block: People) -> Iterator[Row]:
    """Case id, state, case number and cents of every case of the block's people."""
    for person in block:
        for place, case in enumerate(person.cases):
            yield case_id(person.number, place), case.state, case.number, case.cents


def _part_rows(block: People) -> Iterator[Row]:
    """Who takes part in which case: those who owe, and each custodial party in the case of the one before."""
    for row, number in enumerate(range(block.first, block.first + len(block.ssn))):
        if is_custodial(number):
            yield number, case_id(number - 1, 0), CUSTODIAL
        for place in range(block.owed[row]):
            yield number, case_id(number, place), OWES


def case_id(number: int, place: int) -> int:
    """The row number of a person's case; `place` counts from 0."""
    return number * MOST_CASES + place
