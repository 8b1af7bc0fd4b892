"""Many records at once: blocks of columns to look into, to compare, and to write."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schemas.kinds import Cells, Mask, Value
from schemas.record import Record

Texts = npt.NDArray[np.bytes_]
Numbers = npt.NDArray[np.int64]

_SPACE = ord(" ")
_NEWLINE = ord("\n")


@dataclass(frozen=True)
class RecordBlock:
    """Records of one kind, in the order of the file.

    `cells`: one row a record, full length, bytes. `lines`: where each stands (1-based line, or spreadsheet
    row). `group`: which of `Summary.groups` it belongs to. `accepted`: it has no finding that refuses it.
    """

    record: Record
    cells: Cells
    lines: Numbers
    group: Numbers
    accepted: Mask

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> Texts:
        """One field of all records, as bytes without the spaces that fill it up."""
        field = self.record[name]
        return texts(self.cells[:, field.first - 1 : field.last])

    def text(self, row: int) -> bytes:
        """One whole record."""
        return bytes(self.cells[row])

    def values(self, row: int) -> dict[str, Value]:
        """The values of one accepted record. Raises RefusedValueError for a refused one."""
        return self.record.parse(self.text(row))


def texts(cells: Cells) -> Texts:
    """A block (records, width) as one array of bytes, trailing spaces left out."""
    joined = np.ascontiguousarray(cells).view(f"S{cells.shape[1]}").ravel()
    return np.strings.rstrip(joined, b" ")


def build(
    record: Record, count: int, columns: Mapping[str, npt.ArrayLike | bytes], *, ended: bool = False
) -> Cells:
    """`count` records from columns of texts that are written as the record writes them: (count, length).

    `ended`: a line feed after each, in a further column, so that they can be written as they are.
    A column is an array of bytes, or one text for all. Fields not given are blank, but for the mark. Raises
    KeyError for a field that the record does not have, ValueError for a text that does not fit.
    """
    cells = np.full((count, record.length + ended), _SPACE, dtype=np.uint8)
    cells[:, record.length :] = _NEWLINE
    mark = record.mark.encode("ascii")
    cells[:, : len(mark)] = np.frombuffer(mark, dtype=np.uint8)
    for name, column in columns.items():
        field = record[name]
        cells[:, field.first - 1 : field.last] = _spread(np.asarray(column, dtype=np.bytes_), field.width)
    return cells


def _spread(column: Texts, width: int) -> Cells:
    if column.dtype.itemsize > width:
        raise ValueError(f"a text is longer than its {width} columns")
    padded = np.ascontiguousarray(np.strings.ljust(np.atleast_1d(column), width))
    return padded.astype(f"S{width}").view(np.uint8).reshape(-1, width)


def as_lines(cells: Cells) -> bytes:
    """Records with a line feed after each."""
    lines = np.empty((cells.shape[0], cells.shape[1] + 1), dtype=np.uint8)
    lines[:, :-1] = cells
    lines[:, -1] = _NEWLINE
    return lines.tobytes()
