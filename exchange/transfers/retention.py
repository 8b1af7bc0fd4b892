"""Letting go: files whose time has ended, drafts nobody resumed, blobs nobody names.

A blob is shredded only when no transfer that is still kept names it.
"""

from datetime import timedelta

from sqlmodel import col, delete, select

from exchange import journal
from exchange.database import reading, transaction
from exchange.errors import BlobBusyError, BlobMissingError
from exchange.models.transfers import Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import repository

_AT_ONCE = 500


def sweep(exchange: Exchange) -> int:
    """Purge what is due and shred what nobody names; returns how many transfers and blobs went."""
    return _drop_stale_drafts(exchange) + _purge_expired(exchange) + _shred_orphans(exchange)


def _purge_expired(exchange: Exchange) -> int:
    now = exchange.clock()
    with transaction(exchange.engine) as session:
        due = select(Transfer).where(col(Transfer.expires_at) <= now, col(Transfer.status) != Status.PURGED)
        rows = session.exec(due.limit(_AT_ONCE)).all()
        for row in rows:
            row.status, row.changed_at = Status.PURGED.value, now
            session.add(row)
            journal.append(session, exchange, "transfer.status", None, row.id, status=row.status)
    for row in rows:
        _shred_if_unused(exchange, row.blob_id)
    return len(rows)


def _drop_stale_drafts(exchange: Exchange) -> int:
    before = exchange.clock() - timedelta(days=exchange.settings.draft_days)
    with transaction(exchange.engine) as session:
        stale = (col(Transfer.status) == Status.DRAFT) & (col(Transfer.changed_at) < before)
        rows = session.exec(select(Transfer).where(stale).limit(_AT_ONCE)).all()
        session.execute(delete(Transfer).where(col(Transfer.id).in_([row.id for row in rows])))
    for row in rows:
        _shred_if_unused(exchange, row.blob_id)
    return len(rows)


def _shred_orphans(exchange: Exchange) -> int:
    return sum(_shred_if_unused(exchange, blob_id) for blob_id in exchange.vault.ids(older_than_hours=24))


def _shred_if_unused(exchange: Exchange, blob_id: str | None) -> bool:
    with reading(exchange.engine) as session:
        if blob_id is None or repository.shares_blob(session, blob_id):
            return False
    try:
        exchange.vault.shred(blob_id)
    except (BlobMissingError, BlobBusyError):
        return False
    return True
