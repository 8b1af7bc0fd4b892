"""The details of a file, checked many at once; only what is marked is looked at and put into words."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from schemas.columns import Numbers
from schemas.findings import CODES, Effect, Finding, finding
from schemas.groups import (
    FIRST_PRINTABLE,
    LAST_PRINTABLE,
    Group,
    bad_bytes,
    bound,
    line_fault,
    refusal,
    word_fault,
)
from schemas.kinds import Cells, Mask
from schemas.kinds.base import any_of, blank, number_of
from schemas.lines import Batch
from schemas.record import Field, Layout, Record
from schemas.repetition import Seen, keys_of
from schemas.structure import (
    Across,
    AnyOf,
    AsHeader,
    CheckRules,
    NeedsWith,
    OnlyWhenHeader,
    Total,
    Unlike,
    When,
)

BLANK = ord(" ")


@dataclass(frozen=True)
class Rows:
    """Details of one record in one batch. `rows`: (records, length); columns are turned round on demand."""

    record: Record
    rows: Cells
    lines: Numbers
    lengths: Numbers
    group: Numbers
    groups: list[Group]
    refused: Mask
    turned: dict[int, Cells] = field(default_factory=dict)

    @classmethod
    def of(cls, batch: Batch, record: Record, mine: Mask, group_of: Numbers, groups: list[Group]) -> "Rows":
        """Those of a batch that `mine` marks."""
        rows = batch.cells[:, : record.length]
        refused = np.zeros(len(batch.lines), dtype=np.bool_) if batch.refused is None else batch.refused
        lines, lengths, group = batch.lines, batch.lengths, group_of
        if not mine.all():
            rows, refused = rows[mine], refused[mine]
            lines, lengths, group = lines[mine], lengths[mine], group[mine]
        near = groups[int(group[0]) : int(group[-1]) + 1]
        return cls(record, rows, lines, lengths, group, near, refused.copy())

    @property
    def local(self) -> Numbers:
        """Each record's place in `groups`."""
        places: Numbers = self.group - self.group[0]
        return places

    def cells(self, name: str) -> Cells:
        """One field of all records, (width, records)."""
        return self.of_field(self.record[name])

    def of_field(self, place: Field) -> Cells:
        """One field of all records, (width, records)."""
        cells = self.turned.get(place.first)
        if cells is None:
            cells = np.ascontiguousarray(self.rows[:, place.first - 1 : place.last].T)
            self.turned[place.first] = cells
        return cells

    def all_blank(self, place: Field) -> bool:
        """No record has anything in this field; quickly told, and often so."""
        cells = self.rows[:, place.first - 1 : place.last]
        return bool(cells.max() == BLANK == cells.min())

    def header_cells(self, name: str) -> Cells:
        """A header field for each record, by its group: (width, records); zeros where it is not known."""
        known = [group.texts[name] for group in self.groups if name in group.texts]
        table = np.zeros((len(self.groups), len(known[0]) if known else 1), dtype=np.uint8)
        for position, group in enumerate(self.groups):
            if name in group.texts:
                table[position] = np.frombuffer(group.texts[name].encode("ascii"), dtype=np.uint8)
        return np.ascontiguousarray(table[self.local].T)

    def text(self, place: Field, row: int) -> str:
        """One field of one record."""
        return self.rows[row, place.first - 1 : place.last].tobytes().decode("latin-1")


@dataclass
class Verdict:
    """What one batch of details brought: findings in words, how many more there are, and whom they refuse."""

    refused: Mask
    findings: list[Finding]
    untold: int = 0

    def tell(self, marked: Mask, word: Callable[[int], Finding], room: int, *, refuses: bool = True) -> None:
        """Refuses what is marked (not for remarks); words as many as there is room for, counts the rest."""
        if refuses:
            self.refused |= marked
        rows = np.flatnonzero(marked)
        told = min(len(rows), self.left(room))
        self.findings += [word(row) for row in rows[:told].tolist()]
        self.untold += len(rows) - told

    def left(self, room: int) -> int:
        """How many findings of `room` may still be put into words."""
        return max(room - len(self.findings), 0)


