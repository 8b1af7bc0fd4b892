"""How long an order may wait for its answer before it is flagged (domain.md 6.1, 6.8)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from schemas.record import Evidence


class Flag(StrEnum):
    """What a waiting order is marked with; the states' own systems use these colors."""

    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True)
class Threshold:
    """From so many days on an order that waits has this flag; `evidence` is about the number of days."""

    flag: Flag
    days: int
    evidence: Evidence
    source: str

    def began(self, now: datetime) -> datetime:
        """An order that was received by then has waited so long."""
        return now - timedelta(days=self.days)


THRESHOLDS: Final = (
    Threshold(Flag.RED, 20, Evidence.PROPOSAL, "twice the time an employer has"),
    Threshold(Flag.YELLOW, 10, Evidence.VERIFIED, "S21: a vendor's guide says 10 days from receipt"),
)
"""The longest first."""


def flag_of(received_at: datetime, now: datetime) -> Flag | None:
    """The flag of an order that waits since `received_at`."""
    return next((one.flag for one in THRESHOLDS if received_at <= one.began(now)), None)
