"""Puts people into the index: while they are stored, or later from what is sealed of them."""

import time
from collections.abc import Callable, Sequence

import numpy as np
from sqlalchemy import func
from sqlmodel import Session, col, select

from exchange.database import reading, transaction
from exchange.models.registry import Person, PersonPage, PersonSegment, RegistrySeed
from exchange.registry import keys
from exchange.registry.bulk import analyze
from exchange.registry.searching import pages
from exchange.registry.searching.blocking import Names, stored
from exchange.registry.searching.facts import Facts
from exchange.runtime import Exchange
from exchange.vault.cells import Cells

_BLOCK = 20_000
_TURN = 0.5
"""Seconds after which a chore makes way for a worker's other duties."""


def add(session: Session, cells: Cells, people: range, names: Names) -> None:
    """Put people into the index; `names` has a row for each name of each of them."""
    pages.write(session, cells, people, *stored(cells, names))


def lacking(exchange: Exchange) -> range:
    """The numbers of the people whom the index lacks: all where it is none, or one of an earlier release."""
    with reading(exchange.engine) as session:
        return _lacking(session)


def _lacking(session: Session) -> range:
    last = session.exec(select(func.max(Person.id))).one()
    end = 0 if last is None else last + 1
    return range(min(pages.covered(pages.segments(session)), end), end)


def fill(exchange: Exchange, progress: Callable[[int], None] = lambda _done: None) -> None:
    """Put everybody whom the index lacks into it, and make it one.

    Goes on where an earlier call was stopped. An index that an earlier release made is made anew. `progress`
    hears before which number everybody is in.
    """
    while (people := _fill_some(exchange)) is not None:
        if people:
            progress(people.stop)
    if pages.join(exchange):
        with transaction(exchange.engine) as session:
            analyze(session, PersonSegment, PersonPage)


def _fill_some(exchange: Exchange) -> range | None:
    """Put the next people in, in one transaction; none after an index was cleared; None with everybody in it.

    The row of the registry is held, so that nobody else does so meanwhile.
    """
    with transaction(exchange.engine) as session:
        session.get(RegistrySeed, 1, with_for_update=True)
        missing = _lacking(session)
        if not missing:
            return None
        if not missing.start and pages.segments(session):
            pages.clear(session)
            return range(0)
        people = missing[:_BLOCK]
        _add_stored_within(session, exchange.vault.cells, people)
        return people


def tend(exchange: Exchange) -> int:
    """Bring the index nearer to being whole and of few segments, in steps for a moment; how many.

    A worker's chore; any number of workers may.
    """
    done, until = 0, time.monotonic() + _TURN
    while time.monotonic() < until and _is_wanting(exchange):
        began = time.monotonic()
        if _fill_some(exchange) is None and not pages.join_some(exchange, pages.crowded):
            break
        done += 1
        time.sleep(min(time.monotonic() - began, _TURN))  # as long for all who wait to write
    return done


def _is_wanting(exchange: Exchange) -> bool:
    """Whether people lack, or segments are too many, in a registry that nobody is just filling."""
    with reading(exchange.engine) as session:
        seeded, every = session.get(RegistrySeed, 1), pages.segments(session)
        if seeded is not None and not seeded.complete:
            return False
        return bool(_lacking(session) or pages.underway(every) or pages.crowded(every))


def grow(session: Session, cells: Cells, people: range) -> None:
    """Put people who were just stored into an index that had everybody before them.

    A last segment of few people is made anew with them, so that many small files leave few segments. An index
    that lacked somebody already is left to `tend`.
    """
    every = pages.segments(session)
    if pages.covered(every) != people.start:
        return
    whole = all(one.joined == pages.STEPS for one in every)
    if every and whole and every[-1].before - every[-1].first < _BLOCK:
        people = range(every[-1].first, people.stop)
        pages.drop(session, every[-1])
    _add_stored_within(session, cells, people)


def _add_stored_within(session: Session, cells: Cells, people: range) -> None:
    between = (col(Person.id) >= people.start, col(Person.id) < people.stop)
    rows = session.exec(select(Person.id, Person.sealed).where(*between).order_by(col(Person.id))).all()
    opened = cells.open_all(keys.PERSON, [sealed for _, sealed in rows])
    facts = [(number, Facts.of(cell)) for (number, _), cell in zip(rows, opened, strict=True)]
    add(session, cells, people, names_of(facts))


def names_of(facts: Sequence[tuple[int, Facts]]) -> Names:
    """A row for each name of people, who come with their numbers."""
    rows = [(number, name, each.birth_date) for number, each in facts for name in each.names]
    return Names(
        np.array([number for number, _, _ in rows], np.uint32),
        [name.last for _, name, _ in rows],
        [name.first for _, name, _ in rows],
        [day for _, _, day in rows],
    )
