"""Browser sessions, kept on the server: a random token in the cookie, its SHA-256 in the table.

Idle and absolute limits come from the settings.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, delete, select, update

from exchange import journal
from exchange.accounts import acting, own, rules
from exchange.accounts.identity import actor_of, mark, prove, seal
from exchange.accounts.sign_in import PASSED_FOR, PasswordPassed
from exchange.database import reading, transaction
from exchange.errors import NotSignedInError, SignInRefusedError
from exchange.models.accounts import Account, WebSession
from exchange.models.base import as_utc
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.policy import Actor, Channel, Client

FULL, PASSWORD = "full", "password"
_TOUCH_AFTER = timedelta(seconds=30)
FRESH_FOR = timedelta(minutes=10)
"""How long ago a second factor may have been shown when something dangerous is to be done."""


@dataclass(frozen=True)
class Visit:
    """One request of a session: who it is, and when they last showed a second factor in it.

    `client_ended`: the client that it acted for does not agree any more; the actor acts for nobody.
    """

    actor: Actor
    proven_at: datetime | None
    confirm_by: datetime
    rules_are_due: bool
    client_ended: bool = False


@dataclass(frozen=True)
class OpenSession:
    """One session as its owner sees it; `name` tells it from others and opens nothing."""

    name: str
    user_agent: str
    source: str
    opened_at: datetime
    seen_at: datetime
    current: bool


def open_session(exchange: Exchange, actor: Actor, user_agent: str) -> str:
    """Open a session for an identity that has passed both factors; returns the cookie's token."""
    lifetime = timedelta(hours=exchange.settings.absolute_hours)
    return _open(exchange, actor.account_id, (FULL, lifetime, actor.source, user_agent))


def begin_challenge(exchange: Exchange, passed: PasswordPassed, source: str) -> str:
    """A short-lived token for somebody between password and code."""
    return _open(exchange, passed.account_id, (PASSWORD, PASSED_FOR, source, ""))


def passed_of_challenge(exchange: Exchange, token: str) -> PasswordPassed:
    """Who passed the first factor with this token; `NotSignedInError` when unknown or too old."""
    row = _row(exchange, token, PASSWORD)
    with reading(exchange.engine) as session:
        account = session.get_one(Account, row.account_id)
    return PasswordPassed(account.id, account.username)


def visit(exchange: Exchange, token: str, source: str, *, keeps: bool = True) -> Visit:
    """Who comes with a session's token, read anew; `keeps` the session from idling out.

    Raises `NotSignedInError` when the session is unknown, idle or too old, or the account no longer active.
    """
    row = _row(exchange, token, FULL)
    try:
        actor = actor_of(exchange, row.account_id, Channel.WEB, source)
    except SignInRefusedError:
        _refuse(exchange, row, source)
        raise NotSignedInError from None
    now = exchange.clock()
    if keeps and now - as_utc(row.seen_at) > _TOUCH_AFTER:
        with transaction(exchange.engine) as session:
            mine = col(WebSession.token_hash) == row.token_hash
            session.execute(update(WebSession).where(mine).values(seen_at=now))
    with reading(exchange.engine) as session:
        account = session.get_one(Account, row.account_id)
        client = _client_of(session, exchange, actor, row)
    proven_at, ended = as_utc(row.proven_at) if row.proven_at else None, bool(row.client_id and not client)
    actor = replace(actor, client=client)
    return Visit(actor, proven_at, own.confirm_by(account), rules.are_due(account, now), ended)


def act_for(exchange: Exchange, actor: Actor, token: str, client: Client | None) -> None:
    """Let a session act for a client from its next request on; None: for the actor's own organization."""
    row = _row(exchange, token, FULL)
    row.client_id = client.id if client else None
    values = {"client_id": row.client_id, "authenticator": mark(exchange, row)}
    with transaction(exchange.engine) as session:
        mine = col(WebSession.token_hash) == row.token_hash
        session.execute(update(WebSession).where(mine).values(values))
        journal.append(session, exchange, "session.acts_for", actor, row.client_id)


