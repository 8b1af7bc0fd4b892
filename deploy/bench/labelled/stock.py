"""The names in the text files beside this, and whole people made of them."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deploy.bench.labelled.facts import GIVEN_LENGTH, LAST_LENGTH, Facts, Name, folded
from exchange.registry.names import FIRST_NAMES, LAST_NAMES

_HERE = Path(__file__).parent
OWN_SHARE = 0.12
"""How many people have the invented names of the synthetic registry."""
SUFFIXES = ("Jr", "Sr", "II", "III")
_TWO_LAST_NAMES = (
    "mexican and central american",
    "caribbean spanish",
    "portuguese and brazilian",
    "filipino",
)
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class Origin:
    """First names by sex and last names that go together."""

    title: str
    first: dict[str, tuple[str, ...]]
    last: tuple[str, ...]


def lines(file: str) -> Iterator[str]:
    """The lines of a list beside this file that are not comments."""
    text = (_HERE / file).read_text(encoding="utf-8")
    yield from (line for line in text.splitlines() if line and not line.startswith("#"))


def listed(text: str) -> tuple[str, ...]:
    """Names that commas part."""
    return tuple(name.strip() for name in text.split(","))


@cache
def origins() -> tuple[tuple[Origin, ...], tuple[int, ...]]:
    """All origins, and how many of a thousand people have each."""
    found, weights = [], []
    rows = lines("names.txt")
    for head in rows:
        title, weight = head.strip("[]").split(":")
        women, men, last = (listed(next(rows).split(":")[1]) for _ in range(3))
        found.append(Origin(title, {"F": women, "M": men}, last))
        weights.append(int(weight))
    return tuple(found), tuple(weights)


@dataclass(frozen=True)
class Stock:
    """People of one random source; no SSN twice."""

    random: random.Random
    given: set[str]

    def person(self) -> Facts:
        """Anybody, as the truth is: full names with accents, an SSN, a birth date."""
        sex = self.random.choice("FM")
        origin = self._origin()
        first = self.first(origin, sex)
        last = self.last(origin)
        middle = self.first(origin, sex) if self.random.random() < 0.7 else ""
        if folded(middle) == folded(first) or len(middle) > GIVEN_LENGTH:
            middle = ""
        others: tuple[Name, ...] = ()
        if sex == "F" and self.random.random() < 0.25:
            others = (Name(first, middle, self.last(self._origin())),)
        return Facts(self.ssn(), first, middle, last, others, self.birth_date(), sex)

    def such(self, wanted: Callable[[Facts], bool]) -> Facts:
        """Somebody of whom `wanted` is true; ends in an error where hardly anybody is."""
        for _ in range(20_000):
            if wanted(person := self.person()):
                return person
        message = "the lists of names hold nobody like that"
        raise ValueError(message)

    def _origin(self) -> Origin | None:
        if self.random.random() < OWN_SHARE:
            return None
        found, weights = origins()
        return self.random.choices(found, weights)[0]

    def first(self, origin: Origin | None, sex: str) -> str:
        """A first name; the frequent ones stand in front, as they do in a population."""
        names = origin.first[sex] if origin else FIRST_NAMES
        return names[self._early(len(names))]

    def last(self, origin: Origin | None) -> str:
        """A last name, sometimes two, rarely with a suffix."""
        if origin is None:
            return self.random.choice(LAST_NAMES)
        last = origin.last[self._early(len(origin.last))]
        if self.random.random() < (0.45 if origin.title in _TWO_LAST_NAMES else 0.06):
            last = self._double(origin, last)
        return last

    def _double(self, origin: Origin, last: str) -> str:
        between = " " if origin.title in _TWO_LAST_NAMES else "-"
        other = self.random.choice(origin.last)
        double = f"{last}{between}{other}"
        return double if other != last and len(double) <= LAST_LENGTH - 4 else last

    def _early(self, count: int) -> int:
        """A place among `count`, the first ones about three times as often as the last."""
        return min(self.random.randrange(count), self.random.randrange(count * 2))

    def another(self, sex: str) -> tuple[str, str]:
        """A first and a last name that go together."""
        origin = self._origin()
        return self.first(origin, sex), self.last(origin)

    def birth_date(self, first_year: int = 1945, last_year: int = 2008) -> str:
        """A day in these years."""
        month = self.random.randrange(12)
        day = self.random.randrange(_MONTHS[month])
        return f"{self.random.randint(first_year, last_year)}{month + 1:02}{day + 1:02}"

    def ssn(self) -> str:
        """One of the never-issued range 900-00-0001 to 999-49-9999 that nobody here has yet."""
        while True:
            area, group = self.random.randint(900, 999), self.random.randint(0, 49)
            ssn = f"{area}{group:02}{self.random.randint(1, 9999):04}"
            if ssn not in self.given:
                self.given.add(ssn)
                return ssn


@cache
def called() -> dict[str, tuple[str, ...]]:
    """By a folded name: what its bearers are called, and what those called so are named."""
    both: dict[str, list[str]] = {}
    for line in lines("nicknames.txt"):
        name, short = line.split(":")
        for nickname in listed(short):
            both.setdefault(folded(name), []).append(nickname)
            both.setdefault(folded(nickname), []).append(name)
    return {name: tuple(others) for name, others in both.items()}


@cache
def spelled() -> dict[str, tuple[str, ...]]:
    """By a folded name: how else it is spelled."""
    others: dict[str, list[str]] = {}
    for line in lines("spellings.txt"):
        names = listed(line)
        for name in names:
            rest = [other for other in names if folded(other) != folded(name)]
            others.setdefault(folded(name), []).extend(rest)
    return {name: tuple(rest) for name, rest in others.items()}


@cache
def sounds() -> tuple[tuple[str, str], ...]:
    """Letters that are heard alike, in both directions."""
    pairs = [(one, other) for one, other in (line.split() for line in lines("sounds.txt"))]
    return tuple(pairs + [(other, one) for one, other in pairs])
