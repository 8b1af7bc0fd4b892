"""How records make a file: groups of header, details and trailer, followed batch by batch."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from schemas.findings import Finding, at, finding
from schemas.kinds import Cells, Mask, RefusedValueError, Value
from schemas.record import Field, Layout, Record
from schemas.structure import CheckRules

MOST_GROUPS = 10_000
FIRST_PRINTABLE, LAST_PRINTABLE = 32, 126


@dataclass
class Group:
    """One header with its details and trailer; `line` is the header's. Values are None where blank."""

    index: int
    line: int
    header: dict[str, Value] = field(default_factory=dict)
    trailer: dict[str, Value] = field(default_factory=dict)
    records: int = 0
    accepted: int = 0
    totals: dict[str, int] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    is_open: bool = True


def bad_bytes(cells: Cells) -> Mask:
    """Where a byte is no printable ASCII character; same shape."""
    wrong: Mask = (cells - np.uint8(FIRST_PRINTABLE)) > LAST_PRINTABLE - FIRST_PRINTABLE
    return wrong


def line_fault(record: Record, row: Cells, length: int, *, short_lines: bool) -> tuple[str, int] | None:
    """What is wrong with a line as a line: the code and the column where it shows."""
    if length > record.length:
        return "R003", record.length + 1
    if length < (record.shortest if short_lines else record.length):
        return "R002", length + 1
    wrong = np.flatnonzero(bad_bytes(row[: record.length]))
    return ("R004", int(wrong[0]) + 1) if len(wrong) else None


def word_fault(fault: tuple[str, int], record: Record, line: int, row: Cells, length: int) -> Finding:
    """The finding for a fault of the line."""
    code, column = fault
    if code == "R004":
        place = record.field_at(column)
        text = row[place.first - 1 : place.last].tobytes().decode("latin-1")
        return finding(code, line, place, found=text, expected="plain ASCII letters, digits and signs")
    wanted = f"{record.length} characters; this line has {length}"
    return at(code, line, (column, max(length, record.length)), expected=wanted)


def refusal(place: Field, text: str) -> str | None:
    """The code of the finding that a text gives in a field; None when it is fine."""
    try:
        place.parse(text)
    except RefusedValueError as refused:
        return refused.code
    return None


class Groups:
    """The groups of a file so far, and what is wrong with how they follow each other."""

    def __init__(self, layout: Layout, rules: CheckRules) -> None:
        self.layout = layout
        self.rules = rules
        self.all: list[Group] = []

    @property
    def open(self) -> Group | None:
        """The group whose trailer has not come yet."""
        return self.all[-1] if self.all and self.all[-1].is_open else None

    def begin(self, line: int, row: Cells, length: int) -> Iterator[Finding]:
        """A header record."""
        if self.open is not None:
            yield self._missing_trailer(line)
        if self.all and not self.layout.structure.many:
            yield at("H003", line, (1, len(self.layout.header.mark)))
        group = Group(len(self.all), line)
        self.all.append(group)
        findings = list(self.read(self.layout.header, line, row, length, group.header, group.texts))
        yield from findings
        refused = {each.field for each in findings}
        yield from self._among(group, refused)

    def begin_without_header(self, line: int) -> Finding:
        """The first record is no header: its group gets a nameless one."""
        self.all.append(Group(len(self.all), line))
        mark = self.layout.first.mark
        return at("H001", line, (1, len(mark)), expected=f"It begins with {mark}.")

    def end(self) -> Group | None:
        """A trailer record comes: the group that it ends, if there is one."""
        group = self.open
        if group is not None:
            group.is_open = False
        return group

    def read_trailer(self, group: Group, line: int, row: Cells, length: int) -> Iterator[Finding]:
        """What the trailer says, against what the group has shown."""
        trailer = self.layout.trailer
        yield from self.read(trailer, line, row, length, group.trailer, {})
        yield from self._count(group, line)
        for name in self.layout.structure.same:
            if name in group.trailer and name in group.header and group.trailer[name] != group.header[name]:
                yield finding("H005", line, trailer[name], found=str(group.trailer[name] or ""))
        for total in self.layout.structure.totals:
            stated = group.trailer.get(total.trailer)
            real = group.totals.get(total.detail, 0)
            if isinstance(stated, int) and stated != real and total.detail not in group.unreadable:
                place = trailer[total.trailer]
                yield finding("H006", line, place, found=place.render(stated), expected="the sum")

    def close(self, line: int) -> Iterator[Finding]:
        """The end of the file; `line` is its last."""
        if self.open is not None:
            yield self._missing_trailer(line)

    def outside(self, line: int) -> Finding:
        """A record before a header or after a trailer."""
        return at("H015", line, (1, len(self.layout.header.mark)))

    def interrupt(self, line: int) -> Iterator[Finding]:
        """The file's own header or trailer comes, which ends a group that is open."""
        if self.open is not None:
            yield self._missing_trailer(line)
            self.end()

    def _missing_trailer(self, line: int) -> Finding:
        mark = self.layout.trailer.mark
        return at("H002", line, (0, 0), expected=f"It begins with {mark}.")

    def _count(self, group: Group, line: int) -> Iterator[Finding]:
        structure, trailer = self.layout.structure, self.layout.trailer
        if not group.records and not structure.empty:
            yield at("H007", line, (0, 0))
        stated = group.trailer.get(structure.count)
        if structure.lenient_count and not (isinstance(stated, str) and stated.isdigit()):
            return
        if stated is not None and int(str(stated)) != group.records:
            place = trailer[structure.count]
            yield finding("H004", line, place, found=str(stated), expected=f"{group.records}")

    def _among(self, group: Group, refused: set[str]) -> Iterator[Finding]:
        for rule in self.layout.structure.among:
            allowed = rule.allowed(self.rules)
            text = group.texts.get(rule.field, "").rstrip(" ")
            if allowed is None or rule.field in refused or rule.field not in group.texts or text in allowed:
                continue
            place = self.layout.header[rule.field]
            wanted = "one of yours" if place.kind.sensitive else _listed(allowed)
            yield finding(rule.code_for(text, self.rules), group.line, place, found=text, expected=wanted)

    def read(
        self,
        record: Record,
        line: int,
        row: Cells,
        length: int,
        values: dict[str, Value],
        texts: dict[str, str],
    ) -> Iterator[Finding]:
        """Puts the fields of a header or trailer that are fine into `values` and `texts`; tells of others."""
        fault = line_fault(record, row, length, short_lines=self.layout.short_lines)
        if fault is not None:
            yield word_fault(fault, record, line, row, length)
            return
        line_text = row.tobytes().decode("latin-1")
        for place in record.fields:
            text = line_text[place.first - 1 : place.last]
            code = refusal(bound(place, self.rules), text)
            if code is not None:
                yield finding(code, line, bound(place, self.rules), found=text)
            elif not place.is_filler:
                values[place.name] = bound(place, self.rules).parse(text)
                texts[place.name] = text


def bound(place: Field, rules: CheckRules) -> Field:
    """The field with its kind under the rules of this check."""
    kind = place.kind.under(rules)
    if kind is place.kind:
        return place
    return replace(place, kind=kind)


def _listed(allowed: frozenset[str]) -> str:
    named = sorted(text or "a blank" for text in allowed)
    return " or ".join(named) if len(named) <= 3 else f"one of {len(named)} that are open to you"
