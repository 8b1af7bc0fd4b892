"""The look-ups that the guide's search is judged by, and what counts as found.

`lookups.csv` was made without a look at the search: what caseworkers here, in tribes and abroad type.
`query`: as typed. `locator_code`: whose entry must be found; empty where a topic across all is meant, which
only a hit of no jurisdiction answers. `about`: slugs of the questions and types of contacts that are right,
`|` between them; empty where the jurisdiction itself is meant: then any hit of that jurisdiction is right,
itself or anything of it. `sort`: what makes it hard, the foremost where there are several.
"""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from pydantic import TypeAdapter

from exchange.guide.synthetic.questionnaires import questions
from exchange.registry.agencies import AGENCIES
from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import JurisdictionKind, LocatorCode, Part
from tests.support.whole_guide import whole_guide

pytestmark = pytest.mark.xdist_group("whole guide")
FIRST = 3
"""Among how many hits the right one must be."""
LEAST_OF_SORT = {"misspelt": 70, "partial": 50, "translated": 60, "code": 20, "question": 20}
FEDERAL = "00000"
STATE_CODES = frozenset(agency.fips for agency in AGENCIES.values())


@dataclass(frozen=True)
class Lookup:
    """One row of the file."""

    query: str
    locator_code: str
    about: str
    sort: str

    @property
    def slugs(self) -> frozenset[str]:
        return frozenset(self.about.split("|")) if self.about else frozenset()


class Hit(Protocol):
    """What a search must tell of each thing that it found."""

    @property
    def locator_code(self) -> str | None: ...
    @property
    def question(self) -> str | None: ...
    @property
    def contact(self) -> str | None: ...


@dataclass(frozen=True)
class Found:
    """A hit, made by hand."""

    locator_code: str | None
    question: str | None = None
    contact: str | None = None


def lookups() -> tuple[Lookup, ...]:
    """As they stand in the file."""
    with (Path(__file__).parent / "lookups.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Lookup(**row) for row in csv.DictReader(file, strict=True))


def right(hits: Sequence[Hit], lookup: Lookup) -> bool:
    """Whether what was meant is among the first three."""
    return any(answers(hit, lookup) for hit in hits[:FIRST])


def answers(hit: Hit, lookup: Lookup) -> bool:
    if home(hit.locator_code or "") != lookup.locator_code:
        return False
    return not lookup.slugs or bool(lookup.slugs & {hit.question, hit.contact})


def home(code: str) -> str:
    """An office has a code of its own, which counts as its state's (domain.md 9.2)."""
    return code if code.startswith(("80", "90")) or not code else f"{code[:2]}000"


def kind_of(code: str) -> JurisdictionKind:
    if code.startswith("80"):
        return JurisdictionKind.COUNTRY
    if code.startswith("90"):
        return JurisdictionKind.TRIBE
    return JurisdictionKind.FEDERAL if code == FEDERAL else JurisdictionKind.STATE


def slugs_of(part: Part) -> frozenset[str]:
    answered = (answer.question for answer in part.answers)
    return frozenset((*answered, *(contact.type for contact in part.contacts)))


LOOKUPS = lookups()
CODES = frozenset(one.locator_code for one in LOOKUPS if one.locator_code)
QUESTIONS = frozenset(one.slug for one in questions())
CONTACTS = frozenset(CONTACT_TYPES)


def test_at_least_two_hundred_are_misspelt_partial_or_translated() -> None:
    sorts = Counter(one.sort for one in LOOKUPS)
    assert sorts.keys() == LEAST_OF_SORT.keys()
    assert [sort for sort, least in LEAST_OF_SORT.items() if sorts[sort] < least] == []
    assert sorts["misspelt"] + sorts["partial"] + sorts["translated"] >= 200


def test_every_lookup_means_what_its_jurisdiction_says_or_has_a_contact_for() -> None:
    said = {part.facts.locator_code: slugs_of(part) for part in whole_guide().parts}
    for one in LOOKUPS:
        assert one.locator_code or one.about, one
        assert one.slugs <= (said[one.locator_code] if one.locator_code else QUESTIONS | CONTACTS), one


def test_every_locator_code_is_well_formed_and_of_a_whole_jurisdiction() -> None:
    well_formed = TypeAdapter(LocatorCode)
    for code in CODES:
        assert well_formed.validate_python(code) == home(code)
        assert (kind_of(code) is JurisdictionKind.STATE) == (code in STATE_CODES)


def test_no_two_lookups_are_alike_and_none_is_a_name_as_it_stands() -> None:
    typed = Counter(" ".join(one.query.casefold().split()) for one in LOOKUPS)
    assert [query for query, times in typed.items() if times > 1] == []
    titles = {one.title.casefold() for one in questions()}
    titles |= {one.title.casefold() for one in CONTACT_TYPES.values()}
    names = {agency.state_name.casefold() for agency in AGENCIES.values()}
    assert typed.keys() & (titles | names) == set()


def test_the_lookups_are_spread_over_places_questions_and_contacts() -> None:
    places = Counter(kind_of(code) for code in CODES)
    assert places[JurisdictionKind.STATE] == len(STATE_CODES)
    assert places[JurisdictionKind.TRIBE] >= 8
    assert places[JurisdictionKind.COUNTRY] >= 15
    slugs = frozenset(slug for one in LOOKUPS for slug in one.slugs)
    assert len(slugs & QUESTIONS) >= 70
    assert len(slugs & CONTACTS) >= 15


KANSAS = Lookup("kansus majorty", "20000", "age-of-majority", "misspelt")
PAYMENTS = Lookup("kans pay", "20000", "payment-address|payments", "partial")
SEDGWICK = Lookup("sedgwik ofice", "20000", "office", "misspelt")
ITSELF = Lookup("kansus", "20000", "", "misspelt")
TOPIC = Lookup("majorty", "", "age-of-majority", "misspelt")
GERMANY = Lookup("almania", "80DE", "", "misspelt")


@pytest.mark.parametrize(
    ("lookup", "hit", "expected"),
    [
        (KANSAS, Found("20000", question="age-of-majority"), True),
        (KANSAS, Found("31000", question="age-of-majority"), False),
        (KANSAS, Found(None, question="age-of-majority"), False),
        (KANSAS, Found("20000", question="age-support-ends"), False),
        (KANSAS, Found("20000"), False),
        (PAYMENTS, Found("20000", question="payment-address"), True),
        (PAYMENTS, Found("20000", contact="payments"), True),
        (PAYMENTS, Found("20000", contact="paternity"), False),
        (SEDGWICK, Found("20173", contact="office"), True),
        (SEDGWICK, Found("2017302", contact="office"), True),
        (ITSELF, Found("20000"), True),
        (ITSELF, Found("20000", contact="payments"), True),
        (ITSELF, Found(None), False),
        (TOPIC, Found(None, question="age-of-majority"), True),
        (TOPIC, Found("20000", question="age-of-majority"), False),
        (GERMANY, Found("80DE"), True),
        (GERMANY, Found("80FR"), False),
    ],
)
def test_a_hit_is_right_when_it_is_of_that_place_and_about_that(
    lookup: Lookup, hit: Found, expected: bool
) -> None:
    assert right([hit], lookup) is expected


def test_the_right_hit_must_be_among_the_first_three() -> None:
    wrong, wanted = Found("31000"), Found("20000")
    assert right([wrong, wrong, wanted], ITSELF)
    assert not right([wrong, wrong, wrong, wanted], ITSELF)
    assert not right([], ITSELF)
