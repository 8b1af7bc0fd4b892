"""Searching for people in the case registry: who may be meant, how surely, and why. See decision 33.

What of a candidate may be shown, and to whom, is decided elsewhere. How much is looked up, read and opened
follows from what is asked for, never from who is found.
"""

import secrets
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from exchange.database import reading
from exchange.errors import PersonSearchClosedError, SearchTooBroadError
from exchange.models.registry import Person, PersonSegment, RegistrySeed
from exchange.registry import keys
from exchange.registry.bulk import among
from exchange.registry.searching import blocking, comparing, digits, filling, pages
from exchange.registry.searching.comparing import Reason
from exchange.registry.searching.dates import known
from exchange.registry.searching.facts import Facts, FullName, Wanted
from exchange.registry.searching.naming import part
from exchange.registry.searching.weights import LISTED, SURE
from exchange.runtime import Exchange
from exchange.vault.cells import Cells

__all__ = ["Candidate", "Facts", "Found", "FullName", "Known", "Reason", "Wanted", "search", "would_find"]
MOST = 25
"""Candidates; a search that finds more tells nobody, but what to add."""
_OPENED, _OPENED_BY_SSN = 256, 64
"""People whose facts are opened for one search, found or not; fewer where only numbers are looked for."""
_MOST_SEGMENTS = 64
"""With more of them a search would read too much. A worker sees to it that they are few (`filling.tend`)."""
_AGAIN = 2
"""So often a search that saw pages move is made again."""
_THE_NUMBER, _NEAR_NUMBER = 30, 3
"""What it is worth to be found by the very SSN, or by one with a slip, beside the keys of `blocking`."""


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be meant: all that is stored, the score from 0 to 100, and what it is the sum of."""

    person_id: int
    facts: Facts
    score: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Found:
    """The candidates, the likeliest first."""

    candidates: tuple[Candidate, ...] = ()


Known = tuple[int, Facts]
"""Somebody of the registry, with their number there."""
Hiding = Callable[[Session, Sequence[Known]], Container[int]]
"""Who of all whose facts were opened, found or not, is for nobody to be told of: their numbers."""


def search(exchange: Exchange, wanted: Wanted, hide: Hiding | None = None) -> Found:
    """Who of the registry may be meant. Whoever is hidden is as if not there, before candidates are counted.

    Raises `SearchTooBroadError` with advice where the facts would fit too many people, and
    `PersonSearchClosedError` while the registry or its index is being filled.
    """
    _refuse_the_vague(wanted)
    for _ in range(_AGAIN):
        with suppress(PersonSearchClosedError):
            return _searched(exchange, wanted, hide)
    return _searched(exchange, wanted, hide)


def _searched(exchange: Exchange, wanted: Wanted, hide: Hiding | None) -> Found:
    cells = exchange.vault.cells
    with reading(exchange.engine) as session:
        where, end = _whole_index(session)
        found = _found_by_key(session, cells, where, wanted), _found_by_ssn(session, cells, wanted)
        likely = _likeliest(*found)[: _most(wanted)]
        opened = _opened(session, cells, _filled(likely, _most(wanted), end))
        hidden = hide(session, opened) if hide else ()
    opened = [(number, facts) for number, facts in opened if number not in hidden]
    return Found(_candidates(wanted, opened, frozenset(likely)))


def would_find(cells: Cells, wanted: Wanted, facts: Facts) -> Candidate | None:
    """The candidate that a search makes of somebody with these facts, were they in the registry; or None.

    Beside whoever else is found, that is; raises as `search`. For measuring.
    """
    _refuse_the_vague(wanted)
    words, _ = blocking.stored(cells, filling.names_of([(0, facts)]))
    looked_at = np.isin(blocking.asked(cells, wanted).words, words).any() or facts.ssn in _numbers(wanted)
    why = comparing.reasons(wanted, facts)
    if not looked_at or comparing.points(why) < LISTED:
        return None
    return Candidate(0, facts, comparing.score(why), why)


def _refuse_the_vague(wanted: Wanted) -> None:
    last, first = part(wanted.name.last).joined, part(wanted.name.first).joined
    if wanted.ssn:
        return
    if not last:
        raise SearchTooBroadError(advice="add the last name, or give the SSN")
    if not wanted.birth_date:
        raise SearchTooBroadError(advice="add the birth date or the year of birth, or give the SSN")
    if known(wanted.birth_date) is None and len(first) < 2:
        raise SearchTooBroadError(advice="add the whole first name, the whole birth date, or the SSN")


def _most(wanted: Wanted) -> int:
    return _OPENED if wanted.birth_date and part(wanted.name.last).joined else _OPENED_BY_SSN


def _whole_index(session: Session) -> tuple[list[PersonSegment], int]:
    """The segments to look into, and before which number all people are."""
    where = pages.segments(session)
    last = session.exec(select(func.max(Person.id))).one()
    seeded = session.get(RegistrySeed, 1)
    end = 0 if last is None else last + 1
    if len(where) > _MOST_SEGMENTS or (seeded and not seeded.complete) or pages.covered(where) < end:
        raise PersonSearchClosedError
    return where, end


_Worth = tuple[NDArray[np.int64], NDArray[np.int64]]
"""People, and what each find of them is worth."""


def _found_by_key(session: Session, cells: Cells, where: list[PersonSegment], wanted: Wanted) -> _Worth:
    asked = blocking.asked(cells, wanted)
    places, people = pages.find(session, cells, where, asked.words)
    return people, asked.worth[places]


def _found_by_ssn(session: Session, cells: Cells, wanted: Wanted) -> _Worth:
    """Those with the SSN, or with one that is a slip away."""
    hashes = keys.ssn_hashes(cells, [ssn.encode() for ssn in _numbers(wanted)])
    with_it = select(Person.id, Person.ssn_hash).where(col(Person.ssn_hash).in_(hashes))
    found = session.exec(with_it).all() if hashes else []
    worth = [_THE_NUMBER if hashed == hashes[0] else _NEAR_NUMBER for _, hashed in found]
    return np.array([number for number, _ in found], np.int64), np.array(worth, np.int64)


def _numbers(wanted: Wanted) -> list[str]:
    """The SSN, and those with a slip where something else can tell whether they are meant."""
    if not wanted.ssn:
        return []
    more = wanted.birth_date or part(wanted.name.last).joined
    return [wanted.ssn, *(digits.slips(wanted.ssn) if more else ())]


def _likeliest(*found: _Worth) -> list[int]:
    """Everybody who was found, by what all their finds together are worth."""
    people, place = np.unique(np.concatenate([who for who, _ in found]), return_inverse=True)
    worth = np.bincount(place, np.concatenate([much for _, much in found]), len(people))
    return [int(number) for number in people[np.argsort(-worth, kind="stable")]]


def _filled(people: list[int], most: int, end: int) -> list[int]:
    """These people, and as many others as are missing to `most`: they are read, opened and weighed alike."""
    others = [secrets.randbelow(end) for _ in range(most - len(people))] if end else []
    return sorted({*people, *others})


def _opened(session: Session, cells: Cells, people: Sequence[int]) -> list[Known]:
    """What is known of these people."""
    asked = select(Person.id, Person.sealed).where(
        among(session, cast("Mapped[int]", col(Person.id)), people)
    )
    rows = session.exec(asked).all()
    cell = cells.open_all(keys.PERSON, [sealed for _, sealed in rows])
    return [(number, Facts.of(opened)) for (number, _), opened in zip(rows, cell, strict=True)]


def _candidates(wanted: Wanted, opened: Sequence[Known], likely: Container[int]) -> tuple[Candidate, ...]:
    weighed = [(number, facts, comparing.reasons(wanted, facts)) for number, facts in opened]
    listed = [
        Candidate(number, facts, comparing.score(why), why)
        for number, facts, why in weighed
        if number in likely and comparing.points(why) >= LISTED
    ]
    few = _few(listed)
    if few is None:
        raise SearchTooBroadError(advice=_advice(wanted))
    return tuple(sorted(few, key=lambda one: (-comparing.points(one.reasons), one.person_id)))


def _few(listed: list[Candidate]) -> list[Candidate] | None:
    """All of them; where they are too many, those who agree in nearly all; None where that is no help."""
    if len(listed) <= MOST:
        return listed
    sure = [one for one in listed if one.score >= SURE]
    return sure if 0 < len(sure) <= MOST else None


def _advice(wanted: Wanted) -> str:
    """What of the facts that tell most is missing."""
    missing = (
        ("the whole birth date", known(wanted.birth_date) is None),
        ("the first name", not part(wanted.name.first).joined),
        ("the SSN", not wanted.ssn),
        ("the middle name", not part(wanted.name.middle).joined),
    )
    named = [what for what, lacks in missing if lacks]
    return f"add {' or '.join(named[:2])}" if named else "check what you have given"
