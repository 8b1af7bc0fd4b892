"""Office hours and time zones: when somebody is there, in the time of that place."""

import re
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SPAN = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:-(Mon|Tue|Wed|Thu|Fri|Sat|Sun))? ([0-2]\d:[0-5]\d)-([0-2]\d:[0-5]\d)"
)

OfficeHours = tuple[str, ...]
"""Lines such as `Mon-Fri 08:00-16:30` or `Sat 09:00-12:00`, in local time; none: not known."""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def checked_zone(name: str) -> str:
    """A name of the IANA time zone database. Raises `ValueError`."""
    if name not in _zones():
        message = "a time zone is named as in the IANA database, such as America/Chicago"
        raise ValueError(message)
    return name


def checked_hours(hours: OfficeHours) -> OfficeHours:
    """The same lines, each of which can be read. Raises `ValueError`."""
    for line in hours:
        found = _SPAN.fullmatch(line)
        if found is None or found[3] >= found[4] or found[4] > "24:00":
            message = "hours are written like Mon-Fri 08:00-16:30, the earlier time first"
            raise ValueError(message)
    return hours


def local_time(zone: str, moment: datetime) -> datetime:
    """The clock on the wall there at a moment."""
    return moment.astimezone(ZoneInfo(zone))


def is_open(hours: OfficeHours, zone: str, moment: datetime) -> bool | None:
    """Whether somebody is there at a moment; None when no hours are known. Holidays are not known."""
    there = local_time(zone, moment)
    return any(_covers(line, there) for line in hours) if hours else None


def _covers(line: str, there: datetime) -> bool:
    found = _SPAN.fullmatch(line)
    if found is None:
        return False
    first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
    today = there.weekday()
    named = first <= today <= last if first <= last else today >= first or today <= last
    return named and found[3] <= f"{there:%H:%M}" < found[4]
