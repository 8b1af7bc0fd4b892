"""What the first pass over a file leaves for the second, as long as one process does both."""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from schemas.checking import CheckRules, Summary
from schemas.record import Form, Layout
from schemas.trail import Trail

MOST: Final = 16
"""Files that wait for their second pass in one process; of older ones a check is made again."""


@dataclass(frozen=True)
class FirstPass:
    """How a file was checked, and what came of it; small, whatever the size of the file."""

    layout: Layout
    form: Form
    rules: CheckRules
    summary: Summary
    trail: Trail


@dataclass
class FirstPasses:
    """By transfer. Nobody relies on it: another worker may go on with a file, or this one after a fall."""

    _kept: dict[UUID, FirstPass] = field(default_factory=dict)

    def keep(self, transfer_id: UUID, passed: FirstPass) -> None:
        """Keep it until it is taken, or until too many others were kept since."""
        self._kept[transfer_id] = passed
        for oldest in list(self._kept)[:-MOST]:
            self._kept.pop(oldest, None)

    def take(self, transfer_id: UUID) -> FirstPass | None:
        """What was kept, once."""
        return self._kept.pop(transfer_id, None)
