"""Which subjects are warned about, and which are not."""

import pytest

from schemas.forms.subject import NAME, SSN, warnings


@pytest.mark.parametrize(
    "subject",
    ["SSN 900-12-3456", "900123456", "900 12 3456 left", "Order for 900.12.3456, urgent", "(900-12-3456)"],
)
def test_what_reads_as_a_social_security_number_is_told(subject: str) -> None:
    assert warnings(subject) == (SSN,)


@pytest.mark.parametrize(
    "subject",
    [
        "Order of John Sampleson",
        "SAMPLESON, MARIA",
        "Bonus of Mr Sampleson",
        "Bonus of José Sampleson",
        "Termination of Mary Sampleson",
        "Question for A. Sampleson",
        "Jane Q. Sampleson",
    ],
)
def test_what_reads_as_a_name_is_told(subject: str) -> None:
    assert warnings(subject) == (NAME,)


@pytest.mark.parametrize(
    "subject",
    [
        "Question about the withholding table",
        "Lump Sum Payment for March",
        "EIN 00-1000017",
        "Case 0012345678901",
        "Order 2026-000123",
        "Virginia Beach office hours",
        "Will you rose the limit?",
        "Re: Kansas City office",
        "785-555-0142",
        "Payroll of the week of 2026-03-27",
        "For A person",
        "West Virginia Withholding Tables",
        "Re: May figures",
        "",
    ],
)
def test_what_names_nobody_is_not(subject: str) -> None:
    assert warnings(subject) == ()


def test_both_are_told() -> None:
    assert warnings("John Sampleson 900-12-3456") == (SSN, NAME)
