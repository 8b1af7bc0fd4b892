"""The keys that people are found by: each is made of several facts, so that none tells one alone.

Stored of each person are four kinds of key, each once for every form of the name. All forgiving is done by
asking: for mistyped dates, nicknames and swapped names other keys are looked up, and nothing more is stored.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from itertools import chain, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exchange.registry.searching import dates, naming
from exchange.registry.searching.facts import FullName, Wanted
from exchange.registry.searching.naming import Part, part, sounds
from exchange.vault.cells import Cells

VERSION = 2
"""Counts with every change of what is stored of a person: an index of another version is made anew."""
PURPOSE = "registry.search"
KEY_BITS = 36
MOST_KEYS = 1_024
"""Keys one search looks up at most."""
_WORD_BITS = 64
Words = NDArray[np.uint64]


class Family(IntEnum):
    """The kinds of key: which facts together."""

    LAST_AND_DATE = 1
    FIRST_AND_DATE = 2
    NAME_AND_YEAR = 3
    INITIALS_AND_DATE = 4


class Key(NamedTuple):
    """One key before it is keyed; `first` and `last` are codes of names, `when` a date, a year or 0."""

    family: Family
    last: str
    first: str
    when: int


@dataclass(frozen=True)
class Asked:
    """The keys to look up, and how much finding somebody by each of them is worth."""

    words: Words
    worth: NDArray[np.int64]


@dataclass(frozen=True)
class Names:
    """Rows of names to be found: whose each is, how it is written, and the birth date, as columns."""

    people: NDArray[np.uint32]
    last: Sequence[str]
    first: Sequence[str]
    birth_date: Sequence[str]


def stored(cells: Cells, names: Names) -> tuple[Words, NDArray[np.uint32]]:
    """The keys of people, and whose each is."""
    when = np.array([int(day) if dates.known(day) else 0 for day in names.birth_date], np.uint64)
    each = [_codes(last, first) for last, first in zip(names.last, names.first, strict=True)]
    lengths = [len(codes) for codes in each]
    table = np.array(list(chain.from_iterable(each)), np.uint64).reshape(-1, 3)
    row = np.repeat(np.arange(len(each)), lengths)
    dated = when[row]
    by_year = table[:, 0] == Family.NAME_AND_YEAR
    dated[by_year] //= np.uint64(10_000)
    kept = by_year | (dated > 0)
    return _keyed(cells, table[kept], dated[kept]), names.people[row[kept]]


def asked(cells: Cells, wanted: Wanted) -> Asked:
    """The keys that somebody like `wanted` would have, the strongest first, `MOST_KEYS` at most."""
    worth: dict[Key, int] = {}
    for key, value in _wanted_keys(wanted):
        worth[key] = max(value, worth.get(key, 0))
    best = sorted(worth, key=lambda key: -worth[key])[:MOST_KEYS]
    table = [(key.family, _number(key.last), _number(key.first)) for key in best]
    when = np.array([key.when for key in best], np.uint64)
    words = _keyed(cells, np.array(table, np.uint64).reshape(-1, 3), when)
    return Asked(words, np.array([worth[key] for key in best], np.int64))


def _keyed(cells: Cells, table: Words, when: Words) -> Words:
    """The keyed words, `KEY_BITS` long, of rows of family, last and first code, each with its date."""
    mixed = _stirred(table[:, 0])
    for column in (table[:, 1], table[:, 2], when):
        mixed = _stirred(mixed ^ column)
    words = np.frombuffer(cells.keyed_words(PURPOSE, mixed.tobytes()), np.uint64)
    return words >> np.uint64(_WORD_BITS - KEY_BITS)


def _stirred(x: Words) -> Words:
    """SplitMix64's step: every bit of the result depends on every bit given."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@lru_cache(maxsize=50_000)
def _number(code: str) -> int:
    return int.from_bytes(blake2b(code.encode(), digest_size=8).digest(), "big")


