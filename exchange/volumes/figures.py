"""What comes out of counting: volumes, the partners they belong to, and what waits by its age."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

MONTHS: Final = (3, 6, 12, 24)
"""How many months may be looked at: the present one and those before it."""
MOST_PARTNERS: Final = 25
"""Partners listed on a page, those with the most files first."""

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
AGES: Final[Mapping[str, timedelta | None]] = MappingProxyType(
    {
        "Under 1 hour": _HOUR,
        "1 hour to 1 day": _DAY,
        "1 to 3 days": 3 * _DAY,
        "3 to 7 days": 7 * _DAY,
        "7 to 30 days": 30 * _DAY,
        "30 days and more": None,
    }
)
"""What waits is told by its age, which is below this; None: any."""
UNSETTLED, UNFETCHED = "unsettled", "unfetched"


@dataclass(frozen=True)
class Wanted:
    """What is looked at: the last `months`, one program or all (""), one partner or all (None)."""

    months: int = 12
    program: str = ""
    partner: UUID | None = None


@dataclass
class Volume:
    """What was exchanged; months and days are those of UTC.

    `files` were handed over, `issued` are there for partners. `checked`: the records of files of which it is
    known how many were refused. `rejected`: files not accepted, or set aside by the scanner. `unsettled` and
    `unfetched` wait now. `answered`: files by how long their answer took, in rounded milliseconds.
    """

    files: int = 0
    records: int = 0
    checked: int = 0
    refused: int = 0
    rejected: int = 0
    issued: int = 0
    unsettled: int = 0
    unfetched: int = 0
    answered: Counter[int] = field(default_factory=Counter)

    @property
    def records_rate(self) -> float | None:
        """The part of the records that was refused; None where none was checked."""
        return self.refused / self.checked if self.checked else None

    @property
    def files_rate(self) -> float | None:
        """The part of the files that was rejected; None where there are none."""
        return self.rejected / self.files if self.files else None

    def within(self, percent: int) -> timedelta | None:
        """The time in which so many percent of the files were answered (nearest rank); None: none was."""
        total, so_far = self.answered.total(), 0
        for took in sorted(self.answered):
            so_far += self.answered[took]
            if 100 * so_far >= percent * total:
                return timedelta(milliseconds=took)
        return None

    def stored(self) -> dict[str, int]:
        """What is kept of it once its month is over."""
        return {name: getattr(self, name) for name in STORED}

    def add(self, other: "Volume") -> None:
        """Count another one in."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.answered.update(other.answered)


COUNTS: Final = tuple(one.name for one in fields(Volume) if one.name != "answered")
STORED: Final = COUNTS[:6]
"""What a closed month keeps of each program and partner."""


@dataclass(frozen=True)
class Partner:
    """An organization in a list of volumes."""

    id: UUID
    name: str
    kind: str
    volume: Volume


@dataclass(frozen=True)
class Volumes:
    """All that is shown. Months are the first moments of theirs, the oldest first; none is left out.

    `waiting`: of UNSETTLED and UNFETCHED, files by the names of `AGES`, whatever their month.
    """

    months: dict[datetime, Volume]
    programs: dict[str, Volume]
    total: Volume
    partners: list[Partner]
    more_partners: bool
    waiting: dict[str, dict[str, int]]
    partner: Partner | None


def months_before(now: datetime, count: int) -> list[datetime]:
    """The first moments of so many months, the last of which is that of `now`."""
    last = now.astimezone(UTC)
    index = last.year * 12 + last.month - 1
    return [datetime(of // 12, of % 12 + 1, 1, tzinfo=UTC) for of in range(index - count + 1, index + 1)]


def month_after(begin: datetime) -> datetime:
    """The first moment of the month that follows."""
    return (begin + timedelta(days=31)).replace(day=1)
