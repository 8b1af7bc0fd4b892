"""The result of a file of batches: every batch counted, and each record that has an error with what it is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from exchange.models.base import as_utc
from exchange.programs.echo import echo
from exchange.programs.nested import NestedFile, Texts
from exchange.runtime import Exchange
from exchange.transfers.validation import Checking
from exchange.vault import Sealed
from schemas.checking import Block, Group, RecordBlock
from schemas.findings import CODES, Effect, Finding
from schemas.record import Layout

_AT_ONCE = 512
NAMED = 2
"""Fields that have an error and are named in a record; of more it is said that there are more."""
RECORD = "RECORD"
"""Stands for the field of a record whose findings are not listed any more."""


class NestedResult:
    """Writes the result of one file, block by block; batches that failed say so in their header."""

    def __init__(self, exchange: Exchange, layout: Layout, checking: Checking) -> None:
        """`layout` is the one of results; nothing is written before the first block."""
        self._exchange, self._layout, self._checking = exchange, layout, checking
        self._file: NestedFile | None = None
        self._begun = 0

    @property
    def records(self) -> int:
        """How many records have an error."""
        return self._file.records if self._file else 0

    def write(self, block: Block, failed: Mapping[int, str]) -> None:
        """Go on with a block; `failed` names by batch what its header has wrong."""
        rows = block.records.get("detail")
        if rows is None:
            return
        names = _names(block.findings)
        for index in np.unique(rows.group).tolist():
            self._begin(index, failed)
            mine = rows.group == index
            refused = np.flatnonzero(mine & ~rows.accepted)
            self._opened().count(
                state_sent_count=int(mine.sum()), employer_sent_count=int(mine.sum()) - len(refused)
            )
            for first in range(0, len(refused), _AT_ONCE):
                self._errors(rows, refused[first : first + _AT_ONCE], names, failed.get(index, RECORD))

    def finish(self, failed: Mapping[int, str]) -> Sealed:
        """Write what is missing, and seal it."""
        self._begin(len(self._checking.summary.groups) - 1, failed)
        return self._opened().finish()

    def discard(self) -> None:
        """Nothing stays of it."""
        if self._file is not None:
            self._file.discard()

    def _begin(self, index: int, failed: Mapping[int, str]) -> None:
        """Begin all batches up to this one."""
        file, groups = self._opened(), self._checking.summary.groups
        for number in range(self._begun, index + 1):
            file.begin(number, partial(_echoed, groups[number], failed.get(number, "")))
            self._begun = number + 1

    def _opened(self) -> NestedFile:
        if self._file is None:
            summary = self._checking.summary
            texts = summary.file.texts or self._frame(summary.groups[0])
            self._file = NestedFile(self._exchange, self._layout, texts)
        return self._file

    def _frame(self, batch: Group) -> Texts:
        """The header of a file that had none, since it was a table."""
        now = as_utc(self._exchange.clock())
        made = {"creation_date": f"{now:%Y%m%d}", "creation_time": f"{now:%H%M%S}"}
        return {"control_number": batch.texts["control_number"], **made}

    def _errors(
        self, rows: RecordBlock, places: np.ndarray, names: Mapping[int, Sequence[str]], whole: str
    ) -> None:
        wrong = [names.get(line) or [whole] for line in rows.lines[places].tolist()]
        columns: dict[str, ArrayLike] = {
            "first_error_field_name": [one[0].encode() for one in wrong],
            "second_error_field_name": [one[1].encode() if len(one) > 1 else b"" for one in wrong],
            "multiple_error_indicator": [b"Y" if len(one) > NAMED else b"" for one in wrong],
        }
        self._opened().write(echo(self._layout["detail"], rows.record, rows.cells[places], columns))


def _echoed(group: Group, failed: str) -> Texts:
    return {**group.texts, "error_field_name": failed}


def _names(findings: Iterable[Finding]) -> dict[int, list[str]]:
    """By line, the fields that refuse a record, each once, as layouts name them; or the code."""
    by_line: dict[int, dict[str, None]] = defaultdict(dict)
    for one in findings:
        if CODES[one.code].effect is Effect.RECORD:
            by_line[one.line][(one.field or one.code).upper()] = None
    return {line: list(names) for line, names in by_line.items()}
