"""Orders and answers at rest: one sealed cell a record, and the keyed hashes that records are found by.

A cell holds the texts of a record's fields, one a line; nothing printable in ASCII contains a line feed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from exchange.models.orders import OrderAnswer, WithholdingOrder
from exchange.registry import keys
from exchange.runtime import Exchange
from exchange.vault.cells import Cells
from schemas.columns import RecordBlock, Texts, texts
from schemas.kinds import Cells as Grid
from schemas.kinds import Value
from schemas.layouts.income_withholding import ORDER
from schemas.layouts.income_withholding_ack import ACKNOWLEDGEMENT
from schemas.record import Field, Record

TRACKING, CASE = "order.tracking-number", "order.case"
"""Purposes: a hash made for one is worthless for another."""
_LINE_BITS = 32
_ECHOED = (
    "case_id",
    "employee_last_name",
    "employee_first_name",
    "employee_middle_name",
    "employee_suffix",
    "employee_ssn",
    "document_tracking_number",
    "order_identifier",
)
"""What an acknowledgement repeats of its order, besides the action code and the EIN of the batch."""


@dataclass(frozen=True)
class Origin:
    """Where a record stood: the control numbers of file and batch, and the EIN of the batch."""

    file_number: str
    batch_number: str
    ein: str


@dataclass(frozen=True)
class Opened:
    """A record that was at rest; `values` by field, None where blank."""

    origin: Origin
    values: dict[str, Value]


@dataclass(frozen=True)
class Found:
    """The hashes of one record: its tracking number, case and Social Security number."""

    tracking: bytes
    case: bytes
    ssn: bytes


def texts_of(rows: RecordBlock, places: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """The texts of each of these records, by field, without the spaces that fill them up."""
    some = rows.cells[places]  # of a block with hundreds of batches, only this one's are looked at
    columns = [_column(some, field).astype(str).tolist() for field in rows.record.by_name.values()]
    return zip(*columns, strict=True)


def _column(cells: Grid, field: Field) -> Texts:
    return texts(cells[:, field.first - 1 : field.last])


def hashes_of(cells: Cells, rows: RecordBlock, places: Sequence[int]) -> list[Found]:
    """The hashes of each of these records."""
    some, names = rows.cells[places], ("document_tracking_number", "case_id", "employee_ssn")
    tracking, case, ssn = (_column(some, rows.record[name]).tolist() for name in names)
    hashed = (tracking_hashes(cells, tracking), case_hashes(cells, case), keys.ssn_hashes(cells, ssn))
    return [Found(*each) for each in zip(*hashed, strict=True)]


def tracking_hashes(cells: Cells, numbers: Iterable[bytes]) -> list[bytes]:
    """The keyed hash of each document tracking number."""
    return cells.keyed_hashes(TRACKING, numbers)


def case_hashes(cells: Cells, numbers: Iterable[bytes]) -> list[bytes]:
    """The keyed hash of each case number."""
    return cells.keyed_hashes(CASE, numbers)


def sealed(cells: Cells, purpose: str, origin: Origin, texts: Iterable[str]) -> bytes:
    """A record at rest; `purpose` names its row."""
    return cells.seal(purpose, "\n".join((origin.file_number, origin.batch_number, origin.ein, *texts)))


def row_id(transfer_id: UUID, line: int) -> UUID:
    """The id of the row that a line of a file becomes: always the same; the first line has the largest."""
    of_file = uuid5(transfer_id, "lines").int >> _LINE_BITS << _LINE_BITS
    return UUID(int=of_file | (1 << _LINE_BITS) - 1 - line)


def order_purpose(row_id: object) -> str:
    """What the cell of one order is sealed for."""
    return f"order:{row_id}"


def answer_purpose(row_id: object) -> str:
    """What the cell of one answer is sealed for."""
    return f"order-answer:{row_id}"


def echoed(row: WithholdingOrder, order: Opened) -> dict[str, str]:
    """The texts of an acknowledgement, by field, that repeat what its order says."""
    texts = {name: str(order.values[name] or "") for name in _ECHOED}
    return texts | {"action_code": row.action_code, "ein": order.origin.ein}


def opened_order(exchange: Exchange, row: WithholdingOrder) -> Opened:
    """An order as its state wrote it. Raises `CellDamagedError` when it belongs to another row."""
    return _opened(exchange, order_purpose(row.id), row.sealed, ORDER)


def opened_answer(exchange: Exchange, row: OrderAnswer) -> Opened:
    """An answer as its employer wrote it. Raises `CellDamagedError` when it belongs to another row."""
    return _opened(exchange, answer_purpose(row.id), row.sealed, ACKNOWLEDGEMENT)


def _opened(exchange: Exchange, purpose: str, cell: bytes, record: Record) -> Opened:
    file_number, batch_number, ein, *texts = exchange.vault.cells.open(purpose, cell).split("\n")
    fields = zip(record.by_name.values(), texts, strict=True)
    values = {field.name: field.parse(text.ljust(field.width)) for field, text in fields}
    return Opened(Origin(file_number, batch_number, ein), values)
