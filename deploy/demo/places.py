"""Where the demonstration keeps what, and its settings."""

from pathlib import Path

from deploy.demo.roster import PEOPLE
from deploy.source import Source

RESET_WAIT_MINUTES = 5
"""So that a visitor sees a reset wait, be stopped, or happen."""
KEYS = "ssh"
"""Folder of the accounts' private SSH keys."""
KNOWN = "accounts.json"
"""All of demo.json but the addresses, which differ from run to run; there when the seeding is complete."""
FACTS = "demo.json"


def demonstration(home: Path) -> Source:
    """The settings of the demonstration in `home` (an absolute path)."""
    told = {"demonstration": True, "synthetic_people": True, "reset_wait_minutes": RESET_WAIT_MINUTES}
    shared = [person.username for person in PEOPLE]
    return Source(None, {"home": str(home), **told, "shared_accounts": shared})
