"""What a file of batches comes back as when all of it is refused: its own frames, and what each has wrong.

A result that still begins as the file did says that nothing of it was taken (domain.md 6.7).
"""

import io
from collections.abc import Container, Iterable, Iterator

from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from exchange.transfers.answers import RESULT, Document, seal
from exchange.transfers.validation import Verdict
from exchange.transfers.windows import READ_AHEAD
from exchange.vault import SealedReader
from schemas.catalog import LAYOUTS
from schemas.findings import CODES, Effect, Finding
from schemas.groups import FIRST_PRINTABLE, LAST_PRINTABLE, MOST_GROUPS
from schemas.record import Layout, Record

_LONGEST = 4096
_MOST = 2 * MOST_GROUPS + 2
_ERROR = "error_field_name"
_PRINTABLE = bytes(byte if FIRST_PRINTABLE <= byte <= LAST_PRINTABLE else ord("?") for byte in range(256))


def refused(exchange: Exchange, row: Transfer, verdict: Verdict) -> tuple[Document, ...]:
    """The result of a file that was refused as a whole; none for layouts without batches, and for tables."""
    layout = LAYOUTS.get(verdict.layout or "")
    if layout is None or layout.outer is None:
        return ()
    reader = exchange.vault.open(row.blob_id or "")
    try:
        mark = layout.outer.header.mark.encode()
        if reader.read(0, len(mark)) != mark:
            return ()
        sealed = seal(exchange, _frames(reader, layout, verdict.findings))
    finally:
        reader.close()
    return (Document(row.organization_id, RESULT, f"{row.filename}.res", sealed, 0),)


def _frames(reader: SealedReader, layout: Layout, findings: Iterable[Finding]) -> Iterator[bytes]:
    """The headers and trailers of a file as they came, with the first thing that is wrong in each.

    The header of the file names the first that refuses it, wherever that stands.
    """
    records = {record.mark.encode(): record for record in layout.records if record not in layout.details}
    names = _names(findings, {name for record in records.values() for name in record.by_name})
    for number, line in enumerate(_lines(reader), start=1):
        record = records.get(line[: len(layout.first.mark)])
        if record is not None:
            yield _frame(record, line, names.get(number, names[0] if number == 1 else ""))


def _names(findings: Iterable[Finding], of_frames: Container[str]) -> dict[int, str]:
    """By line what is wrong there: the field as the layout names it, or the code; 0 for the file.

    Any finding about a frame refuses the file; `of_frames` are the fields that those have.
    """
    wrong = [one for one in findings if CODES[one.code].effect is not Effect.NOTE]
    file = Effect.FILE
    first = min(wrong, key=lambda one: (CODES[one.code].effect is not file, one.field not in of_frames))
    named = {one.line: one for one in reversed(wrong)} | {0: first}
    return {line: (one.field or one.code).upper() for line, one in named.items()}


def _frame(record: Record, line: bytes, name: str) -> bytes:
    place = record[_ERROR]
    text = line.translate(_PRINTABLE).ljust(record.length)[: place.first - 1]
    return text + name.encode()[: place.width].ljust(place.width) + b"\n"


def _lines(reader: SealedReader) -> Iterator[bytes]:
    """The lines of a file without their ends, cut where they are too long; not more than frames may be."""
    source = io.BufferedReader(reader.file(), READ_AHEAD)
    begins, given = True, 0
    while given < _MOST and (piece := source.readline(_LONGEST)):
        if begins:
            yield piece.rstrip(b"\r\n")
            given += piece[:1] in b"FB"
        begins = piece.endswith(b"\n")
