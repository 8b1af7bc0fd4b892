"""What the demonstration shows its visitors: the accounts of demo.json, and the letters it has written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from itertools import islice
from pathlib import Path

from exchange.letters import LETTERS
from exchange.mail import SUBJECT as NOTICE
from exchange.settings import Settings
from web.demonstration import DemonstrationAccount, DemonstrationLetter

SHOWN = 20
TO_ORGANIZATIONS = frozenset({NOTICE, LETTERS["guide-review"].subject})
"""Subjects of what goes to organizations, often to dozens of them at once: it would hide the codes."""


@dataclass(frozen=True)
class Visitors:
    """Reads accounts and letters whenever they are asked for."""

    file: Path
    mail: Path

    def accounts(self) -> Sequence[DemonstrationAccount]:
        """Every account a visitor may take."""
        wanted = DemonstrationAccount.__dataclass_fields__
        entries = json.loads(self.file.read_text())["accounts"]
        return [DemonstrationAccount(**{name: entry[name] for name in wanted}) for entry in entries]

    def letters(self) -> Sequence[DemonstrationLetter]:
        """The newest letters to a person, the latest first; a file is named after its moment."""
        newest = (_letter(file) for file in sorted(self.mail.glob("*.eml"), reverse=True))
        return list(islice((letter for letter in newest if letter.subject not in TO_ORGANIZATIONS), SHOWN))


def _letter(file: Path) -> DemonstrationLetter:
    read = message_from_bytes(file.read_bytes(), policy=policy.default)
    return DemonstrationLetter(read["To"], read["Date"], read["Subject"], read.get_content().strip())


def visitors(settings: Settings) -> Visitors | None:
    """The demonstration's accounts; None for an installation in earnest."""
    return Visitors(settings.home / "demo.json", settings.mail_folder) if settings.demonstration else None
