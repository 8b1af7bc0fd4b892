"""How much an organization keeps here, remembered for a second: summing up its files is dear.

What this process takes meanwhile is counted; what others take is seen a second later. A quota may be passed
by that much, as it may by uploads that run side by side.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

REMEMBERED = 1.0
"""Seconds."""
MARKS = (80, 95)
"""Percent of its space that an organization is warned at."""


def passed(percent: int) -> int:
    """The highest mark that is reached; 0 for none."""
    return max((mark for mark in MARKS if percent >= mark), default=0)


@dataclass
class SpaceMemory:
    """Used bytes by organization, and since when they are known (monotonic seconds)."""

    _known: dict[UUID, tuple[int, float]] = field(default_factory=dict)

    def used(self, organization_id: UUID, ask: Callable[[], int]) -> int:
        """What `ask` tells, at most a second old."""
        known, since = self._known.get(organization_id, (0, float("-inf")))
        if time.monotonic() - since < REMEMBERED:
            return known
        found = ask()
        self._known[organization_id] = found, time.monotonic()
        return found

    def taken(self, organization_id: UUID, size: int) -> None:
        """A new file of `size` bytes was handed over in this process."""
        known, since = self._known.get(organization_id, (0, float("-inf")))
        self._known[organization_id] = known + size, since

    def forget(self, organization_id: UUID) -> None:
        """Ask anew: something else than a new file changed what is kept."""
        self._known.pop(organization_id, None)
