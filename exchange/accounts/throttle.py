"""Pauses after wrong sign-ins, per account and per source, shared by all doors.

Keys are counted by source alone: nobody guesses a key, and whoever knows a username must not be able to
shut out a program that signs in by one, by typing wrong passwords. An API token nobody has issued counts
against its source like a wrong password; a void one against itself alone, since it is somebody's forgotten
program that calls and not a guess.
"""

from datetime import timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, col, delete, select

from exchange.database import add_if_missing, reading, transaction
from exchange.errors import TooManyAttemptsError
from exchange.models.accounts import SignInFailure
from exchange.models.base import as_utc
from exchange.runtime import Exchange

SOURCE_FACTOR = 10
"""One address may serve many people: it may fail this many times as often as one account."""
_UNTIL = select(SignInFailure.locked_until).where(col(SignInFailure.subject) == bindparam("subject"))


def check(exchange: Exchange, source: str | None, username: str | None = None) -> None:
    """Raise `TooManyAttemptsError` while the source is paused, or the account of `username`, where given."""
    now = exchange.clock()
    with reading(exchange.engine) as session:
        for subject in _allowed(exchange, source, username):
            until = session.connection().execute(_UNTIL, {"subject": subject}).scalar()
            if until and as_utc(until) > now:
                wait = as_utc(until) - now
                raise TooManyAttemptsError(retry_after=int(wait.total_seconds()) + 1)


def record_failure(exchange: Exchange, source: str | None, username: str | None = None) -> None:
    """Count a wrong attempt against the source, and against the account of `username`, where given."""
    with transaction(exchange.engine) as session:
        for subject, allowed in _allowed(exchange, source, username).items():
            _count(session, exchange, subject, allowed)


def spend(exchange: Exchange, name: str, allowed: int) -> None:
    """Count one use of what costs work against `name`; the use after the last allowed one finds a pause.

    Raises `TooManyAttemptsError` while paused.
    """
    check(exchange, None, name)
    with transaction(exchange.engine) as session:
        _count(session, exchange, _subject(exchange, f"account:{name}"), allowed)


def forget(session: Session, exchange: Exchange, username: str) -> None:
    """A right password and code clear the account's count, in the caller's transaction."""
    subject = _subject(exchange, f"account:{username}")
    session.execute(delete(SignInFailure).where(col(SignInFailure.subject) == subject))


def _allowed(exchange: Exchange, source: str | None, username: str | None) -> dict[bytes, int]:
    """What an attempt is counted against, in the order of locking, with the failures allowed."""
    allowed = exchange.settings.attempts
    account = {} if username is None else {_subject(exchange, f"account:{username}"): allowed}
    if source is None:
        return account
    return account | {_subject(exchange, f"source:{source}"): allowed * SOURCE_FACTOR}


def _subject(exchange: Exchange, name: str) -> bytes:
    return exchange.vault.cells.keyed_hash("throttle", name)


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
