"""What a demonstration shows: its accounts, each a click away, and its letters. Refused anywhere else."""

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


@dataclass(frozen=True)
class DemonstrationLetter:
    """A letter of the portal, which in a demonstration goes to nobody."""

    recipient: str
    sent: str
    subject: str
    text: str


class Demonstration(Protocol):
    """Knows the demonstration's accounts; `deploy` makes one from the installation's demo.json."""

    def accounts(self) -> Sequence[DemonstrationAccount]:
        """Every account a visitor may take."""

    def letters(self) -> Sequence[DemonstrationLetter]:
        """The newest letters, the latest first."""
