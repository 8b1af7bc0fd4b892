"""How well the search for people decides labelled pairs, which were made without knowing how it decides."""

from collections import Counter
from dataclasses import dataclass, field

from deploy.bench.labelled.facts import Facts as Labelled
from deploy.bench.labelled.facts import Pair
from exchange.errors import SearchTooBroadError
from exchange.registry.persons import Facts, FullName, Wanted, would_find
from exchange.vault.cells import Cells

RECALL, PRECISION = 0.95, 0.9
"""Goals."""


@dataclass
class Judged:
    """How many pairs of one person were found, and how many of two; by difficulty, what went wrong."""

    found: int = 0
    same: int = 0
    others: int = 0
    wrong: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    kinds: Counter[tuple[str, bool]] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """Of the pairs of one person, how many were found."""
        return self.found / self.same

    @property
    def precision(self) -> float:
        """Of the pairs that were found, how many are of one person."""
        return self.found / (self.found + self.wrong)


def judge(cells: Cells, pairs: list[Pair]) -> Judged:
    """Ask for each pair as a caseworker does, and see whether the registered one is a candidate.

    A search that is refused as too broad has found nobody.
    """
    judged = Judged()
    for pair in pairs:
        found = _is_found(cells, pair)
        judged.kinds.update((kind, pair.same) for kind in pair.kinds)
        judged.same += pair.same
        judged.others += not pair.same
        judged.found += found and pair.same
        judged.wrong += found and not pair.same
        if found is not pair.same:
            (judged.missed if pair.same else judged.taken).update(pair.kinds)
    return judged


def _is_found(cells: Cells, pair: Pair) -> bool:
    asked = pair.asked
    name, *others = _names(asked)
    wanted = Wanted(asked.ssn, name, asked.birth_date, asked.sex, tuple(others))
    try:
        return would_find(cells, wanted, _registered(pair.registered)) is not None
    except SearchTooBroadError:
        return False


def _registered(facts: Labelled) -> Facts:
    name, *others = _names(facts)
    return Facts(facts.ssn, name, facts.birth_date, facts.sex, tuple(others))


def _names(facts: Labelled) -> list[FullName]:
    more = (FullName(other.last, other.first, other.middle) for other in facts.other_names)
    return [FullName(facts.last, facts.first, facts.middle), *more]
