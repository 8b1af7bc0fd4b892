"""The labelled pairs that a matcher is held against: sound, balanced, repeatable, and independent of it."""

import ast
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from deploy.bench import labelled_pairs
from deploy.bench.labelled.facts import GIVEN_LENGTH, LAST_LENGTH, Facts, Pair, folded
from deploy.bench.labelled.judging import are_others, dates_alike, is_recognizable, words_alike
from deploy.bench.labelled.task import search_task

BENCH = Path(labelled_pairs.__file__).parent
OWN = [BENCH / "labelled_pairs.py", *sorted((BENCH / "labelled").glob("*.py"))]
SOMEBODY = Facts("901234567", "MARIA", "", "GARCIA", (), "19850312", "F")


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return labelled_pairs.pairs()


def kinds(pairs: list[Pair], same: bool) -> Counter[str]:
    return Counter(kind for pair in pairs if pair.same is same for kind in pair.kinds)


def sides(pairs: list[Pair]) -> list[Facts]:
    return [side for pair in pairs for side in (pair.asked, pair.registered)]


def test_they_are_the_same_every_time_and_fewer_are_the_first_of_more(pairs: list[Pair]) -> None:
    assert labelled_pairs.pairs(300) == pairs[:300]
    assert labelled_pairs.pairs(20, seed=1) != pairs[:20]


def test_half_of_them_are_the_same_person(pairs: list[Pair]) -> None:
    assert Counter(pair.same for pair in pairs) == {True: 2_500, False: 2_500}


def test_the_counts_by_kind_are_those_told(pairs: list[Pair]) -> None:
    rows = re.findall(r"^    (\w+) +(\d+) +(\d+)  \w", labelled_pairs.__doc__ or "", re.MULTILINE)
    same, others = kinds(pairs, same=True), kinds(pairs, same=False)
    assert {kind: (int(a), int(b)) for kind, a, b in rows} == {
        kind: (same[kind], others[kind]) for kind in same | others
    }


def test_every_kind_is_there_often_enough_to_be_measured(pairs: list[Pair]) -> None:
    found = kinds(pairs, same=True) + kinds(pairs, same=False)
    tables = (*labelled_pairs.DIFFICULTIES, *labelled_pairs.NUMBERS, *labelled_pairs.NEAR)
    assert [each.kind for each in tables if found[each.kind] < 25] == []


def test_many_have_several_difficulties_at_a_time(pairs: list[Pair]) -> None:
    hard = [
        pair
        for pair in pairs
        if pair.same and len(set(pair.kinds) - {"middle_missing", "middle_initial"}) > 1
    ]
    assert 1_000 < len(hard) < 2_000


def test_every_ssn_is_of_the_range_never_issued(pairs: list[Pair]) -> None:
    ssns = {side.ssn for side in sides(pairs)} - {""}
    assert all(re.fullmatch(r"9\d\d[0-4]\d{5}", ssn) and ssn[5:] != "0000" for ssn in ssns)
    assert all(pair.registered.ssn for pair in pairs)


def test_nobody_is_registered_twice(pairs: list[Pair]) -> None:
    assert len({pair.registered.ssn for pair in pairs}) == len(pairs)


def test_every_birth_date_is_a_day(pairs: list[Pair]) -> None:
    born = {side.birth_date for side in sides(pairs)} - {""}
    assert all(date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}").year >= 1930 for day in born)
    assert all(pair.registered.birth_date for pair in pairs)


def test_names_fit_the_columns_and_none_is_empty(pairs: list[Pair]) -> None:
    for side in sides(pairs):
        assert 0 < len(side.first) <= LAST_LENGTH  # as long as a last name where the two were turned
        assert len(side.middle) <= GIVEN_LENGTH
        assert 0 < len(side.last) <= LAST_LENGTH
        assert side.sex in {"F", "M", ""}


def facts_of(side: Facts) -> tuple[str, ...]:
    names = side.first, side.middle, side.last
    return (side.ssn, *(name.upper() for name in names), side.birth_date, side.sex)


def test_no_pair_is_identical(pairs: list[Pair]) -> None:
    assert all(pair.kinds for pair in pairs)
    assert all(facts_of(pair.asked) != facts_of(pair.registered) for pair in pairs)


def fields_of(kind: str) -> set[str]:
    """Which facts a difficulty may alter."""
    if kind.startswith(("ssn_", "middle_m", "middle_i", "other_sex")):
        return {"ssn"} if kind.startswith("ssn_") else set()
    dated = ("day_", "decade_", "year_", "date_", "only_the_year")
    return {"birth_date"} if kind.startswith(dated) else {"first", "last"}


