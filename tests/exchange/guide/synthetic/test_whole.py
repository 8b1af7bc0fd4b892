"""The synthetic guide: complete, in itself consistent, and nobody's real address or law."""

import re
from collections import Counter
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
import us

from deploy.demo.newcomers import TRIBE, TRIBE_CODE
from exchange.guide import synthetic
from exchange.guide.synthetic.drawing import draw, number
from exchange.registry.agencies import AGENCIES
from schemas.guide.checks import problems
from schemas.guide.contacts import types_of
from schemas.guide.documents import AnswerType, Contact, JurisdictionKind, Part
from tests.support.whole_guide import part_of, said, whole_guide

pytestmark = pytest.mark.xdist_group("whole guide")
PARTS = {part.facts.locator_code: part for part in whole_guide().parts}
QUESTIONS = {one.slug: one for one in whole_guide().questions}
ALIKE = {"hague-legal-aid", "country-age-of-majority"}
"""What everybody answers in the same words."""


def of_kind(kind: JurisdictionKind) -> list[Part]:
    return [part for part in whole_guide().parts if part.facts.kind is kind]


def every_contact() -> Iterator[Contact]:
    return (contact for part in whole_guide().parts for contact in part.contacts)


def test_the_guide_fits_together() -> None:
    assert problems(whole_guide()) == []


def test_it_has_every_program_that_people_ask_about() -> None:
    assert Counter(part.facts.kind for part in whole_guide().parts) == {
        JurisdictionKind.FEDERAL: 1,
        JurisdictionKind.STATE: 54,
        JurisdictionKind.TRIBE: 12,
        JurisdictionKind.COUNTRY: 20,
    }
    assert {agency.fips for agency in AGENCIES.values()} <= set(PARTS)


def test_it_is_the_same_each_time() -> None:
    assert synthetic.guide().canonical() == whole_guide().canonical()


def test_it_is_the_same_on_any_machine() -> None:
    names = ("20000", "age-of-majority")
    assert number(1000, *names) == 447
    assert draw(("a", "b", "c"), *names, "note") == "b"


def test_a_sentence_begins_with_a_capital_letter() -> None:
    for part in whole_guide().parts:
        texts = [text for one in part.answers for text in (one.value, one.comment)]
        for text in (*texts, *(contact.comments for contact in part.contacts)):
            assert not re.search(r"(?<!Ms|St|Mr)(?<!\.[A-Z])\. [a-z]", text), text


def test_it_stands_in_the_order_that_a_guide_has() -> None:
    assert list(PARTS) == sorted(PARTS)
    for part in whole_guide().parts:
        assert [one.question for one in part.answers] == sorted(one.question for one in part.answers)
        assert [one.slug for one in part.contacts] == sorted(one.slug for one in part.contacts)


@pytest.mark.parametrize("kind", list(JurisdictionKind))
def test_everybody_answers_every_question_of_its_kind(kind: JurisdictionKind) -> None:
    asked = {slug for slug, question in QUESTIONS.items() if question.kind is kind}
    for part in of_kind(kind):
        assert {answer.question for answer in part.answers if answer.value} == asked


@pytest.mark.parametrize("kind", list(JurisdictionKind))
def test_everybody_has_a_contact_of_every_type_of_its_kind(kind: JurisdictionKind) -> None:
    for part in of_kind(kind):
        single = {one.slug for one in types_of(kind) if not one.many}
        assert single <= {contact.type for contact in part.contacts}


@pytest.mark.parametrize("kind", [JurisdictionKind.STATE, JurisdictionKind.TRIBE, JurisdictionKind.COUNTRY])
def test_answers_differ_from_one_to_another(kind: JurisdictionKind) -> None:
    for slug in (slug for slug, one in QUESTIONS.items() if one.kind is kind and slug not in ALIKE):
        values = {
            answer.value for part in of_kind(kind) for answer in part.answers if answer.question == slug
        }
        assert len(values) > 1, slug


