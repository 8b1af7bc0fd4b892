"""The questions of the synthetic guide and the editions that ask them."""

import re
from datetime import date

import pytest

from exchange.guide.synthetic.questionnaires import questions, versions
from schemas.guide.checks import problems
from schemas.guide.documents import Category, Guide, JurisdictionKind, Question, Version

BY_SLUG: dict[str, Question] = {one.slug: one for one in questions()}
EDITIONS: dict[str, Version] = {one.slug: one for one in versions()}


def numbers(edition: str) -> dict[str, tuple[str, str]]:
    return {
        place.question: (category.code, place.number)
        for category in EDITIONS[edition].categories
        for place in category.places
    }


def in_order(category: Category) -> list[tuple[int, ...]]:
    return [tuple(int(part) for part in re.findall(r"\d+", place.number)) for place in category.places]


def test_questions_and_editions_fit_together() -> None:
    assert problems(Guide(questions=questions(), versions=versions(), parts=())) == []


def test_the_newest_edition_of_each_kind_asks_every_question() -> None:
    for kind in JurisdictionKind:
        newest = max((one for one in versions() if one.kind is kind), key=lambda one: one.effective)
        asked = {place.question for category in newest.categories for place in category.places}
        assert asked == {one.slug for one in questions() if one.kind is kind}


def test_numbers_go_up_and_a_follow_up_stands_under_its_question() -> None:
    for edition in versions():
        placed = {place.question: place.number for part in edition.categories for place in part.places}
        for category in edition.categories:
            assert in_order(category) == sorted(set(in_order(category)))
        for slug, number in placed.items():
            above = BY_SLUG[slug].under
            assert "." not in number if above is None else number.rpartition(".")[0] == placed[above]


@pytest.mark.parametrize(
    ("slug", "lettered", "named"),
    [  # the old ones as the public form had them
        ("local-offices", ("A", "A1"), ("GENERAL", "1")),
        ("attorney-client", ("A", "A2"), ("GENERAL", "2")),
        ("attorney-client-explained", ("A", "A2.3"), ("GENERAL", "2.3")),
        ("uifsa-effective", ("B", "B1"), ("UIFSA", "1")),
        ("uifsa-citation", ("B", "B2"), ("UIFSA", "2")),
        ("uifsa-copies", ("B", "B4"), ("UIFSA", "4")),
        ("age-of-majority", ("D", "D1"), ("AGE", "1")),
        ("aei-criteria", ("J", "J2"), ("AEI", "2")),
        ("credit-removal", ("J", "J6"), ("CREDIT", "4")),
    ],
)
def test_one_question_has_a_letter_in_the_old_editions_and_a_name_in_the_new(
    slug: str, lettered: tuple[str, str], named: tuple[str, str]
) -> None:
    assert numbers("state-2011")[slug] == lettered
    assert numbers("state-2024")[slug] == named


def test_an_edition_asks_nothing_that_came_later() -> None:
    assert "hague-intake" not in numbers("state-2011")
    assert numbers("state-2019")["family-violence-policy"] == ("O", "O1")
    assert not any(code == "EMPLOYER" for code, _ in numbers("state-2021").values())
    assert numbers("state-2024")["employer-terminations"] == ("EMPLOYER", "1")


def test_a_later_edition_may_ask_the_same_under_another_number() -> None:
    assert numbers("state-2011")["passport-denial"] == ("J", "J9")
    assert numbers("state-2019")["passport-denial"] == ("J", "J10")


def test_the_tribal_edition_has_the_sections_of_the_form() -> None:
    edition = EDITIONS["tribe-2019"]
    assert edition.effective == date(2019, 8, 29)
    assert [one.code for one in edition.categories] == ["A", "B", "C", "D"]
    assert [place.number for place in edition.categories[1].places] == ["B1", "B2", "B3", "B4", "B5"]


def test_what_helps_to_harm_somebody_is_for_workers_only() -> None:
    restricted = {one.slug for one in questions() if one.audience.value == "workers"}
    assert {"family-violence-referral", "tribe-family-violence", "country-safety"} <= restricted
