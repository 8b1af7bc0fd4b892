"""Compares somebody asked for with somebody stored, and says why they may be the same, point by point."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import product

from rapidfuzz.distance import OSA, JaroWinkler

from exchange.registry.searching import dates, digits, naming
from exchange.registry.searching.called import kindred, related
from exchange.registry.searching.dates import Dates
from exchange.registry.searching.digits import Numbers
from exchange.registry.searching.facts import Facts, FullName, Wanted
from exchange.registry.searching.naming import Part, part, roughly, sound
from exchange.registry.searching.weights import HIGHEST, WEIGHTS, Agreement, Fact

_LONG_ENOUGH, _VERY_LONG = 4, 6
"""Letters from which a name with one other letter, or two, is still the same name written badly."""
_ALIKE, _SIMILAR = 0.7, 0.9
"""How alike (Jaro and Winkler; 1 is the same) two names are that sound alike, or are merely similar."""


@dataclass(frozen=True)
class Reason:
    """Why somebody is a candidate or not: one line of the table, and the two values it speaks of."""

    fact: Fact
    level: StrEnum
    asked: str = ""
    stored: str = ""

    @property
    def points(self) -> int:
        """What it adds to the score."""
        return WEIGHTS[self.fact, self.level].points

    @property
    def plain(self) -> str:
        """In words that tell no stored value: "first name: a nickname (+18)"."""
        return f"{self.fact}: {WEIGHTS[self.fact, self.level].plain} ({self.points:+d})"

    @property
    def told(self) -> str:
        """In words, with the stored value where that helps; only for who may see it."""
        told = WEIGHTS[self.fact, self.level].told
        if not told:
            return self.plain
        said = told.format(asked=self.asked.title(), stored=self.stored.title())
        return f"{self.fact}: {said} ({self.points:+d})"


def reasons(wanted: Wanted, facts: Facts) -> tuple[Reason, ...]:
    """Everything that speaks for and against, in the order of the table."""
    found = [_ssn(wanted, facts), *_names(wanted, facts), _birth_date(wanted, facts), _sex(wanted, facts)]
    why = [reason for reason in found if reason is not None]
    if _may_be_twins(why):
        why.append(Reason(Fact.TWINS, Agreement.DIFFERENT))
    return tuple(why)


def _may_be_twins(why: Sequence[Reason]) -> bool:
    """Whether SSNs a slip apart tell little: twins get theirs one after the other."""
    levels = {reason.fact: reason.level for reason in why}
    close = levels.get(Fact.SSN) in {Numbers.ONE_DIGIT, Numbers.SWAPPED}
    return close and (levels.get(Fact.FIRST_NAME), levels.get(Fact.BIRTH_DATE)) == (
        Agreement.DIFFERENT,
        Dates.SAME,
    )


def score(why: Sequence[Reason]) -> int:
    """The sum of the points, within 0 and 100."""
    return min(max(points(why), 0), HIGHEST)


def points(why: Sequence[Reason]) -> int:
    """The sum of the points."""
    return sum(reason.points for reason in why)


def _ssn(wanted: Wanted, facts: Facts) -> Reason | None:
    level = digits.compare(wanted.ssn, facts.ssn)
    return None if level is None else Reason(Fact.SSN, level)


def _birth_date(wanted: Wanted, facts: Facts) -> Reason | None:
    level = dates.compare(wanted.birth_date, facts.birth_date) if wanted.birth_date else None
    return None if level is None else Reason(Fact.BIRTH_DATE, level)


def _sex(wanted: Wanted, facts: Facts) -> Reason | None:
    if not wanted.sex or not facts.sex:
        return None
    return Reason(Fact.SEX, Agreement.SAME if wanted.sex == facts.sex else Agreement.DIFFERENT)


def _names(wanted: Wanted, facts: Facts) -> list[Reason]:
    """The best that any name asked for and any name stored agree."""
    best = _name(wanted.name, facts.name)
    for asked, stored in list(product(wanted.names, facts.names))[1:]:
        further = Reason(Fact.NAME_USED, Agreement.FURTHER, _full(asked), _full(stored))
        other = [*_name(asked, stored), further]
        if points(other) > points(best):
            best = other
    return best


def _full(name: FullName) -> str:
    return f"{name.first} {name.last}".strip()


def _name(asked: FullName, stored: FullName) -> list[Reason]:
    straight = [*_last(asked.last, stored.last), *_first(asked, stored)]
    swapped = FullName(last=asked.first, first=asked.last)
    if asked.first and asked.last:
        crossed = [*_last(swapped.last, stored.last), *_first(swapped, stored)]
        crossed.append(Reason(Fact.BOTH_NAMES, Agreement.SWAPPED))
        straight = max(straight, crossed, key=points)
    return [*straight, *_middle(asked, stored), *_suffix(asked, stored)]


def _last(asked: str, stored: str) -> list[Reason]:
    level = last_names(asked, stored)
    return [Reason(Fact.LAST_NAME, level, asked, stored)] if level else []


def _first(asked: FullName, stored: FullName) -> list[Reason]:
    level = first_names(asked.first, stored.first)
    if level in _WEAK and _is_middle(asked, stored):
        level = Agreement.MIDDLE
    return [Reason(Fact.FIRST_NAME, level, asked.first, stored.first)] if level else []


_WEAK = frozenset({Agreement.DIFFERENT, Agreement.SIMILAR, Agreement.TWO_LETTERS, Agreement.WITHIN})


def _is_middle(asked: FullName, stored: FullName) -> bool:
    """Whether one goes by the middle name that the other record has."""
    pairs = (part(asked.middle), part(stored.first)), (part(asked.first), part(stored.middle))
    return any(len(one.joined) > 1 and one.joined == other.joined for one, other in pairs)


def _middle(asked: FullName, stored: FullName) -> list[Reason]:
    level = first_names(asked.middle, stored.middle)
    if level is None:
        return []
    if level not in {Agreement.SAME, Agreement.INITIAL, Agreement.DIFFERENT}:
        level = Agreement.SIMILAR
    return [Reason(Fact.MIDDLE_NAME, level, asked.middle, stored.middle)]


def _suffix(asked: FullName, stored: FullName) -> list[Reason]:
    one, other = (part(name.last).suffix or part(name.first).suffix for name in (asked, stored))
    if not one or not other:
        return []
    level = Agreement.SAME if one == other else Agreement.DIFFERENT
    return [Reason(Fact.SUFFIX, level, one, other)]


@lru_cache(maxsize=5_000)
def last_names(asked: str, stored: str) -> Agreement | None:
    """How two last names agree; None where one of them is not known."""
    one, other = part(asked), part(stored)
    if not one.joined or not other.joined:
        return None
    if one.joined == other.joined:
        return Agreement.SAME
    if one.bare == other.bare:
        return Agreement.PARTICLES
    if _shared(one.forms, other.forms):
        return Agreement.PART
    if 1 in {len(one.joined), len(other.joined)} and one.joined[0] == other.joined[0]:
        return Agreement.INITIAL
    return _written(one, other)


@lru_cache(maxsize=5_000)
def first_names(asked: str, stored: str) -> Agreement | None:
    """How two first names agree; None where one of them is not known."""
    one, other = part(asked), part(stored)
    if not one.joined or not other.joined:
        return None
    if one.joined == other.joined:
        return Agreement.SAME
    if 1 in {len(one.joined), len(other.joined)}:
        return Agreement.INITIAL if one.joined[0] == other.joined[0] else Agreement.DIFFERENT
    return Agreement.PART if _shared(one.forms, other.forms) else _called(one, other)


def _called(one: Part, other: Part) -> Agreement:
    """How two first names agree that have no part in common: as nicknames, or as they are written."""
    pairs = list(product(one.forms, other.forms))
    if any(b in related(a) or a in related(b) for a, b in pairs):
        return Agreement.NICKNAME
    written = _written(one, other)
    alike = written in _WEAK and any(b in kindred(a) for a, b in pairs)
    if alike:
        return Agreement.KINDRED
    short, long = sorted((one.joined, other.joined), key=len)
    return Agreement.WITHIN if written is Agreement.DIFFERENT and long.startswith(short) else written


def _shared(forms: Sequence[str], others: Sequence[str]) -> bool:
    return bool(set(forms) & set(others))


def _written(one: Part, other: Part) -> Agreement:
    """How the best written forms of two different names agree."""
    pairs = list(product(one.forms, other.forms))
    return min((_spelt(a, b) for a, b in pairs), key=_ORDER.index)


_ORDER = [
    Agreement.ONE_LETTER,
    Agreement.SOUND,
    Agreement.WITHIN,
    Agreement.TWO_LETTERS,
    Agreement.SIMILAR,
    Agreement.DIFFERENT,
]


def _spelt(one: str, other: str) -> Agreement:
    shorter = min(len(one), len(other))
    apart = OSA.distance(one, other, score_cutoff=2)
    near = JaroWinkler.similarity(one, other)
    if shorter >= _LONG_ENOUGH and (apart <= 1 or naming.looks(one) == naming.looks(other)):
        return Agreement.ONE_LETTER
    if sound(one) == sound(other) and near >= _ALIKE:
        return Agreement.SOUND
    if shorter >= _LONG_ENOUGH and _is_within(one, other):
        return Agreement.WITHIN
    if apart <= 2 and shorter >= _VERY_LONG:
        return Agreement.TWO_LETTERS
    alike = near >= _ALIKE and roughly(one) == roughly(other)
    return Agreement.SIMILAR if near >= _SIMILAR or apart <= 1 or alike else Agreement.DIFFERENT


def _is_within(one: str, other: str) -> bool:
    """Whether one is how the other begins or ends: of a double name written in one, a part."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short) or long.endswith(short)
