"""Rows of drafts: kept beside the sealed container while it grows, and never changed once handed over.

A draft's row says that there is one; how many bytes it holds is asked of the container.
"""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from sqlmodel import Session

from exchange.database import transaction
from exchange.errors import BlobBusyError, BlobMissingError, TransferNotFoundError
from exchange.models.transfers import Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers.views import TransferView, view_of


def locked(session: Session, transfer_id: UUID) -> Transfer:
    """The row, locked until the transaction ends; `TransferNotFoundError` when it is no draft (any more)."""
    row = session.get(Transfer, transfer_id, with_for_update=True)
    if row is None or row.status != Status.DRAFT:
        raise TransferNotFoundError
    return row


def keep(exchange: Exchange, row: Transfer, size: int, sha256: str | None) -> Transfer:
    """Note what a draft holds. `sha256` is known of one that was suspended in order."""
    with transaction(exchange.engine) as session:
        kept = locked(session, row.id)
        kept.size, kept.sha256, kept.changed_at = size, sha256, exchange.clock()
        session.add(kept)
    return kept


def add(exchange: Exchange, row: Transfer, size: int, sha256: str | None) -> Transfer:
    """Make a new upload a draft."""
    row.size, row.sha256, row.changed_at = size, sha256, exchange.clock()
    with transaction(exchange.engine) as session:
        session.add(row)
    return row


def move(exchange: Exchange, row: Transfer, blob_id: str) -> Transfer:
    """Let a draft whose container is lost begin again in another one."""
    with transaction(exchange.engine) as session:
        moved = locked(session, row.id)
        if moved.blob_id != row.blob_id:
            raise TransferNotFoundError
        moved.blob_id, moved.size, moved.sha256 = blob_id, 0, None
        session.add(moved)
    return moved


def remove(exchange: Exchange, transfer_id: UUID, shred: Callable[[], None]) -> None:
    """Delete a draft's row and shred its container; both stay when the container is busy.

    Raises `TransferNotFoundError`, with the container untouched, when it was handed over meanwhile.
    """
    with transaction(exchange.engine) as session:
        session.delete(locked(session, transfer_id))
        session.flush()
        shred()


def drop(exchange: Exchange, transfer_id: UUID, blob_id: str) -> bool:
    """Delete a draft and shred its container; False while it is being written, or is none any more."""
    try:
        with exchange.vault.shredding(blob_id) as shred:
            remove(exchange, transfer_id, shred)
    except (BlobBusyError, TransferNotFoundError):
        return False
    return True


def replace_busy(exchange: Exchange, transfer_id: UUID) -> None:
    """Note that a draft's sender began anew while somebody, perhaps a dying connection, still holds it.

    Nobody sees the draft from now on. Its holder may still finish it, and drops it otherwise; `retention`
    drops what a killed one left. Raises `TransferNotFoundError` when it was handed over meanwhile.
    """
    with transaction(exchange.engine) as session:
        row = locked(session, transfer_id)
        row.expires_at = exchange.clock()
        session.add(row)


def is_replaced(row: Transfer) -> bool:
    """Whether this is a draft whose sender began anew."""
    return row.status == Status.DRAFT and row.expires_at is not None


def shown(exchange: Exchange, row: Transfer) -> TransferView:
    """A transfer as its organization sees it: a draft with the bytes that its container really holds."""
    view = view_of(row)
    if row.status != Status.DRAFT or row.blob_id is None:
        return view
    try:
        return replace(view, size=exchange.vault.held(row.blob_id))
    except BlobMissingError:
        return replace(view, size=0)
