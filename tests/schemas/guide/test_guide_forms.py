"""Forms of the guide: what people type becomes a document, and every mistake has a sentence."""

from datetime import date

import pytest

from schemas.guide.asked import (
    NOTE,
    asked_of_answer,
    asked_of_contact,
    asked_of_facts,
    fields_of_document,
    rows_of,
)
from schemas.guide.differences import differences
from schemas.guide.documents import (
    Answer,
    AnswerType,
    Contact,
    ContactClass,
    Facts,
    JurisdictionKind,
    LawText,
    Question,
)
from schemas.guide.forms import answer_of, contact_of, facts_of

STATE, TRIBE, COUNTRY = JurisdictionKind.STATE, JurisdictionKind.TRIBE, JurisdictionKind.COUNTRY
KANSAS = Facts(locator_code="20000", kind=STATE, name="Kansas", fips="20", synthetic=True)
LAW = LawText(id="6f0e0d6e-0000-4000-8000-000000000000", name="law.pdf", size=3, sha256="0" * 64)
OFFICE = {"type": "office", "name": "Topeka office", "country": "us"}
NO_DAY = "Enter a date of the calendar, such as 4 28 2026"


def question(kind: AnswerType, **more: object) -> Question:
    return Question(slug="a", kind=STATE, title="A", text="A?", answer_type=kind, **more)


@pytest.mark.parametrize(
    ("kind", "fields", "value"),
    [
        (AnswerType.TEXT, {"value": " Two\r\nlines "}, "Two\nlines"),
        (AnswerType.YESNO, {"value": "yes"}, "yes"),
        (AnswerType.NUMBER, {"value": "0.75"}, "0.75"),
        (AnswerType.DATE, {"value-month": "Feb", "value-day": "3", "value-year": "1998"}, "1998-02-03"),
        (AnswerType.CITATION, {"value": "Kan. Stat. Ann. 39-7,139"}, "Kan. Stat. Ann. 39-7,139"),
        (AnswerType.LINK, {"value": "https://law.example.org/1"}, "https://law.example.org/1"),
    ],
    ids=lambda given: given.value if isinstance(given, AnswerType) else "",
)
def test_an_answer_is_what_its_question_asks_for(
    kind: AnswerType, fields: dict[str, str], value: str
) -> None:
    asked = question(kind)
    before = Answer(question="a", value="1", attachments=(LAW,), synthetic=True)
    filled = answer_of(asked, {**fields, "comment": "c", NOTE.name: "why"}, before)
    assert filled.problems == {}
    assert filled.said == before.model_copy(update={"value": value, "comment": "c"})
    again = fields_of_document(filled.said, asked_of_answer(asked))
    assert answer_of(asked, again, before).said == filled.said


@pytest.mark.parametrize(
    ("asked", "fields", "problems"),
    [
        (question(AnswerType.NUMBER), {"value": "x"}, {"value": "Enter a number, such as 21 or 0.75"}),
        (question(AnswerType.TEXT), {}, {"value": "Enter an answer, or take the entry out instead"}),
        (question(AnswerType.TEXT, required=True), {"comment": "c"}, {"value": "Answer this question"}),
        (
            question(AnswerType.CHOICE, choices=("A", "B")),
            {"value": "C"},
            {"value": "Choose one of the answers"},
        ),
        (
            question(AnswerType.DATE),
            {"value-month": "2", "value-day": "30", "value-year": "1998"},
            {"value": NO_DAY},
        ),
        (
            question(AnswerType.DATE),
            {"value-month": "2", "value-day": "", "value-year": "1998"},
            {"value": "Answer must include a day"},
        ),
        (
            question(AnswerType.TEXT),
            {"value": "v" * 20_001, "url": "law.example.org"},
            {
                "value": "Shorten it to 20,000 characters or fewer",
                "url": "Enter the whole address, beginning with https:// or http://",
            },
        ),
    ],
    ids=["number", "nothing", "required", "choice", "day", "half a day", "long"],
)
def test_every_mistake_in_an_answer_has_a_sentence(
    asked: Question, fields: dict[str, str], problems: dict[str, str]
) -> None:
    assert answer_of(asked, fields).said is None
    assert answer_of(asked, fields).problems == problems


def test_a_contact_is_taken_as_people_write_it() -> None:
    typed = {
        **OFFICE,
        "lines": "1 Synthetic Avenue\r\n\r\nSuite 2",
        "hours": "Mon\u2013Fri 08:00-16:30",
        "languages": "English\nSpanish",
        "valid_from-month": "1",
        "valid_from-day": "5",
        "valid_from-year": "2026",
        "locator_code": "2017300",
    }
    made = contact_of(KANSAS, typed, None, {"office", "office-2"}).said
    assert made == Contact(
        slug="office-3",
        contact_class=ContactClass.STATE,
        type="office",
        locator_code="2017300",
        name="Topeka office",
        country="US",
        lines=("1 Synthetic Avenue", "Suite 2"),
        hours=("Mon-Fri 08:00-16:30",),
        languages=("English", "Spanish"),
        valid_from=date(2026, 1, 5),
        synthetic=True,
    )
    again = fields_of_document(made, asked_of_contact(STATE, new=False))
    assert contact_of(KANSAS, again, made, set()).said == made


