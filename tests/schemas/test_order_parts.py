"""An order as people read it: nothing that a state wrote is lost, and everything is in a form people know."""

from datetime import date
from typing import Any

import pytest

from schemas.kinds import Value
from schemas.layouts.income_withholding import ORDER
from schemas.layouts.income_withholding_ack import ACKNOWLEDGEMENT
from schemas.order_parts import answer_of, frequency, parts_of, report_of, title_of
from tests.schemas import orders

UNREAD = {"document_code"}


def values(**more: Any) -> dict[str, Value]:
    return ORDER.parse(ORDER.render(orders.ORDER | more))


def told(**more: Any) -> str:
    """The whole order as text."""
    parts = parts_of(values(**more))
    return "\n".join(" | ".join(row) for part in parts for row in [(part.title,), part.columns, *part.rows])


def filled(name: str) -> tuple[Value, str]:
    """A value for a field that stands nowhere else, and how people read it."""
    kind = type(ORDER[name].kind).__name__
    return {
        "Amount": (98_765, "$987.65"),
        "Code": ("Y", "Yes"),
        "Date8": (date(1999, 12, 31), "December 31, 1999"),
        "DateOrWord": (date(1999, 12, 31), "December 31, 1999"),
        "Digits": ("87"[: ORDER[name].width].rjust(ORDER[name].width, "0"), "87"),
        "Email": ("q@x.example.org", "q@x.example.org"),
        "Fein": ("001234567", "00-1234567"),
        "Letter": ("Q", "quarterly (code Q, meaning not verified)"),
        "MailState": ("GU", "GU"),
        "Phone": ("7855550199", "785-555-0199"),
        "Ssn": ("900010009", "900-01-0009"),
        "Zip": ("98765", "98765"),
    }.get(kind, ("QQQ", "QQQ"))


def read_beside(name: str) -> tuple[str, str]:
    """The order with that value in one field, and how people read it there."""
    if name == "action_code":
        return told(action_code="LUM", lump_sum_amount=1), "Kind | Order for a lump sum"
    given, read = filled(name)
    companions: dict[str, Any] = {
        name.replace("_frequency", "_amount"): 1,
        name.replace("zip4", "zip"): "66603",
        "other_obligation_amount": 1,
    }
    more = {each: value for each, value in companions.items() if each in ORDER.by_name} | {name: given}
    return told(**more), read


def test_whatever_a_state_wrote_is_told() -> None:
    pairs = {name: read_beside(name) for name in ORDER.by_name.keys() - UNREAD}
    assert [name for name, (said, read) in pairs.items() if read not in said] == []


def test_parts_stand_in_the_order_of_the_form_and_empty_ones_nowhere() -> None:
    whole = values(
        child_1_first_name="KIM",
        ccpa_percent_limit="50",
        payee_name="PAYEE",
        monthly_deduction=5,
        employer_contact_name="DESK",
        employee_contact_name="DESK",
        penalty_text="FINES",
    )
    assert [part.title for part in parts_of(whole)] == [
        "This order",
        "Employer",
        "Employee",
        "Amounts",
        "What to withhold",
        "When to begin",
        "Where to send payments",
        "Limits",
        "Whom the employer may ask",
        "Whom the employee may ask",
        "Children",
        "What the law says",
    ]
    assert [part.title for part in parts_of(values())][3:] == ["Amounts", "When to begin"]
    assert title_of(whole) == "Original order"


def test_amounts_are_listed_with_how_often_and_their_total() -> None:
    whole = values(
        other_obligation_amount=1_234_500, other_obligation_description="FEES", total_amount=1_284_500
    )
    (amounts,) = (part for part in parts_of(whole) if part.title == "Amounts")
    assert amounts.rows == (
        ("Current support", "$500.00", "monthly"),
        ("Other obligation: FEES", "$12,345.00", ""),
        ("Total", "$12,845.00", "monthly"),
    )
    assert amounts.total


@pytest.mark.parametrize(
    ("letter", "read"),
    [
        ("M", "monthly"),
        ("W", "weekly (code W, meaning not verified)"),
        ("Z", "not known (code Z, meaning not verified)"),
        (None, ""),
    ],
)
def test_only_what_a_letter_surely_means_is_told_without_a_doubt(letter: str | None, read: str) -> None:
    assert frequency(letter) == read


@pytest.mark.parametrize(
    ("start", "within", "read"),
    [
        ("RECEIPT", "14", "No later than the first pay period 14 days after the day you receive this order"),
        (date(2026, 2, 1), "01", "No later than the first pay period 1 day after February 1, 2026"),
        (date(2026, 2, 1), None, "From February 1, 2026 on"),
        (None, None, ""),
    ],
)
def test_when_to_begin_is_one_sentence(start: Value, within: str | None, read: str) -> None:
    said = told(withholding_start=start, begin_withholding_within_days=within)
    assert (f"Begin withholding | {read}" in said) if read else ("Begin withholding" not in said)


def test_an_address_has_its_lines() -> None:
    place = {"address1": "1 MAIN ST", "address2": "SUITE 5", "city": "TOPEKA", "state": "KS"}
    said = told(
        **{f"payee_{name}": text for name, text in place.items()}, payee_zip="66603", payee_zip4="0001"
    )
    assert "Address | 1 MAIN ST\nSUITE 5\nTOPEKA, KS 66603-0001" in said


def test_an_answer_is_told_whole() -> None:
    answer = ACKNOWLEDGEMENT.parse(
        ACKNOWLEDGEMENT.render(
            orders.ACK
            | {
                "disposition_status": "R",
                "disposition_reason": "N",
                "termination_date": date(2026, 1, 3),
                "final_payment_amount": 12_345,
                "last_known_phone": "7855550100",
                "other_order_state": "NE",
                "corrected_fein": "009876543",
            }
        )
    )
    assert answer_of(answer) == (
        ("What the employer says", "Rejected"),
        ("Reason", "No longer employed"),
        ("Right FEIN", "00-9876543"),
        ("State of the other order", "Nebraska"),
        ("Last day of work", "January 3, 2026"),
        ("Last known telephone", "785-555-0100"),
        ("Amount of the last payment", "$123.45"),
    )
    assert report_of(answer)[:3] == (
        ("Social Security number", "900-01-0001"),
        ("Case ID", "KS0000000001"),
        ("FEIN of the employer", "00-1234567"),
    )