class DetailCheck:
    """All rules of one detail record, through a whole file."""

    def __init__(self, record: Record, layout: Layout, rules: CheckRules) -> None:
        self.record = record
        self._layout = layout
        self._fields = [bound(place, rules) for place in record.fields[1:]]
        self._seen = Seen()

    def check(self, rows: Rows, room: int) -> Verdict:
        """Everything that is wrong with these records; `room`: how many findings may be put into words."""
        verdict = Verdict(rows.refused, [])
        self._lines(rows, verdict, room)
        unreadable = verdict.refused.copy()
        bad = {place.name: self._field(place, rows, unreadable, verdict, room) for place in self._fields}
        for rule in self.record.across:
            self._across(rule, rows, bad, unreadable, verdict, room)
        for total in self._layout.structure.totals:
            _add_up(total, rows, bad[total.detail] | unreadable)
        self._again(rows, verdict, room)
        return verdict

    def _lines(self, rows: Rows, verdict: Verdict, room: int) -> None:
        least = self.record.shortest if self._layout.short_lines else self.record.length
        wrong: Mask = (rows.lengths < least) | (rows.lengths > self.record.length)
        if rows.rows.max() > LAST_PRINTABLE or rows.rows.min() < FIRST_PRINTABLE:
            wrong |= any_of(bad_bytes(rows.rows.T))
        wrong &= ~verdict.refused
        if wrong.any():
            verdict.tell(wrong, lambda row: self._word_line(rows, row), room)

    def _word_line(self, rows: Rows, row: int) -> Finding:
        cells, length = rows.rows[row], int(rows.lengths[row])
        fault = line_fault(self.record, cells, length, short_lines=self._layout.short_lines)
        assert fault is not None
        return word_fault(fault, self.record, int(rows.lines[row]), cells, length)

    def _field(self, place: Field, rows: Rows, unreadable: Mask, verdict: Verdict, room: int) -> Mask:
        if not place.required and rows.all_blank(place):
            return np.zeros(len(rows.lines), dtype=np.bool_)
        cells = rows.of_field(place)
        bad = place.kind.suspicious(cells)
        if not bad.any():
            return bad
        if place.optional:
            bad &= ~blank(cells)
        bad &= ~unreadable
        if bad.any():
            _settle(place, rows, bad, verdict.left(room))
            verdict.tell(bad, lambda row: _word_field(place, rows, row), room)
        return bad

    def _across(
        self, rule: Across, rows: Rows, bad: dict[str, Mask], unreadable: Mask, verdict: Verdict, room: int
    ) -> None:
        broken = rule.broken(rows) & ~unreadable
        for name in rule.fields:
            broken &= ~bad[name]
        if broken.any():
            place, because = self.record[rule.field], self._because(rule)
            refuses = CODES[rule.code].effect is not Effect.NOTE
            verdict.tell(
                broken,
                lambda row: _word(rule.code, place, rows, row, because or rule.words(rows, row)),
                room,
                refuses=refuses,
            )

    def _because(self, rule: Across) -> str:
        if isinstance(rule, NeedsWith | Unlike):
            return self.record[rule.other].title
        if isinstance(rule, When):
            return f"{self.record[rule.when].title}: {' or '.join(rule.values)}"
        if isinstance(rule, AnyOf):
            return " and ".join(self.record[name].title for name in rule.instead)
        if not isinstance(rule, AsHeader | OnlyWhenHeader):
            return ""
        title = self._layout.header[rule.header].title
        if isinstance(rule, OnlyWhenHeader):
            return f"{title}: {' or '.join(rule.values)}"
        return f"what the header says ({title})"

    def _again(self, rows: Rows, verdict: Verdict, room: int) -> None:
        if not self.record.unique:
            return
        good = np.flatnonzero(~verdict.refused)
        places = [self.record[name] for name in self.record.unique]
        chosen = rows.rows if len(good) == len(rows.rows) else rows.rows[good]
        cells = np.concatenate([chosen[:, place.first - 1 : place.last] for place in places], axis=1)
        keys = keys_of(cells, rows.group[good])
        earlier = np.zeros(len(rows.lines), dtype=np.int64)
        earlier[good] = self._seen.earlier(keys, rows.lines[good])
        again: Mask = earlier > 0
        if again.any():
            place = self.record[self.record.unique[0]]
            same = "It says the same as line {}."
            verdict.tell(again, lambda row: _word("D001", place, rows, row, same.format(earlier[row])), room)


def _word(code: str, place: Field, rows: Rows, row: int, expected: str | None = None) -> Finding:
    return finding(code, int(rows.lines[row]), place, found=rows.text(place, row), expected=expected)


def _settle(place: Field, rows: Rows, bad: Mask, room: int) -> None:
    """Takes the mark from the first records where `parse` finds nothing wrong after all."""
    for row in np.flatnonzero(bad)[:room].tolist():
        bad[row] = refusal(place, rows.text(place, row)) is not None


def _word_field(place: Field, rows: Rows, row: int) -> Finding:
    code = refusal(place, rows.text(place, row))
    assert code is not None
    return _word(code, place, rows, row)


def _sums(amounts: Numbers, rows: Rows) -> list[int]:
    """The amounts by group; most files have one."""
    if len(rows.groups) == 1:
        return [int(amounts.sum(dtype=np.int64))]
    sums = np.zeros(len(rows.groups), dtype=np.int64)
    np.add.at(sums, rows.local, amounts)
    return sums.tolist()


def _add_up(total: Total, rows: Rows, unknown: Mask) -> None:
    """Adds the amounts of these records to their groups; a group with an unreadable one has no total."""
    cells = rows.cells(total.detail)
    amounts = np.where(unknown | blank(cells), 0, number_of(cells))
    for group, amount in zip(rows.groups, _sums(amounts, rows), strict=True):
        group.totals[total.detail] = group.totals.get(total.detail, 0) + amount
    for index in np.unique(rows.local[unknown]).tolist():
        rows.groups[index].unreadable.add(total.detail)
