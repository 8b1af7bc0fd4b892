"""Checks a whole file against its layout: streaming, in bounded memory, block by block.

    checked = check(LAYOUTS["lump-sum"], source, rules=rules)
    for block in checked:            # findings as they are met, records with the mask of those accepted
        ...
    checked.summary                  # complete afterwards

Each field is checked for thousands of records at once; only what that marks is looked at one by one, by the
kind's `parse`, which alone says what is wrong. Findings never stop the check; a few (no line ends, another
layout) leave nothing that could be checked. A finding further down, in the trailer at the latest, may refuse
the file as a whole: act on accepted records only after the end, and only if not `summary.fatal`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from schemas.columns import Numbers, RecordBlock
from schemas.details import DetailCheck, Rows
from schemas.envelope import Outer
from schemas.findings import CODES, Effect, Finding, at
from schemas.groups import MOST_GROUPS, Group, Groups
from schemas.kinds import Cells, Mask, Value
from schemas.kinds.text import number_of_bytes
from schemas.lines import Batch, FixedLines
from schemas.record import Form, Layout
from schemas.structure import CheckRules
from schemas.tabular import Table

__all__ = ["Block", "CheckRules", "Checked", "Group", "RecordBlock", "Summary", "batches", "check", "run"]


Place = Callable[[Finding], Finding]
"""Where a finding stands for the reader of the file: its columns in a table."""


def _none() -> Numbers:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Strange:
    """Lines inside a group that are of no known type (R001), and their groups; as in a `RecordBlock`."""

    lines: Numbers = field(default_factory=_none)
    group: Numbers = field(default_factory=_none)

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class Block:
    """What one piece of the file brought: findings in order of line, details by the name of their record.

    `strange` is complete also where there are more findings than are listed.
    """

    findings: list[Finding]
    records: Mapping[str, RecordBlock]
    strange: Strange = field(default_factory=Strange)


@dataclass
class Summary:
    """How the check ended. `findings` counts all, also past the limit; `codes` counts what was stored."""

    layout: Layout
    groups: list[Group] = field(default_factory=list)
    records: int = 0
    accepted: int = 0
    findings: int = 0
    fatal: bool = False
    codes: Counter[str] = field(default_factory=Counter)
    file: Group = field(default_factory=lambda: Group(-1, 0))
    """The file's own header and trailer, where the layout has them around its groups."""

    @property
    def refused(self) -> int:
        """Detail records that a finding refuses."""
        return self.records - self.accepted

    @property
    def header(self) -> Mapping[str, Value]:
        """Of the file, or of its first group where groups are all it has."""
        if self.layout.outer is not None:
            return self.file.header
        return self.groups[0].header if self.groups else {}


def check(layout: Layout, source: BinaryIO, *, rules: CheckRules, form: Form = Form.FIXED) -> "Checked":
    """Checks a file in one of its forms (XLSX: the source must seek). Iterate, then ask its `summary`.

    In a table lines are rows and columns are those of the table; the header is made from columns or `rules`.
    """
    if form is Form.FIXED:
        return Checked(layout, FixedLines(source, layout.length), rules)
    table = Table(layout, source, form, rules)
    return Checked(table.layout, table, rules, table.place)


def batches(layout: Layout, source: BinaryIO, *, rules: CheckRules, form: Form) -> Iterable[Batch]:
    """The batches that `check` would check, for who has done so already."""
    return FixedLines(source, layout.length) if form is Form.FIXED else Table(layout, source, form, rules)


def run(checked: "Checked") -> tuple[list[Finding], Summary]:
    """All (stored) findings of a check, and its summary; the records are let go."""
    return [each for block in checked for each in block.findings], checked.summary


