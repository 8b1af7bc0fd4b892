"""The form of answers: only what the table of dispositions allows, and whatever a choice needs."""

from collections.abc import Iterable
from datetime import date

import pytest

from schemas.checking import CheckRules
from schemas.dispositions import DISPOSITIONS
from schemas.forms import order_answer
from schemas.forms.order_answer import ANSWER_PARTS, ANSWERS, REPORT_PARTS, REPORTS, Part, Said, choice_of
from schemas.tables import ORDER_ACTIONS

RULES = CheckRules(today=date(2026, 1, 15), synthetic=True)
DAY = {"termination_date-month": "Jan", "termination_date-day": "2", "termination_date-year": "2026"}
GONE = {"answer": "T", "state": "KS", "employee_ssn": "900 01 0001", **DAY}


def answer(*actions: str, **submitted: str) -> Said:
    return order_answer.parse_answer(submitted, actions or ("ORG",), RULES)


def wrong(said: Said) -> dict[str, str]:
    return {problem.field: problem.message for problem in said.problems}


def test_there_are_words_for_exactly_what_the_table_allows() -> None:
    assert ANSWERS.keys() | REPORTS.keys() == {choice_of(one) for one in DISPOSITIONS}
    for action in ORDER_ACTIONS:
        offered = {choice for choice, _ in order_answer.answers_for([action])}
        assert offered == {choice_of(one) for one in DISPOSITIONS if action in one.actions}
    assert "R-Z" not in dict(order_answer.answers_for(["TRM", "ORG"]))


@pytest.mark.parametrize(("parts", "choices"), [(ANSWER_PARTS, ANSWERS), (REPORT_PARTS, REPORTS)])
def test_whatever_a_choice_needs_is_asked_there(parts: tuple[Part, ...], choices: Iterable[str]) -> None:
    for one in DISPOSITIONS:
        asked = {each.name for part in parts if choice_of(one) in part.of for each in part.asks}
        needed = {name for name in one.needs if name != "document_tracking_number"}
        assert choice_of(one) not in choices or needed <= asked


def test_an_answer_brings_what_was_typed_for_it_and_nothing_that_was_hidden() -> None:
    hidden = {"corrected_fein": "00-7654321", "other_order_state": "NE"}
    said = answer(answer="R-N", last_known_city="Topeka", **DAY, **hidden)
    assert (said.status, said.reason, said.problems) == ("R", "N", ())
    assert said.more == {"termination_date": "20260102", "last_known_city": "Topeka"}
    assert answer(answer="A-W", **hidden).more == {"corrected_fein": "00-7654321"}
    assert answer(answer="A").more == {}


@pytest.mark.parametrize(
    ("submitted", "field", "words"),
    [
        ({}, "answer", "Choose one of the list"),
        ({"answer": "L"}, "answer", "the action code is blank"),
        ({"answer": "R-Z"}, "answer", "the action code is TRM"),
        ({"answer": "R-N"}, "termination_date", "Fill in: Last day of work"),
        ({"answer": "A-W"}, "corrected_fein", "Fill in: Right FEIN"),
        ({"answer": "R-W", "corrected_fein": "12"}, "corrected_fein", "9 digits"),
        ({"answer": "R-M"}, "other_order_state", "Choose: State whose order"),
    ],
)
def test_what_is_missing_or_not_allowed_is_told(submitted: dict[str, str], field: str, words: str) -> None:
    assert words in wrong(answer(**submitted))[field]


def test_nothing_to_end_is_said_of_terminations_only() -> None:
    assert answer("TRM", answer="R-Z").problems == ()
    assert "TRM" in wrong(answer("TRM", "AMD", answer="R-Z"))["answer"]


def test_a_report_names_the_state_and_the_number() -> None:
    said = order_answer.parse_report(GONE, RULES)
    assert (said.status, said.problems) == ("T", ())
    assert said.more == {"employee_ssn": "900 01 0001", "termination_date": "20260102"}
    told = wrong(order_answer.parse_report({"answer": "S", "state": "XX"}, RULES))
    assert list(told) == ["state", "employee_ssn"]
    assert wrong(order_answer.parse_report({"answer": "A", "state": "KS"}, RULES)) == {
        "answer": "Choose one of the list"
    }
