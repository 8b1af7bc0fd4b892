"""When somebody is there, in the time of that place."""

from datetime import UTC, datetime

import pytest

from schemas.guide.hours import checked_hours, checked_zone, is_open

WEEK = ("Mon-Thu 08:00-17:00", "Fri 08:00-12:00")


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        (datetime(2026, 11, 23, 14, 0, tzinfo=UTC), True),  # Monday, 8 in Topeka
        (datetime(2026, 11, 23, 13, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 27, 18, 0, tzinfo=UTC), False),  # Friday, noon
        (datetime(2026, 11, 28, 16, 0, tzinfo=UTC), False),  # Saturday
    ],
)
def test_an_office_is_open_by_its_own_clock(moment: datetime, there: bool) -> None:
    assert is_open(WEEK, "America/Chicago", moment) is there
    assert is_open((), "America/Chicago", moment) is None


def test_a_week_may_begin_on_a_sunday() -> None:
    sunday = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert is_open(("Sun-Thu 08:00-16:00",), "Asia/Jerusalem", sunday)
    assert not is_open(("by appointment",), "Asia/Jerusalem", sunday)


@pytest.mark.parametrize("line", ["Mon 17:00-08:00", "Mon 08:00-24:30", "Monday 8-5", "Mon-Fri 08:00-16:30 "])
def test_hours_that_can_not_be_read_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match="hours are written like"):
        checked_hours((line,))
    assert checked_hours(WEEK) == WEEK


def test_a_zone_is_of_the_iana_database() -> None:
    assert checked_zone("Pacific/Guam") == "Pacific/Guam"
    with pytest.raises(ValueError, match="IANA"):
        checked_zone("Kansas")
