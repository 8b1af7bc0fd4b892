"""The header and trailer of a whole file around its batches: how they stand, and what they must agree in."""

from collections.abc import Iterator

from schemas.findings import Finding, at, finding
from schemas.groups import Group, Groups
from schemas.kinds import Cells
from schemas.record import Envelope


class Outer:
    """The file level of a layout that nests; its batches are the `groups` of the check.

    `file` takes what its header and trailer say; `file.is_open` until the trailer has come.
    """

    def __init__(self, envelope: Envelope, groups: Groups, file: Group) -> None:
        self._envelope = envelope
        self._groups = groups
        self._file = file
        self._numbers: dict[str, int] = {}

    def take(self, line: int, row: Cells, length: int, *, ends: bool) -> Iterator[Finding]:
        """A header or trailer of the file."""
        yield from self._groups.interrupt(line)
        yield from self._end(line, row, length) if ends else self._begin(line, row, length)

    def batch(self) -> Iterator[Finding]:
        """A batch has begun: inside the file, and under a number of its own."""
        group, name = self._groups.all[-1], self._envelope.unlike
        if not self._file.is_open:
            yield self._groups.outside(group.line)
        number = str(group.header.get(name) or "")
        if number in self._numbers:
            same = f"Line {self._numbers[number]} has this one, too."
            place = self._groups.layout.header[name]
            yield finding("H018", group.line, place, found=number, expected=same)
        elif number:
            self._numbers[number] = group.line

    def close(self, line: int) -> Iterator[Finding]:
        """The end of the file; `line` is its last."""
        if self._file.is_open:
            yield at("H002", line, (0, 0), expected=f"It begins with {self._envelope.trailer.mark}.")

    def _begin(self, line: int, row: Cells, length: int) -> Iterator[Finding]:
        header = self._envelope.header
        if self._file.line:
            yield at("H003", line, (1, len(header.mark)))
            return
        self._file.line = line
        yield from self._groups.read(header, line, row, length, self._file.header, self._file.texts)

    def _end(self, line: int, row: Cells, length: int) -> Iterator[Finding]:
        if not self._file.is_open:
            yield self._groups.outside(line)
            return
        file, trailer = self._file, self._envelope.trailer
        file.is_open = False
        yield from self._groups.read(trailer, line, row, length, file.trailer, {})
        yield from self._count(line)
        for name in self._envelope.same:
            if name in file.trailer and name in file.header and file.trailer[name] != file.header[name]:
                yield finding("H005", line, trailer[name], found=str(file.trailer[name] or ""))

    def _count(self, line: int) -> Iterator[Finding]:
        real, stated = len(self._groups.all), self._file.trailer.get(self._envelope.count)
        if not real:
            yield at("H007", line, (0, 0))
        if stated is not None and int(str(stated)) != real:
            place = self._envelope.trailer[self._envelope.count]
            yield finding("H019", line, place, found=str(stated), expected=f"{real}")
