"""The words that pages use for income withholding orders: where one stands, how long it waits, its answer."""

from datetime import datetime

from exchange.models.orders import OrderStatus
from exchange.orders.ageing import THRESHOLDS, Flag
from exchange.orders.lists import Counts, OrderLine
from schemas.tables import DISPOSITION_REASONS, DISPOSITION_STATUSES, ORDER_ACTIONS

Tag = tuple[str, str]
"""Words and tone."""

STATUSES: dict[OrderStatus, Tag] = {
    OrderStatus.SUBMITTED: ("New", "warn"),
    OrderStatus.RECEIPTED: ("Received, not answered", "plain"),
    OrderStatus.ACCEPTED: ("Accepted", "good"),
    OrderStatus.REJECTED: ("Rejected", "plain"),
    OrderStatus.ERROR: ("Not delivered", "bad"),
}
SENT: dict[OrderStatus, Tag] = STATUSES | {
    OrderStatus.SUBMITTED: ("Delivered, not yet opened", "plain"),
    OrderStatus.RECEIPTED: ("Opened, not answered", "plain"),
}
"""The same, as whoever sent the order reads it."""
NOBODY = "Takes no part here: send this order to it yourself"
_TONES = {Flag.YELLOW: "warn", Flag.RED: "bad"}
_NAMES = {Flag.YELLOW: "Late", Flag.RED: "Overdue"}
_DAYS = {one.flag: one.days for one in THRESHOLDS}
FLAGS = [(flag.value, f"{_NAMES[flag]} ({flag.value}): {_DAYS[flag]} days or more") for flag in Flag]
"""Choices of a filter."""
STEPS = {
    "sent": "Sent by its state",
    "receipted": "Received by the employer",
    "opened": "Last opened",
    "answered": "Answered",
}


def status(line: OrderLine, *, sent: bool) -> Tag:
    """Where an order stands."""
    return (SENT if sent else STATUSES)[line.status]


def flag(line: OrderLine, now: datetime) -> Tag | None:
    """That an order waits too long, and how long."""
    if line.flag is None:
        return None
    return f"{_NAMES[line.flag]}: waits {(now - line.received_at).days} days", _TONES[line.flag]


def by_flag(counts: Counts) -> list[tuple[str, int, str]]:
    """Each flag, how many orders have it, and what it means."""
    numbers = {Flag.YELLOW: counts.yellow, Flag.RED: counts.red}
    return [
        (one.value, number, f"{_NAMES[one].lower()} ({one.value}): {_DAYS[one]} days or more")
        for one, number in numbers.items()
    ]


def late(counts: Counts) -> list[tuple[str, int, str]]:
    """The flags that some order has."""
    return [each for each in by_flag(counts) if each[1]]


def action(line: OrderLine) -> str:
    """What kind of order."""
    return _capital(ORDER_ACTIONS[line.action])


def answer(line: OrderLine) -> str:
    """What the employer said; nothing while it has not."""
    if line.disposition is None:
        return ""
    said = disposition(line.disposition)
    return f"{said}: {DISPOSITION_REASONS[line.reason]}" if line.reason else said


def disposition(code: str) -> str:
    """What an employer said, by its code alone."""
    return _capital(DISPOSITION_STATUSES[code])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
