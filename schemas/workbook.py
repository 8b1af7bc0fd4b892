"""Workbooks (.xlsx): read as rows of text in bounded memory, and written as a stream.

A workbook is a zip of XML, made by strangers: what it would unpack to is weighed before anything is unpacked,
and its XML is walked once, element by element, before the library that understands it sees it.
"""

import io
import re
import struct
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from itertools import islice
from typing import IO, Any, BinaryIO
from xml.parsers import expat
from xml.sax.saxutils import escape

from schemas.sheet_faults import MOST_FORMULAS, MOST_MERGED, SheetFaults

Row = tuple[int, list[str]]

MOST_ENTRIES = 500
MOST_UNPACKED = 512 << 20
MOST_RATIO = 250
SMALL = 1 << 20
"""Entries up to this size may be packed as tightly as they like."""
MOST_ROWS = 250_000
MOST_CELLS = 1 << 13
MOST_STRINGS = 300_000
MOST_OTHER = 100_000
MOST_UNMEASURED = 400_000
"""Elements of a sheet that does not say how far it goes: the library holds all of it to find out."""
LONGEST_TEXT = 1 << 16
MOST_COLUMNS = 64

_END = b"PK\x05\x06"
_END_SIZE = 22
_ZIP64_LOCATOR = b"PK\x06\x07"
_PIECE = 1 << 16
_XML_BEGINS = (b"<", b"\xef", b"\xff", b"\xfe", b"\0")
"""What XML can begin with, in any encoding; a part that begins otherwise is no XML, whatever its name."""
_MACROS = re.compile(r"vbaproject\.bin$|^xl/macrosheets/")
_LINKS = ("xl/externallinks/", "xl/connections.xml")
"""Parts that ask for data of other files."""
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_DIMENSION = f"{_SPREADSHEET}dimension"
_STRINGS = f"{_SPREADSHEET}sst"
_IN_ROWS = frozenset(
    {"c", "v", "f", "is", "t", "r", "rPr", "sz", "color", "rFont", "family", "scheme", "b", "i"}
)


class WorkbookRefusedError(Exception):
    """The workbook cannot or may not be opened; `code` is its line in the table of findings."""

    def __init__(self, code: str, why: str = "") -> None:
        super().__init__(why)
        self.code = code
        self.why = why


