"""Where the demonstration keeps what, and its settings."""

from pathlib import Path

from deploy.installation import Source

KEYS = "ssh"
"""Folder of the accounts' private SSH keys."""
KNOWN = "accounts.json"
"""All of demo.json but the addresses, which differ from run to run; there when the seeding is complete."""
FACTS = "demo.json"


def demonstration(home: Path) -> Source:
    """The settings of the demonstration in `home` (an absolute path)."""
    return Source(None, {"home": str(home), "demonstration": True, "synthetic_people": True})
