"""Orders whose file was fetched: their employer has them (domain.md 6.8, R)."""

from sqlalchemy import update
from sqlmodel import Session, col

from exchange.models.orders import OrderStatus, WithholdingOrder
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange

ORDERS = "orders"
"""The kind of file that brings orders."""


def note_fetched(session: Session, exchange: Exchange, row: Transfer) -> None:
    """Note, in the caller's transaction, that the orders of a file are in their employer's hands."""
    if row.kind != ORDERS:
        return
    delivered = col(WithholdingOrder.delivered_id) == row.id
    waiting = col(WithholdingOrder.status) == OrderStatus.SUBMITTED.value
    now = {"status": OrderStatus.RECEIPTED.value, "receipted_at": exchange.clock()}
    session.execute(update(WithholdingOrder).where(delivered, waiting).values(**now))
