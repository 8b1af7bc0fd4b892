"""Whether answers are in the form their question asks for, and whether the parts of a guide fit together."""

from datetime import date

import pytest

from schemas.guide.checks import answer_problem, belongs_to, problems
from schemas.guide.documents import Answer, AnswerType, Contact, Facts, Guide, JurisdictionKind, Question
from tests.support.guide import COUNTRY, contact, small_guide, state


def question(kind: AnswerType, *, required: bool = False) -> Question:
    return Question(
        slug="q", kind=COUNTRY, title="Q", text="Q?", answer_type=kind, choices=("a", "b"), required=required
    )


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (AnswerType.YESNO, "no", "No"),
        (AnswerType.NUMBER, "99.5", "ninety"),
        (AnswerType.DATE, "1998-02-28", "1998-02-30"),
        (AnswerType.DATE, "1998-01-01", "19980101"),
        (AnswerType.CHOICE, "b", "c"),
        (AnswerType.LINK, "https://example.org", "example.org"),
    ],
)
def test_an_answer_has_the_form_of_its_question(kind: AnswerType, good: str, bad: str) -> None:
    assert answer_problem(question(kind), good) is None
    assert answer_problem(question(kind), bad)


def test_only_a_required_question_has_to_be_answered() -> None:
    assert answer_problem(question(AnswerType.NUMBER), "") is None
    assert answer_problem(question(AnswerType.TEXT, required=True), "") == "Answer this question"
    assert answer_problem(question(AnswerType.TEXT), "anything") is None


@pytest.mark.parametrize(
    ("code", "owner", "within"),
    [
        ("20173", "20000", True),
        ("2017303", "20000", True),
        ("31000", "20000", False),
        ("90830", "90830", True),
        ("90831", "90830", False),
    ],
)
def test_offices_are_within_their_state(code: str, owner: str, within: bool) -> None:
    assert belongs_to(code, owner) is within


def changed(**told: object) -> Guide:
    return small_guide().model_copy(update=told)


def test_what_does_not_fit_together_is_named() -> None:
    guide = small_guide()
    lost = guide.questions[0].model_copy(update={"slug": "lost", "under": "gone"})
    version = guide.versions[0]
    twice = version.model_copy(update={"categories": version.categories * 2})
    assert problems(changed(questions=(*guide.questions, lost))) == ["question lost: no question gone"]
    assert "question age-of-majority stands there twice" in problems(changed(questions=guide.questions * 2))
    assert "version state-2024: category GEN stands there twice" in problems(changed(versions=(twice,)))
    assert "jurisdiction 20000 stands there twice" in problems(small_guide(state("20000", "Kansas", "18")))


def test_what_does_not_fit_into_a_part_is_named() -> None:
    part = small_guide().parts[1]
    facts = Facts(locator_code="21000", kind=JurisdictionKind.STATE, name="Kentucky")
    strange: Contact = contact("21000", kind="central-authority")
    wrong = part.model_copy(
        update={
            "facts": facts,
            "answers": (*part.answers, part.answers[0], Answer(question="legal-aid", value="Yes.")),
            "contacts": (*part.contacts, strange),
        }
    )
    assert problems(small_guide(wrong)) == [
        "21000: answer age-of-majority stands there twice",
        "21000: contact central-registry stands there twice",
        "21000: no question legal-aid for a state",
        "21000: contact central-registry: its locator code is not within the jurisdiction",
        "21000: contact central-registry: this jurisdiction has no contacts of that type",
    ]


def test_the_last_day_of_a_contact_is_not_before_its_first() -> None:
    days = {"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}
    with pytest.raises(ValueError, match="the last day is before the first"):
        Contact.model_validate({**contact("20000").model_dump(), **days})
    valid = contact("20000").model_copy(update={"valid_from": date(2026, 2, 1)})
    assert [valid.counts_on(date(2026, month, 1)) for month in (1, 2)] == [False, True]
