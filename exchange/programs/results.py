"""The result file of lump sums and debt inquiries: what was sent, what came of it, and whom to contact."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from exchange.programs.echo import echo
from exchange.registry.agencies import AGENCIES, Agency
from exchange.registry.matching import Match, Matches, Owed
from exchange.vault import SealedWriter
from schemas.checking import RecordBlock
from schemas.columns import Numbers, build
from schemas.findings import CODES, Effect, Finding
from schemas.kinds import Cells, Value
from schemas.layouts.employer import SLOTS
from schemas.record import Layout, Record

_AT_ONCE = 512

STRANGE = b"R001"
"""The code of a line of no known type."""

ERRORS = 3
"""Places for error codes in one record."""
_COUNTED = {"matched_count": Match.MATCH, "unmatched_count": Match.NO_MATCH, "error_count": Match.ERROR}


class ResultFile:
    """Writes the result of one file, block by block."""

    def __init__(self, layout: Layout, writer: SealedWriter) -> None:
        """`layout` is one of the `-result` layouts about people."""
        self.layout = layout
        self.records = 0
        self._writer = writer
        self._header: Mapping[str, Value] | None = None
        self._results: Counter[str] = Counter()
        self._contacts: dict[bytes, Cells] = {}

    def begin(self, header: Mapping[str, Value]) -> None:
        """Write the header, which echoes that of the file; later calls change nothing."""
        if self._header is None:
            self._header = header
            mark = self.layout.header.fields[0].name
            echoed = {name: value for name, value in header.items() if name != mark}
            self._writer.write(self.layout.header.render(echoed) + b"\n")

    def write(
        self, rows: RecordBlock, matches: Matches, findings: Sequence[Finding], strange: Numbers
    ) -> None:
        """Write the results of a block's records, in their order and some at a time: results are wide.

        `strange` are the lines of no known type: they are answered where they stand, so that results can be
        counted off.
        """
        lasts = [*rows.lines[_AT_ONCE::_AT_ONCE].tolist(), math.inf]
        before = 0.0
        for first, last in zip(range(0, len(rows), _AT_ONCE), lasts, strict=True):
            some = slice(first, min(first + _AT_ONCE, len(rows)))
            theirs = [one for one in findings if before <= one.line < last]
            between = strange[(strange >= before) & (strange < last)]
            self._write(_part(rows, some), matches.between(some.start, some.stop), theirs, between)
            before = last

    def write_strange(self, lines: Numbers) -> None:
        """Write the results of a block that has no record of a known type."""
        if len(lines):
            self._writer.write(self._strange(lines).data)

    def _write(
        self, rows: RecordBlock, matches: Matches, findings: Sequence[Finding], strange: Numbers
    ) -> None:
        codes = _result_codes(rows, matches)
        counts = np.bincount(matches.owed.places, minlength=len(rows))
        columns = {
            "result_code": codes,
            "state_count": np.char.zfill(counts.astype("S2"), 2),
            **error_codes(rows, findings),
        }
        cells = echo(self.layout["detail"], rows.record, rows.cells, columns, ended=True)
        self._write_contacts(cells, matches.owed)
        for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
            self._results[code.decode()] += int(count)
        self.records += len(rows)
        if len(strange):
            in_order = np.argsort(np.concatenate((rows.lines, strange)))
            cells = np.concatenate((cells, self._strange(strange)))[in_order]
        self._writer.write(cells.data)

    def _strange(self, lines: Numbers) -> Cells:
        """Results for lines that are no record: nothing echoed, and why."""
        self.records += len(lines)
        self._results[Match.ERROR] += len(lines)
        said = {"result_code": Match.ERROR.encode(), "state_count": b"00", "error1": STRANGE}
        return build(self.layout["detail"], len(lines), said, ended=True)

    def end(self) -> None:
        """Write the trailer with what was counted."""
        assert self._header is not None, "a file that was accepted has a header"
        counts = {name: self._results[code] for name, code in _COUNTED.items()}
        values = {"control_number": self._header["control_number"], "record_count": self.records, **counts}
        self._writer.write(self.layout.trailer.render(values) + b"\n")

    def _write_contacts(self, cells: Cells, owed: Owed) -> None:
        """Whom to contact in each state, for as many states as a record has places for."""
        slot = np.arange(len(owed)) - np.searchsorted(owed.places, owed.places)
        states, which = np.unique(owed.states, return_inverse=True)
        contacts = np.array([self._contact(state) for state in states.tolist()], dtype=np.uint8)
        for number in range(min(int(slot.max(initial=-1)) + 1, SLOTS)):
            mine = slot == number
            first = self.layout["detail"][f"state{number + 1}"].first - 1
            cells[owed.places[mine], first : first + contacts.shape[1]] = contacts[which[mine]]

    def _contact(self, state: bytes) -> Cells:
        if state not in self._contacts:
            self._contacts[state] = _contact(self.layout["detail"], AGENCIES[state.decode()])
        return self._contacts[state]


def _contact(record: Record, agency: Agency) -> Cells:
    """An agency as it stands in one slot of a result record."""
    said = {
        "state1": agency.state,
        "agency1": agency.name.upper(),
        "contact1": agency.contact.upper(),
        "phone1": agency.phone,
        "fax1": agency.fax,
        "email1": agency.email,
    }
    row = build(record, 1, {name: text.encode() for name, text in said.items()})[0]
    slot: Cells = row[record["state1"].first - 1 : record["email1"].last]
    return slot


def _result_codes(rows: RecordBlock, matches: Matches) -> np.ndarray:
    codes = np.where(rows.accepted, Match.NO_MATCH.encode(), Match.ERROR.encode()).astype("S1")
    codes[matches.review] = Match.REVIEW.encode()
    codes[matches.owed.places] = Match.MATCH.encode()
    return codes


def error_codes(rows: RecordBlock, findings: Iterable[Finding]) -> dict[str, np.ndarray]:
    """The columns `error1` to `error3`: the first codes, each once, of what refused a record."""
    by_line: dict[int, dict[str, None]] = defaultdict(dict)
    for finding in findings:
        if CODES[finding.code].effect is Effect.RECORD:
            by_line[finding.line][finding.code] = None
    columns = np.zeros((ERRORS, len(rows)), dtype="S4")
    for place in (~rows.accepted).nonzero()[0].tolist():
        for slot, code in zip(range(ERRORS), by_line[int(rows.lines[place])], strict=False):
            columns[slot, place] = code.encode()
    return {f"error{slot + 1}": columns[slot] for slot in range(ERRORS)}


def _part(rows: RecordBlock, some: slice) -> RecordBlock:
    return RecordBlock(rows.record, rows.cells[some], rows.lines[some], rows.group[some], rows.accepted[some])
