"""Letting go: files whose time has ended, drafts nobody resumed, blobs nobody names, sessions that ended.

A blob is shredded only when no transfer that is still kept names it.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from sqlmodel import Session, col, delete, select

from exchange import journal
from exchange.database import reading, transaction
from exchange.errors import BlobBusyError
from exchange.models.accounts import WebSession
from exchange.models.transfers import Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import draft_rows, reported, repository

_AT_ONCE = 500
_ORPHAN_HOURS = 24
"""A blob without a row may be an upload that is just being handed over; after a day it is none."""


def sweep(exchange: Exchange) -> int:
    """Purge what is due and shred what nobody names; returns how many transfers and blobs went."""
    _forget_sessions(exchange)
    return _drop_stale_drafts(exchange) + _purge_expired(exchange) + _shred_orphans(exchange)


def _forget_sessions(exchange: Exchange) -> None:
    with transaction(exchange.engine) as session:
        session.execute(delete(WebSession).where(col(WebSession.expires_at) <= exchange.clock()))


def purge(session: Session, exchange: Exchange, rows: Iterable[Transfer]) -> None:
    """Mark files as purged, in the caller's transaction; `shred_unused` takes their bytes after it."""
    for row in rows:
        row.status, row.changed_at = Status.PURGED.value, exchange.clock()
        session.add(row)
        journal.append(session, exchange, "transfer.status", None, row.id, status=row.status)


def _purge_expired(exchange: Exchange) -> int:
    now = exchange.clock()
    with transaction(exchange.engine) as session:
        kept = col(Transfer.status).not_in((Status.DRAFT, Status.PURGED))
        due = select(Transfer).where(col(Transfer.expires_at) <= now, kept)
        rows = session.exec(due.limit(_AT_ONCE)).all()
        purge(session, exchange, rows)
        reports = reported.forget(session, [row.id for row in rows])
    shred_unused(exchange, {row.blob_id for row in rows if row.blob_id} | reports)
    return len(rows)


def _drop_stale_drafts(exchange: Exchange) -> int:
    now = exchange.clock()
    old = col(Transfer.changed_at) < now - timedelta(days=exchange.settings.draft_days)
    stale = (col(Transfer.status) == Status.DRAFT) & (old | (col(Transfer.expires_at) <= now))
    with reading(exchange.engine) as session:
        rows = session.exec(select(Transfer.id, Transfer.blob_id).where(stale).limit(_AT_ONCE)).all()
    return sum(draft_rows.drop(exchange, identifier, blob_id or "") for identifier, blob_id in rows)


def _shred_orphans(exchange: Exchange) -> int:
    old = exchange.vault.ids(older_than_hours=_ORPHAN_HOURS)
    return sum(shred_unused(exchange, set(some)) for some in _batches(old))


def shred_unused(exchange: Exchange, blob_ids: set[str]) -> int:
    """Shred those of the blobs that nothing names any more; returns how many went."""
    with reading(exchange.engine) as session:
        unused = blob_ids - repository.blobs_in_use(session, blob_ids)
    return sum(_shred(exchange, blob_id) for blob_id in unused)


def _shred(exchange: Exchange, blob_id: str) -> bool:
    try:
        exchange.vault.shred(blob_id)
    except BlobBusyError:
        return False  # an upload that is still small enough to have no row
    return True


def _batches(blob_ids: Iterable[str]) -> Iterator[tuple[str, ...]]:
    rest = iter(blob_ids)
    while some := tuple(islice(rest, _AT_ONCE)):
        yield some
