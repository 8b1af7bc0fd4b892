"""What the rounds measured, as medians and ratios, against the goals."""

from dataclasses import dataclass, field
from statistics import median

MEGA = 1_000_000


@dataclass(frozen=True)
class Goal:
    """`ours` is to be at least `factor` times as fast as `theirs`; both are names of rows."""

    ours: str
    theirs: str
    factor: float


@dataclass
class Results:
    """Rates in bytes a second, by row, one a round."""

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

    def summary(self, row: str) -> tuple[str, str, str]:
        """Median, slowest and fastest of a row, in MB/s."""
        rates = self.rates[row]
        return (f"{median(rates) / MEGA:.0f}", f"{min(rates) / MEGA:.0f}", f"{max(rates) / MEGA:.0f}")
