"""Tables (CSV and XLSX) as the twin of a layout: one heading row, one row a detail, into the same checker.

Each row becomes the record it stands for, as its kinds turn what people type (hyphens, dollar signs, small
letters, dates with slashes) into what the record writes; what makes no sense is passed on as it is, so that
the check finds it. Facts of the header may stand in columns of their own, the same in every row; those that
do not come from the rules of the check: who sends it, today, and a control number.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from itertools import chain, islice
from typing import BinaryIO

import numpy as np

from schemas.columns import build
from schemas.context import header_facts
from schemas.delimited import DelimitedRefusedError, lines_of
from schemas.findings import CODES, Finding, at, finding
from schemas.groups import bound
from schemas.headings import (
    HEADING_ROWS,
    LEAST_KNOWN,
    detail_columns,
    header_columns,
    heading_key,
    headings,
    is_heading_row,
)
from schemas.kinds import (
    Anything,
    Cells,
    Code,
    Date8,
    Email,
    Fein,
    Kind,
    Mask,
    RefusedValueError,
    Ssn,
    Text,
    Zip,
)
from schemas.kinds.text import FORMULA
from schemas.lines import Batch, nothing
from schemas.record import Field, Form, Layout
from schemas.structure import CheckRules
from schemas.workbook import Row, Workbook, WorkbookRefusedError
from schemas.workbook_template import workbook_template

_ROWS = 1000
_MOST_KNOWN = 10_000
_SHORT_ZIP = 5
_MOST_LOST = 2
_SERIAL = re.compile(r"[0-9]{5}(\.[0-9]+)?")
"""A day as spreadsheet programs count it: 46054 is February 1, 2026."""
_TOTALS = frozenset({"total", "totals", "subtotal", "sum"})
_STRANGE = "\x7f"
"""Stands for any character that a record cannot hold; the check finds it."""


class _Unreadable(Exception):  # noqa: N818 - a signal inside this module, turned into a finding
    """The table ends here, with this finding."""

    def __init__(self, found: Finding) -> None:
        super().__init__(found.code)
        self.found = found


@dataclass(frozen=True)
class _Column:
    """A column of the table: where it stands, and what it means."""

    place: int
    field: Field
    of_header: bool
    known: dict[str, str] = dataclass_field(default_factory=dict)

    def put(self, typed: str) -> str:
        """What the record writes for a cell; the same texts come again and again."""
        text = self.known.get(typed) if typed else ""
        if text is None:
            if len(self.known) > _MOST_KNOWN:
                self.known.clear()
            text = self.known[typed] = from_cell(self.field, typed)
        return text


class Table:
    """The batches of a table. `layout` is what they are checked against: the trailer is made up.

    Of a layout that nests a table is one batch, and has no frame around it.
    """

    def __init__(self, layout: Layout, source: BinaryIO, form: Form, rules: CheckRules) -> None:
        structure = replace(layout.structure, same=(), totals=(), count="")
        self.layout = replace(layout, structure=structure, outer=None)
        self._counted = (layout.structure.count, *(total.trailer for total in layout.structure.totals))
        self._rules = rules
        self._width = 0
        self._book = Workbook(source) if form is Form.XLSX else None
        self._rows = self._book.rows() if self._book else lines_of(source)
        self._columns: list[_Column] = []
        self._facts: dict[str, str] = {}
        self._places: dict[str, int] = {}
        self._asked: dict[str, Field] = {}
        self._differ: set[str] = set()

    def place(self, found: Finding) -> Finding:
        """The finding with the column of the table instead of the record's, in words for who fills it in."""
        place = self._places.get(found.field, 0)
        if place:
            found = self._in_words_of_tables(found)
        return replace(found, first_column=place, last_column=place)

    def typed(self, lines: Collection[int]) -> Iterator[tuple[int, dict[str, str]]]:
        """The filled cells of some rows as they were typed, by the names of their fields.

        Of a table that was read before: one that is none raises what its reader does.
        """
        last = max(lines, default=0)
        self._headings()
        for number, cells in self._rows:
            if number in lines:
                columns = ((column.field.name, _cell(cells, column.place)) for column in self._columns)
                yield number, {name: text for name, text in columns if text}
            if number >= last:
                return

    def _in_words_of_tables(self, found: Finding) -> Finding:
        field = self._asked[found.field]
        kind = field.kind
        if found.expected != kind.expected(field.width):
            return found
        wanted = kind.typed(field.width)
        words = CODES[found.code].action.format(label=field.title, expected=wanted, found=found.found)
        return replace(found, expected=wanted, message=words)

    def __iter__(self) -> Iterator[Batch]:
        try:
            yield from self._batches()
        except _Unreadable as unreadable:
            yield nothing(self.layout.length, [unreadable.found], stop=True)
        except DelimitedRefusedError as refused:
            why = "Close each quotation mark in its own cell."
            found = at("F011", refused.line, (0, 0), expected=why)
            yield nothing(self.layout.length, [found], stop=True)
        except WorkbookRefusedError as refused:
            yield nothing(self.layout.length, [at(refused.code, 0, (0, 0), expected=refused.why)], stop=True)

    def _batches(self) -> Iterator[Batch]:
        findings = self._headings()
        last = 1
        some = self._next_rows()
        yield self._header(some, findings)
        while some:
            yield self._details(some)
            last = some[-1][0]
            some = self._next_rows()
        yield self._trailer(last)

    def _next_rows(self) -> list[Row]:
        some = list(islice(self._rows, _ROWS))
        filled = [(number, cells) for number, cells in some if any(cells)]
        return filled if filled or not some else self._next_rows()

    def _headings(self) -> list[Finding]:
        known = headings(self.layout)
        number, cells, findings = self._heading_row(known)
        self._width = max((place for place, text in enumerate(cells, start=1) if text.strip()), default=0)
        findings += [at("F015", 0, (0, 0))] if self._book and self._book.linked else []
        seen = set()
        in_header = {field.name for field in header_columns(self.layout)}
        for place, text in enumerate(cells):
            field = known.get(heading_key(text))
            if field is None:
                findings += [at("F010", number, (0, 0), found=text)] if text.strip() else []
                continue
            if field.name in seen:
                raise _Unreadable(at("F012", number, (0, 0), found=field.title))
            seen.add(field.name)
            self._columns.append(_Column(place, field, field.name in in_header))
            self._places[field.name] = place + 1
            self._asked[field.name] = bound(field, self._rules)
        missing = [
            field.title for field in detail_columns(self.layout) if field.required and field.name not in seen
        ]
        if missing:
            raise _Unreadable(at("F009", number, (0, 0), expected=", ".join(missing)))
        return findings

    def _heading_row(self, known: Mapping[str, Field]) -> tuple[int, list[str], list[Finding]]:
        """The first row that names columns, and what stands above it; the very first where none does."""
        first = list(islice(self._rows, HEADING_ROWS))
        place = next((at for at, (_, cells) in enumerate(first) if is_heading_row(known, cells)), 0)
        number, cells = first[place] if first else (1, [])
        above = [one for one, texts in first[:place] if any(text.strip() for text in texts)]
        self._rows = chain(first[place + 1 :], self._rows)
        return number, cells, [at("F016", one, (0, 0)) for one in above]

    def _header(self, some: list[Row], findings: list[Finding]) -> Batch:
        facts = header_facts(self._rules)
        for column in self._columns:
            if column.of_header and some:
                self._facts[column.field.name] = _cell(some[0][1], column.place)
                facts[column.field.name] = written(column.field, self._facts[column.field.name])[
                    : column.field.width
                ]
        texts = {name: text.encode("latin-1") for name, text in facts.items() if name in self.layout.header}
        cells = build(self.layout.header, 1, texts)
        line = some[0][0] if self._facts else 1
        return self._batch(cells, [line], findings)

    def _details(self, some: list[Row]) -> Batch:
        totals = [number for number, cells in some if self._is_total(cells)]
        passed_over = [at("R007", number, (0, 0)) for number in totals]
        left = [row for row in some if row[0] not in totals] if totals else some
        return self._records(left, passed_over) if left else nothing(self.layout.length, passed_over)

    def _records(self, some: list[Row], findings: list[Finding]) -> Batch:
        (detail,) = self.layout.details
        numbers = [number for number, _ in some]
        rows = [cells for _, cells in some]
        refused = np.zeros(len(rows), dtype=np.bool_)
        findings += self._faults(numbers, refused)
        texts: dict[str, list[bytes]] = {}
        for column in self._columns:
            typed = [_cell(row, column.place) for row in rows]
            if column.of_header:
                findings += self._same(column, typed, numbers)
                continue
            findings += _formulas(column.field, typed, numbers, refused)
            findings += self._date_as_number(column.field, typed, numbers, refused)
            put = [column.put(text) for text in typed]
            findings += _too_long(column.field, put, numbers, refused)
            texts[column.field.name] = [text[: column.field.width].encode("latin-1") for text in put]
        findings += self._beyond(rows, numbers, refused)
        arrays = {name: np.array(column, dtype=np.bytes_) for name, column in texts.items()}
        return self._batch(build(detail, len(rows), arrays), numbers, findings, refused)

    def _is_total(self, cells: list[str]) -> bool:
        """A row that payroll programs add below their list: it says so, and names nobody."""
        required = [_cell(cells, column.place) for column in self._columns if column.field.required]
        filled = [text for text in required if text]
        words = next((text for text in cells if text.strip()), "").casefold().split()
        return len(filled) < LEAST_KNOWN and bool(words) and words[-1].strip(":") in _TOTALS

    def _same(self, column: _Column, typed: list[str], numbers: list[int]) -> list[Finding]:
        """The first row that says something else of the file than the first row did."""
        name = column.field.name
        for text, number in zip(typed, numbers, strict=True):
            if text != self._facts[name] and name not in self._differ:
                self._differ.add(name)
                return [finding("H016", number, column.field, found=text)]
        return []

    def _beyond(self, rows: list[list[str]], numbers: list[int], refused: Mask) -> list[Finding]:
        """Cells that stand under no heading."""
        findings = []
        for position, cells in enumerate(rows):
            if any(cells[self._width :]):
                refused[position] = True
                findings.append(at("R003", numbers[position], (0, 0), expected=f"{self._width} cells"))
        return findings

    def _faults(self, numbers: list[int], refused: Mask) -> list[Finding]:
        """Cells of a workbook that do not say themselves what they hold."""
        findings: list[Finding] = []
        if self._book is None:
            return findings
        faults, by_place = self._book.faults, {column.place + 1: column.field for column in self._columns}
        for position, number in enumerate(numbers):
            fields = [by_place[place] for place in faults.formulas_of(number) if place in by_place]
            told = [finding("V028", number, field) for field in fields]
            told += [at("R006", number, (0, 0))] if faults.is_merged(number) else []
            refused[position] |= bool(told)
            findings += told
        return findings

    def _date_as_number(
        self, field: Field, typed: list[str], numbers: list[int], refused: Mask
    ) -> list[Finding]:
        """Days of which a spreadsheet program has kept only the number it counts them by."""
        findings: list[Finding] = []
        if self._book is None or not isinstance(field.kind, Date8):
            return findings
        for position, text in enumerate(typed):
            if not refused[position] and _SERIAL.fullmatch(text):
                refused[position] = True
                findings.append(finding("V029", numbers[position], field, found=text))
        return findings

    def _trailer(self, last: int) -> Batch:
        """What a table has not: nothing in it is compared with anything."""
        trailer = self.layout.trailer
        zeros = {name: b"0" * trailer[name].width for name in self._counted}
        cells = build(trailer, 1, {"control_number": b"TABLE", **zeros})
        return self._batch(cells, [last], [])

    def _batch(
        self, cells: Cells, lines: list[int], findings: list[Finding], refused: Mask | None = None
    ) -> Batch:
        """Records of one kind, in their own length, filled up to the longest of the layout."""
        length = cells.shape[1]
        lengths = np.full(len(lines), length, dtype=np.int64)
        wide = np.pad(cells, ((0, 0), (0, self.layout.length - length)), constant_values=ord(" "))
        return Batch(wide, np.array(lines, dtype=np.int64), lengths, findings, refused)


