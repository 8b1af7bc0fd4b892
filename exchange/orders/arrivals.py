"""The rows of orders that have come, ready to be written: everything a stranger said is hashed or sealed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from exchange.models.orders import OrderStatus, WithholdingOrder
from exchange.models.transfers import Transfer
from exchange.orders import records
from exchange.orders.records import Origin
from exchange.registry.bulk import insert_rows, table_of
from exchange.runtime import Exchange
from schemas.columns import Numbers, RecordBlock

_COLUMNS = (
    "id",
    "transfer_id",
    "line",
    "state_id",
    "state_fips",
    "employer_id",
    "delivered_id",
    "action_code",
    "tracking_hash",
    "case_hash",
    "ssn_hash",
    "sealed",
    "status",
    "received_at",
)
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Batch:
    """What the orders of one batch have in common. Without an employer they are errors."""

    origin: Origin
    state_fips: str
    employer_id: UUID | None = None
    delivered_id: UUID | None = None


def rows_of(
    exchange: Exchange, row: Transfer, batch: Batch, rows: RecordBlock, places: Numbers, now: datetime
) -> Iterator[Row]:
    """A row for each of these orders, in the order of `_COLUMNS`."""
    cells, at = exchange.vault.cells, places.tolist()
    lines = rows.lines[places].tolist()
    status = OrderStatus.SUBMITTED if batch.employer_id else OrderStatus.ERROR
    action = list(rows.record.by_name).index("action_code")
    whole = zip(lines, records.hashes_of(cells, rows, at), records.texts_of(rows, at), strict=True)
    for line, found, texts in whole:
        identifier = records.row_id(row.id, line)
        yield (
            identifier,
            row.id,
            line,
            row.organization_id,
            batch.state_fips,
            batch.employer_id,
            batch.delivered_id,
            texts[action],
            found.tracking,
            found.case,
            found.ssn,
            records.sealed(cells, records.order_purpose(identifier), batch.origin, texts),
            status.value,
            now,
        )


def write(session: Session, rows: list[Row]) -> None:
    """Write the rows in the caller's transaction."""
    insert_rows(session, table_of(WithholdingOrder), _COLUMNS, rows)