class Checked:
    """One check under way. Iterate once."""

    def __init__(
        self, layout: Layout, batches: Iterable[Batch], rules: CheckRules, place: Place = lambda each: each
    ) -> None:
        self.layout = layout
        self.rules = rules
        self.summary = Summary(layout)
        self._batches = batches
        self._place = place
        self._groups = Groups(layout, rules)
        self.summary.groups = self._groups.all
        self._outer = Outer(layout.outer, self._groups, self.summary.file) if layout.outer else None
        self._details = [DetailCheck(record, layout, rules) for record in layout.details]
        self._stored = 0
        self._last_line = 0
        self._after_trailer = False
        self._told_outside = False

    def __iter__(self) -> Iterator[Block]:
        for batch in self._batches:
            block, go_on = self._check(batch)
            yield block
            if not go_on or batch.stop:
                yield Block(self._rest([]), {})
                return
        yield Block(self._rest(self._end()), {})

    def placed(self, found: Finding) -> Finding:
        """A finding of somebody else about a record of this file, with the columns its reader sees."""
        return self._place(found)

    def _keep(self, findings: Iterable[Finding], *, envelope: bool = False) -> list[Finding]:
        """Counts findings, decides what they refuse, and gives back those that the limit lets through."""
        kept = []
        for each in findings:
            self._weigh(each, envelope=envelope)
            if self._room:
                self._stored += 1
                self.summary.codes[each.code] += 1
                kept.append(self._place(each))
        return kept

    @property
    def _room(self) -> int:
        """How many findings may still be stored."""
        return self.rules.limit - self._stored

    def _weigh(self, each: Finding, *, envelope: bool) -> None:
        self.summary.findings += 1
        effect = CODES[each.code].effect
        families = self.layout.fatal
        if effect is not Effect.NOTE and (envelope or each.code[0] in families):
            self.summary.fatal = True

    def _rest(self, findings: list[Finding]) -> list[Finding]:
        more = self.summary.findings - self._stored
        if more > 0:
            findings.append(at("F099", 0, (0, 0), expected=f"{more:,} more were not listed."))
        return findings

    def _end(self) -> list[Finding]:
        if not self._last_line:
            return self._keep([at("F001", 0, (0, 0))])
        missing = self._outer.close(self._last_line) if self._outer else ()
        return self._keep([*self._groups.close(self._last_line), *missing])

    def _check(self, batch: Batch) -> tuple[Block, bool]:
        findings = self._keep(batch.findings)
        if not len(batch.lines):
            return Block(findings, {}), True
        marks = _Marks(self.layout, batch)
        strange = [] if self._last_line else self._first(batch, marks)
        self._last_line = int(batch.lines[-1])
        findings += self._keep(strange)
        if strange and strange[0].code == "F002":
            return Block(findings, {}), False
        group_of = np.maximum(len(self._groups.all) - 1 + np.cumsum(marks.header), 0)
        trailers = self._envelopes(batch, marks, findings)
        if len(self._groups.all) > MOST_GROUPS:
            most = f"A file may have {MOST_GROUPS:,} groups."
            return Block(
                findings + self._keep([at("F005", self._last_line, (0, 0), expected=most)]), {}
            ), False
        block = self._all_details(batch, marks, group_of, findings)
        for group, position in trailers:
            told = self._groups.read_trailer(group, *_line(batch, position))
            findings += self._keep(told, envelope=True)
        findings.sort(key=lambda each: (each.line, each.first_column))
        return block, True

    def _first(self, batch: Batch, marks: "_Marks") -> list[Finding]:
        line, known = int(batch.lines[0]), self.layout.first.mark
        if marks.opens[0]:
            return []
        if marks.unknown[0]:
            title = f"The first record of this file ({self.layout.title}) begins with {known}."
            return [at("F002", line, (1, len(known)), expected=title)]
        if not (marks.header[0] or marks.ends[0]):
            return [self._groups.begin_without_header(line)]
        return [at("H001", line, (1, len(known)), expected=f"It begins with {known}.")]

    def _envelopes(self, batch: Batch, marks: "_Marks", findings: list[Finding]) -> list[tuple[Group, int]]:
        """Headers and trailers in their order; trailers are read when the details before them are counted."""
        trailers: list[tuple[Group, int]] = []
        for position in np.flatnonzero(~marks.detail).tolist():
            if self._outer is not None and marks.of_file[position]:
                told = self._outer.take(*_line(batch, position), ends=bool(marks.ends[position]))
                findings += self._keep(told, envelope=True)
            elif marks.header[position]:
                findings += self._keep(self._groups.begin(*_line(batch, position)), envelope=True)
                findings += self._keep(self._outer.batch() if self._outer else (), envelope=True)
            elif (group := self._groups.end()) is not None:
                trailers.append((group, position))
            else:
                findings += self._keep([self._groups.outside(int(batch.lines[position]))])
        return trailers

    def _all_details(
        self, batch: Batch, marks: "_Marks", group_of: Numbers, findings: list[Finding]
    ) -> Block:
        inside = self._inside(batch, marks, findings)
        counts = np.bincount(group_of[inside], minlength=len(self._groups.all))
        for index in np.flatnonzero(counts).tolist():
            self._groups.all[index].records += int(counts[index])
        self.summary.records += int(marks.detail.sum())
        strange = marks.unknown if self._outer else inside & marks.unknown
        findings += self._unknown(batch, strange, group_of)
        blocks = {}
        for detail, of_this in zip(self._details, self._whose(marks, group_of), strict=True):
            mine = of_this & inside
            if mine.any():
                rows = Rows.of(batch, detail.record, mine, group_of, self._groups.all)
                blocks[detail.record.name] = self._one_detail(detail, rows, findings)
        return Block(findings, blocks, Strange(batch.lines[strange], group_of[strange]))

    def _one_detail(self, detail: DetailCheck, rows: Rows, findings: list[Finding]) -> RecordBlock:
        verdict = detail.check(rows, self._room)
        findings += self._keep(verdict.findings)
        self.summary.findings += verdict.untold
        accepted = ~verdict.refused & (not self.summary.fatal)
        counts = np.bincount(rows.local[accepted], minlength=len(rows.groups))
        for group, count in zip(rows.groups, counts.tolist(), strict=True):
            group.accepted += count
        self.summary.accepted += int(accepted.sum())
        return RecordBlock(detail.record, rows.rows, rows.lines, rows.group, accepted)

    def _inside(self, batch: Batch, marks: "_Marks", findings: list[Finding]) -> Mask:
        """Details that stand between a header and its trailer; the first that does not is told of."""
        position = np.arange(len(batch.lines))
        last_mark = np.maximum.accumulate(np.where(marks.detail, -1, position))
        after_trailer = np.where(last_mark < 0, self._after_trailer, marks.closes[last_mark])
        self._after_trailer = bool(after_trailer[-1])
        outside = marks.detail & after_trailer
        told = outside & ~marks.unknown if self._outer else outside
        if told.any() and not self._told_outside:
            self._told_outside = True
            findings += self._keep([self._groups.outside(int(batch.lines[told][0]))])
        inside: Mask = marks.detail & ~outside
        return inside

    def _unknown(self, batch: Batch, unknown: Mask, group_of: Numbers) -> list[Finding]:
        """Records of no known type; what amount they were to bring nobody knows."""
        totals = {total.detail for total in self.layout.structure.totals}
        for index in np.unique(group_of[unknown]).tolist() if totals else ():
            self._groups.all[index].unreadable |= totals
        if self._outer is not None and unknown.any():
            self.summary.fatal = True
        records = self.layout.records if self._outer else self.layout.details
        known = " or ".join(dict.fromkeys(record.mark for record in records))
        code = "F013" if self._outer else "R001"
        columns = (1, len(self.layout.header.mark))
        kept: list[Finding] = []
        positions = np.flatnonzero(unknown)
        self.summary.findings += max(len(positions) - self._room, 0)
        for position in positions[: self._room].tolist():
            found = batch.cells[position, : columns[1]].tobytes().decode("latin-1")
            kept += self._keep([at(code, int(batch.lines[position]), columns, found=found, expected=known)])
        return kept

    def _whose(self, marks: "_Marks", group_of: Numbers) -> list[Mask]:
        """For each detail record which lines are meant: by mark, and by what the group's header says."""
        if all(detail.record.when is None for detail in self._details):
            return marks.of_detail
        groups = self._groups.all
        first = int(group_of[0])
        chosen = np.array([self._choice(group) for group in groups[first:]], dtype=np.int64)
        choice = chosen[group_of - first]
        return [
            is_mark if detail.record.when is None else is_mark & (choice == index)
            for index, (detail, is_mark) in enumerate(zip(self._details, marks.of_detail, strict=True))
        ]

    def _choice(self, group: Group) -> int:
        return self.layout.details.index(self.layout.detail_for(group.header))


def _line(batch: Batch, position: int) -> tuple[int, Cells, int]:
    return int(batch.lines[position]), batch.cells[position], int(batch.lengths[position])


class _Marks:
    """What kind of line each record of a batch is, by its first characters."""

    def __init__(self, layout: Layout, batch: Batch) -> None:
        width = len(layout.header.mark)
        seen = number_of_bytes(np.ascontiguousarray(batch.cells[:, :width].T))
        self.header = self.opens = seen == _packed(layout.header.mark)
        self.trailer = self.closes = seen == _packed(layout.trailer.mark)
        self.of_detail = [seen == _packed(record.mark) for record in layout.details]
        self.detail = ~(self.header | self.trailer)
        self.ends = self.of_file = np.zeros(len(seen), dtype=np.bool_)
        if layout.outer is not None:
            self.opens = seen == _packed(layout.outer.header.mark)
            self.ends = seen == _packed(layout.outer.trailer.mark)
            self.of_file = self.opens | self.ends
            self.closes = self.closes | self.of_file
            self.detail &= ~self.of_file
        self.unknown = self.detail & ~np.logical_or.reduce(self.of_detail)


def _packed(mark: str) -> int:
    return int.from_bytes(mark.encode("ascii"), "big")
