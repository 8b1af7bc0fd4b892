"""The accounts that the demonstration's sign-in page lists, read from the home folder's demo.json."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exchange.settings import Settings
from web.demonstration import DemonstrationAccount


@dataclass(frozen=True)
class Visitors:
    """Reads the accounts whenever they are asked for."""

    file: Path

    def accounts(self) -> Sequence[DemonstrationAccount]:
        """Every account a visitor may take."""
        wanted = DemonstrationAccount.__dataclass_fields__
        entries = json.loads(self.file.read_text())["accounts"]
        return [DemonstrationAccount(**{name: entry[name] for name in wanted}) for entry in entries]


def visitors(settings: Settings) -> Visitors | None:
    """The demonstration's accounts; None for an installation in earnest."""
    return Visitors(settings.home / "demo.json") if settings.demonstration else None
