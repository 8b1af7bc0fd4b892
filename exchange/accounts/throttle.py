"""Pauses after wrong sign-ins, per account and per source, shared by all doors."""

from datetime import timedelta

from sqlmodel import Session, col, delete

from exchange.database import add_if_missing, reading, transaction
from exchange.errors import TooManyAttemptsError
from exchange.models.accounts import SignInFailure
from exchange.models.base import as_utc
from exchange.runtime import Exchange

SOURCE_FACTOR = 10
"""One address may serve many people: it may fail this many times as often as one account."""


def check(exchange: Exchange, username: str, source: str) -> None:
    """Raise `TooManyAttemptsError` while the account or the source is paused."""
    now = exchange.clock()
    with reading(exchange.engine) as session:
        for subject in _subjects(exchange, username, source):
            row = session.get(SignInFailure, subject)
            if row and row.locked_until and as_utc(row.locked_until) > now:
                wait = as_utc(row.locked_until) - now
                raise TooManyAttemptsError(retry_after=int(wait.total_seconds()) + 1)


def record_failure(exchange: Exchange, username: str, source: str) -> None:
    """Count a wrong attempt against the account and the source."""
    allowed = exchange.settings.attempts
    account, address = _subjects(exchange, username, source)
    with transaction(exchange.engine) as session:
        _count(session, exchange, account, allowed)
        _count(session, exchange, address, allowed * SOURCE_FACTOR)


def forget(session: Session, exchange: Exchange, username: str) -> None:
    """A right sign-in clears the account's count, in the caller's transaction."""
    subject, _ = _subjects(exchange, username, "")
    session.execute(delete(SignInFailure).where(col(SignInFailure.subject) == subject))


def _subjects(exchange: Exchange, username: str, source: str) -> tuple[bytes, bytes]:
    keyed = exchange.vault.cells.keyed_hash
    return keyed("throttle", f"account:{username}"), keyed("throttle", f"source:{source}")


def _count(session: Session, exchange: Exchange, subject: bytes, allowed: int) -> None:
    now, settings = exchange.clock(), exchange.settings
    add_if_missing(session, SignInFailure(subject=subject, failures=0, first_at=now))
    row = session.get_one(SignInFailure, subject, with_for_update=True)
    if as_utc(row.first_at) + timedelta(minutes=settings.attempt_window_minutes) < now:
        row.failures, row.first_at = 0, now
    row.failures += 1
    if row.failures >= allowed:
        row.failures, row.first_at = 0, now
        row.locked_until = now + timedelta(minutes=settings.lock_minutes)
    session.add(row)
