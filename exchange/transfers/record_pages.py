"""The records of our own files as tables: some at a time, read where they stand in the container."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from exchange.transfers.delivery import Content
from roles.notices import by_last_four, masked
from schemas.catalog import LAYOUTS
from schemas.kinds import Amount, Code, Kind, Phone, RefusedValueError, Value
from schemas.layouts.employer import SLOT_FIELDS
from schemas.record import Field, Layout, Record

AT_ONCE = 25
"""Records on a page."""
_PIECE = 64 * 1024
_LONGEST_LINE = 10_000
_RESULT = "-result"
_CONTACTS = "contacts"
_FAX = SLOT_FIELDS[0].index("fax1")
_PERSON = ("last_name", "first_name", "ssn")
_FIRST = (
    *_PERSON,
    *(f"employee_{name}" for name in _PERSON),
    *("result_code", "disposition_status", "disposition_reason", _CONTACTS),
)
"""What a reader looks for before anything else."""


@dataclass(frozen=True)
class RecordPage:
    """Some records: the headings of the columns that say anything, and a row a record.

    `number` counts pages from 1, `pages` is how many there are, `first` the number of the first record.
    """

    headings: list[str]
    rows: list[list[str]]
    number: int
    pages: int
    first: int


def record_page(content: Content, layout: Layout, number: int) -> RecordPage:
    """Page `number` (from 1) of the file's records; a page beyond the last is the last."""
    pages = max(1, -(-(content.view.records or 0) // AT_ONCE))
    number = min(max(number, 1), pages)
    skipped = (number - 1) * AT_ONCE
    records = list(islice(_records(content, layout, skipped), AT_ONCE))
    return RecordPage(*_table(records, _sent(layout)), number, pages, skipped + 1)


def _sent(layout: Layout) -> dict[str, Field]:
    """The fields that a result echoes, with the rules they had in what was sent."""
    source = LAYOUTS.get(layout.slug.removesuffix(_RESULT))
    echoed = source.details if source is not None and layout.slug.endswith(_RESULT) else ()
    return {name: field for record in echoed for name, field in record.by_name.items()}


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


def _table(records: list[tuple[Record, str]], sent: dict[str, Field]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows, without the columns that are blank in all of them."""
    said = [
        _folded({field.name: _shown(field, text, sent) for field in record.fields[1:] if not field.is_filler})
        for record, text in records
    ]
    titles = {field.name: field.title for record, _ in records for field in record.fields}
    titles[_CONTACTS] = "Whom to contact"
    leading = (name for name in _FIRST if name in titles)
    names = list(dict.fromkeys((*leading, *(name for one in said for name in one))))
    used = [name for name in names if any(one.get(name) for one in said)]
    return [titles[name] for name in used], [[one.get(name, "") for name in used] for one in said]


def _folded(said: dict[str, str]) -> dict[str, str]:
    """With the states of a result in one column, each in lines of its own: thirty columns nobody reads."""
    lines = [[said.pop(name, "") for name in slot] for slot in SLOT_FIELDS]
    for slot in lines:
        slot[_FAX] = slot[_FAX] and f"fax {slot[_FAX]}"
    contacts = ("\n".join(filter(None, slot)) for slot in lines)
    return said | {_CONTACTS: "\n\n".join(filter(None, contacts))}


def _shown(place: Field, record: str, sent: dict[str, Field]) -> str:
    """One column as pages show it: numbers of people and firms by their last four, codes in words."""
    text = record[place.first - 1 : place.last]
    if by_last_four(place.name):
        return masked(text.strip())
    field = sent.get(place.name, place)
    try:
        value = field.parse(text)
    except RefusedValueError:
        return text.strip()  # echoed from what somebody else wrote
    return "" if value is None else _worded(field.kind, value)


def _worded(kind: Kind, value: Value) -> str:
    """A value as people write it."""
    if isinstance(value, date):
        return f"{value:%b} {value.day}, {value.year}"
    if isinstance(kind, Amount) and isinstance(value, int):
        return f"${value / 10**kind.places:,.2f}"
    if isinstance(kind, Code):
        return kind.table[str(value)]
    text = str(value).strip()
    return f"{text[:3]}-{text[3:6]}-{text[6:]}" if isinstance(kind, Phone) else text
