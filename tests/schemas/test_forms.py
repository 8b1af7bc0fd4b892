"""Forms on the screen: derived from the layout, forgiving in what is typed, strict in what is handed on."""

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from schemas.catalog import LAYOUTS
from schemas.checking import check
from schemas.forms import FORMS, as_file, parse
from tests.schemas.examples import RULES

LUMP_SUM = FORMS["lump-sum"]
DEBT_INQUIRY = FORMS["debt-inquiry"]
TERMINATION = FORMS["termination"]
NEEDED = {"termination_date"}
"""Optional in the record, as one code rules it out, but asked of everybody else."""
SENT = replace(
    RULES, senders=frozenset({"001234567"}), clients=frozenset({"001234567"}), control_number="W-1"
)
TYPED = {
    "last_name": "o'neil",
    "first_name": "José",
    "ssn": "900 01-0001",
    "birth_date-month": "March",
    "birth_date-day": "7",
    "birth_date-year": "1980",
    "payment_kind": "B",
    "payment_date-month": "2",
    "payment_date-day": "1",
    "payment_date-year": "2026",
    "payment_amount": "$1,250.50",
    "termination_code": "T",
    "termination_date-month": "jan",
    "termination_date-day": "16",
    "termination_date-year": "2026",
    "final_payment_date-month": "1",
    "final_payment_date-day": "30",
    "final_payment_date-year": "2026",
    "final_payment_amount": "1250.5",
}


def problems(form: Any, **changes: str) -> dict[str, str]:
    return {each.field: each.message for each in parse(form, {**TYPED, **changes}, SENT).problems}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_question_asks_for_a_field_of_the_layout_and_none_that_is_required_is_left_out(
    form: Any,
) -> None:
    (detail,) = form.layout.details
    asked = {question.name: question for question in form.questions}
    required = {name for name, place in detail.by_name.items() if place.required} - {"record_id"}
    assert required <= set(asked)
    for name, question in asked.items():
        assert question.optional is (detail[name].optional and name not in NEEDED)
        assert question.label
        assert bool(question.choices) is (question.kind in {"choice", "radio"})
    assert asked["ssn"].inputmode == "numeric"
    assert asked["ssn"].autocomplete == "off"
    assert asked["birth_date"].parts == ("birth_date-month", "birth_date-day", "birth_date-year")
    assert asked["last_name"].parts == ("last_name",)
    assert {question.kind for question in form.questions} >= {"text", "ssn", "date", "money", "choice"}


def test_what_is_typed_is_forgiven_its_hyphens_accents_and_dollar_signs() -> None:
    answers = parse(LUMP_SUM, TYPED, SENT)
    assert answers.problems == ()
    assert answers.values == {
        "last_name": "O'NEIL",
        "first_name": "JOSE",
        "ssn": "900010001",
        "birth_date": "19800307",
        "payment_kind": "B",
        "payment_date": "20260201",
        "payment_amount": "00000125050",
    }


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_report_on_the_screen_travels_as_a_file_of_one_record(form: Any) -> None:
    content = as_file(form, parse(form, TYPED, SENT).values, SENT)
    checked = check(LAYOUTS[form.slug], io.BytesIO(content), rules=SENT)
    (block,) = [each for each in checked if each.records]
    values = block.records["detail"].values(0)
    assert checked.summary.findings == 0
    assert checked.summary.accepted == 1
    assert checked.summary.header["control_number"] == "W-1"
    assert checked.summary.groups[0].trailer["total_amount"] == 125050
    assert values["birth_date"] == date(1980, 3, 7)
    assert values["last_name"] == "O'NEIL"


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"last_name": " "}, "last_name", "Fill in: Last name"),
        ({"payment_kind": ""}, "payment_kind", "Choose: Kind of payment"),
        ({"payment_kind": "gift"}, "payment_kind", "Choose one of the list"),
        ({"ssn": "123-45-6789"}, "ssn", "Check the number: this Social Security number cannot be right"),
        ({"ssn": "90001000"}, "ssn", "Enter nine digits, such as 900 01 0001"),
        ({"ssn": "9000100011"}, "ssn", "Enter nine digits, such as 900 01 0001"),
        ({"ssn": "900O10001"}, "ssn", "Enter nine digits, such as 900 01 0001"),
        ({"payment_amount": "a lot"}, "payment_amount", "Enter an amount in dollars, such as 1,250.50"),
        ({"payment_amount": "1" * 15}, "payment_amount", "Enter an amount in dollars, such as 1,250.50"),
        ({"payment_date-day": "31"}, "payment_date", "Enter a date of the calendar, such as 3 27 1980"),
        ({"payment_date-day": "first"}, "payment_date", "Enter a date of the calendar, such as 3 27 1980"),
        ({"payment_date-year": ""}, "payment_date", "When do you expect to pay? must include a year"),
        ({"birth_date-year": "2030"}, "birth_date", "Enter a date that is not in the future"),
        ({"last_name": "A" * 21}, "last_name", "Last name must be 20 characters or fewer"),
        ({"last_name": "Æsop"}, "last_name", "Use plain letters, digits and signs only"),
        ({"last_name": "A*B"}, "last_name", "Use letters, hyphens, apostrophes and spaces only"),
        ({"issuing_state": "ZZ"}, "issuing_state", "Choose a state of the list"),
    ],
)
def test_a_wrong_answer_is_told_with_what_to_do(change: dict[str, str], field: str, message: str) -> None:
    assert problems(LUMP_SUM, **change) == {field: message}


