"""Data match, method 2: the accounts an institution found go on to every state that the holder owes.

The institution learns for each account whether it was taken and to how many states it went (domain.md 3).
"""

from collections import defaultdict

import numpy as np
from numpy.typing import ArrayLike

from exchange.database import reading
from exchange.models.base import as_utc
from exchange.models.transfers import Transfer
from exchange.programs.echo import Places, echo
from exchange.programs.results import error_codes
from exchange.programs.states import StateFiles
from exchange.registry import matching
from exchange.registry.matching import Owed
from exchange.runtime import Exchange
from exchange.transfers.answers import RESULT, Document, sealing
from exchange.transfers.validation import Checking, accepted_only
from exchange.vault import SealedWriter
from schemas.catalog import LAYOUTS
from schemas.checking import Group, RecordBlock
from schemas.columns import as_lines
from schemas.findings import Finding
from schemas.kinds import Value

ANSWER, MATCHES = LAYOUTS["data-match-result"], LAYOUTS["data-match-state"]
ACCEPTED, ERROR = b"A", b"E"

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


def process(exchange: Exchange, row: Transfer) -> tuple[Document, ...]:
    """The result file for the institution or its transmitter, and a file of matches for each state."""
    with accepted_only(exchange, row) as checking, sealing(exchange) as writer:
        result = _Result(writer, f"{as_utc(exchange.clock()):%Y%m%d}")
        with _matches(exchange, checking) as matches:
            for block in checking.blocks:
                for rows in block.records.values():
                    owed = _match(exchange, rows)
                    result.write(checking, rows, owed, block.findings)
                    _hand_on(matches, checking, rows, owed)
            result.end()
            handed_on = matches.finish("match", lambda state: _matches_name(row, state))
        answer = (f"{row.filename}.res", writer.finish(), result.records, ANSWER.slug)
        return Document(row.organization_id, RESULT, *answer), *handed_on


def _match(exchange: Exchange, rows: RecordBlock) -> Owed:
    """The states owed by the holder of each accepted account, by its place in the block."""
    places = rows.accepted.nonzero()[0]
    with reading(exchange.engine) as session:
        ssns = rows.column("ssn")[places].tolist()
        owed = matching.match_by_ssn(session, exchange.vault.cells, ssns)
    return {int(places[index]): cases for index, cases in owed.items()}


def _hand_on(matches: StateFiles, checking: Checking, rows: RecordBlock, owed: Owed) -> None:
    by_file: dict[tuple[str, int], list[tuple[int, bytes]]] = defaultdict(list)
    for place, cases in sorted(owed.items()):
        for state, case in cases.items():
            by_file[state, int(rows.group[place])].append((place, case.encode()))
    for (state, group), accounts in by_file.items():
        places, numbers = (np.array(column) for column in zip(*accounts, strict=True))
        columns: dict[str, ArrayLike] = {
            **_of_the_header(checking.summary.groups[group]),
            "case_id": numbers,
            "zip4": _rest_of_zip(rows, places),
            "balance": _balance(rows, places),
        }
        matches.write(state, echo(MATCHES["detail"], rows, places, columns))


def _of_the_header(group: Group) -> dict[str, bytes]:
    texts = {name: group.texts.get(source, "") for name, source in _OF_THE_HEADER.items()}
    return {name: text.strip().encode() for name, text in texts.items()}


def _rest_of_zip(rows: RecordBlock, places: Places) -> np.ndarray:
    five = MATCHES["detail"]["zip"].width
    return np.array([text[five:] for text in rows.column("zip")[places].tolist()], dtype="S4")


def _balance(rows: RecordBlock, places: Places) -> np.ndarray:
    """The balance in the wider column of the states' record, still whole dollars."""
    return np.char.zfill(rows.column("balance")[places], MATCHES["detail"]["balance"].width)


def _matches(exchange: Exchange, checking: Checking) -> StateFiles:
    def header(state: str) -> dict[str, Value]:
        period = checking.summary.header["year_month"]
        return {"state": state, "year_month": period, "creation_date": as_utc(exchange.clock()).date()}

    return StateFiles(exchange, MATCHES, header, lambda _state, count: {"record_count": count})


def _matches_name(row: Transfer, state: str) -> str:
    return f"data-match-{state}-{as_utc(row.created_at):%Y%m%d}-{row.id.hex[:8]}.txt"


class _Result:
    """The institution's answer: one group of header, accounts and trailer for each group of its file."""

    def __init__(self, writer: SealedWriter, today: str) -> None:
        self.records = 0
        self._writer, self._today = writer, today
        self._group: Group | None = None
        self._counts = {"record_count": 0, "accepted_count": 0, "error_count": 0}

    def write(self, checking: Checking, rows: RecordBlock, owed: Owed, findings: list[Finding]) -> None:
        codes = np.where(rows.accepted, ACCEPTED, ERROR)
        counts = np.array([len(owed.get(place, ())) for place in range(len(rows))])
        columns = {
            "line": np.char.zfill(rows.lines.astype("S9"), ANSWER["detail"]["line"].width),
            "result_code": codes,
            "state_count": np.char.zfill(counts.astype("S2"), 2),
            **error_codes(rows, findings),
        }
        cells = echo(ANSWER["detail"], rows, np.arange(len(rows)), columns)
        for index in np.unique(rows.group).tolist():
            self._begin(checking.summary.groups[index])
            mine = rows.group == index
            self._writer.write(as_lines(cells[mine]))
            self._count(rows.accepted[mine])
        self.records += len(cells)

    def end(self) -> None:
        if self._group is not None:
            values: dict[str, Value] = {**self._counts}
            self._writer.write(ANSWER.trailer.render(values) + b"\n")
        self._counts = dict.fromkeys(self._counts, 0)

    def _begin(self, group: Group) -> None:
        if group is self._group:
            return
        self.end()
        self._group = group
        echoed = {name: group.header[name] for name in ("institution_tin", "year_month")}
        self._writer.write(ANSWER.header.render({**echoed, "creation_date": self._today}) + b"\n")

    def _count(self, accepted: np.ndarray) -> None:
        taken = int(accepted.sum())
        for name, count in zip(self._counts, (len(accepted), taken, len(accepted) - taken), strict=True):
            self._counts[name] += count
