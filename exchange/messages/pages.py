"""Bytes in sealed pages of one size: written once, read in stretches, taken away together.

Each organization's pages have a key of their own, and each page is bound to its place.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, text
from sqlmodel import Session, col

from exchange.database import table_of
from exchange.errors import CellDamagedError
from exchange.messages.segment import Numbers, Reading, Segment, Stretch
from exchange.models.search import SearchPage, SearchSegment
from exchange.runtime import Exchange

PAGE = 3_980
"""Bytes in a page: sealed it fills one page of SQLite, and half of one of PostgreSQL."""
_PLACES = 20
"""Bits of a page's key that are its place in its segment."""
_PLACE_SIZE = 8
_FROM_SQLITE = text("SELECT id, sealed FROM search_page WHERE id IN (SELECT value FROM json_each(:keys))")
_FROM_POSTGRES = "SELECT id, sealed FROM search_page WHERE id = ANY(%s)"
"""Any number of pages, whose keys travel as one value; not put together anew each time."""


class PagesGoneError(Exception):
    """A segment was replaced by another while it was read: to be looked for anew."""


@dataclass(frozen=True)
class Stored:
    """A row of `search_segment`."""

    id: int
    organization_id: UUID
    first_number: int
    last_number: int
    messages: int
    pages: int


def write(session: Session, exchange: Exchange, organization_id: UUID, segment: Segment) -> None:
    """Keep a segment; it has a few more pages than it needs."""
    content = segment.packed()
    pages = rounded(-(-len(content) // PAGE))
    first, last = int(segment.numbers[0]), int(segment.numbers[-1])
    row = SearchSegment(
        organization_id=organization_id,
        first_number=first,
        last_number=last,
        messages=len(segment.numbers),
        pages=pages,
    )
    adding = insert(table_of(SearchSegment)).values(row.model_dump(exclude={"id"}))
    added = session.connection().execute(adding.returning(col(SearchSegment.id))).scalar_one()
    stored = Stored(**row.model_dump(exclude={"id"}), id=added or 0)
    padded = content.ljust(pages * PAGE, b"\0")
    keys = [_key(stored, place) for place in range(pages)]
    placed = {_place(key): padded[place * PAGE : (place + 1) * PAGE] for place, key in enumerate(keys)}
    sealed = exchange.vault.cells.seal_pages(_purpose(organization_id), placed)
    rows = [{"id": key, "sealed": page} for key, page in zip(keys, sealed, strict=True)]
    session.connection().execute(insert(table_of(SearchPage)), rows)


def stored_for(session: Session, organization_id: UUID, below: int | None = None) -> list[Stored]:
    """The segments of an organization with any message of a number below that; newest first."""
    mine = select(table_of(SearchSegment)).where(col(SearchSegment.organization_id) == organization_id)
    if below is not None:
        mine = mine.where(col(SearchSegment.first_number) < below)
    newest = mine.order_by(col(SearchSegment.last_number).desc())
    return [Stored(**row) for row in session.connection().execute(newest).mappings()]


def rounded(pages: int) -> int:
    """So many pages or a few more: of many sizes one, so that the number tells little (Padmé).

    Only as many leading bits of the number vary as it takes to write down how many bits it has; at most an
    eighth is added (https://doi.org/10.2478/popets-2019-0056, section 4).
    """
    exponent = max(pages, 1).bit_length() - 1
    step = 1 << max(exponent - exponent.bit_length(), 0)
    return -(-max(pages, 1) // step) * step


def whole(session: Session, exchange: Exchange, segment: Stored) -> bytes:
    """All bytes of a segment, and what fills its last pages. Raises `PagesGoneError`."""
    everything = [(0, segment.pages * PAGE)]
    opened = _Opened(session, exchange, segment.organization_id)
    opened.fetch(_keys_of(segment, everything))
    return opened.read(segment, everything)[0]


def take_away(session: Session, segments: Collection[Stored]) -> None:
    """Delete segments with their pages."""
    for segment in segments:
        first = _key(segment, 0)
        pages = col(SearchPage.id).between(first, first + segment.pages - 1)
        session.connection().execute(delete(table_of(SearchPage)).where(pages))
        session.connection().execute(
            delete(table_of(SearchSegment)).where(col(SearchSegment.id) == segment.id)
        )


def run(session: Session, exchange: Exchange, readings: Sequence[tuple[Stored, Reading]]) -> list[Numbers]:
    """What readings of segments of one organization return; each round, all pages they want come at once.

    Raises `PagesGoneError`.
    """
    opened = _Opened(session, exchange, readings[0][0].organization_id)
    wanted = {place: next(reading) for place, (_, reading) in enumerate(readings)}
    returned: dict[int, Numbers] = {}
    while wanted:
        opened.fetch(
            key for place, stretches in wanted.items() for key in _keys_of(readings[place][0], stretches)
        )
        for place, stretches in list(wanted.items()):
            segment, reading = readings[place]
            try:
                wanted[place] = reading.send(opened.read(segment, stretches))
            except StopIteration as ended:
                returned[place] = ended.value
                del wanted[place]
    return [returned[place] for place in range(len(readings))]


class _Opened:
    """Pages of an organization, opened once each."""

    def __init__(self, session: Session, exchange: Exchange, organization_id: UUID) -> None:
        self._session, self._cells = session, exchange.vault.cells
        self._purpose = _purpose(organization_id)
        self._pages: dict[int, bytes] = {}

    def fetch(self, keys: Iterable[int]) -> None:
        """Open what is not yet. Raises `PagesGoneError`."""
        missing = sorted(set(keys) - self._pages.keys())
        if not missing:
            return
        found = _sealed(self._session, missing)
        if len(found) < len(missing):
            raise PagesGoneError
        opened = self._cells.open_pages(self._purpose, {_place(key): page for key, page in found.items()})
        self._pages.update(zip(found, opened, strict=True))

    def read(self, segment: Stored, stretches: Sequence[Stretch]) -> list[bytes]:
        """The bytes of stretches whose pages were fetched."""
        return [self._stretch(segment, begin, end) for begin, end in stretches]

    def _stretch(self, segment: Stored, begin: int, end: int) -> bytes:
        first = begin // PAGE
        pages = [self._pages[key] for key in _keys_of(segment, [(begin, end)])]
        return b"".join(pages)[begin - first * PAGE : end - first * PAGE]


def _sealed(session: Session, keys: list[int]) -> dict[int, bytes]:
    """The pages with these keys. PostgreSQL gives bytes as they are only when asked to."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        rows: Any = connection.execute(_FROM_SQLITE, {"keys": json.dumps(keys)})
        return dict(rows.all())
    driver: Any = connection.connection.driver_connection
    return dict(driver.execute(_FROM_POSTGRES, [keys], binary=True).fetchall())


def _keys_of(segment: Stored, stretches: Iterable[Stretch]) -> list[int]:
    pages = (place for begin, end in stretches for place in range(begin // PAGE, -(-end // PAGE)))
    return [_key(segment, place) for place in pages]


def _key(segment: Stored, place: int) -> int:
    if place >= segment.pages:  # the head, opened, says more than there is
        raise CellDamagedError
    return segment.id << _PLACES | place


def _place(key: int) -> bytes:
    return key.to_bytes(_PLACE_SIZE, "big")


def _purpose(organization_id: UUID) -> str:
    return f"search.{organization_id}"