def test_a_date_with_two_parts_missing_says_both() -> None:
    told = problems(LUMP_SUM, **{"payment_date-year": "", "payment_date-month": ""})
    assert told == {"payment_date": "When do you expect to pay? must include a month and a year"}


def test_all_problems_are_told_at_once_in_the_order_of_the_questions() -> None:
    answers = parse(LUMP_SUM, {}, SENT)
    assert [each.field for each in answers.problems] == [
        "last_name", "first_name", "ssn", "payment_kind", "payment_date",
    ]  # fmt: skip


def test_a_debt_inquiry_takes_the_birth_date_in_place_of_the_number() -> None:
    assert problems(DEBT_INQUIRY, ssn="") == {}
    without = {name: "" for name in TYPED if name.startswith("birth_date")}
    assert problems(DEBT_INQUIRY, ssn="", **without) == {
        "ssn": "Enter the Social Security number, or else the date of birth"
    }


NEVER = {name: "" for name in TYPED if name.startswith(("termination_", "final_"))} | {
    "termination_code": "N"
}
EARLIER = "Leave this empty: you said that the person never worked for you"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (NEVER, {}),
        (NEVER | {"final_payment_amount": "0.00"}, {}),
        (NEVER | {"termination_code": ""}, {"termination_code": "Choose: What is true of this person?"}),
        (
            NEVER | {"termination_code": "R"},
            {"termination_date": "Enter the last day of work"},
        ),
        (
            {"termination_code": "N"},
            dict.fromkeys(("termination_date", "final_payment_date", "final_payment_amount"), EARLIER),
        ),
        (
            {name: "" for name in TYPED if name.startswith("final_payment_date")},
            {"final_payment_date": "Enter the day of the last payment, as you gave its amount"},
        ),
        (
            {"termination_date-year": "2206"},
            {"termination_date": "Enter a date of the calendar, such as 3 27 1980"},
        ),
        (
            {"termination_date-year": "2062"},
            {"termination_date": "Check the year: this date is too far ahead"},
        ),
    ],
    ids=["never", "zero", "no code", "no day", "day", "amount alone", "century", "far"],
)
def test_a_termination_asks_for_a_day_of_who_worked_there_and_of_nobody_else(
    change: dict[str, str], told: dict[str, str]
) -> None:
    assert problems(TERMINATION, **change) == told


def test_address_and_telephone_are_checked_like_the_rest() -> None:
    told = problems(DEBT_INQUIRY, phone="555", zip="6660", address1="1 Main Street, Apt. 4")
    assert told == {
        "phone": "Enter ten digits, such as 785 555 0100",
        "zip": "Enter a ZIP code of five or nine digits",
    }


def test_a_third_party_names_the_employer_it_reports_for() -> None:
    rules = replace(SENT, clients=frozenset({"001234567", "007654321"}))
    values = parse(LUMP_SUM, {**TYPED, "client_fein": "00-7654321"}, rules).values
    checked = check(LUMP_SUM.layout, io.BytesIO(as_file(LUMP_SUM, values, rules)), rules=rules)
    assert not any(block.findings for block in checked)
    assert checked.summary.header["client_fein"] == "007654321"


def test_another_organizations_employer_is_refused() -> None:
    answers = parse(LUMP_SUM, {**TYPED, "client_fein": "009999999"}, SENT)
    assert [each.field for each in answers.problems] == ["client_fein"]
