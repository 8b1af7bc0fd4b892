"""What stands in a sheet that rows of a table cannot have: formulas and merged cells, by row and column."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping

MOST_FORMULAS = 250_000
MOST_MERGED = 10_000
MOST_ROW = 10_000_000
"""No row of a sheet is further down."""
_COLUMN_BITS = 16
_LETTERS = 26
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def column_number(letters: str) -> int:
    """The number of a column by its letters, A being 1."""
    number = 0
    for letter in letters:
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number


class SheetFaults:
    """Gathered element by element, in the order of the sheet; eight bytes a formula."""

    def __init__(self) -> None:
        self.formula_count = 0
        self._formulas = array("Q")
        self._merged: list[tuple[int, int]] = []
        self._joined: list[tuple[int, int]] | None = None
        self._row = 0
        self._column = 0

    @property
    def merged_count(self) -> int:
        """Ranges of merged cells."""
        return len(self._merged)

    def row(self, attributes: Mapping[str, str]) -> None:
        """A row begins; where it does not say its number it follows the one before."""
        said = attributes.get("r", "")
        self._row = int(said) if said.isascii() and said.isdigit() else self._row + 1
        self._column = 0

    def cell(self, attributes: Mapping[str, str]) -> None:
        """A cell begins."""
        found = _REFERENCE.fullmatch(attributes.get("r", ""))
        self._column = column_number(found[1]) if found else self._column + 1

    def formula(self) -> None:
        """The cell has a formula."""
        self.formula_count += 1
        self._formulas.append(self._row << _COLUMN_BITS | min(self._column, (1 << _COLUMN_BITS) - 1))

    def merge(self, attributes: Mapping[str, str]) -> None:
        """Cells are merged."""
        rows = [int(number) for _, number in _REFERENCE.findall(attributes.get("ref", ""))]
        if rows:
            self._merged.append((min(rows), max(rows)))

    def formulas_of(self, row: int) -> list[int]:
        """The columns (1-based) of a row that hold formulas."""
        if not self._formulas:
            return []
        first = bisect_left(self._formulas, row << _COLUMN_BITS)
        last = bisect_right(self._formulas, (row + 1) << _COLUMN_BITS)
        return [packed & ((1 << _COLUMN_BITS) - 1) for packed in self._formulas[first:last]]

    def is_merged(self, row: int) -> bool:
        """Whether cells of a row are merged with others."""
        if self._joined is None:
            self._joined = _joined(self._merged)
        place = bisect_right(self._joined, (row, MOST_ROW)) - 1
        return place >= 0 and row <= self._joined[place][1]


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges in their order, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined
