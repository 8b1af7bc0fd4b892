"""What an organization sent and received, searched and taken along as CSV.

Files are sought by their names, never by what stands in them; a reference is a transfer's number, or the
control number of its file, which is looked up by its keyed hash. Rows stay when their files' time has ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlmodel import col, select

from exchange import journal
from exchange.database import reading, transaction
from exchange.models.transfers import ControlNumber
from exchange.runtime import Exchange
from exchange.spreadsheets import csv_line
from exchange.transfers import delivery, names
from exchange.transfers.repository import TransferQuery
from exchange.transfers.validation import number_hash
from exchange.transfers.views import Page, TransferView, rfc3339
from roles.permissions import Permission
from roles.policy import Actor, authorize
from roles.programs import PROGRAMS

EXPORTED = "history.exported"
_HEADINGS = (
    *("number", "file", "direction", "program", "kind", "status", "handed over or issued", "door"),
    *("size in bytes", "records", "findings", "answers", "corrects", "kept until", "sha256"),
)
_AT_ONCE = 500
_LONGEST = 200


@dataclass(frozen=True)
class Sought:
    """What is looked for; empty is anything. Days are in UTC, both included."""

    direction: str | None = None
    program: str | None = None
    status: str | None = None
    name: str | None = None
    reference: str | None = None
    since: date | None = None
    until: date | None = None


def search(
    exchange: Exchange, actor: Actor, sought: Sought, cursor: str | None, limit: int
) -> Page[TransferView]:
    """Part of what was found, newest first. Raises as `delivery.transfers`."""
    return delivery.transfers(exchange, actor, _query(exchange, actor, sought, cursor, limit))


def export(exchange: Exchange, actor: Actor, sought: Sought) -> Iterator[bytes]:
    """All that was found as CSV, some hundred lines at a time; that it was taken along is journalled first.

    Raises as `search`, before anything is given out.
    """
    first = search(exchange, actor, sought, None, _AT_ONCE)
    facts = {"program": sought.program, "direction": sought.direction, "status": sought.status}
    with transaction(exchange.engine) as session:
        journal.append(session, exchange, EXPORTED, actor, None, **facts)
    return _lines(exchange, actor, sought, first)


def _lines(exchange: Exchange, actor: Actor, sought: Sought, found: Page[TransferView]) -> Iterator[bytes]:
    yield csv_line(_HEADINGS)
    while True:
        yield b"".join(csv_line(_cells(view)) for view in found.items)
        if found.next is None:
            return
        found = search(exchange, actor, sought, found.next, _AT_ONCE)


def _cells(view: TransferView) -> tuple[str, ...]:
    return (
        str(view.id),
        view.filename,
        "sent" if view.direction == "inbound" else "received",
        PROGRAMS[view.program].title,
        view.kind,
        view.status,
        rfc3339(view.created_at),
        view.channel,
        str(view.size),
        _or_nothing(view.records),
        _or_nothing(view.findings_count),
        _or_nothing(view.answers_to),
        _or_nothing(view.corrects),
        rfc3339(view.expires_at) if view.expires_at else "",
        view.sha256 or "",
    )


def _or_nothing(value: object) -> str:
    return "" if value is None else str(value)


def _query(exchange: Exchange, actor: Actor, sought: Sought, cursor: str | None, limit: int) -> TransferQuery:
    plain = TransferQuery(sought.direction, sought.program, sought.status, cursor, limit, files_only=True)
    name = (sought.name or "").strip()
    if name and (len(name) > _LONGEST or not names.is_text(name)):
        return replace(plain, among=())  # no file is called so
    return replace(
        plain,
        name=name or None,
        since=_midnight(sought.since) if sought.since else None,
        before=_midnight(sought.until + timedelta(days=1)) if sought.until else None,
        among=_referred_to(exchange, actor, sought.reference),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _referred_to(exchange: Exchange, actor: Actor, reference: str | None) -> tuple[UUID, ...] | None:
    """The transfers that a reference means: by their number, or by the control number of their files."""
    text = (reference or "").strip()
    if not text:
        return None
    try:
        return (UUID(text),)
    except ValueError:
        pass
    visible = authorize(actor, Permission.TRANSFER_READ)
    meant = ControlNumber.number_hash == number_hash(exchange, text.upper())
    with reading(exchange.engine) as session:
        found = select(ControlNumber.transfer_id).where(ControlNumber.organization_id == visible, meant)
        return tuple(session.exec(found.order_by(col(ControlNumber.transfer_id))))
