"""A file of lines, read in bounded pieces: blocks of records, whatever the size of the file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from schemas.columns import Numbers
from schemas.findings import Finding, at
from schemas.kinds import Cells

PIECE = 1 << 21
"""Bytes read at a time: few enough to stay near the processor, enough for many records a step."""
MOST_ROWS = 8192
"""Records in one batch, so that a file of very short lines stays small in memory, too."""
LONGEST_LINE = 1 << 16
"""A line longer than this is no record of anything."""

_LF, _CR, _SPACE = 10, 13, 32


@dataclass(frozen=True)
class Batch:
    """Some records: `cells` (records, length) filled up with spaces or cut, `lengths` as they really were.

    `findings` are the reader's own; `refused` marks records that it refuses. `stop`: nothing more to read.
    """

    cells: Cells
    lines: Numbers
    lengths: Numbers
    findings: list[Finding] = field(default_factory=list)
    refused: npt.NDArray[np.bool_] | None = None
    stop: bool = False


def nothing(length: int, findings: list[Finding], *, stop: bool = False) -> Batch:
    """A batch that brings only findings."""
    none = np.empty(0, dtype=np.int64)
    return Batch(np.empty((0, length), dtype=np.uint8), none, none, findings, stop=stop)


class FixedLines:
    """The batches of a fixed-width file. Lines end with LF or CR LF; the last one may have no end."""

    def __init__(self, source: BinaryIO, length: int) -> None:
        self._source = source
        self._length = length
        self._line = 0
        self._ends: set[bool] = set()
        self._told: set[str] = set()

    def __iter__(self) -> Iterator[Batch]:
        left, padding = b"", b" " * self._length
        while piece := self._source.read(PIECE):
            whole = b"".join((left, piece, padding))
            size = len(left) + len(piece)
            cut = whole.rfind(b"\n", 0, size) + 1
            yield from self._batches(whole, cut)
            if size - cut > LONGEST_LINE:
                yield self._endless(self._line + 1, [])
                return
            left = whole[cut:size]
        if left:
            yield from self._batches(b"".join((left, b"\n", padding)), len(left) + 1, ended=False)

    def _endless(self, line: int, before: list[Finding]) -> Batch:
        what = f"This line is longer than {LONGEST_LINE:,} characters."
        return nothing(self._length, [*before, at("F003", line, (0, 0), expected=what)], stop=True)

    def _batches(self, whole: bytes, size: int, *, ended: bool = True) -> Iterator[Batch]:
        """Batches of a piece of `size` bytes that ends with a line feed (a made-up one when not `ended`)."""
        raw = np.frombuffer(whole, dtype=np.uint8)
        if not size:
            return
        ends = self._line_ends(whole, raw[:size])
        starts = np.concatenate(([0], ends[:-1] + 1))
        returned = (ends > starts) & (raw[np.maximum(ends - 1, 0)] == _CR)
        lines = np.arange(self._line + 1, self._line + 1 + len(ends))
        findings = self._mixed(returned if ended else returned[:-1], lines)
        lengths = ends - starts - returned
        self._line += len(ends)
        findings += self._blank(lengths, lines)
        filled = lengths > 0
        if not filled.all():
            starts, lengths, lines = starts[filled], lengths[filled], lines[filled]
        yield from self._gather(raw, starts, lengths, lines, findings)

    def _line_ends(self, whole: bytes, raw: Cells) -> Numbers:
        """Where the line feeds stand: looked for only where lines are not all as long as they should be."""
        count = whole.count(b"\n", 0, len(raw))
        for step in (self._length + 1, self._length + 2):
            if count * step == len(raw) and (raw[step - 1 :: step] == _LF).all():
                return np.arange(step - 1, len(raw), step)
        return np.flatnonzero(raw == _LF)

    def _mixed(self, returned: npt.NDArray[np.bool_], lines: Numbers) -> list[Finding]:
        before = set(self._ends)
        self._ends |= {end for end, met in ((True, returned.any()), (False, not returned.all())) if met}
        if len(self._ends) < 2 or "F004" in self._told:
            return []
        self._told.add("F004")
        usual = before.pop() if before else bool(returned[0])
        return [at("F004", int(lines[: len(returned)][returned != usual][0]), (0, 0))]

    def _blank(self, lengths: Numbers, lines: Numbers) -> list[Finding]:
        if "R005" in self._told or lengths.all():
            return []
        self._told.add("R005")
        return [at("R005", int(lines[lengths == 0][0]), (0, 0))]

    def _gather(
        self, raw: Cells, starts: Numbers, lengths: Numbers, lines: Numbers, findings: list[Finding]
    ) -> Iterator[Batch]:
        windows = np.lib.stride_tricks.sliding_window_view(raw, self._length)
        for first in range(0, max(len(starts), 1), MOST_ROWS):
            some = slice(first, first + MOST_ROWS)
            if (lengths[some] > LONGEST_LINE).any():
                yield self._endless(int(lines[some][lengths[some] > LONGEST_LINE][0]), findings)
                return
            cells = _rows_at(windows, starts[some])
            if (lengths[some] < self._length).any():
                cells = cells.copy()
                cells[np.arange(self._length) >= lengths[some][:, None]] = _SPACE
            yield Batch(cells, lines[some], lengths[some], findings)
            findings = []


def _rows_at(windows: Cells, starts: Numbers) -> Cells:
    """The windows that begin there; a view where all lines are as long as each other, as they mostly are."""
    if len(starts) > 1:
        steps = np.diff(starts)
        if (steps == steps[0]).all():
            return windows[starts[0] : starts[-1] + 1 : steps[0]]
    return windows[starts]
