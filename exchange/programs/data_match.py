"""Data match, method 2: the accounts an institution found go on to every state that the holder owes.

The institution learns for each account whether it was taken and to how many states it went (domain.md 3).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

import numpy as np
from numpy.typing import ArrayLike

from exchange.database import reading
from exchange.models.base import as_utc
from exchange.models.transfers import Transfer
from exchange.programs.echo import echo
from exchange.programs.results import STRANGE, error_codes
from exchange.programs.states import StateFiles
from exchange.registry import matching
from exchange.registry.matching import Owed
from exchange.runtime import Exchange
from exchange.transfers.answers import RESULT, Document, sealing
from exchange.transfers.first_pass import FirstPass
from exchange.transfers.validation import Accepted, retraced
from exchange.transfers.windows import ahead, windows
from exchange.vault import SealedWriter
from schemas.catalog import LAYOUTS
from schemas.checking import Block, Group, RecordBlock, Strange
from schemas.columns import Numbers, Texts, as_lines, build
from schemas.findings import Finding
from schemas.kinds import Cells, Mask, Value

ANSWER, MATCHES = LAYOUTS["data-match-result"], LAYOUTS["data-match-state"]
ACCEPTED, ERROR = b"A", b"E"
NOBODY = np.zeros(0, dtype="S9")

_OF_THE_HEADER = {
    "institution_name": "institution_name",
    "institution_street": "street",
    "institution_city": "city",
    "institution_state": "state",
    "institution_zip": "zip",
    "institution_second_name": "second_name",
    **{
        name: name
        for name in (
            "institution_tin",
            "transmitter_tin",
            "transmitter_name",
            "transmitter_street",
            "transmitter_city",
            "transmitter_state",
            "transmitter_zip",
        )
    },
}
"""Columns of the states' records, and the columns of the institution's record they come from."""


def process(exchange: Exchange, row: Transfer, first: FirstPass | None) -> tuple[Document, ...]:
    """The result file for the institution or its transmitter, and a file of matches for each state."""
    with retraced(exchange, row, first) as accepted, sealing(exchange) as writer:
        result = _Result(writer, f"{as_utc(exchange.clock()):%Y%m%d}")
        with _matches(exchange, accepted) as matches:
            for block, matched in chain.from_iterable(ahead(_matched(exchange, accepted.blocks), row.size)):
                result.write(accepted.summary.groups, block, matched)
                for rows, owed in matched:
                    _hand_on(matches, accepted, rows, owed)
            result.end(accepted.summary.groups)
            handed_on = matches.finish("match", lambda state: _matches_name(row, state))
        answer = (f"{row.filename}.res", writer.finish(), result.records, ANSWER.slug)
        return Document(row.organization_id, RESULT, *answer), *handed_on


def _matched(
    exchange: Exchange, blocks: Iterable[Block]
) -> Iterator[list[tuple[Block, list[tuple[RecordBlock, Owed]]]]]:
    """Each block, and for its records of each kind the states owed by the holder of each accepted account."""
    for some in windows(blocks):
        accounts = [rows for block in some for rows in block.records.values()]
        ssns = np.concatenate([NOBODY, *(rows.column("ssn")[rows.accepted] for rows in accounts)])
        with reading(exchange.engine) as session:
            found = matching.match_by_ssn(session, exchange.vault.cells, ssns)
        owed = (matches.owed for matches in found.by_block(rows.accepted for rows in accounts))
        each = zip(accounts, owed, strict=True)
        yield [(block, list(islice(each, len(block.records)))) for block in some]


def _hand_on(matches: StateFiles, accepted: Accepted, rows: RecordBlock, owed: Owed) -> None:
    groups = rows.group[owed.places]
    files = dict.fromkeys(zip(owed.states.tolist(), groups.tolist(), strict=True))
    for state, group in files:
        mine = owed.take((owed.states == state) & (groups == group))
        places = mine.places
        columns: dict[str, ArrayLike] = {
            **_of_the_header(accepted.summary.groups[group]),
            "case_id": mine.cases,
            "zip4": _rest_of_zip(rows, places),
            "balance": _balance(rows, places),
        }
        matches.write(state.decode(), echo(MATCHES["detail"], rows.record, rows.cells[places], columns))


def _of_the_header(group: Group) -> dict[str, bytes]:
    texts = {name: group.texts.get(source, "") for name, source in _OF_THE_HEADER.items()}
    return {name: text.strip().encode() for name, text in texts.items()}


def _rest_of_zip(rows: RecordBlock, places: Numbers) -> np.ndarray:
    five = MATCHES["detail"]["zip"].width
    return np.array([text[five:] for text in rows.column("zip")[places].tolist()], dtype="S4")


def _balance(rows: RecordBlock, places: Numbers) -> np.ndarray:
    """The balance in the wider column of the states' record, still whole dollars."""
    return np.char.zfill(rows.column("balance")[places], MATCHES["detail"]["balance"].width)