class _Watched(io.RawIOBase):
    """The source, remembering an error of its own, so that it is not taken for a damaged workbook."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.failure: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._source.read(size)
        except Exception as failure:
            self.failure = failure
            raise

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        return self._source.tell()

    def seekable(self) -> bool:
        return True


class Workbook:
    """A workbook being read. Once its first row is there, `faults` are those of its first sheet.

    `linked`: it asks for data from elsewhere, which nobody fetches.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = _Watched(source)
        self.linked = False
        self.faults = SheetFaults()

    def rows(self) -> Iterator[Row]:
        """The rows of the first sheet: number, and cells as text. Raises WorkbookRefusedError."""
        try:
            _weigh(self._source)
            with zipfile.ZipFile(self._source) as packed:
                self.linked = any(name.lower().startswith(_LINKS) for name in packed.namelist())
                faults = _look_through(packed)
            yield from self._rows(faults)
        except WorkbookRefusedError:
            raise
        except Exception as failure:
            if self._source.failure is not None:
                raise
            raise WorkbookRefusedError("F007") from failure  # a damaged workbook fails in a hundred ways

    def _rows(self, faults: Mapping[str, SheetFaults]) -> Iterator[Row]:
        import openpyxl  # noqa: PLC0415 -- most files are none, and it takes 5 MB of every process

        self._source.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(self._source, read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            self.faults = faults.get(getattr(sheet, "_worksheet_path", ""), self.faults)
            sheet.reset_dimensions()
            found = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
            numbered = enumerate(found, start=1)
            while some := _quietly(numbered):
                yield from some
        finally:
            book.close()


def _weigh(source: _Watched) -> None:
    """Refuses a directory of entries that is itself too big to be read."""
    size = source.seek(0, io.SEEK_END)
    source.seek(max(size - _PIECE - _END_SIZE, 0))
    tail = source.read(_PIECE + _END_SIZE)
    exact = tail[-_END_SIZE:]
    at = len(tail) - _END_SIZE if exact.startswith(_END) and exact.endswith(b"\0\0") else tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise WorkbookRefusedError("F007")
    entries, length = struct.unpack("<HL", tail[at + 10 : at + 16])
    if tail[max(at - 20, 0) :].startswith(_ZIP64_LOCATOR) or entries > MOST_ENTRIES or length > SMALL:
        raise WorkbookRefusedError("F008", f"A workbook may have {MOST_ENTRIES} parts.")


def _look_through(packed: zipfile.ZipFile) -> dict[str, SheetFaults]:
    """Weighs what the parts unpack to, then walks through each part that is XML; faults by part."""
    parts = packed.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise WorkbookRefusedError("F007")
    if any(_MACROS.search(part.filename.lower()) for part in parts):
        raise WorkbookRefusedError("F014")
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise WorkbookRefusedError("F008", f"It may unpack to {MOST_UNPACKED >> 20} MB.")
    for part in parts:
        if part.file_size > max(SMALL, MOST_RATIO * part.compress_size):
            raise WorkbookRefusedError("F008", "A part of it is packed too tightly.")
    faults = {}
    for part in parts:
        with packed.open(part) as content:
            first = content.read(_PIECE)
            if first.lstrip()[:1] in _XML_BEGINS:
                walk = _Walk()
                walk.through(first, content)
                faults[part.filename] = walk.faults
    return faults


class _Walk:
    """One pass over the XML of a part: no document type, no endless texts, no more elements than fit."""

    def __init__(self) -> None:
        self.faults = SheetFaults()
        self._seen: Counter[str] = Counter()
        self._strings = False
        self._measured = False
        self._last = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._refuse_document_type
        self._parser.StartElementHandler = self._element

    def through(self, piece: bytes, rest: IO[bytes]) -> None:
        """Reads the part to its end. Raises WorkbookRefusedError, or expat's own error for bad XML."""
        fed = 0
        while piece:
            self._parser.Parse(piece, False)
            fed += len(piece)
            if fed - self._last > LONGEST_TEXT + 2 * _PIECE:
                raise WorkbookRefusedError("F008", "A cell of it is too long.")
            piece = rest.read(_PIECE)
        self._parser.Parse(b"", True)

    def _refuse_document_type(self, *_: Any) -> None:
        raise WorkbookRefusedError("F007")

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        here = self._parser.CurrentByteIndex
        if here - self._last > LONGEST_TEXT:
            raise WorkbookRefusedError("F008", "A cell of it is too long.")
        self._last = here
        kind = self._kind(name)
        self._strings |= name == _STRINGS
        self._measured |= self._strings or name == _DIMENSION
        if not self._measured:
            self._count("unmeasured")
        self._count(kind)
        if kind == "row":
            self._seen["cell"] = 0
        if not self._strings:
            self._note(name.removeprefix(_SPREADSHEET), attributes)

    def _note(self, short: str, attributes: dict[str, str]) -> None:
        """What later becomes a finding on its row."""
        if short == "row":
            self.faults.row(attributes)
        elif short == "c":
            self.faults.cell(attributes)
        elif short == "f":
            self.faults.formula()
        elif short == "mergeCell":
            self.faults.merge(attributes)
        if self.faults.formula_count > MOST_FORMULAS or self.faults.merged_count > MOST_MERGED:
            raise WorkbookRefusedError("F008", "It has too many formulas or merged cells.")

    def _count(self, kind: str) -> None:
        self._seen[kind] += 1
        if self._seen[kind] > _MOST[kind]:
            raise WorkbookRefusedError("F008", f"A workbook may have {_MOST['row']:,} rows.")

    def _kind(self, name: str) -> str:
        if self._strings:
            return "string"
        short = name.removeprefix(_SPREADSHEET)
        if short == "row":
            return "row"
        return "cell" if short in _IN_ROWS and self._seen["row"] else "other"


_MOST = {
    "unmeasured": MOST_UNMEASURED,
    "row": MOST_ROWS,
    "cell": MOST_CELLS,
    "string": 2 * MOST_STRINGS,
    "other": MOST_OTHER,
}


def _quietly(rows: Iterator[tuple[int, tuple[Any, ...]]]) -> list[Row]:
    """The next rows as text, without the library's remarks on dates it cannot read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [(number, [_text(cell) for cell in cells]) for number, cells in islice(rows, 1000)]


def _text(cell: Any) -> str:
    """A cell as a person would type it."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/styles.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="xl/workbook.xml" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Records" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": "<Relationships "
    'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="worksheets/sheet1.xml" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
    '<Relationship Id="rId2" Target="styles.xml" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"/></Relationships>',
    "xl/styles.xml": '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    "<borders count='1'><border/></borders><cellStyleXfs count='1'><xf/></cellStyleXfs>"
    '<cellXfs count="2"><xf numFmtId="49" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
_SHEET_BEGINS = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<dimension ref="A1"/>'
    '<cols><col min="1" max="{columns}" width="24" style="0" customWidth="1"/></cols><sheetData>'
)
_SHEET_ENDS = "</sheetData></worksheet>"
_WHEN = (1980, 1, 1, 0, 0, 0)
"""The same rows give the same bytes."""


def write_rows(out: BinaryIO, headings: list[str], rows: Iterable[list[str]]) -> None:
    """A workbook of one sheet, all cells text (so that no leading zero is lost), the first row bold."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, content in _PARTS.items():
            packed.writestr(_part(name), content)
        with packed.open(_part("xl/worksheets/sheet1.xml"), "w") as sheet:
            sheet.write(_SHEET_BEGINS.format(columns=len(headings)).encode())
            sheet.write(_row_xml(headings, ' s="1"').encode())
            for row in rows:
                sheet.write(_row_xml(row, "").encode())
            sheet.write(_SHEET_ENDS.encode())


def _part(name: str) -> zipfile.ZipInfo:
    part = zipfile.ZipInfo(name, _WHEN)
    part.compress_type = zipfile.ZIP_DEFLATED
    return part


def _row_xml(cells: list[str], style: str) -> str:
    written = "".join(f'<c t="str"{style}><v>{escape(cell)}</v></c>' if cell else "<c/>" for cell in cells)
    return f"<row>{written}</row>"
