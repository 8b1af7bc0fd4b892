"""The rows of what employers answered, and what that makes of their orders, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col

from exchange.models.orders import WAITING, OrderAnswer, OrderStatus, WithholdingOrder
from exchange.registry.bulk import chunks, insert_rows, table_of

COLUMNS = (
    "id",
    "order_id",
    "transfer_id",
    "line",
    "account_id",
    "employer_id",
    "state_id",
    "state_fips",
    "disposition",
    "reason",
    "sealed",
    "answered_at",
)
ANSWERS = {"A": OrderStatus.ACCEPTED, "R": OrderStatus.REJECTED}
"""What the disposition of an answer makes of an order."""


class AnsweredMeanwhileError(Exception):
    """Another file answered one of the orders since this one was matched: it is matched again."""


@dataclass
class Answers:
    """The answers of one file: `rows` by `COLUMNS`, and the orders that each status is for."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    orders: dict[OrderStatus, list[UUID]] = field(default_factory=dict)

    def settle(self, order_id: UUID, disposition: str) -> None:
        """An order is answered so."""
        self.orders.setdefault(ANSWERS[disposition], []).append(order_id)

    def write(self, session: Session) -> None:
        """Write all of it in the caller's transaction. Raises `AnsweredMeanwhileError`."""
        for status, order_ids in self.orders.items():
            for some in chunks(order_ids):
                _settle(session, status, some)
        insert_rows(session, table_of(OrderAnswer), COLUMNS, self.rows)


def _settle(session: Session, status: OrderStatus, order_ids: Sequence[UUID]) -> None:
    waiting = col(WithholdingOrder.status).in_([one.value for one in WAITING])
    theirs = col(WithholdingOrder.id).in_(order_ids)
    changed = session.execute(
        update(WithholdingOrder).where(theirs, waiting).values(status=status.value),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(changed, CursorResult)
    if changed.rowcount != len(order_ids):
        raise AnsweredMeanwhileError
