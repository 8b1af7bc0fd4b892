"""What pages of the guide are made of: who reads what, ages, comparisons, topics, differences, paper."""

import dataclasses
import io
from datetime import UTC, datetime, timedelta

import pytest
from pypdf import PdfReader

from exchange.guide import comparing, lookup, paper, reading, sheets, topics
from exchange.guide.comparing import Agreement
from exchange.guide.memory import Edition, Stamp
from exchange.guide.narrowing import entries_of
from exchange.guide.told import lines_of, text_of
from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import Answer, AnswerType, Audience, Guide, JurisdictionKind
from schemas.guide.wording import Change, differences
from tests.support.guide import contact, small_guide, state
from tests.support.whole_guide import whole_guide

MONDAY = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)
"""Ten in the morning in Kansas, five in the afternoon in Berlin."""
SECRET = "Sealed in"


def edition_of(guide: Guide, *, days_old: int = 10) -> Edition:
    then = MONDAY - timedelta(days=days_old)
    return Edition(1, then, guide, {key: Stamp(1, 1, then, then) for key, _ in entries_of(guide)})


def public(guide: Guide) -> Edition:
    return edition_of(guide).read_by(Audience.PUBLIC)


def test_the_public_gets_an_edition_in_which_nothing_restricted_is() -> None:
    director = contact("20000", "director", "director")
    kansas = state("20000", "Kansas", "18")
    given = small_guide().model_copy(
        update={"parts": (kansas.model_copy(update={"contacts": (*kansas.contacts, director)}),)}
    )
    whole, narrow = edition_of(given).read_by(Audience.WORKERS), public(given)
    assert whole.guide == given
    assert SECRET in whole.guide.canonical()
    for text in (SECRET, "family-violence", "director"):
        assert text not in narrow.guide.canonical()
    assert len(whole.stamps) - len(narrow.stamps) == 2
    found = narrow.index_on(MONDAY.date()).search("family violence", Audience.PUBLIC)
    assert "family-violence" not in {hit.question for hit in found}


def test_the_newest_numbers_that_the_public_sees_have_no_gaps() -> None:
    """A gap would tell that there is something; restricted questions stand last in their categories."""
    edition = edition_of(whole_guide()).read_by(Audience.PUBLIC)
    for kind in JurisdictionKind:
        version = reading.versions_of(edition, kind, MONDAY.date())[0]
        for category in version.categories:
            tops = [int(one.number) for one in category.places if one.number.isdigit()]
            assert tops == list(range(1, len(tops) + 1)) or not tops, (version.slug, category.code)


def test_a_part_is_told_by_the_numbers_of_an_edition() -> None:
    edition = edition_of(small_guide())
    part = edition.parts["20000"]
    (version,) = reading.versions_of(edition, JurisdictionKind.STATE, MONDAY.date())
    (section,) = reading.sections(edition, part, version, newest=True)
    age, violence = section.told
    assert (age.number, age.elsewhere, age.answer.value if age.answer else "") == ("1", ((2024, "1"),), "18")
    assert violence.question.audience is Audience.WORKERS
    (questions,) = reading.sections(edition, edition.parts["80DE"], None, newest=True)
    assert [one.question.slug for one in questions.told] == ["legal-aid"]
    assert reading.versions_of(edition, JurisdictionKind.STATE, version.effective - timedelta(days=1)) == ()


@pytest.mark.parametrize(
    ("hour", "there"), [(15, True), (22, False), (12, False)], ids=["morning", "evening", "early"]
)
def test_an_office_is_open_by_its_own_clock(hour: int, there: bool) -> None:
    edition = public(small_guide())
    contacts = reading.reached(edition, edition.parts["20000"], MONDAY.replace(hour=hour))
    office = reading.main_office(contacts)
    assert office is not None
    assert office.open is there


def test_a_contact_that_does_not_count_is_not_shown() -> None:
    ended = contact("20000").model_copy(update={"valid_to": MONDAY.date() - timedelta(days=1)})
    kansas = state("20000", "Kansas", "18").model_copy(update={"contacts": (ended,)})
    guide = small_guide().model_copy(update={"parts": (kansas,)})
    edition = public(guide)
    assert reading.reached(edition, edition.parts["20000"], MONDAY) == ()
    looked = lookup.look_up(edition_of(guide), Audience.PUBLIC, "Kansas central registry", MONDAY)
    assert [line for line in looked.lines if line.hit.contact] == []
    assert looked.first is None or looked.first.contact is None


def test_a_year_is_old() -> None:
    stamps = [Stamp(1, 1, MONDAY, MONDAY - timedelta(days=days)) for days in (365, 366)]
    assert [reading.is_old(one, MONDAY) for one in stamps] == [False, True]
    assert not reading.is_old(None, MONDAY)


def test_a_comparison_tells_what_differs() -> None:
    edition = edition_of(small_guide())
    age, violence = comparing.compare(edition, ["20000", "31000"])
    assert (age.agreement, violence.agreement) == (Agreement.DIFFERS, Agreement.WORDED)
    assert [cell.value for cell in age.cells] == ["18", "19"]
    alike = edition_of(small_guide(state("48000", "Texas", "18")))
    (row,) = comparing.compare(alike, ["20000", "48000"], ["age-of-majority"])
    assert row.agreement is Agreement.SAME
    assert comparing.compare(alike, ["20000", "48000"], ["age-of-majority"], only_differing=True) == []
    foreign = comparing.compare(edition, ["20000", "80DE", "99000"], ["legal-aid"])
    assert [cell.asked for cell in foreign[0].cells] == [False, True]


