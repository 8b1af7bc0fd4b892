"""Searching for people in a large registry: how long it takes, and who is found who is written otherwise."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from deploy.bench.labelled_pairs import pairs
from deploy.bench.plain_people import Plain, plain_people
from deploy.bench.recall import Judged, judge
from deploy.bench.registry import Home, prepare
from deploy.console import Advance
from deploy.installation import opened
from exchange.errors import SearchTooBroadError
from exchange.registry import keys
from exchange.registry.persons import FullName, Wanted, search
from exchange.registry.population import Person, Population
from exchange.registry.seed import population_of
from exchange.runtime import Exchange

FASTEST_GROWTH = 10
"""How many times as many people the larger registry has."""
BY_SSN, BY_NAME = 50.0, 300.0
"""Milliseconds: goals for the 99th percentile."""
_STEP = 7_919
"""From one person asked for to the next; prime, so that everybody's turn comes."""


@dataclass
class Asked:
    """One way of asking: milliseconds of each turn, and how often whoever was meant was a candidate.

    `work` is what our processor does of `ours`, whatever else the machine is doing.
    """

    goal: float
    sought: bool = True
    ours: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    found: int = 0
    refused: int = 0


@dataclass(frozen=True)
class _Way:
    """How somebody is asked for; `bare` asks the database the same, where it can."""

    wanted: Callable[[Person], Wanted]
    goal: float = BY_NAME
    bare: Callable[[Plain, Exchange, Person], int] | None = None
    stranger: bool = False


@dataclass
class Measured:
    """How labelled pairs are decided, and each way of asking by the size of the registry."""

    judged: Judged = field(default_factory=Judged)
    asked: dict[int, dict[str, Asked]] = field(default_factory=dict)


def measure(home: Home, people: int, turns: int, advance: Advance) -> Measured:
    """Every way of asking so many times, in a registry of a tenth of `people` and of all; and the pairs."""
    measured = Measured()
    for size in (people // FASTEST_GROWTH, people):
        prepare(home, size, advance)
        with opened(home.source) as exchange:
            population = population_of(exchange)
            if population.people not in measured.asked:
                measured.asked[population.people] = _asked(home, exchange, population, turns)
            if size == people:
                measured.judged = judge(exchange.vault.cells, pairs())
    return measured


def _asked(home: Home, exchange: Exchange, population: Population, turns: int) -> dict[str, Asked]:
    with plain_people(home, exchange, population) as plain:
        return {title: _timed(exchange, plain, way, turns) for title, way in WAYS.items()}


def _timed(exchange: Exchange, plain: Plain, way: _Way, turns: int) -> Asked:
    """Turn by turn, ours and theirs one after the other; the first turn warms up and is not counted."""
    asked = Asked(way.goal, not way.stranger)
    for turn, person in enumerate(_people(exchange, turns + 1, way.stranger)):
        wanted = way.wanted(person)
        began, worked = time.perf_counter(), time.process_time()
        found = _search(exchange, wanted)
        took, work = time.perf_counter() - began, time.process_time() - worked
        if not turn:
            continue
        asked.ours.append(took * 1000)
        asked.work.append(work * 1000)
        asked.refused += found is None
        asked.found += person.number in (found or ())
        if way.bare is not None:
            asked.bare.append(_bare(way.bare, plain, exchange, person))
    return asked


def _search(exchange: Exchange, wanted: Wanted) -> set[int] | None:
    """Who was found; None when the search was too broad."""
    try:
        return {candidate.person_id for candidate in search(exchange, wanted).candidates}
    except SearchTooBroadError:
        return None


def _bare(
    ask: Callable[[Plain, Exchange, Person], int], plain: Plain, exchange: Exchange, person: Person
) -> float:
    began = time.perf_counter()
    ask(plain, exchange, person)
    return (time.perf_counter() - began) * 1000


def _people(exchange: Exchange, count: int, stranger: bool) -> Iterator[Person]:
    """Others each time the command runs."""
    population, start = population_of(exchange), time.time_ns() % 1_000_003
    for turn in range(count):
        number = (start + turn * _STEP) % population.people
        yield population.stranger(number) if stranger else population.person(number)


def _named(last: str, first: str, birth_date: str, ssn: str = "") -> Wanted:
    return Wanted(ssn=ssn, name=FullName(last, first), birth_date=birth_date)


def _slipped(digits: str, at: int) -> str:
    """Two neighbours swapped; where they are the same, one altered."""
    if digits[at] != digits[at + 1]:
        return digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    return digits[:at] + str((int(digits[at]) + 1) % 10) + digits[at + 1 :]


def _misspelt(name: str) -> str:
    return name[:2] + name[3:] if len(name) > 3 else name + "E"


def _other_day(birth_date: str) -> str:
    """Another digit of the day, such as every month has it."""
    if birth_date[6] == "3":
        return birth_date[:6] + "1" + birth_date[7]
    return birth_date[:7] + ("2" if birth_date[7] != "2" else "3")


WAYS = {
    "SSN": _Way(
        lambda one: Wanted(ssn=one.ssn),
        BY_SSN,
        lambda plain, exchange, one: plain.by_ssn(
            keys.ssn_hashes(exchange.vault.cells, [one.ssn.encode()])[0]
        ),
    ),
    "SSN of nobody": _Way(lambda one: Wanted(ssn=one.ssn), BY_SSN, stranger=True),
    "SSN with a slip, and a name": _Way(
        lambda one: Wanted(ssn=_slipped(one.ssn, 4), name=FullName(one.last_name, one.first_name)), BY_SSN
    ),
    "name and birth date": _Way(
        lambda one: _named(one.last_name, one.first_name, one.birth_date),
        bare=lambda plain, _, one: plain.by_name(one),
    ),
    "the same of nobody": _Way(
        lambda one: _named(one.last_name, one.first_name, one.birth_date), stranger=True
    ),
    "last name misspelt": _Way(lambda one: _named(_misspelt(one.last_name), one.first_name, one.birth_date)),
    "both names misspelt": _Way(
        lambda one: _named(_misspelt(one.last_name), _misspelt(one.first_name), one.birth_date)
    ),
    "last name and day misspelt": _Way(
        lambda one: _named(_misspelt(one.last_name), one.first_name, _other_day(one.birth_date))
    ),
    "names swapped": _Way(lambda one: _named(one.first_name, one.last_name, one.birth_date)),
    "name and year": _Way(lambda one: _named(one.last_name, one.first_name, one.birth_date[:4])),
    "SSN, name and birth date": _Way(
        lambda one: _named(one.last_name, one.first_name, one.birth_date, one.ssn)
    ),
}
