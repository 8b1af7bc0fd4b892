"""The rules of single answers: forgiving in how something is typed, strict in what it is."""

import pytest

from schemas.forms import asked
from schemas.forms.asked import Clean, parse_asked, possible_ssn
from schemas.forms.registration import ADDRESS, EMAIL, FACTS, YOU

RIGHT: list[tuple[Clean, str, str]] = [
    (asked.plain, "  Lindenhall   Works ", "Lindenhall Works"),
    (asked.plain, "Mañana & Søn", "Mañana & Søn"),
    (asked.fein, "00-1000017", "001000017"),
    (asked.fein, "12 3456789", "123456789"),
    (asked.feins, "00-1000017\n00 1000025, 001000017\n", "001000017\n001000025"),
    (asked.naic, "12345", "12345"),
    (asked.routing, "0110-0001 5", "011000015"),
    (asked.tribe_code, "90 8a0", "908A0"),
    (asked.email, "Robin@Example.ORG", "robin@example.org"),
    (asked.telephone, "+1 (785) 555-0100", "7855550100"),
    (asked.telephone, "785.555.0100", "7855550100"),
    (asked.zip_code, "66612-1234", "666121234"),
    (asked.ssn, "900-01-0001", "900010001"),
    (asked.past_date, "19800229", "19800229"),
    (asked.username, "Robin.Sample", "robin.sample"),
    (asked.one_of(["KS"]), "ks", "KS"),
]
WRONG: list[tuple[Clean, str]] = [
    (asked.plain, "two\nlines"),
    (asked.fein, "07-1000017"),
    (asked.fein, "1000017"),
    (asked.fein, "00100001x"),
    (asked.fein, "१२३४५६७८९"),
    (asked.feins, "001000017\n123"),
    (asked.naic, "1234"),
    (asked.routing, "011000016"),
    (asked.routing, "000000000"),
    (asked.routing, "01100001"),
    (asked.tribe_code, "20000"),
    (asked.tribe_code, "9083"),
    (asked.email, "robin"),
    (asked.email, "robin@example"),
    (asked.email, "robin@exa..mple.org"),
    (asked.email, "robin@example.org\nBcc: x@example.org"),
    (asked.telephone, "555-0100"),
    (asked.telephone, "2785 555 0100"),
    (asked.zip_code, "6661"),
    (asked.ssn, "90001000"),
    (asked.past_date, "19800230"),
    (asked.past_date, "18991231"),
    (asked.username, "abc"),
    (asked.username, ".robin"),
    (asked.username, "robin sample"),
    (asked.one_of(["KS"]), "ZZ"),
]


@pytest.mark.parametrize(("clean", "typed", "kept"), RIGHT)
def test_an_answer_is_kept_in_one_spelling(clean: Clean, typed: str, kept: str) -> None:
    assert clean(typed) == kept
    assert clean(kept) == kept


@pytest.mark.parametrize(("clean", "typed"), WRONG)
def test_a_wrong_answer_is_none(clean: Clean, typed: str) -> None:
    assert clean(typed) is None


@pytest.mark.parametrize(
    ("digits", "synthetic", "possible"),
    [
        ("900010001", True, True),
        ("900010001", False, False),
        ("123456789", False, True),
        ("123456789", True, False),
    ],
)
def test_a_synthetic_installation_takes_only_numbers_never_issued(
    digits: str, synthetic: bool, possible: bool
) -> None:
    assert possible_ssn(digits, synthetic=synthetic) is possible


def test_all_that_is_wrong_is_told_question_by_question() -> None:
    answers = parse_asked([*YOU, *EMAIL], {"first_name": "A" * 41, "phone": "12", "birth_date-year": "1980"})
    told = {problem.field: problem.message for problem in answers.problems}
    assert told["first_name"] == "First name must be 40 characters or fewer"
    assert told["last_name"] == "Fill in: Last name"
    assert told["phone"] == "Enter ten digits, such as 785 555 0100"
    assert told["birth_date"] == "Date of birth must include a month and a day"
    assert told["email"].startswith("Fill in")


def test_what_is_optional_may_be_empty_and_what_is_given_is_cleaned() -> None:
    fields = {"street": " 1  Synthetic Way", "city": "Topeka", "state": "ks", "zip": "66612"}
    answers = parse_asked([*ADDRESS, FACTS["naic"]], fields)
    assert answers.problems == ()
    assert answers.values == {
        "street": "1 Synthetic Way",
        "street2": "",
        "city": "Topeka",
        "state": "KS",
        "zip": "66612",
        "naic": "",
    }


def test_a_choice_is_to_be_chosen() -> None:
    (problem,) = parse_asked([FACTS["match_method"]], {}).problems
    assert problem.message.startswith("Choose:")


def test_every_country_code_is_listed_once() -> None:
    assert len(asked._COUNTRIES.split()) == len(asked.COUNTRY_CODES) == 249