def _cell(cells: list[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def written(field: Field, typed: str) -> str:
    """A cell as the record writes it; characters a record cannot hold become one that the check finds."""
    text = field.kind.friendly(typed, field.width)
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if " " <= character <= "~" else _STRANGE for character in text)


def _formulas(field: Field, typed: list[str], numbers: list[int], refused: Mask) -> list[Finding]:
    """Cells that a spreadsheet program would run when somebody opens this file, or one made from it."""
    findings = []
    for position, text in enumerate(typed):
        if text[:1] in FORMULA and runs(field.kind, text):
            refused[position] = True
            findings.append(finding("V024", numbers[position], field, found=text))
    return findings


def from_cell(field: Field, typed: str) -> str:
    """A cell as the record writes it, with the zeros that spreadsheet programs take from the front."""
    text = written(field, typed)
    if not text.isdigit():
        return text
    if isinstance(field.kind, Zip):
        return text.zfill(_SHORT_ZIP if len(text) <= _SHORT_ZIP else field.width)
    lost = field.width - len(text)
    return text.zfill(field.width) if isinstance(field.kind, Ssn | Fein) and 0 < lost <= _MOST_LOST else text


def runs(kind: Kind, typed: str) -> bool:
    """Whether a cell begins like a formula. Numbers may have a sign of their own; texts may not."""
    return typed.startswith(FORMULA if isinstance(kind, Anything | Code | Email | Text) else FORMULA[:2])


def _too_long(field: Field, put: list[str], numbers: list[int], refused: Mask) -> list[Finding]:
    findings: list[Finding] = []
    if max(map(len, put), default=0) <= field.width:
        return findings
    for position, text in enumerate(put):
        if len(text.rstrip()) > field.width and not refused[position]:
            refused[position] = True
            findings.append(_longer(field, text, numbers[position]))
    return findings


def _longer(field: Field, text: str, number: int) -> Finding:
    """What the kind has to say of a text that does not fit; where it has nothing, that it does not fit."""
    try:
        field.kind.parse(text)
    except RefusedValueError as refused:
        if refused.code not in {"R004", "V015"}:
            return finding(refused.code, number, field, found=text)
    return finding("V023", number, field, found=text, expected=f"at most {field.width} characters")


def template(layout: Layout, form: Form) -> bytes:
    """An empty table to fill in: the heading row alone; cells of a workbook check what they can."""
    fields = detail_columns(layout)
    if form is Form.XLSX:
        return workbook_template(fields)
    text = io.StringIO(newline="")
    csv.writer(text).writerow([field.title for field in fields])
    return text.getvalue().encode("ascii")
