"""What the rounds measured, as medians and ratios, against the goals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

MEGA = 1_000_000


@dataclass(frozen=True)
class Goal:
    """`ours` is to be at least `factor` times as fast as `theirs`, better `aim`; both are names of rows."""

    ours: str
    theirs: str
    factor: float
    aim: float | None = None


@dataclass
class Results:
    """Rates by row, one a round: bytes a second, or what `scale` of `summary` says."""

    rates: dict[str, list[float]] = field(default_factory=dict)

    def add(self, row: str, rate: float) -> None:
        """Note one round's rate."""
        self.rates.setdefault(row, []).append(rate)

    def ratio(self, goal: Goal) -> float:
        """How many times as fast ours is: the median over the rounds of the ratio within a round.

        Within a round both ran one after the other on the same machine in the same mood.
        """
        pairs = zip(self.rates[goal.ours], self.rates[goal.theirs], strict=True)
        return median(ours / theirs for ours, theirs in pairs)

    def summary(self, row: str, scale: float = MEGA) -> tuple[str, str, str]:
        """Median, slowest and fastest of a row, in MB/s or by another scale."""
        shown = [
            rate / scale for rate in (median(self.rates[row]), min(self.rates[row]), max(self.rates[row]))
        ]
        middle, slowest, fastest = (f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}" for rate in shown)
        return middle, slowest, fastest


def at_percent(values: Sequence[float], percent: int) -> float:
    """The least of `values` that so many percent of them do not exceed."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]