def _client_of(session: Session, exchange: Exchange, actor: Actor, row: WebSession) -> Client | None:
    """Whom a session acts for, while that client agrees."""
    if row.client_id is None:
        return None
    found = acting.client_of(session, exchange, actor.organization_id, row.client_id)
    return Client(found.id, found.name, OrganizationKind(found.kind)) if found else None


def note_proof(exchange: Exchange, token: str) -> None:
    """A second factor was shown just now in this session; `NotSignedInError` when it has ended."""
    row = _row(exchange, token, FULL)
    row.proven_at = exchange.clock()
    values = {"proven_at": row.proven_at, "authenticator": mark(exchange, row)}
    with transaction(exchange.engine) as session:
        mine = col(WebSession.token_hash) == row.token_hash
        session.execute(update(WebSession).where(mine).values(values))


def end_session(exchange: Exchange, token: str) -> None:
    """End a session or a challenge; an unknown token is no error."""
    with transaction(exchange.engine) as session:
        row = session.get(WebSession, _hash(token))
        if row is None:
            return
        session.execute(delete(WebSession).where(col(WebSession.token_hash) == row.token_hash))
        if row.stage == FULL:
            journal.append(session, exchange, "account.signed_out", None, row.account_id)


def open_sessions(exchange: Exchange, actor: Actor, token: str) -> list[OpenSession]:
    """The actor's sessions that are neither idle nor too old, the one with `token` marked, newest first."""
    now = exchange.clock()
    idle = now - timedelta(minutes=exchange.settings.idle_minutes)
    live = (WebSession.stage == FULL, WebSession.expires_at > now, WebSession.seen_at > idle)
    mine = select(WebSession).where(WebSession.account_id == actor.account_id, *live)
    with reading(exchange.engine) as session:
        rows = session.exec(mine.order_by(col(WebSession.created_at).desc())).all()
    return [_shown(row, token) for row in rows]


def revoke(exchange: Exchange, actor: Actor, names: Iterable[str]) -> None:
    """End those of the actor's sessions that have these names; others' and unknown ones are no error."""
    wanted = set(names)
    with transaction(exchange.engine) as session:
        mine = session.exec(select(WebSession).where(WebSession.account_id == actor.account_id)).all()
        for row in mine:
            if _name(row) in wanted:
                session.delete(row)
                journal.append(session, exchange, "session.revoked", actor, actor.account_id)


def _shown(row: WebSession, token: str) -> OpenSession:
    times = as_utc(row.created_at), as_utc(row.seen_at)
    return OpenSession(_name(row), row.user_agent, row.source, *times, row.token_hash == _hash(token))


def _name(row: WebSession) -> str:
    return row.token_hash.hex()[:24]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def _refuse(exchange: Exchange, row: WebSession, source: str) -> None:
    """End the session of an account that is active no more, and journal that it was used."""
    facts = {"at": "session", "channel": Channel.WEB.value, "source": source}
    with transaction(exchange.engine) as session:
        session.execute(delete(WebSession).where(col(WebSession.token_hash) == row.token_hash))
        journal.append(session, exchange, "account.refused", None, row.account_id, **facts)


def _open(exchange: Exchange, account_id: UUID, what: tuple[str, timedelta, str, str]) -> str:
    stage, lifetime, source, user_agent = what
    token, now = secrets.token_urlsafe(32), exchange.clock()
    row = WebSession(
        token_hash=_hash(token),
        account_id=account_id,
        stage=stage,
        created_at=now,
        seen_at=now,
        expires_at=now + lifetime,
        source=source,
        user_agent=user_agent[:200],
        proven_at=now if stage == FULL else None,
    )
    with transaction(exchange.engine) as session:
        seal(session, exchange, row)
    return token


def _row(exchange: Exchange, token: str, stage: str) -> WebSession:
    now = exchange.clock()
    idle = timedelta(minutes=exchange.settings.idle_minutes)
    with reading(exchange.engine) as session:
        row = session.get(WebSession, _hash(token))
    if (
        row is None
        or row.stage != stage
        or as_utc(row.expires_at) <= now
        or as_utc(row.seen_at) + idle <= now
    ):
        raise NotSignedInError
    prove(exchange, row)
    return row
