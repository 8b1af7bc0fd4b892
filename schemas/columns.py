"""Many records at once: blocks of columns to look into, to compare, and to write."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schemas.kinds import Cells, Mask, Value
from schemas.record import Record

Texts = npt.NDArray[np.bytes_]
Numbers = npt.NDArray[np.int64]
_Words = npt.NDArray[np.uint64]

_SPACE = ord(" ")
_NEWLINE = ord("\n")
_MIX = np.uint64(0x9E3779B97F4A7C15)
_STIR = np.uint64(0xD6E8FEB86659FD93)


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


def build(record: Record, count: int, columns: Mapping[str, npt.ArrayLike | bytes]) -> Cells:
    """`count` records from columns of texts that are written as the record writes them: (count, length).

    A column is an array of bytes, or one text for all. Fields not given are blank, but for the mark. Raises
    KeyError for a field that the record does not have, ValueError for a text that does not fit.
    """
    cells = np.full((count, record.length), _SPACE, dtype=np.uint8)
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


def keys_of(cells: Cells, salt: Numbers) -> _Words:
    """A 64-bit hash of each record's columns (width, records), mixed with a number of its own.

    Good enough to find equals: two different records in five million agree once in a million files.
    """
    width, count = cells.shape
    padded = np.zeros((count, -(-width // 8) * 8), dtype=np.uint8)
    padded[:, :width] = cells.T
    state = salt.astype(np.uint64) * _MIX + np.uint64(width)
    for word in padded.view(np.uint64).T:
        state = (state ^ word) * _MIX
        state ^= state >> np.uint64(29)
        state *= _STIR
        state ^= state >> np.uint64(32)
    return state


class Seen:
    """Keys met so far in a file, with the line of each: sorted runs that are merged as they grow.

    Sixteen bytes a record, nothing else; looking up a block costs a few binary searches.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[_Words, Numbers]] = []

    def earlier(self, keys: _Words, lines: Numbers) -> Numbers:
        """For each key the line where it was met before (0: nowhere); remembers those that are new."""
        if not len(keys):
            return np.zeros(0, dtype=np.int64)
        order = np.argsort(keys, kind="stable")
        sorted_keys, sorted_lines = keys[order], lines[order]
        found = np.zeros(len(keys), dtype=np.int64)
        again = np.concatenate(([False], sorted_keys[1:] == sorted_keys[:-1]))
        first = np.maximum.accumulate(np.where(again, 0, np.arange(len(keys))))
        found[again] = sorted_lines[first][again]
        for run_keys, run_lines in self._runs:
            at = np.searchsorted(run_keys, sorted_keys)
            at[at == len(run_keys)] = 0
            known = run_keys[at] == sorted_keys
            found[known] = run_lines[at[known]]
        new = found == 0
        self._remember(sorted_keys[new], sorted_lines[new])
        in_order = np.empty_like(found)
        in_order[order] = found
        return in_order

    def _remember(self, keys: _Words, lines: Numbers) -> None:
        while self._runs and len(self._runs[-1][0]) <= 2 * len(keys):
            before_keys, before_lines = self._runs.pop()
            keys = np.concatenate((before_keys, keys))
            order = np.argsort(keys, kind="stable")
            keys, lines = keys[order], np.concatenate((before_lines, lines))[order]
        self._runs.append((keys, lines))