@lru_cache(maxsize=50_000)
def _sounds_and_initials(name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The numbers of the codes of one name."""
    known = part(name)
    return tuple(map(_number, sounds(known.forms))), tuple(map(_number, known.initials))


def _codes(last: str, first: str) -> list[tuple[int, int, int]]:
    """Family, last and first code of every key of somebody with this name."""
    surnames, surname_initials = _sounds_and_initials(last)
    called, first_initials = _sounds_and_initials(first)
    return [
        *((Family.LAST_AND_DATE.value, sound, _NO_NAME) for sound in surnames),
        *((Family.FIRST_AND_DATE.value, _NO_NAME, sound) for sound in called),
        *((Family.NAME_AND_YEAR.value, *pair) for pair in product(surnames, called)),
        *((Family.INITIALS_AND_DATE.value, *pair) for pair in product(surname_initials, first_initials)),
    ]


_NO_NAME = _number("")


def _wanted_keys(wanted: Wanted) -> Iterator[tuple[Key, int]]:
    """Each key, and what it is worth to be found by it: more for what is less often the same by chance."""
    for place, name in enumerate(wanted.names):
        asking = _Asking(name, wanted.birth_date, main=not place)
        yield from asking.keys()


@dataclass(frozen=True)
class _Asking:
    """One name asked for with a birth date or year; of additional names less is tried."""

    name: FullName
    birth_date: str
    main: bool

    def keys(self) -> Iterator[tuple[Key, int]]:
        last, first = part(self.name.last), part(self.name.first)
        if not self.birth_date or not last.joined:
            return
        if dates.known(self.birth_date):
            yield from self._dated(last, first)
        yield from self._in_year(last, first)

    def _dated(self, last: Part, first: Part) -> Iterator[tuple[Key, int]]:
        certain = _days(dates.certain(self.birth_date))
        possible = _days(dates.possible(self.birth_date)) if self.main else certain
        surnames, called = sounds(last.forms), sounds(first.forms)
        yield from _each(Family.LAST_AND_DATE, surnames, ("",), certain, 12)
        yield from _each(Family.LAST_AND_DATE, surnames, ("",), possible, 8)
        yield from _each(Family.FIRST_AND_DATE, ("",), called, certain, 8)
        yield from _each(Family.INITIALS_AND_DATE, last.initials, first.initials, certain, 6)
        if not self.main:
            return
        others = naming.other_names(first)
        middle = sounds(part(self.name.middle).forms)
        yield from _each(Family.FIRST_AND_DATE, ("",), (*sounds(others), *middle), certain, 7)
        begins = tuple(dict.fromkeys(part(other).initials[0] for other in others if part(other).joined))
        yield from _each(Family.INITIALS_AND_DATE, last.initials, begins, certain, 4)
        yield from _each(Family.INITIALS_AND_DATE, last.initials, first.initials, possible, 2)
        yield from _each(Family.FIRST_AND_DATE, ("",), called, possible, 1)
        yield from _each(Family.LAST_AND_DATE, naming.misspelt(last.joined), ("",), certain, 5)
        yield from _each(Family.LAST_AND_DATE, called, ("",), certain, 9)
        yield from _each(Family.LAST_AND_DATE, called, ("",), possible, 6)
        yield from _each(Family.FIRST_AND_DATE, ("",), surnames, certain, 7)
        yield from _each(Family.INITIALS_AND_DATE, first.initials, last.initials, certain, 3)

    def _in_year(self, last: Part, first: Part) -> Iterator[tuple[Key, int]]:
        surnames, called = sounds(last.forms), sounds(first.forms)
        year, *beside = dates.near_years(self.birth_date)
        family = Family.NAME_AND_YEAR
        yield from _each(family, surnames, called, (year, 0), 10)
        if not self.main:
            return
        yield from _each(family, surnames, sounds(naming.other_names(first)), (year,), 9)
        yield from _each(family, called, surnames, (year,), 8)
        if len(self.birth_date) == 4:
            yield from _each(family, surnames, called, beside, 6)
            yield from _each(family, naming.misspelt(last.joined), called, (year,), 5)
            yield from _each(family, surnames, naming.misspelt(first.joined), (year,), 5)


def _each(
    family: Family, last: Sequence[str], first: Sequence[str], when: Iterable[int], worth: int
) -> Iterator[tuple[Key, int]]:
    return ((Key(family, *key), worth) for key in product(last, first, when))


def _days(written: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(day) for day in written)
