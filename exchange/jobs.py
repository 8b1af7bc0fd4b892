"""The queue: rows of the `job` table, enqueued in the transaction of the fact they follow.

A claim takes a lease. The effect of a job and its end commit together, so a worker whose lease lapsed is
fenced off: its whole transaction rolls back with `LeaseLostError`. A process that is seen to have ended
loses its lease at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.engine import CursorResult
from sqlmodel import Session, col, select

from exchange import processes
from exchange.database import add_now, reading, transaction
from exchange.errors import LeaseLostError
from exchange.models.jobs import Job
from exchange.runtime import Exchange

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5


@dataclass(frozen=True)
class Claimed:
    """A job in a worker's hands; `attempt` counts from 1 and, with `owner`, proves the lease."""

    id: UUID
    kind: str
    transfer_id: UUID
    attempt: int
    owner: str


def enqueue(session: Session, exchange: Exchange, kind: str, transfer_id: UUID) -> None:
    """Add a job in the caller's transaction; it may run as soon as that commits."""
    now = exchange.clock()
    add_now(session, Job(kind=kind, transfer_id=transfer_id, run_at=now, created_at=now))


def claim(exchange: Exchange, owner: str, transfer_id: UUID | None = None) -> Claimed | None:
    """Take the next job that is due, of one transfer if named; None when there is none.

    Looks before it writes, so that an idle worker never holds the write lock.
    """
    now = exchange.clock()
    due = _due(now, transfer_id)
    with reading(exchange.engine) as session:
        if session.exec(select(Job.id).where(due).limit(1)).first() is None:
            return None
    with transaction(exchange.engine) as session:
        chosen = (
            select(Job.id).where(due).order_by(col(Job.run_at)).limit(1).with_for_update(skip_locked=True)
        )
        taken = session.execute(
            update(Job)
            .where(col(Job.id) == chosen.scalar_subquery())
            .values(owner=owner, lease_until=now + LEASE, attempts=col(Job.attempts) + 1)
            .returning(col(Job.id), col(Job.kind), col(Job.transfer_id), col(Job.attempts))
        ).first()
    if taken is None:
        return None
    identifier, kind, about, attempt = taken
    return Claimed(identifier, kind, about, attempt, owner)


def _due(now: datetime, transfer_id: UUID | None) -> ColumnElement[bool]:
    free = or_(col(Job.lease_until).is_(None), col(Job.lease_until) < now)
    due = (col(Job.state) == "waiting") & (col(Job.run_at) <= now) & free
    return due if transfer_id is None else due & (col(Job.transfer_id) == transfer_id)


def renew(exchange: Exchange, claimed: Claimed) -> None:
    """Keep a long job's lease alive; raises `LeaseLostError` when another worker has it."""
    with transaction(exchange.engine) as session:
        hold(session, exchange, claimed)


def hold(session: Session, exchange: Exchange, claimed: Claimed) -> None:
    """Renew the lease in the caller's transaction, which rolls back with `LeaseLostError` when it is lost."""
    _change(session, claimed, lease_until=exchange.clock() + LEASE)


def complete(session: Session, claimed: Claimed) -> None:
    """End the job in the effect's own transaction; raises `LeaseLostError` when fenced off."""
    _change(session, claimed, state="done", lease_until=None)


def fail(session: Session, claimed: Claimed) -> None:
    """Give the job up in the caller's transaction, which tells the people concerned."""
    _change(session, claimed, state="failed", lease_until=None)


def retry(exchange: Exchange, claimed: Claimed) -> bool:
    """Put the job back with a growing pause (1, 4, 9 ... seconds); False when its attempts are used up."""
    if claimed.attempt >= MAX_ATTEMPTS:
        return False
    again = exchange.clock() + _pause(claimed.attempt)
    with transaction(exchange.engine) as session:
        _change(session, claimed, owner=None, lease_until=None, run_at=again)
    return True


def release_ended(exchange: Exchange) -> int:
    """Put back the jobs of processes of this machine that were killed, as `retry` would; how many.

    Of other machines' processes nothing is known here: theirs wait for the end of their lease.
    """
    held = (col(Job.state) == "waiting") & col(Job.lease_until).is_not(None)
    with reading(exchange.engine) as session:
        owners = session.exec(select(Job.owner).where(held).distinct()).all()
    ended = [owner for owner in owners if owner is not None and processes.has_ended(owner)]
    if not ended:
        return 0
    with transaction(exchange.engine) as session:
        found = session.exec(select(Job).where(held, col(Job.owner).in_(ended)).with_for_update()).all()
        for job in found:
            job.owner, job.lease_until, job.run_at = None, None, exchange.clock() + _pause(job.attempts)
            session.add(job)
    return len(found)


def _pause(attempt: int) -> timedelta:
    """How long a job rests after so many attempts, for what fails or kills its worker may do so again."""
    return timedelta(seconds=attempt**2)


def _change(session: Session, claimed: Claimed, **values: object) -> None:
    mine = (col(Job.id) == claimed.id) & (col(Job.owner) == claimed.owner)
    current = (col(Job.attempts) == claimed.attempt) & (col(Job.state) == "waiting")
    result = session.execute(update(Job).where(mine, current).values(**values))
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise LeaseLostError
