"""Filling a registry with a synthetic population: in blocks, each a transaction, to be resumed after a stop.

The index that finds people is built once at the end: growing it row by row takes many times as long.
"""

from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np
from sqlalchemy import text
from sqlmodel import Session, col, select

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
from exchange.registry.searching import filling
from exchange.registry.searching.blocking import Names
from exchange.runtime import Exchange
from exchange.vault.cells import Cells

BLOCK = 20_000
AS_OF = "2026-01-01"
"""The day the synthetic debts were last reported, as databases read it."""


def seed(
    exchange: Exchange, people: int, number: int, progress: Callable[[int], None] = lambda _stored: None
) -> Population:
    """Store `people` synthetic persons of seed `number`; the same call again does nothing more.

    A registry of fewer people of the same seed grows. `progress` hears the number stored so far. Raises
    `RegistrySeededError` when the registry holds more people, or others; `ValueError` for a size outside 0 to
    10,000,000.
    """
    population = Population(people, number)
    stored = _begin(exchange, population)
    filling.fill(exchange)
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
        if row.seed != population.seed or row.people > population.people:
            raise RegistrySeededError(people=row.people)
        if row.people < population.people:
            _refuse_to_grow_into_others(session, row)
            row.people, row.complete = population.people, False
        if not row.complete:
            session.execute(text("DROP INDEX IF EXISTS ix_person_ssn_hash"))
        return row.stored


def _refuse_to_grow_into_others(session: Session, row: RegistrySeed) -> None:
    """People whom agencies registered stand behind the synthetic ones."""
    if session.exec(select(Person.id).where(col(Person.id) >= row.people).limit(1)).first() is not None:
        raise RegistrySeededError(people=row.people)


def _finish(exchange: Exchange) -> None:
    filling.fill(exchange)
    with transaction(exchange.engine) as session:
        row = session.get_one(RegistrySeed, 1)
        if not row.complete:
            session.execute(text("CREATE UNIQUE INDEX ix_person_ssn_hash ON person (ssn_hash)"))
            analyze(session, Person, SupportCase, Participant, Debt)
            row.complete = True


def _store_block(exchange: Exchange, population: Population, first: int) -> int:
    """Store the block that begins with person `first`; returns how many people are stored then."""
    block = population.block(first, min(BLOCK, population.people - first))
    people = _person_rows(exchange.vault.cells, block)
    with transaction(exchange.engine) as session:
        insert_rows(session, table_of(Person), ("id", "ssn_hash", "name_hash", "sealed"), people)
        _insert_cases(session, block)
        filling.add(session, exchange.vault.cells, range(first, first + len(block.ssn)), _names(block))
        stored = first + len(block.ssn)
        session.get_one(RegistrySeed, 1).stored = stored
    return stored


def _person_rows(cells: Cells, block: People) -> Iterator[tuple[int, bytes, bytes, bytes]]:
    ssns = [ssn.encode() for ssn in block.ssn]
    names = keys.name_hashes(cells, ssns, [name.encode() for name in block.last_name])
    written = zip(block.ssn, block.last_name, block.first_name, block.birth_date, strict=True)
    sealed = cells.seal_all(keys.PERSON, ["|".join(fields) for fields in written])
    return zip(block.numbers, keys.ssn_hashes(cells, ssns), names, sealed, strict=True)


def _names(block: People) -> Names:
    return Names(np.array(block.numbers, np.uint32), block.last_name, block.first_name, block.birth_date)


def _insert_cases(session: Session, block: People) -> None:
    """Store the cases of the block's people, what is owed in them, and who takes part."""
    cases = list(block.cases())
    ids = [case_id(number, place) for number, place, _ in cases]
    named = ((key, case.state, case.number) for key, (_, _, case) in zip(ids, cases, strict=True))
    insert_rows(session, table_of(SupportCase), ("id", "state", "number"), named)
    debts = ((key, case.cents, AS_OF) for key, (_, _, case) in zip(ids, cases, strict=True))
    insert_rows(session, table_of(Debt), ("case_id", "cents", "as_of"), debts)
    owing = ((number, key, OWES) for key, (number, _, _) in zip(ids, cases, strict=True))
    parts = chain(owing, _custodial_rows(block))
    insert_rows(session, table_of(Participant), ("person_id", "case_id", "part"), parts)


def _custodial_rows(block: People) -> Iterator[tuple[int, int, str]]:
    """Each custodial party takes part in the first case of the person before."""
    return ((number, case_id(number - 1, 0), CUSTODIAL) for number in block.numbers if is_custodial(number))


def case_id(number: int, place: int) -> int:
    """The row number of a person's case; `place` counts from 0."""
    return number * MOST_CASES + place
