"""What a check found, kept small, so that a second pass over the file need not check again.

A few bits a record; what was found in words is let go but for codes and lines. The second pass reads the
same batches and puts the same blocks together from them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from schemas.checking import Block, Strange
from schemas.columns import Numbers, RecordBlock
from schemas.findings import CODES, Effect, Finding, at
from schemas.lines import Batch
from schemas.record import Layout

_Small = npt.NDArray[np.uint32]
_Bits = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class _Run:
    """Numbers that rise by the same step from one to the next: lines in a row, a group that is the same."""

    first: int
    step: int
    count: int


def _packed(numbers: Numbers) -> _Run | _Small:
    steps = np.diff(numbers)
    step = int(steps[0]) if len(steps) else 1
    if (steps == step).all():
        return _Run(int(numbers[0]) if len(numbers) else 0, step, len(numbers))
    return numbers.astype(np.uint32)


def _unpacked(packed: _Run | _Small) -> Numbers:
    if isinstance(packed, _Run):
        return packed.first + packed.step * np.arange(packed.count)
    return packed.astype(np.int64)


@dataclass(frozen=True)
class _Part:
    """The records of one kind in a block."""

    name: str
    lines: _Run | _Small
    group: _Run | _Small
    accepted: _Bits

    @classmethod
    def of(cls, name: str, rows: RecordBlock) -> "_Part":
        return cls(name, _packed(rows.lines), _packed(rows.group), np.packbits(rows.accepted))

    def block(self, layout: Layout, batch: Batch) -> RecordBlock:
        """The records again, out of the batch they stood in."""
        record, lines = layout[self.name], _unpacked(self.lines)
        cells = batch.cells[:, : record.length]
        if len(lines) < len(batch.lines):
            cells = cells[np.searchsorted(batch.lines, lines)]
        accepted = np.unpackbits(self.accepted, count=len(lines)).astype(np.bool_)
        return RecordBlock(record, cells, lines, _unpacked(self.group), accepted)


@dataclass(frozen=True)
class _Step:
    """One block: its records, the lines of no known type, and line and code of what refuses a record."""

    parts: tuple[_Part, ...]
    strange: tuple[_Run | _Small, _Run | _Small]
    lines: _Small
    codes: npt.NDArray[np.bytes_]

    @classmethod
    def of(cls, block: Block) -> "_Step":
        refusing = [one for one in block.findings if CODES[one.code].effect is Effect.RECORD]
        return cls(
            tuple(_Part.of(name, rows) for name, rows in block.records.items()),
            (_packed(block.strange.lines), _packed(block.strange.group)),
            np.array([one.line for one in refusing], dtype=np.uint32),
            np.array([one.code for one in refusing], dtype="S4"),
        )

    def block(self, layout: Layout, batch: Batch) -> Block:
        lines, group = self.strange
        records = {part.name: part.block(layout, batch) for part in self.parts}
        return Block(self.findings(), records, Strange(_unpacked(lines), _unpacked(group)))

    def findings(self) -> list[Finding]:
        """Line and code of what refuses a record."""
        found = zip(self.lines.tolist(), self.codes.tolist(), strict=True)
        return [at(code.decode(), line, (0, 0)) for line, code in found]


@dataclass
class Trail:
    """Note each block of the first pass; `follow` gives them again on a second pass, without their words.

    `whole`: of a small file the records are kept as well, so that nobody has to read it again.
    """

    whole: bool = False
    _steps: list[_Step] = field(default_factory=list)
    _blocks: list[Block] = field(default_factory=list)

    def noting(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The same blocks, each noted once whoever asked for it is done with it."""
        for block in blocks:
            yield block
            self._steps.append(_Step.of(block))
            if self.whole:
                self._blocks.append(block)

    def kept(self) -> Iterator[Block]:
        """What `follow` gives, of a file that was kept as a whole."""
        for step, block in zip(self._steps, self._blocks, strict=True):
            yield Block(step.findings(), block.records, block.strange)

    def follow(self, layout: Layout, batches: Iterable[Batch]) -> Iterator[Block]:
        """The blocks again, from the same file's batches; of findings only those that refuse a record."""
        for step, batch in zip(self._steps, batches, strict=False):
            yield step.block(layout, batch)
