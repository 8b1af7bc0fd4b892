"""Where the keys of people lie: sealed pages, each of which holds a stretch of the keyed words.

A posting is one number of 64 bits: a key, and behind it whose key it is. Sorted, they are cut by their first
bits into pages, each sealed to its place, so that a key's page is known without any directory. Pages are
written by segments: people of consecutive numbers. Segments are joined step by step; a step is a transaction
and moves all keys that begin alike: nothing large is ever in memory, a joining that was stopped goes on, and
whoever searches meanwhile looks for each key where it lies just then.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, delete
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from exchange.database import transaction
from exchange.errors import PersonSearchClosedError
from exchange.models.registry import PersonPage, PersonSegment, RegistrySeed
from exchange.registry.bulk import among, insert_rows, table_of
from exchange.registry.searching.blocking import KEY_BITS, VERSION, Words
from exchange.runtime import Exchange
from exchange.vault.cells import Cells

PURPOSE = "registry.search-page"
PERSON_BITS = 64 - KEY_BITS
"""So there may be 268 million people."""
FEWEST_BITS = 8
STEPS = 1 << FEWEST_BITS
"""Of a joining; a segment has at least so many pages."""
_A_PAGE = 112
"""Postings in a page of a joined segment, about: a kilobyte."""
_A_UNIT = 32
"""Postings by which the sizes of pages differ: what is missing is filled up."""
_FILLER = np.uint64(2**64 - 1)
_AT_ONCE = 100_000
"""Postings that one transaction of a joining moves, about."""
MOST_SEGMENTS = 6
"""So many are left beside each other; each costs every search some pages."""
_AT_LEAST, _LARGER = 4, 3
"""Segments that are joined at least, and how much larger one may be that is joined with them."""
_PLACES = 32
"""Bits of a page's place within its segment."""


def segments(session: Session) -> list[PersonSegment]:
    """All segments, in the order of their people."""
    return list(session.exec(select(PersonSegment).order_by(col(PersonSegment.first), col(PersonSegment.id))))


def write(session: Session, cells: Cells, people: range, words: Words, whose: NDArray[np.uint32]) -> None:
    """Write a segment of `people`, with their keys; the caller owns the transaction."""
    postings = np.unique(words << np.uint64(PERSON_BITS) | whose.astype(np.uint64))
    segment = PersonSegment(
        first=people.start, before=people.stop, keys=len(postings), bits=FEWEST_BITS, version=VERSION
    )
    session.add(segment)
    session.flush()
    _write_pages(session, cells, segment, range(STEPS), postings)


def _write_pages(
    session: Session, cells: Cells, segment: PersonSegment, steps: range, postings: Words
) -> None:
    """Cut all postings of some steps into the segment's pages."""
    finer = segment.bits - FEWEST_BITS
    buckets = np.arange(steps.start << finer, steps.stop << finer, dtype=np.uint64)
    starts = np.searchsorted(postings, buckets << np.uint64(64 - segment.bits)).tolist()
    pages = {}
    for bucket, start, end in zip(buckets.tolist(), starts, [*starts[1:], len(postings)], strict=True):
        pages[_place(segment, bucket)] = _filled(postings[start:end])
    sealed = cells.seal_pages(PURPOSE, {_bytes(place): page for place, page in pages.items()})
    insert_rows(session, table_of(PersonPage), ("id", "sealed"), zip(pages, sealed, strict=True))


def _filled(postings: Words) -> bytes:
    missing = -len(postings) % _A_UNIT if len(postings) else _A_UNIT
    return postings.astype("<u8").tobytes() + b"\xff" * (8 * missing)


def _place(segment: PersonSegment, bucket: int) -> int:
    assert segment.id is not None
    return segment.id << _PLACES | bucket


def _bytes(place: int) -> bytes:
    return place.to_bytes(8, "big")


def _read(session: Session, cells: Cells, places: Sequence[int]) -> Words:
    """The postings of some pages, in the order of the pages' places, which ascend.

    Raises `PersonSearchClosedError` when one is not there: its segment has just been joined with others.
    """
    found = session.exec(select(PersonPage.id, PersonPage.sealed).where(_at(session, places)))
    pages = {_bytes(place): sealed for place, sealed in sorted(found.all())}
    if len(pages) != len(places):
        raise PersonSearchClosedError
    postings = np.frombuffer(b"".join(cells.open_pages(PURPOSE, pages)), "<u8")
    return np.asarray(postings[postings != _FILLER], np.uint64)


def _at(session: Session, places: Sequence[int]) -> ColumnElement[bool]:
    """That a page lies at one of these places."""
    return among(session, cast("Mapped[int]", col(PersonPage.id)), places)


