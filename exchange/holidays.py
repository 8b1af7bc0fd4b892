"""The legal public holidays of the federal government: the rule as a table, and the days it makes off.

5 U.S.C. 6103(a) names them; 6103(b)(1) moves one that falls on a Saturday to the Friday before, and section 3
of Executive Order 11582 one that falls on a Sunday to the Monday after, for who works Monday to Friday.
Inauguration Day, 6103(c), is one in and around Washington only, so it is none here.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
LAST = -1
Rule = Callable[[int], date]
"""The day of a year."""


@dataclass(frozen=True)
class Holiday:
    """One holiday, by the name of the law, and the day on which it falls."""

    name: str
    falls: Rule


def _on(month: int, day: int) -> Rule:
    """The same date each year."""
    return lambda year: date(year, month, day)


def _nth(number: int, weekday: int, month: int) -> Rule:
    """The first, second ... or LAST such weekday of a month."""

    def falls(year: int) -> date:
        begins, days = monthrange(year, month)
        first = 1 + (weekday - begins) % 7
        return date(year, month, range(first, days + 1, 7)[number - 1 if number > 0 else number])

    return falls


HOLIDAYS = (
    Holiday("New Year's Day", _on(1, 1)),
    Holiday("Birthday of Martin Luther King, Jr.", _nth(3, MONDAY, 1)),
    Holiday("Washington's Birthday", _nth(3, MONDAY, 2)),
    Holiday("Memorial Day", _nth(LAST, MONDAY, 5)),
    Holiday("Juneteenth National Independence Day", _on(6, 19)),
    Holiday("Independence Day", _on(7, 4)),
    Holiday("Labor Day", _nth(1, MONDAY, 9)),
    Holiday("Columbus Day", _nth(2, MONDAY, 10)),
    Holiday("Veterans Day", _on(11, 11)),
    Holiday("Thanksgiving Day", _nth(4, THURSDAY, 11)),
    Holiday("Christmas Day", _on(12, 25)),
)
_OBSERVED = {SATURDAY: timedelta(days=-1), SUNDAY: timedelta(days=1)}


@lru_cache(maxsize=16)
def observed(year: int) -> dict[date, str]:
    """The days of a year that are off, in their order, each with the holiday's name.

    The last may be the New Year's Day of the year after, when that is a Saturday.
    """
    falls = [(one.name, one.falls(of)) for of in (year, year + 1) for one in HOLIDAYS]
    moved = {day + _OBSERVED.get(day.weekday(), timedelta()): name for name, day in falls}
    return {day: name for day, name in sorted(moved.items()) if day.year == year}


def is_holiday(day: date) -> bool:
    """Whether a day is off as a holiday."""
    return day in observed(day.year)
