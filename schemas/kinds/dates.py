"""Columns of dates and times: CCYYMMDD, CCYYMM, HHMMSS (domain specification, section 2)."""

import re
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import ClassVar

import numpy as np

from schemas.kinds.base import (
    Cells,
    Facts,
    Kind,
    Mask,
    RefusedValueError,
    Value,
    is_digits,
    not_digits,
    number_of,
)

_FIRST, _LAST = 1900, 2099
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_AMERICAN = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.? (\d{1,2}),? (\d{4})", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(\d{1,2})[ -]([a-z]{3,9})\.?[ -](\d{4})", re.IGNORECASE)


@dataclass(frozen=True)
class Date8(Kind):
    """A day, CCYYMMDD, 1900 to 2099 (V008). Value: date.

    `past`: not after the day of the check (V020); `ahead`: not more than so many days after it (V021).
    """

    past: bool = False
    latest: date | None = None
    ahead: int | None = None
    inputmode: ClassVar[str] = "numeric"

    def under(self, facts: Facts) -> Kind:
        """With the latest day, where not every day to come is meant."""
        if not self.past and self.ahead is None:
            return self
        return replace(self, latest=facts.today + timedelta(days=self.ahead or 0))

    def parse(self, text: str) -> Value:
        """The day."""
        if not is_digits(text) or len(text) != 8 or not _FIRST <= int(text[:4]) <= _LAST:
            raise RefusedValueError("V008")
        try:
            day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            raise RefusedValueError("V008") from None
        if self.latest is not None and day > self.latest:
            raise RefusedValueError("V020" if self.past else "V021")
        return day

    def render(self, value: Value, width: int) -> str:
        """CCYYMMDD."""
        text = f"{value:%Y%m%d}" if isinstance(value, date) else str(value)
        return text.ljust(width)

    def suspicious(self, cells: Cells) -> Mask:
        """No day of the calendar, or one too late."""
        year, month, day = number_of(cells[:4]), number_of(cells[4:6]), number_of(cells[6:])
        leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
        most = _DAYS[np.clip(month, 0, 12)] + (leap & (month == 2))
        wrong: Mask = (year < _FIRST) | (year > _LAST) | (month > 12) | (day < 1) | (day > most)
        if self.latest is not None:
            wrong |= number_of(cells) > int(f"{self.latest:%Y%m%d}")
        return not_digits(cells) | wrong

    def expected(self, width: int) -> str:
        """A day."""
        del width
        return f"a date as year, month, day (CCYYMMDD){self._limit}"

    def typed(self, width: int) -> str:
        """A day as people write it."""
        del width
        return f"a date of the calendar, such as 12/15/2026{self._limit}"

    @property
    def _limit(self) -> str:
        if self.latest:
            return f", not after {self.latest:%m/%d/%Y}"
        return "" if self.ahead is None else f", at most {self.ahead} days ahead"

    def friendly(self, text: str, width: int) -> str:
        """2026-01-15, 1/15/2026, Jan 15, 2026 and 20260115 are the same day."""
        typed = text.strip()
        if iso := _ISO.fullmatch(typed):
            year, month, day = iso.groups()
        elif american := _AMERICAN.fullmatch(typed):
            month, day, year = american.groups()
        elif worded := _MONTH_FIRST.fullmatch(typed):
            month, day, year = _month(worded[1]), worded[2], worded[3]
        elif worded := _DAY_FIRST.fullmatch(typed):
            day, month, year = worded[1], _month(worded[2]), worded[3]
        else:
            return typed
        return f"{year}{int(month):02d}{int(day):02d}".ljust(width)

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """The 31st of February; month first; a birth date to come; a year mistyped."""
        del width
        late = () if self.latest is None else (("20990101", "V020" if self.past else "V021"),)
        return ("20260231", "V008"), ("01152026", "V008"), ("2026O115", "V008"), *late


def _month(name: str) -> str:
    """The number of a month by its English name or the beginning of it; 0 for what is none."""
    begins = name[:3].casefold()
    return str(_MONTHS.index(begins) + 1) if begins in _MONTHS else "0"


@dataclass(frozen=True)
class YearMonth(Kind):
    """A month, CCYYMM, of this century (V017). Value: the six digits."""

    inputmode: ClassVar[str] = "numeric"

    def parse(self, text: str) -> Value:
        """The six digits."""
        if not is_digits(text) or text[:2] != "20" or not 1 <= int(text[4:]) <= 12:
            raise RefusedValueError("V017")
        return text

    def suspicious(self, cells: Cells) -> Mask:
        """No month, or another century."""
        month = number_of(cells[4:])
        wrong: Mask = (number_of(cells[:2]) != 20) | (month < 1) | (month > 12)
        return not_digits(cells) | wrong

    def expected(self, width: int) -> str:
        """A month."""
        del width
        return "year and month (CCYYMM), such as 202601"

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """A thirteenth month; month first."""
        del width
        return ("202613", "V017"), ("012026", "V017")


@dataclass(frozen=True)
class Time6(Kind):
    """A time of day, HHMMSS (V018). Value: time."""

    inputmode: ClassVar[str] = "numeric"

    def parse(self, text: str) -> Value:
        """The time."""
        if not is_digits(text) or len(text) != 6:
            raise RefusedValueError("V018")
        try:
            return time(int(text[:2]), int(text[2:4]), int(text[4:]))
        except ValueError:
            raise RefusedValueError("V018") from None

    def render(self, value: Value, width: int) -> str:
        """HHMMSS."""
        text = f"{value:%H%M%S}" if isinstance(value, time) else str(value)
        return text.ljust(width)

    def suspicious(self, cells: Cells) -> Mask:
        """No time of the day."""
        late: Mask = (number_of(cells[:2]) > 23) | (number_of(cells[2:4]) > 59) | (number_of(cells[4:]) > 59)
        return not_digits(cells) | late

    def expected(self, width: int) -> str:
        """A time."""
        del width
        return "hours, minutes and seconds (HHMMSS), such as 093000"

    def friendly(self, text: str, width: int) -> str:
        """Without colons."""
        return text.strip().replace(":", "").ljust(width)

    def slips(self, width: int) -> tuple[tuple[str, str], ...]:
        """Twenty-five o'clock."""
        del width
        return (("250000", "V018"),)
