"""Where a transfer stands: each change of state is a row changed and a journal event, in one transaction."""

from datetime import timedelta

from sqlmodel import Session

from exchange import journal
from exchange.models.base import as_utc
from exchange.models.transfers import Status, Transfer
from exchange.runtime import Exchange
from roles.programs import PROGRAMS

SETTLED = frozenset({Status.QUARANTINED, Status.REJECTED, Status.COMPLETE, Status.EXPIRED, Status.PURGED})
"""States in which nothing more will be done with an inbound transfer, and its answers are there."""
ENDED = frozenset({Status.QUARANTINED, Status.REJECTED, Status.COMPLETE})
"""Those that an answer leads to, and not the end of its keeping."""


def advance(session: Session, exchange: Exchange, row: Transfer, status: Status, **facts: object) -> None:
    """Move a transfer to `status`; a transfer that is there already (a repeated step) stays untouched."""
    if row.status == status:
        return
    row.status, row.changed_at = status.value, exchange.clock()
    if status in ENDED:
        _count(row)
    session.add(row)
    journal.append(session, exchange, "transfer.status", None, row.id, status=status.value, **facts)


def _count(row: Transfer) -> None:
    """Keep what volumes are counted from: one day it is purged. No record of a refused file is used."""
    row.outcome = row.status
    row.took = (as_utc(row.changed_at) - as_utc(row.created_at)) // timedelta(milliseconds=1)
    if row.status != Status.COMPLETE:
        row.refused = row.records


def kept_for(program: str) -> timedelta:
    """How long files of a program are kept from their hand-over."""
    return timedelta(days=PROGRAMS[program].retention_days)
