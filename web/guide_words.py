"""How pages of the reference guide word values: answers, ages, hours, numbers to ring."""

import re
from datetime import datetime

from exchange.guide import reading, told
from exchange.guide.memory import Stamp
from schemas.guide.documents import Contact
from schemas.guide.hours import OfficeHours
from web.templating import day

value = told.value_told
address = told.address_lines
is_old = reading.is_old
_NOT_DIALLED = re.compile(r"[^0-9+]")


def age(stamp: Stamp) -> str:
    """When it was published, and when its keeper looked at it again."""
    published, again = day(stamp.published_at), day(stamp.reviewed_at)
    return f"Published {published}" + (f", looked at again {again}" if again != published else "")


def clock(moment: datetime) -> str:
    """A local time: `Tuesday, 14:05`."""
    return f"{moment:%A}, {moment:%H:%M}"


def hours(given: OfficeHours) -> str:
    """Office hours in one line."""
    return ", ".join(line.replace("-", "\u2013") for line in given)


def presence(there: bool | None) -> tuple[str, str]:
    """Whether somebody is there, as a tag."""
    return ("Open now", "good") if there else ("Closed now", "")


def dialled(phone: str) -> str:
    """A number as a telephone takes it."""
    digits = _NOT_DIALLED.sub("", phone)
    return digits if digits.startswith("+") or len(digits) != 10 else f"+1{digits}"


def named(contact: Contact) -> str:
    """The name of a contact with the title, where there is one."""
    return f"{contact.name}, {contact.title}" if contact.title else contact.name