def _matches(exchange: Exchange, accepted: Accepted) -> StateFiles:
    def header(state: str) -> dict[str, Value]:
        period = accepted.summary.header["year_month"]
        return {"state": state, "year_month": period, "creation_date": as_utc(exchange.clock()).date()}

    return StateFiles(exchange, MATCHES, header, lambda _state, count: {"record_count": count})


def _matches_name(row: Transfer, state: str) -> str:
    return f"data-match-{state}-{as_utc(row.created_at):%Y%m%d}-{row.id.hex[:8]}.txt"


class _Result:
    """The institution's answer: one group of header, accounts and trailer for each group of its file."""

    def __init__(self, writer: SealedWriter, today: str) -> None:
        self.records = 0
        self._writer, self._today = writer, today
        self._begun = 0
        self._counts = {"record_count": 0, "accepted_count": 0, "error_count": 0}

    def write(
        self, groups: Sequence[Group], block: Block, matched: Iterable[tuple[RecordBlock, Owed]]
    ) -> None:
        """Write the answers to a block's lines in the order of the file, those of no known type included."""
        parts = [_answers(rows, owed, block.findings) for rows, owed in matched]
        if len(block.strange):
            parts.append(_answers_to(block.strange))
        if not parts:
            return
        lines, group, accepted, cells = (np.concatenate(column) for column in zip(*parts, strict=True))
        in_order = np.argsort(lines)
        for index in np.unique(group).tolist():
            mine = in_order[group[in_order] == index]
            self._begin(groups[self._begun : index + 1])
            self._writer.write(as_lines(cells[mine]))
            self._count(accepted[mine])
        self.records += len(lines)

    def end(self, groups: Sequence[Group]) -> None:
        """Write what is missing; `groups` are all of the file."""
        self._begin(groups[self._begun :])
        self._close()

    def _begin(self, groups: Sequence[Group]) -> None:
        """Begin the next groups; only the last of them may have accounts."""
        for group in groups:
            self._close()
            echoed = {name: group.header[name] for name in ("institution_tin", "year_month")}
            self._writer.write(ANSWER.header.render({**echoed, "creation_date": self._today}) + b"\n")
            self._begun += 1

    def _close(self) -> None:
        if self._begun:
            values: dict[str, Value] = {**self._counts}
            self._writer.write(ANSWER.trailer.render(values) + b"\n")
        self._counts = dict.fromkeys(self._counts, 0)

    def _count(self, accepted: np.ndarray) -> None:
        taken = int(accepted.sum())
        for name, count in zip(self._counts, (len(accepted), taken, len(accepted) - taken), strict=True):
            self._counts[name] += count


_Answers = tuple[Numbers, Numbers, Mask, Cells]
"""Lines, their groups, whether they were accepted, and the records of the result."""


def _answers(rows: RecordBlock, owed: Owed, findings: list[Finding]) -> _Answers:
    counts = np.bincount(owed.places, minlength=len(rows))
    columns = {
        "line": _padded(rows.lines, "line"),
        "result_code": np.where(rows.accepted, ACCEPTED, ERROR),
        "state_count": _padded(counts, "state_count"),
        **error_codes(rows, findings),
    }
    cells = echo(ANSWER["detail"], rows.record, rows.cells, columns)
    return rows.lines, rows.group, rows.accepted, cells


def _answers_to(strange: Strange) -> _Answers:
    """Of a line of no known type only its place can be told."""
    said: dict[str, ArrayLike] = {
        "line": _padded(strange.lines, "line"),
        "result_code": ERROR,
        "state_count": _padded(np.zeros(len(strange), dtype=np.int64), "state_count"),
        "error1": STRANGE,
    }
    cells = build(ANSWER["detail"], len(strange), said)
    return strange.lines, strange.group, np.zeros(len(strange), dtype=np.bool_), cells


def _padded(numbers: Numbers, field: str) -> Texts:
    width = ANSWER["detail"][field].width
    return np.char.zfill(numbers.astype(f"S{width}"), width)
