"""One notice as a table: some of its records at a time, read where they stand in the sealed file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

from exchange.database import reading
from exchange.errors import TransferNotFoundError
from exchange.notices.lists import notice_row
from exchange.runtime import Exchange
from exchange.transfers import delivery
from exchange.transfers.delivery import Content
from exchange.transfers.views import TransferView
from roles.notices import NOTICE_KINDS, by_last_four, masked
from roles.permissions import Permission
from roles.policy import Actor, authorize
from schemas.catalog import LAYOUTS
from schemas.kinds import Amount, Code, RefusedValueError
from schemas.record import Field, Layout, Record

AT_ONCE = 25
"""Records on a page."""
_PIECE = 64 * 1024
_LONGEST_LINE = 10_000


@dataclass(frozen=True)
class OpenedNotice:
    """A page of a notice's records: the headings of the columns that say anything, and a row a record.

    `number` counts pages from 1, `pages` is how many there are, `first` the number of the first record.
    """

    view: TransferView
    kind: str
    headings: list[str]
    rows: list[list[str]]
    number: int
    pages: int
    first: int


def opened(exchange: Exchange, actor: Actor, transfer_id: UUID, number: int) -> OpenedNotice:
    """The records on a page of a notice; it is journalled as a download, and the notice is read then.

    Raises `TransferNotFoundError` for what is no notice of the actor's organization, and what
    `delivery.content` raises. A page beyond the last is the last.
    """
    visible = authorize(actor, Permission.NOTICE_READ)
    with reading(exchange.engine) as session:
        row = notice_row(session, visible, transfer_id)
    if row is None:
        raise TransferNotFoundError
    layout, pages = LAYOUTS[row.layout or ""], max(1, -(-(row.records or 0) // AT_ONCE))
    number = min(max(number, 1), pages)
    skipped = (number - 1) * AT_ONCE
    content = delivery.content(exchange, actor, transfer_id)
    try:
        records = list(islice(_records(content, layout, skipped), AT_ONCE))
    finally:
        content.close()
    fields, rows = _table(records)
    return OpenedNotice(content.view, NOTICE_KINDS[layout.slug], fields, rows, number, pages, skipped + 1)


def _records(content: Content, layout: Layout, skipped: int) -> Iterator[tuple[Record, str]]:
    """The detail records behind so many of them, each with its record."""
    details = {record.mark: record for record in layout.details}
    width = len(layout.header.mark)
    alike = len({record.length for record in layout.records}) == 1 and layout.outer is None
    start = (1 + skipped) * (layout.length + 1) if alike else 0
    found = (
        (details[line[:width]], line.ljust(layout.length))
        for line in _lines(content, start)
        if line[:width] in details
    )
    return islice(found, 0 if alike else skipped, None)


def _lines(content: Content, start: int) -> Iterator[str]:
    """The lines of a file from a place on, some bytes at a time."""
    rest = b""
    while piece := content.read(start, _PIECE):
        start += len(piece)
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode("latin-1") for line in whole)
        assert len(rest) < _LONGEST_LINE, "our own files have lines"


def _table(records: list[tuple[Record, str]]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows, without the columns that are blank in all of them."""
    said = [
        {field.name: _shown(field, text) for field in record.fields[1:] if not field.is_filler}
        for record, text in records
    ]
    titles = {field.name: field.title for record, _ in records for field in record.fields}
    names = list(dict.fromkeys(name for one in said for name in one))
    used = [name for name in names if any(one.get(name) for one in said)]
    return [titles[name] for name in used], [[one.get(name, "") for name in used] for one in said]


def _shown(field: Field, record: str) -> str:
    """One column as pages show it: numbers of people and firms by their last four, codes in words."""
    text = record[field.first - 1 : field.last]
    if by_last_four(field.name):
        return masked(text.strip())
    try:
        value = field.parse(text)
    except RefusedValueError:
        return text.strip()  # echoed from what somebody else wrote
    if isinstance(value, date):
        return f"{value:%b} {value.day}, {value.year}"
    if isinstance(field.kind, Amount) and isinstance(value, int):
        return f"${value / 10**field.kind.places:,.2f}"
    if isinstance(field.kind, Code) and value is not None:
        return field.kind.table[str(value)]
    return "" if value is None else str(value).strip()
