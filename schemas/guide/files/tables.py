"""Which columns the tables of the guide have, and one table as CSV (RFC 4180), both ways."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from schemas.guide.files.cells import (
    JSON,
    LIST,
    OPTIONAL,
    TEXT,
    YES_NO,
    CellError,
    Form,
    guarded,
    unguarded,
)
from schemas.guide.files.faults import Fault, GuideFileError

_MARK = "\ufeff"
"""Tells spreadsheets that it is UTF-8."""
_SEPARATORS = (",", ";", "\t")
"""Comma as we write it; what spreadsheets of other countries save."""

QUESTIONS, VERSIONS, JURISDICTIONS = "questions.csv", "versions.csv", "jurisdictions.csv"
ANSWERS, CONTACTS = "answers.csv", "contacts.csv"


def _columns(**forms: Form) -> Mapping[str, Form]:
    return MappingProxyType(forms)


TABLES: Final = MappingProxyType(
    {
        QUESTIONS: _columns(
            slug=TEXT, kind=TEXT, title=TEXT, text=TEXT, answer_type=OPTIONAL, choices=LIST, under=OPTIONAL,
            hague=YES_NO, required=YES_NO, audience=OPTIONAL, words=LIST,
        ),
        VERSIONS: _columns(
            version=TEXT, kind=TEXT, label=TEXT, effective=TEXT, category=OPTIONAL, category_title=TEXT,
            category_words=LIST, number=TEXT, question=OPTIONAL,
        ),
        JURISDICTIONS: _columns(
            locator_code=TEXT, kind=TEXT, name=TEXT, abbreviation=TEXT, fips=TEXT, agency=TEXT,
            other_names=LIST, places=LIST, region=TEXT, capital=TEXT, time_zone=OPTIONAL, languages=LIST,
            currency=TEXT, convention=YES_NO, latitude=OPTIONAL, longitude=OPTIONAL, sovereignty=TEXT,
            web=TEXT, synthetic=YES_NO,
        ),
        ANSWERS: _columns(
            jurisdiction=TEXT, jurisdiction_name=TEXT, question=TEXT, question_title=TEXT, value=TEXT,
            url=TEXT, comment=TEXT, attachments=JSON, synthetic=YES_NO,
        ),
        CONTACTS: _columns(
            jurisdiction=TEXT, jurisdiction_name=TEXT, slug=TEXT, contact_class=TEXT, type=TEXT,
            locator_code=TEXT, name=TEXT, title=TEXT, lines=LIST, city=TEXT, region=TEXT, postal=TEXT,
            country=OPTIONAL, phone=TEXT, extension=TEXT, fax=TEXT, email=TEXT, web=TEXT, hours=LIST,
            languages=LIST, comments=TEXT, valid_from=OPTIONAL, valid_to=OPTIONAL, synthetic=YES_NO,
        ),
    }
)  # fmt: skip
"""The columns of each file, in their order."""
FOR_READERS: Final = frozenset({"jurisdiction_name", "question_title"})
"""What only helps people who edit, and is not read back."""


@dataclass(frozen=True)
class Row:
    """A row that was read: the line it begins in, and the values of its columns."""

    line: int
    values: Mapping[str, Any]


def written(name: str, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A table; a column that a row does not have stays empty."""
    text = io.StringIO()
    text.write(_MARK)
    writer = csv.writer(text)
    writer.writerow(TABLES[name])
    for row in rows:
        cells = ((form, row.get(column)) for column, form in TABLES[name].items())
        writer.writerow("" if value is None else guarded(form.write(value)) for form, value in cells)
    return text.getvalue().encode()


def read(name: str, content: bytes) -> list[Row]:
    """The rows of a table. Raises `GuideFileError`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise GuideFileError([Fault(name, line, "", "text in UTF-8")]) from None
    lines = _lines(name, text)
    header = next(lines, (1, []))[1]
    if wrong := _header_faults(name, header):
        raise GuideFileError(wrong)
    faults: list[Fault] = []
    rows = [_row(name, header, line, cells, faults) for line, cells in lines if any(cells)]
    if faults:
        raise GuideFileError(faults)
    return rows


def _lines(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it begins in."""
    head = text.split("\n", 1)[0]
    delimiter = max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        fault = Fault(name, line, "", f"a row of CSV, with quotes around what has quotes in it ({error})")
        raise GuideFileError([fault]) from None


def _header_faults(name: str, header: list[str]) -> list[Fault]:
    known = TABLES[name]
    missing = [column for column in known if column not in header and column not in FOR_READERS]
    strange = [column for column in header if column not in known or header.count(column) > 1]
    wrong = [Fault(name, 1, column, "a column of this name") for column in missing]
    return wrong + [Fault(name, 1, column, "no column of this name, or only one") for column in strange]


def _row(name: str, header: list[str], line: int, cells: list[str], faults: list[Fault]) -> Row:
    """A row; what is wrong in it goes to `faults`."""
    if len(cells) != len(header):
        faults.append(Fault(name, line, "", f"{len(header)} cells, not {len(cells)}"))
    values: dict[str, Any] = {}
    for column, cell in zip(header, cells, strict=False):
        form, text = TABLES[name][column], unguarded(cell)
        if column in FOR_READERS or (form.left_out and not text.strip()):
            continue
        try:
            values[column] = form.read(text)
        except CellError as error:
            faults.append(Fault(name, line, column, str(error)))
    return Row(line, values)