@pytest.mark.parametrize(
    ("fields", "name", "sentence"),
    [
        ({"type": "central-authority"}, "type", "Choose what the contact is for"),
        ({"type": "payments"}, "type", "There is a contact for this already: State disbursement unit"),
        ({"name": ""}, "name", "Fill in: Name of the office or desk"),
        ({"name": "a\tb"}, "name", "Write it in one line"),
        ({"name": "n" * 121}, "name", "Shorten it to 120 characters"),
        ({"country": "USA"}, "country", "two letters"),
        ({"phone": "call us"}, "phone", "Enter a telephone number"),
        ({"extension": "x1"}, "extension", "one to five digits"),
        ({"email": "nobody"}, "email", "Enter an email address"),
        ({"web": "example.org"}, "web", "beginning with https://"),
        ({"hours": "8 to 4"}, "hours", "Mon-Fri 08:00-16:30"),
        ({"lines": "1\n2\n3\n4\n5"}, "lines", "four lines at most"),
        ({"languages": "l" * 121}, "languages", "one language a line"),
        ({"locator_code": "31001"}, "locator_code", "Check the locator code"),
        ({"locator_code": "7"}, "locator_code", "five or seven digits"),
        ({"valid_to-month": "13", "valid_to-day": "1", "valid_to-year": "2026"}, "valid_to", NO_DAY),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
)
def test_every_mistake_in_a_contact_has_a_sentence(fields: dict[str, str], name: str, sentence: str) -> None:
    filled = contact_of(KANSAS, {**OFFICE, **fields}, None, {"payments"})
    assert filled.said is None
    assert list(filled.problems) == [name]
    assert sentence in filled.problems[name]


def test_the_days_of_a_contact_are_in_order() -> None:
    first = {"valid_from-month": "2", "valid_from-day": "1", "valid_from-year": "2026"}
    last = {"valid_to-month": "1", "valid_to-day": "1", "valid_to-year": "2026"}
    filled = contact_of(KANSAS, {**OFFICE, **first, **last}, None, set())
    assert filled.problems == {"valid_to": "Choose a last day that is not before the first day"}


def test_what_a_jurisdiction_is_can_be_changed_but_not_its_code() -> None:
    germany = Facts(locator_code="80DE", kind=COUNTRY, name="Germany", abbreviation="DE", convention=True)
    fields = fields_of_document(germany, asked_of_facts(COUNTRY))
    assert facts_of(germany, fields).said == germany
    typed = {
        **fields,
        "convention": "",
        "latitude": "51.2",
        "places": "Bavaria\nBerlin",
        "locator_code": "80FR",
    }
    told = facts_of(germany, typed).said
    assert told is not None
    assert (told.locator_code, told.convention, told.latitude) == ("80DE", None, 51.2)
    assert told.places == ("Bavaria", "Berlin")
    wrong = facts_of(germany, {**fields, "latitude": "91", "time_zone": "Berlin", "currency": "euro"})
    assert set(wrong.problems) == {"latitude", "time_zone", "currency"}
    river = Facts(locator_code="90830", kind=TRIBE, name="Tall River")
    kept = facts_of(river, {"name": "Tall River", "time_zone": "UTC", "sovereignty": "Its own courts"}).said
    assert kept is not None
    assert kept.sovereignty == "Its own courts"


def test_a_draft_that_is_older_than_its_question_opens_its_form() -> None:
    fields = fields_of_document(
        Answer(question="a", value="long ago"), asked_of_answer(question(AnswerType.DATE))
    )
    assert [fields[f"value-{part}"] for part in ("month", "day", "year")] == ["", "", ""]


def test_entries_are_compared_row_by_row() -> None:
    asked = question(AnswerType.YESNO)
    before = Answer(question="a", value="yes", comment="c", attachments=(LAW, LAW))
    after = before.model_copy(update={"value": "no", "attachments": ()})
    found = differences(before, after, asked)
    assert [(row.label, row.differs) for row in found] == [
        ("Answer", True),
        ("Comment", False),
        ("Law text", True),
    ]
    assert [row.differs for row in differences(None, after, asked)] == [True, True]
    assert differences(None, None) == ()
    assert rows_of(before)[0] == ("Answer", "yes")
    assert rows_of(Answer(question="a", value="maybe"), asked) == [("Answer", "maybe")]
    office = contact_of(KANSAS, OFFICE, None, set()).said
    assert office is not None
    assert rows_of(office)[0] == ("What it is for", "Local or regional office")
    assert rows_of(office.model_copy(update={"type": "gone"}))[0] == ("What it is for", "gone")
    assert ("Name", "Kansas") in rows_of(KANSAS)