def test_a_topic_counts_answers_and_is_sorted_by_them() -> None:
    silent = state("06000", "California", "").model_copy(update={"answers": ()})
    edition = public(small_guide(state("48000", "Texas", "18"), silent))
    question = edition.questions["age-of-majority"]
    told = topics.topic(edition, question)
    assert told.summary == (("18", 2), ("19", 1), ("", 1))
    assert [cell.facts.name for cell in told.cells] == ["California", "Kansas", "Nebraska", "Texas"]
    by_answer = topics.topic(edition, question, by_answer=True).cells
    assert [cell.facts.name for cell in by_answer] == ["Kansas", "Texas", "Nebraska", "California"]
    legal_aid = topics.topic(edition, edition.questions["legal-aid"])
    assert (legal_aid.summary, len(legal_aid.cells)) == ((), 1)


def test_a_difference_is_told_word_by_word() -> None:
    found = differences("Within 10 days, by mail.", "Within 30 days, by mail.\nOr in person.")
    assert found == (
        (Change.SAME, "Within "),
        (Change.OUT, "10"),
        (Change.IN, "30"),
        (Change.SAME, " days, by mail."),
        (Change.IN, "\nOr in person."),
    )
    anew = differences("Answer: one two three.", "Answer: four five six.")
    assert [piece.text for piece in anew] == ["Answer: ", "one two three", "four five six", "."]
    long = "word " * 3_000
    assert differences(long, f"{long}\nmore")[-1] == (Change.IN, "\nmore")
    assert differences("", "") == ()


def test_entries_are_told_in_words() -> None:
    question = edition_of(small_guide()).questions["age-of-majority"]
    assert text_of(Answer(question="age-of-majority", value="18", comment="Or married."), question) == (
        "Answer: 18\nComments: Or married."
    )
    lines = dict(lines_of(contact("20000")))
    assert lines["Address"] == "1 Synthetic Avenue\nCapital City"
    assert lines["For"] == CONTACT_TYPES["central-registry"].title
    assert text_of(None) == ""
    dated = question.model_copy(update={"answer_type": AnswerType.DATE})
    said = [text_of(Answer(question="a", value=value), dated) for value in ("1998-01-01", "long ago")]
    assert said == ["Answer: January 1, 1998", "Answer: long ago"]  # the second is older than its question


def test_what_is_looked_up_is_answered_in_full() -> None:
    whole = edition_of(small_guide())
    first = lookup.look_up(whole, Audience.PUBLIC, "Kansas age of majority", MONDAY).first
    assert first is not None
    assert first.cell is not None
    assert (first.path, first.cell.value) == ("20000#age-of-majority", "18")
    across = lookup.look_up(whole, Audience.PUBLIC, "age of majority", MONDAY).first
    assert across is not None
    assert across.topic is not None
    assert across.path == "topics/age-of-majority"
    registry = lookup.look_up(whole, Audience.PUBLIC, "Nebraska central registry", MONDAY).first
    assert registry is not None
    assert registry.contact is not None
    assert registry.contact.open is True
    assert lookup.look_up(whole, Audience.PUBLIC, "xyzzyplugh", MONDAY).first is None


def test_a_part_is_put_on_tagged_paper_and_into_a_table() -> None:
    kansas = state("20000", "Kansas", "18")
    named = kansas.facts.model_copy(update={"other_names": ("Канзас", "堪萨斯州"), "synthetic": True})
    edition = public(
        small_guide().model_copy(update={"parts": (kansas.model_copy(update={"facts": named}),)})
    )
    part = edition.parts["20000"]
    versions = reading.versions_of(edition, part.facts.kind, MONDAY.date())
    sections = reading.sections(edition, part, versions[0], newest=True)
    contacts = reading.reached(edition, part, MONDAY)
    made = paper.paper(part.facts, sections, contacts, "http://localhost/guide/20000", MONDAY)
    document = PdfReader(io.BytesIO(made))
    text = "".join(page.extract_text() for page in document.pages)
    assert "/StructTreeRoot" in document.trailer["/Root"]
    assert "Synthetic guide" in text
    assert "Канзас" in text
    assert b"pdfuaid" in made
    assert "At what age does a child come of age?" in text
    assert SECRET not in text
    header, answer, registry = sheets.of_part(part, sections, contacts)
    assert answer[:7] == ("20000", "Kansas", "answer", "General", "1", "Age of majority", "18")
    assert registry[2] == "contact"
    assert len(header) == len(answer) == len(registry)


def test_words_that_no_font_here_has_are_marked_on_tagged_paper_and_left_to_the_page() -> None:
    part = state("20000", "Kansas", "18")
    contacts = reading.reached(public(small_guide()), part, MONDAY)
    foreign = contacts[0].contact.model_copy(update={"name": "堪萨斯州 office, ٣ ½ день", "city": "Ώρα"})
    other = [dataclasses.replace(contacts[0], contact=foreign)]
    made = paper.paper(part.facts, [], other, "http://localhost/guide/20000", MONDAY)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    assert "[…] office, […] ½ день" in text
    assert "They stand on its page" in text
    assert "Ώρα" in text
    assert b"pdfuaid" in made
    emoji = [dataclasses.replace(contacts[0], contact=foreign.model_copy(update={"name": "😀"}))]
    assert paper.paper(part.facts, [], emoji, "http://localhost/guide/20000", MONDAY)[:4] == b"%PDF"


def test_a_question_does_not_tell_of_a_hidden_one_that_it_belongs_to() -> None:
    given = small_guide()
    below = given.questions[0].model_copy(update={"slug": "further", "under": "family-violence"})
    more = given.model_copy(update={"questions": (*given.questions, below)})
    assert public(more).questions["further"].under is None
    assert edition_of(more).read_by(Audience.WORKERS).questions["further"].under == "family-violence"
