"""What the sign-in page shows in a demonstration: its accounts, each a click away. Refused anywhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class DemonstrationAccount:
    """One synthetic account, as `demo.json` lists it."""

    role: str
    organization: str
    name: str
    username: str
    password: str


class Demonstration(Protocol):
    """Knows the demonstration's accounts; `deploy` makes one from the installation's demo.json."""

    def accounts(self) -> Sequence[DemonstrationAccount]:
        """Every account a visitor may take."""
