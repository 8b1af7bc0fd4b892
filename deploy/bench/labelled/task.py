"""The same pairs as a search: who is put into a registry among strangers, and what is asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.bench.labelled.facts import Facts, Pair


@dataclass(frozen=True)
class Query:
    """What is asked, and the place among the registered of the one who is meant; None where nobody is."""

    asked: Facts
    meant: int | None
    near: int
    """The place of the one the pair was made with: the one meant, or somebody near."""
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class SearchTask:
    """`registered` go into the registry, and what is asked of it.

    Nobody but the one named is meant by a query; chance makes a few others look near, as in every registry.
    """

    registered: tuple[Facts, ...]
    queries: tuple[Query, ...]


def search_task(pairs: Sequence[Pair]) -> SearchTask:
    """Every registered side together, each an own person, and every asked side as a query."""
    return SearchTask(
        tuple(pair.registered for pair in pairs),
        tuple(
            Query(pair.asked, place if pair.same else None, place, pair.kinds)
            for place, pair in enumerate(pairs)
        ),
    )
