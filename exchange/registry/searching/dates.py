"""Birth dates as they are mistyped: what else may stand for a date, and how two dates differ."""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from exchange.registry.searching.digits import one_altered, swapped_neighbours

LONGEST = 8
"""CCYYMMDD; a date of four digits is a year."""
_FIRST_YEAR, _LAST_YEAR = 1880, 2040
_DAY = timedelta(days=1)
_PLACES = (2, 3), (4, 5), (6, 7)
"""Two digits each of year, month, day."""
_NEAR_YEARS = 10


class Dates(StrEnum):
    """How the date asked for and the date stored stand to each other; the first that holds."""

    SAME = "same"
    SWAPPED = "day and month swapped"
    DIGITS_SWAPPED = "digits swapped"
    ONE_DIGIT = "one digit"
    ONE_DAY = "one day"
    SAME_YEAR_ASKED = "same year"
    NEXT_YEAR_ASKED = "next year"
    OTHER_YEAR = "other year"
    SAME_MONTH = "same month"
    WITHIN_A_YEAR = "within a year"
    DIFFERENT = "different"


def known(written: str) -> date | None:
    """The date that CCYYMMDD says; None for a year, nothing, or no day of the calendar."""
    if len(written) != LONGEST or not (written.isascii() and written.isdecimal()):
        return None
    try:
        found = date(int(written[:4]), int(written[4:6]), int(written[6:]))
    except ValueError:
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def _text(day: date) -> str:
    return f"{day:%Y%m%d}"


def turned(written: str) -> str:
    """Day and month in each other's place."""
    return written[:4] + written[6:] + written[4:6]


def certain(written: str) -> tuple[str, ...]:
    """The date, and the one with day and month swapped where that is a date as well."""
    return tuple(dict.fromkeys(each for each in (written, turned(written)) if known(each)))


def possible(written: str) -> tuple[str, ...]:
    """All dates that are one slip away, those of `certain` first: fifty or so."""
    day = known(written)
    assert day is not None
    altered = [each for places in _PLACES for at in places for each in one_altered(written, at)]
    crossed = swapped_neighbours(written)
    beside = [_text(day - _DAY), _text(day + _DAY), _text(day - 365 * _DAY), _text(day + 365 * _DAY)]
    year = int(written[:4])
    years = [f"{year + by}{written[4:]}" for by in (-1, 1, -10, 10, -100, 100)]
    every = [*certain(written), *beside, *years, *crossed, *altered]
    return tuple(dict.fromkeys(each for each in every if known(each)))


def near_years(written: str) -> tuple[int, ...]:
    """The year asked for, and the two beside it."""
    year = int(written[:4])
    return year, year - 1, year + 1


@lru_cache(maxsize=2_000)
def compare(asked: str, stored: str) -> Dates | None:
    """How they differ; None where one of them is not known."""
    if len(asked) == 4 or known(stored) is None:
        return _years(asked[:4], stored[:4])
    there, here = known(stored), known(asked)
    assert there is not None
    assert here is not None
    if slip := _slip(asked, stored):
        return slip
    if abs((there - here).days) == 1:
        return Dates.ONE_DAY
    if asked[4:] == stored[4:] and abs(there.year - here.year) <= _NEAR_YEARS:
        return Dates.OTHER_YEAR
    if asked[:6] == stored[:6]:
        return Dates.SAME_MONTH
    return Dates.WITHIN_A_YEAR if abs((there - here).days) <= 366 else Dates.DIFFERENT


def _slip(asked: str, stored: str) -> Dates | None:
    """One slip of the hand, if that is what it was."""
    if asked == stored:
        return Dates.SAME
    if turned(asked) == stored:
        return Dates.SWAPPED
    if stored in swapped_neighbours(asked):
        return Dates.DIGITS_SWAPPED
    return Dates.ONE_DIGIT if sum(a != b for a, b in zip(asked, stored, strict=True)) == 1 else None


def _years(asked: str, stored: str) -> Dates | None:
    if not (asked.isdecimal() and stored.isdecimal()) or "0000" in {asked, stored}:
        return None
    apart = abs(int(asked) - int(stored))
    if apart > 1:
        return Dates.DIFFERENT
    return Dates.NEXT_YEAR_ASKED if apart else Dates.SAME_YEAR_ASKED