def find(
    session: Session, cells: Cells, where: Sequence[PersonSegment], words: Words
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Whom the keys find: the place of each key in `words`, and whose key it is, pair by pair.

    `where`: all segments. While some are being joined, each key is looked for where it lies just then. How
    many pages are read follows from the keys alone, whoever is found.
    """
    keys, people = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    target, steps = underway(where), words >> np.uint64(KEY_BITS - FEWEST_BITS)
    for segment in where:
        here = np.flatnonzero(_lies_in(segment, target, steps))
        if len(here):
            found, whose = _find_in(session, cells, segment, words[here])
            keys.append(here[found])
            people.append(whose)
    return np.concatenate(keys).astype(np.int64), np.concatenate(people).astype(np.int64)


def _lies_in(segment: PersonSegment, target: PersonSegment | None, steps: Words) -> NDArray[np.bool_]:
    """Whether keys of these steps lie in a segment: in one that is being made those that were moved there."""
    if target is None or not (segment is target or _is_part(target, segment)):
        return np.ones(len(steps), np.bool_)
    moved = steps < np.uint64(target.joined)
    return moved if segment is target else ~moved


def _find_in(
    session: Session, cells: Cells, segment: PersonSegment, words: Words
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    low, last = words << np.uint64(PERSON_BITS), np.uint64((1 << PERSON_BITS) - 1)
    buckets = np.unique(words >> np.uint64(KEY_BITS - segment.bits)).tolist()
    postings = _read(session, cells, [_place(segment, bucket) for bucket in buckets])
    starts = np.searchsorted(postings, low)
    ends = np.searchsorted(postings, low | last, side="right")
    keys, people = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    for key in np.flatnonzero(ends > starts).tolist():
        some = postings[starts[key] : ends[key]]
        people.append(some & last)
        keys.append(np.full(len(some), key))
    return np.concatenate(keys).astype(np.int64), np.concatenate(people)


Choosing = Callable[[list[PersonSegment]], list[PersonSegment]]
"""Which of all segments are to be made one; they follow each other."""


def join(exchange: Exchange) -> bool:
    """Make one segment of all, after what an earlier call that was stopped has left to do; whether it did."""
    did = False
    while join_some(exchange, lambda every: every):
        did = True
    return did


def join_some(exchange: Exchange, choose: Choosing) -> bool:
    """Do some steps of the joining under way, or begin one, in one transaction; whether there was any to do.

    It holds the row of the registry meanwhile: nobody else joins, or adds people. What is searched for is
    found all the while (see `find`).
    """
    with transaction(exchange.engine) as session:
        session.get(RegistrySeed, 1, with_for_update=True)
        every = segments(session)
        target = underway(every)
        if target is None:
            parts = choose(every)
            if len(parts) < 2:
                return False
            target = _joined(parts)
            session.add(target)
            session.flush()
        _join_steps(session, exchange.vault.cells, target, [one for one in every if _is_part(target, one)])
    return True


def underway(every: Sequence[PersonSegment]) -> PersonSegment | None:
    """The segment that is being made of older ones."""
    return next((one for one in every if one.joined < STEPS), None)


def _is_part(target: PersonSegment, one: PersonSegment) -> bool:
    older = (one.id or 0) < (target.id or 0)
    return older and target.first <= one.first and one.before <= target.before


def crowded(every: list[PersonSegment]) -> list[PersonSegment]:
    """Of too many segments the last ones, and before them whichever is not much larger; else none.

    So a large segment is read again only when what came behind it has grown to a good part of it.
    """
    if len(every) <= MOST_SEGMENTS:
        return []
    first, keys = len(every) - _AT_LEAST, sum(one.keys for one in every[-_AT_LEAST:])
    while first and every[first - 1].keys <= keys * _LARGER:
        first -= 1
        keys += every[first].keys
    return every[first:]


def _joined(parts: Sequence[PersonSegment]) -> PersonSegment:
    keys = sum(part.keys for part in parts)
    bits = max(FEWEST_BITS, math.ceil(math.log2(max(keys, 1) / _A_PAGE)))
    first, before = min(part.first for part in parts), max(part.before for part in parts)
    return PersonSegment(first=first, before=before, keys=keys, bits=bits, version=VERSION, joined=0)


def _join_steps(
    session: Session, cells: Cells, target: PersonSegment, parts: Sequence[PersonSegment]
) -> None:
    """Move some steps' pages of all parts into the target; the last step takes the parts away."""
    several = max(1, min(STEPS, _AT_ONCE * STEPS // max(target.keys, 1)))
    steps = range(target.joined, min(STEPS, target.joined + several))
    places = [place for part in parts for place in _places(part, steps)]
    postings = np.unique(_read(session, cells, places))
    _write_pages(session, cells, target, steps, postings)
    session.execute(delete(PersonPage).where(_at(session, places)))
    target.joined = steps.stop
    if target.joined == STEPS:
        for part in parts:
            session.delete(part)


def _places(segment: PersonSegment, steps: range) -> Iterator[int]:
    finer = segment.bits - FEWEST_BITS
    return (_place(segment, bucket) for bucket in range(steps.start << finer, steps.stop << finer))


def drop(session: Session, segment: PersonSegment) -> None:
    """Take one segment away; its people are put into another one in the same transaction."""
    places = list(_places(segment, range(STEPS)))
    session.execute(delete(PersonPage).where(_at(session, places)))
    session.delete(segment)
    session.flush()


def clear(session: Session) -> None:
    """Take the whole index away."""
    session.execute(delete(PersonPage))
    session.execute(delete(PersonSegment))


def covered(every: Sequence[PersonSegment]) -> int:
    """Before which number everybody is in these segments; 0 where one is of another version."""
    if any(one.version != VERSION for one in every):
        return 0
    return max((one.before for one in every), default=0)