def test_a_follow_up_agrees_with_the_answer_above_it() -> None:
    for part in whole_guide().parts:
        values = {answer.question: answer.value for answer in part.answers}
        for slug, value in values.items():
            above = QUESTIONS[slug].under
            if (
                above
                and QUESTIONS[above].answer_type is AnswerType.YESNO
                and value.startswith("Does not apply")
            ):
                assert values[above] == "no"


def test_numbers_of_one_jurisdiction_agree() -> None:
    for part in of_kind(JurisdictionKind.STATE):
        values = {answer.question: answer.value for answer in part.answers}
        offices = [contact for contact in part.contacts if contact.type == "office"]
        assert int(values["age-support-ends"]) >= int(values["age-of-majority"])
        assert (values["interest-rate"] == "0") == (values["interest-charged"] == "no")
        assert 1 <= len(offices) <= int(values["local-offices"])
        assert part.facts.locator_code in values["payment-fips"]


def test_texts_name_the_jurisdiction_and_leave_no_brace() -> None:
    for part in whole_guide().parts:
        assert "{" not in part.canonical().replace('{"', "").replace("[{", "")
        assert part.facts.kind is JurisdictionKind.FEDERAL or part.facts.name in " ".join(
            answer.value for answer in part.answers
        )


def test_everything_says_that_it_is_made_up() -> None:
    for part in whole_guide().parts:
        assert part.facts.synthetic
        assert all(one.synthetic for one in (*part.answers, *part.contacts))
        for answer in part.answers:
            if QUESTIONS[answer.question].answer_type is AnswerType.CITATION:
                assert re.search(r"Synth|^None", answer.value)


def test_nobody_has_these_numbers_and_addresses() -> None:
    for contact in every_contact():
        assert re.search(r"555-01\d\d$", contact.phone)
        assert not contact.fax or re.search(r"555-01\d\d$", contact.fax)
        assert contact.email.endswith("@example.org")
        assert not contact.web or contact.web.startswith("https://example.org/")


def test_an_office_has_the_locator_code_of_its_county() -> None:
    counties = {county.name: county.fips for county in us.states.lookup("KS").counties}
    offices = [contact for contact in part_of("20000").contacts if contact.type == "office"]
    assert len(offices) == 4
    for office in offices:
        assert office.locator_code == counties[office.name.removesuffix(" Child Support Office")]


def test_offices_keep_the_time_of_the_capital() -> None:
    for part in whole_guide().parts:
        assert ZoneInfo(part.facts.time_zone)
        assert all(contact.hours for contact in part.contacts)


def test_names_in_other_languages_lead_to_a_jurisdiction() -> None:
    assert {"Alemania", "Allemagne", "Deutschland"} <= set(part_of("80DE").facts.other_names)
    assert {"Bayern", "Bavaria"} <= set(part_of("80DE").facts.places)
    assert "Nueva York" in part_of("36000").facts.other_names
    assert part_of("80DE").facts.convention
    assert not part_of("80CH").facts.convention


def test_the_demonstration_s_own_tribe_and_country_are_in_it() -> None:
    assert part_of(TRIBE_CODE).facts.agency == TRIBE
    assert part_of(TRIBE_CODE).facts.sovereignty == said(TRIBE_CODE)["tribe-sovereignty"]
    assert part_of("80XR").facts.agency == "Central Authority of Ruritania"


def test_bodies_of_regions_stand_where_they_are() -> None:
    bodies = {one.name: one.city for one in part_of("80DE").contacts if one.type == "transmitting-body"}
    assert bodies == {"Youth Welfare Office Bavaria": "München", "Youth Welfare Office Berlin": "Berlin"}


def test_a_few_entries_said_something_else_an_edition_ago() -> None:
    before = {part.facts.locator_code: part for part in synthetic.guide(1).parts}
    assert problems(synthetic.guide(1)) == []
    told = [(one, before[code]) for code, part in PARTS.items() for one in part.answers]
    changed = [one for one, then in told if one not in then.answers]
    assert len(told) / 100 < len(changed) < len(told) / 8
