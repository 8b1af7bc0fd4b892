"""Counters by name that processes of one gateway add up, and that Prometheus reads from the web door.

A name has parts, joined by colons: `bytes_in`, `refusal:login:overdue`, `handover:0.05` (a bucket's bound).
"""

from collections.abc import Mapping

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of a histogram's buckets, in seconds; what took longer stands in `inf`."""
LOGIN, HANDOVER = "login", "handover"
_ABOVE_ALL, _SUM = "inf", "sum"


class Tally(dict[str, float]):
    """Counters that only grow; what was never counted is not there."""

    def add(self, name: str, amount: float = 1.0) -> None:
        """Count."""
        self[name] = self.get(name, 0.0) + amount

    def observe(self, name: str, seconds: float) -> None:
        """Count something that took so long."""
        bound = next((str(bound) for bound in BOUNDS if seconds <= bound), _ABOVE_ALL)
        self.add(f"{name}:{bound}")
        self.add(f"{name}:{_SUM}", round(seconds, 6))

    def refused(self, stage: str, reason: str) -> None:
        """Count a refusal; `reason` is a word of ours, nothing a peer wrote."""
        self.add(f"refusal:{stage}:{reason}")

    def take_in(self, other: Mapping[str, float]) -> None:
        """Add all of another one's."""
        for name, amount in other.items():
            self.add(name, amount)


def buckets(tally: Mapping[str, float], name: str) -> tuple[list[tuple[str, float]], float]:
    """A histogram as Prometheus wants it: upper bounds with all counts up to them, and the sum of seconds."""
    reached, rising = 0.0, []
    for bound in (*map(str, BOUNDS), _ABOVE_ALL):
        reached += tally.get(f"{name}:{bound}", 0.0)
        rising.append(("+Inf" if bound == _ABOVE_ALL else bound, reached))
    return rising, tally.get(f"{name}:{_SUM}", 0.0)


def refusals(tally: Mapping[str, float]) -> list[tuple[str, str, float]]:
    """Stage, reason and count of each kind of refusal."""
    split = ((name.split(":"), count) for name, count in sorted(tally.items()))
    return [(parts[1], parts[2], count) for parts, count in split if parts[0] == "refusal"]
