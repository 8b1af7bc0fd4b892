"""The federal holidays of known years, and terms that leave them out."""

from datetime import UTC, date, datetime, timedelta

import pytest

from exchange import business_days
from exchange.holidays import HOLIDAYS, observed

NAMES = [
    "New Year's Day",
    "Birthday of Martin Luther King, Jr.",
    "Washington's Birthday",
    "Memorial Day",
    "Juneteenth National Independence Day",
    "Independence Day",
    "Labor Day",
    "Columbus Day",
    "Veterans Day",
    "Thanksgiving Day",
    "Christmas Day",
]
"""5 U.S.C. 6103(a), in the order of the year."""
KNOWN = {  # the days off as the Office of Personnel Management lists them
    2023: "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
    2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
}


@pytest.mark.parametrize("year", KNOWN)
def test_the_holidays_of_known_years_are_on_their_days(year: int) -> None:
    days = [date.fromisoformat(f"{year}-{day}") for day in KNOWN[year].split()]
    assert list(observed(year)) == days
    assert list(observed(year).values()) == NAMES


def test_a_new_years_day_on_a_saturday_is_off_in_the_year_before() -> None:
    """2022 began on a Saturday: ten days off in it, and twelve in 2021."""
    assert observed(2021)[date(2021, 12, 31)] == "New Year's Day"
    assert list(observed(2021).values()) == [*NAMES, "New Year's Day"]
    assert list(observed(2022).values()) == NAMES[1:]
    assert observed(2021)[date(2021, 7, 5)] == "Independence Day"  # a Sunday, so off on the Monday
    assert observed(2021)[date(2021, 12, 24)] == "Christmas Day"  # a Saturday, so off on the Friday


@pytest.mark.parametrize("year", range(2021, 2121))
def test_every_holiday_is_off_once_and_on_a_day_of_work(year: int) -> None:
    off = observed(year)
    assert all(day.weekday() < 5 for day in off)
    assert 10 <= len(off) <= 12
    assert {name for name in off.values() if name != "New Year's Day"} == {one.name for one in HOLIDAYS[1:]}


@pytest.mark.parametrize(
    ("begins", "days", "ends"),
    [
        ("2026-06-08", 7, "2026-06-17"),  # a week without holidays
        ("2026-06-12", 7, "2026-06-24"),  # Juneteenth on a Friday
        ("2026-11-22", 7, "2026-12-02"),  # from a Sunday, over Thanksgiving
        ("2026-12-23", 7, "2027-01-05"),  # Christmas and New Year's Day
        ("2021-12-30", 1, "2022-01-03"),  # the Friday is New Year's Day, observed
        ("2026-07-02", 1, "2026-07-06"),  # the fourth is a Saturday, so the Friday is off
        ("2026-07-02", 0, "2026-07-02"),
    ],
)
def test_a_term_counts_days_of_work_and_keeps_the_hour(begins: str, days: int, ends: str) -> None:
    hour = timedelta(hours=14, minutes=3)
    begin, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) + hour for day in (begins, ends))
    assert business_days.after(begin, days) == end
