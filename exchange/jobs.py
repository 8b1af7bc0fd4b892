"""The queue: rows of the `job` table, enqueued in the transaction of the fact they follow.

A claim takes a lease. The effect of a job and its end commit together, so a worker whose lease lapsed is
fenced off: its whole transaction rolls back with `LeaseLostError`. A process that is seen to have ended
loses its lease at once.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Executable, UpdateBase, bindparam, or_, update
from sqlmodel import Session, col, select

from exchange import processes
from exchange.database import insert_now, reading, table_of, transaction
from exchange.errors import LeaseLostError
from exchange.models.jobs import Job
from exchange.runtime import Exchange

ExecutableT = TypeVar("ExecutableT", bound=Executable)

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


def enqueue(
    session: Session, exchange: Exchange, kind: str, transfer_id: UUID, rest: timedelta | None = None
) -> None:
    """Add a job in the caller's transaction; it may run as soon as that commits, or after a rest."""
    now = exchange.clock()
    due = now + (rest or timedelta())
    insert_now(session, Job, kind=kind, transfer_id=transfer_id, run_at=due, created_at=now)


def enqueue_taken(session: Session, exchange: Exchange, kind: str, transfer_id: UUID, owner: str) -> Claimed:
    """As `enqueue`, with the job in the hands of `owner` from its first moment: no worker takes it."""
    now = exchange.clock()
    taken = Claimed(uuid4(), kind, transfer_id, 1, owner)
    lease = {"owner": owner, "lease_until": now + LEASE, "attempts": taken.attempt}
    about = {"id": taken.id, "kind": kind, "transfer_id": transfer_id}
    insert_now(session, Job, **about, **lease, run_at=now, created_at=now)
    return taken


def is_due(exchange: Exchange, transfer_id: UUID | None = None) -> bool:
    """Whether a job may run now. Whoever asks before claiming never holds the write lock in vain."""
    with reading(exchange.engine) as session:
        return session.connection().execute(*_asked(_LOOK, exchange, transfer_id)).first() is not None


def raining(exchange: Exchange, within: timedelta) -> bool:
    """Whether a job that nobody has taken yet came in so shortly before."""
    now = exchange.clock()
    with reading(exchange.engine) as session:
        return session.connection().execute(_NEW, {"since": now - within, "now": now}).first() is not None


def claim(
    session: Session, exchange: Exchange, owner: str, transfer_id: UUID | None = None
) -> Claimed | None:
    """Take the next job that is due, of one transfer if named, in the caller's transaction; None without one.

    It sees the jobs that were enqueued in the same transaction.
    """
    statement, asked = _asked(_TAKE, exchange, transfer_id)
    mine = {"holder": owner, "until": asked["now"] + LEASE}
    found = session.connection().execute(statement, asked | mine).first()
    if found is None:
        return None
    identifier, kind, about, attempt = found
    return Claimed(identifier, kind, about, attempt, owner)


def _asked(
    statements: dict[bool, ExecutableT], exchange: Exchange, transfer_id: UUID | None
) -> tuple[ExecutableT, dict[str, Any]]:
    """The statement for any job or for one transfer's, and its parameters."""
    about = {} if transfer_id is None else {"about": transfer_id}
    return statements[bool(about)], {"now": exchange.clock(), **about}


def _due(*, of_transfer: bool) -> ColumnElement[bool]:
    now = bindparam("now", type_=_JOBS.run_at.type)
    due = (_JOBS.state == "waiting") & (_JOBS.run_at <= now)
    free = due & or_(_JOBS.lease_until.is_(None), _JOBS.lease_until < now)
    return free & (_JOBS.transfer_id == bindparam("about")) if of_transfer else free


def _taking(due: ColumnElement[bool]) -> UpdateBase:
    next_one = select(_JOBS.id).where(due).order_by(_JOBS.run_at).limit(1)
    return (
        update(table_of(Job))
        .where(_JOBS.id == next_one.with_for_update(skip_locked=True).scalar_subquery())
        .values(owner=bindparam("holder"), lease_until=bindparam("until"), attempts=_JOBS.attempts + 1)
        .returning(_JOBS.id, _JOBS.kind, _JOBS.transfer_id, _JOBS.attempts)
    )


# Built once: to put a statement together takes longer than to run it.
_JOBS = table_of(Job).c
_LOOK = {of_one: select(_JOBS.id).where(_due(of_transfer=of_one)).limit(1) for of_one in (False, True)}
_NEW = (
    select(_JOBS.id)
    .where(_JOBS.state == "waiting", _JOBS.lease_until.is_(None))
    .where(_JOBS.run_at > bindparam("since"), _JOBS.run_at <= bindparam("now"))
    .limit(1)
)
_TAKE = {of_one: _taking(_due(of_transfer=of_one)) for of_one in (False, True)}
_MINE = (
    (_JOBS.id == bindparam("job_id"))
    & (_JOBS.owner == bindparam("holder"))
    & (_JOBS.attempts == bindparam("attempt"))
    & (_JOBS.state == "waiting")
)
_CHANGE = update(table_of(Job)).where(_MINE)


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
    mine = {"job_id": claimed.id, "holder": claimed.owner, "attempt": claimed.attempt}
    result = session.connection().execute(_CHANGE, mine | values)
    if result.rowcount != 1:
        raise LeaseLostError