def test_what_no_kind_names_is_the_same_on_both_sides(pairs: list[Pair]) -> None:
    for pair in pairs:
        if pair.same:
            may_differ = {field for kind in pair.kinds for field in fields_of(kind)}
            for field in {"ssn", "birth_date", "first", "last"} - may_differ:
                sides = getattr(pair.asked, field), getattr(pair.registered, field)
                assert sides[0].upper() == sides[1], pair


def test_those_who_are_near_are_so_as_their_kind_says(pairs: list[Pair]) -> None:
    alone = {pair.kinds[0]: pair for pair in pairs if not pair.same and len(pair.kinds) == 1}
    twins, family, strangers = alone["twins"], alone["father_and_son"], alone["ssn_of_a_stranger"]
    assert abs(int(twins.asked.ssn) - int(twins.registered.ssn)) <= 2
    assert twins.asked.birth_date == twins.registered.birth_date
    assert family.asked.first.upper() == family.registered.first
    assert abs(int(family.asked.birth_date[:4]) - int(family.registered.birth_date[:4])) >= 18
    assert strangers.asked.ssn == strangers.registered.ssn


def test_no_pair_stands_twice(pairs: list[Pair]) -> None:
    assert len({(pair.asked, pair.registered) for pair in pairs}) == len(pairs)


def names(facts: Facts) -> list[str]:
    """Every word of every name, in either place: turned and earlier names count."""
    written = (facts.first, facts.middle, facts.last, *(part for name in facts.other_names for part in name))
    return [word for name in written for word in folded(name).split() if len(word) > 1]


def test_one_person_keeps_at_least_two_close_facts(pairs: list[Pair]) -> None:
    """Seen from the two sides alone, whatever was done to them."""
    for pair in pairs:
        if pair.same:
            given, known = pair.asked, pair.registered
            digits = sum(a != b for a, b in zip(given.ssn, known.ssn, strict=False)) if given.ssn else 9
            theirs = names(known)
            alike = {word for word in names(given) if any(words_alike(word, other) for other in theirs)}
            dated = bool(given.birth_date) and dates_alike(given.birth_date, known.birth_date)
            assert (digits <= 2) + dated + min(2, len(alike)) >= 2, pair


@pytest.mark.parametrize(
    ("damage", "spouse", "decided"),
    [
        ({"first": 1, "last": 1}, False, True),
        ({"ssn": 2, "first": 1, "last": 1}, False, True),
        ({"ssn": 2, "first": 1, "last": 1}, True, False),
        ({"ssn": 2, "birth_date": 2}, False, False),
        ({"first": 3, "last": 2}, False, False),
        ({"ssn": 1, "first": 1, "last": 1, "birth_date": 1}, False, False),
    ],
)
def test_what_is_too_distorted_for_anybody_is_left_out(
    damage: dict[str, int], spouse: bool, decided: bool
) -> None:
    assert is_recognizable(damage, spouse) is decided


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"first": "LUPITA"}, False),
        ({"first": "GUADALUPE", "ssn": "901234568"}, True),
        ({"first": "MARLA", "ssn": "901234568"}, False),
        ({"birth_date": "19851203", "ssn": ""}, False),
        ({"birth_date": "19851124", "ssn": ""}, False),
        ({"birth_date": "20091124", "ssn": ""}, True),
        ({"birth_date": "19851124", "ssn": "955108823"}, True),
        ({"last": "NGUYEN", "ssn": ""}, False),
        ({"last": "NGUYEN", "ssn": "955108823"}, True),
        ({"ssn": "955108823"}, False),
        ({"first": "JOSE", "birth_date": "19790805"}, True),
    ],
)
def test_whoever_is_near_is_another_person_only_with_a_contradiction(
    changes: dict[str, str], told: bool
) -> None:
    assert are_others(replace(SOMEBODY, **changes), SOMEBODY, frequent=False) is told


def test_a_search_means_the_person_of_its_pair_or_nobody(pairs: list[Pair]) -> None:
    task = search_task(pairs)
    assert [query.asked for query in task.queries] == [pair.asked for pair in pairs]
    for query, pair in zip(task.queries, pairs, strict=True):
        assert task.registered[query.near] == pair.registered
        assert query.meant == (query.near if pair.same else None)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_nothing_is_taken_from_a_matcher(path: Path) -> None:
    tree = ast.parse(path.read_text())
    taken = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    taken |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name for name in taken if name.split(".")[0] in {"nicknames", "jellyfish", "exchange"}} <= {
        "exchange.registry.names"
    }
