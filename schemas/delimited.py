"""Text with commas, semicolons or tabs between its cells (CSV, RFC 4180), read as rows in bounded memory."""

import codecs
import csv
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO

from schemas.headings import HEADING_ROWS
from schemas.lines import LONGEST_LINE
from schemas.workbook import Row

_PIECE = 1 << 16
_MOST_LINES_A_ROW = 200
_DELIMITERS = ",;\t"


class DelimitedRefusedError(Exception):
    """The text is no table from `line` on."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def lines_of(source: BinaryIO) -> Iterator[Row]:
    """The rows, numbered; the first lines tell what stands between cells. Raises DelimitedRefusedError."""
    lines = _Lines(source)
    number = 0
    try:
        for cells in lines.rows():
            number += 1
            yield number, cells
    except csv.Error as wrong:
        raise DelimitedRefusedError(number + 1) from wrong


class _Lines:
    """The lines of a text file, decoded piece by piece; lines and rows without end raise csv.Error."""

    def __init__(self, source: BinaryIO) -> None:
        self._pieces = _decoded(source)
        self._since = 0

    def rows(self) -> Iterator[list[str]]:
        """The cells of each row."""
        lines = self._lines()
        first = list(islice(lines, HEADING_ROWS))
        delimiter = max(_DELIMITERS, key=lambda mark: max((line.count(mark) for line in first), default=0))
        for cells in csv.reader(chain(first, lines), delimiter=delimiter, strict=True):
            self._since = 0
            yield cells

    def _lines(self) -> Iterator[str]:
        left = ""
        for piece in self._pieces:
            *whole, left = (left + piece).split("\n")
            for line in whole:
                yield self._one_more(line + "\n")
            if len(left) > LONGEST_LINE:
                raise csv.Error("a line without end")
        if left:
            yield self._one_more(left)

    def _one_more(self, line: str) -> str:
        self._since += 1
        if self._since > _MOST_LINES_A_ROW:
            raise csv.Error("a row without end")
        return line


def _decoded(source: BinaryIO) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    while piece := source.read(_PIECE):
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)
