"""The letters that went to people, as text."""

import email
import re
from email import policy

from exchange import letters
from exchange.runtime import Exchange


def mailed(exchange: Exchange) -> list[str]:
    """Send what waits; every letter so far, the oldest first."""
    letters.send_waiting(exchange)
    found = sorted(exchange.settings.mail_folder.glob("*.eml"))
    return [email.message_from_bytes(one.read_bytes(), policy=policy.default).as_string() for one in found]


def code_in(letter: str) -> str:
    """The last one-time code of a letter."""
    return re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", letter)[-1]
