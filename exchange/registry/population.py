"""A synthetic population: number and seed give SSN, name, birth date, cases and debts, without a database.

Every SSN is from a range that was never issued (900-01-0001 to 979-49-9999, domain.md 0.3), every name is
invented. The same number and seed give the same person for ever, so that the overlap of a sample file with a
registry can be computed instead of looked up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exchange.registry.agencies import STATES
from exchange.registry.names import FIRST_NAMES, LAST_NAMES

AREAS, GROUPS, SERIALS = 80, 49, 9999
"""Areas 900-979, groups 01-49, serials 0001-9999; sample files take strangers from areas 980-999."""
NUMBERS = AREAS * GROUPS * SERIALS
MOST_PEOPLE = 10_000_000
_STRIDE, _FACTORS = 20_013_421, 2 * 3 * 5 * 7 * 11 * 101
"""`_FACTORS` has every prime factor of NUMBERS, `_STRIDE` none: no sum with a multiple has one either."""
MOST_CASES = 3
CUSTODIAL_EVERY = 10
"""Each tenth person is the custodial party of the case before: in the registry, and owing nothing."""

_LAST_NAMES = np.array(LAST_NAMES, dtype="S20")
_FIRST_NAMES = np.array(FIRST_NAMES, dtype="S15")
_BIRTHS = np.char.replace(
    np.datetime_as_string(np.arange("1955-01-01", "2005-01-01", dtype="datetime64[D]")).astype("S10"),
    b"-",
    b"",
)


@dataclass(frozen=True)
class OwedCase:
    """One case: the state it belongs to, its number there, and what is past due in whole cents."""

    state: str
    number: str
    cents: int


@dataclass(frozen=True)
class Person:
    """One synthetic person; `cases` is empty for those who owe nothing."""

    number: int
    ssn: str
    last_name: str
    first_name: str
    birth_date: str
    cases: tuple[OwedCase, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """The states this person owes, in alphabetical order, as answers list them."""
        return tuple(sorted(case.state for case in self.cases))


@dataclass(frozen=True)
class People:
    """Some people as columns; `states` and `cents` have `MOST_CASES` columns, `owed` of them used."""

    numbers: list[int]
    ssn: list[str]
    last_name: list[str]
    first_name: list[str]
    birth_date: list[str]
    owed: list[int]
    states: list[list[int]]
    cents: list[list[int]]

    def cases(self) -> Iterator[tuple[int, int, OwedCase]]:
        """Every debt: who owes it, its place among that person's, and the case."""
        for row, number in enumerate(self.numbers):
            for place, case in enumerate(self._cases(row, number)):
                yield number, place, case

    def __iter__(self) -> Iterator[Person]:
        """Each person as a value."""
        for row, number in enumerate(self.numbers):
            yield Person(
                number,
                self.ssn[row],
                self.last_name[row],
                self.first_name[row],
                self.birth_date[row],
                self._cases(row, number),
            )

    def _cases(self, row: int, number: int) -> tuple[OwedCase, ...]:
        states, cents = self.states[row], self.cents[row]
        return tuple(
            OwedCase(STATES[states[k]], case_number(states[k], number, k), cents[k])
            for k in range(self.owed[row])
        )


def case_number(state: int, number: int, place: int) -> str:
    """The case number a state gave, 12 characters; fits the 15-column pass-back of the inquiry file."""
    return f"{STATES[state]}{number:09d}{place + 1}"


def is_custodial(number: int) -> bool:
    """Whether the person with this number is somebody's custodial party instead of one who owes."""
    return number % CUSTODIAL_EVERY == CUSTODIAL_EVERY - 1


@dataclass(frozen=True)
class Population:
    """`people` synthetic persons, numbered from 0; 10,000,000 at most."""

    people: int
    seed: int

    def __post_init__(self) -> None:
        """Refuse what the SSN range was not measured for."""
        if not 0 <= self.people <= MOST_PEOPLE:
            message = f"a synthetic registry has 0 to {MOST_PEOPLE} people, not {self.people}"
            raise ValueError(message)

    def person(self, number: int) -> Person:
        """The person with this number."""
        return next(iter(self.block(number, 1)))

    def stranger(self, number: int) -> Person:
        """Somebody who is certainly not in the registry: the number counts on behind its last person."""
        return self.person(self.people + number)

    def block(self, first: int, count: int) -> People:
        """People `first` to `first + count - 1` at once; numbers behind the last person are strangers."""
        return self.these(range(first, first + count))

    def these(self, wanted: Sequence[int]) -> People:
        """The people with these numbers, in their order."""
        numbers = np.array(wanted, dtype=np.uint64)
        states = self._states(numbers)
        owed = 1 + (self._draw(numbers, 5, 100) >= 70) + (self._draw(numbers, 5, 100) >= 92)
        owed[is_custodial(numbers)] = 0  # type: ignore[arg-type]  # the rule reads the same for a whole column
        return People(
            list(wanted),
            self._ssns(numbers),
            _text(_LAST_NAMES[self._draw(numbers, 1, len(_LAST_NAMES))]),
            _text(_FIRST_NAMES[self._draw(numbers, 2, len(_FIRST_NAMES))]),
            _text(_BIRTHS[self._draw(numbers, 3, len(_BIRTHS))]),
            owed.tolist(),
            states.tolist(),
            np.stack([500 + self._draw(numbers, 10 + k, 4_000_000) for k in range(MOST_CASES)], 1).tolist(),
        )

    def _states(self, numbers: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Three different states each: steps of at most 26 never come round in 54."""
        first = self._draw(numbers, 6, len(STATES))
        second = first + 1 + self._draw(numbers, 7, 26)
        third = second + 1 + self._draw(numbers, 8, 26)
        return np.stack([first, second, third], 1) % len(STATES)

    def _ssns(self, numbers: NDArray[np.uint64]) -> list[str]:
        """A seeded affine permutation of all numbers: no two people share one."""
        stride = np.uint64(_STRIDE + _FACTORS * (self.seed % 97))
        places = (numbers * stride + np.uint64(self.seed * 7_919 % NUMBERS)) % np.uint64(NUMBERS)
        area, rest = np.divmod(places.astype(np.int64), GROUPS * SERIALS)
        group, serial = np.divmod(rest, SERIALS)
        ssns = (900 + area) * 1_000_000 + (group + 1) * 10_000 + serial + 1
        return [str(ssn) for ssn in ssns.tolist()]

    def _draw(self, numbers: NDArray[np.uint64], field: int, sides: int) -> NDArray[np.int64]:
        """One die of `sides` sides for each number and field (SplitMix64's finaliser)."""
        start = np.uint64((self.seed * 0x9E3779B97F4A7C15 + field * 0xD1B54A32D192ED03) % 2**64)
        x = numbers * np.uint64(0x9E3779B97F4A7C15) + start
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((x ^ (x >> np.uint64(31))) % np.uint64(sides)).astype(np.int64)


def _text(column: NDArray[np.bytes_]) -> list[str]:
    return column.astype(str).tolist()  # type: ignore[no-any-return]  # numpy types a column's list as Any
