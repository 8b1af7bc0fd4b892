"""What was found in a file, at rest: place and code in the open, its words sealed, as they quote the file."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from exchange.models import transfers as models
from exchange.runtime import Exchange
from schemas.findings import Finding

COLUMNS = ("transfer_id", "sequence", "line", "first_column", "last_column", "field", "code", "words")


def sealed(
    exchange: Exchange, transfer_id: UUID, findings: Iterable[Finding], after: int = 0
) -> list[tuple[Any, ...]]:
    """The rows of a transfer's findings, numbered behind `after`; values in the order of `COLUMNS`."""
    seal, purpose = exchange.vault.cells.seal, _purpose(transfer_id)
    return [
        (
            transfer_id,
            sequence,
            one.line,
            one.first_column,
            one.last_column,
            one.field,
            one.code,
            seal(purpose, json.dumps([one.found, one.expected, one.message])),
        )
        for sequence, one in enumerate(findings, start=after + 1)
    ]


def opened(exchange: Exchange, row: models.Finding) -> Finding:
    """A stored finding as it was. Raises `CellDamagedError` when its words belong to another file."""
    found, expected, message = json.loads(exchange.vault.cells.open(_purpose(row.transfer_id), row.words))
    place = (row.line, row.first_column, row.last_column)
    return Finding(*place, row.field, row.code, found, expected, message)


def _purpose(transfer_id: UUID) -> str:
    return f"finding:{transfer_id}"
