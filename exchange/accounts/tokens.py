"""API tokens: `ocss_` and 32 random bytes, of which only the SHA-256 is kept.

A token is bound to scopes: it never lets its bearer do more than those, nor more than its account may do.
"""

import hashlib
from dataclasses import replace
from datetime import timedelta

from sqlmodel import col, select, update

from exchange import journal
from exchange.accounts import throttle
from exchange.accounts.identity import actor_of, prove
from exchange.database import one_reading, reading, transaction
from exchange.errors import NotSignedInError, SignInRefusedError
from exchange.models.accounts import ApiToken
from exchange.models.base import as_utc
from exchange.runtime import Exchange
from roles.permissions import Permission
from roles.policy import Actor, Channel

PREFIX = "ocss_"
_USE_NOTED_AFTER = timedelta(minutes=1)


def hash_of(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def actor_of_token(exchange: Exchange, token: str, source: str) -> Actor:
    """The identity behind a bearer token, held to its scopes.

    Raises `NotSignedInError` when it is unknown, expired, revoked or of a closed account, which stands in the
    journal; `TooManyAttemptsError` while the source is paused, or a void token that is used again and again.
    """
    with one_reading(exchange.engine):
        return _proven(exchange, token, source)


def _proven(exchange: Exchange, token: str, source: str) -> Actor:
    throttle.check(exchange, source)
    with reading(exchange.engine) as session:
        row = session.exec(select(ApiToken).where(ApiToken.token_hash == hash_of(token))).first()
    if row is None:
        raise _refusal(exchange, None, source)
    throttle.check(exchange, None, _budget(row))
    prove(exchange, row)
    try:
        actor = _actor(exchange, row, source)
    except SignInRefusedError:
        raise _refusal(exchange, row, source) from None
    _note_use(exchange, row)
    return actor


def scopes_in(text: str | None) -> frozenset[Permission] | None:
    """A token's scopes; what is no permission any more is no scope either."""
    return None if text is None else frozenset(one for one in Permission if one in text.split())


def _actor(exchange: Exchange, row: ApiToken, source: str) -> Actor:
    if row.revoked_at is not None or as_utc(row.expires_at) <= exchange.clock():
        raise SignInRefusedError
    return replace(actor_of(exchange, row.account_id, Channel.API, source), scopes=scopes_in(row.scopes))


def _note_use(exchange: Exchange, row: ApiToken) -> None:
    now = exchange.clock()
    if row.last_used_at is None or now - as_utc(row.last_used_at) > _USE_NOTED_AFTER:
        with transaction(exchange.engine) as session:
            mine = col(ApiToken.id) == row.id
            session.execute(update(ApiToken).where(mine).values(last_used_at=now))


def _refusal(exchange: Exchange, row: ApiToken | None, source: str) -> NotSignedInError:
    """Count and journal a token that opens nothing; returns what to raise."""
    if row is None:
        throttle.record_failure(exchange, source)
    else:
        throttle.record_failure(exchange, None, _budget(row))
    facts = {"at": "token", "channel": Channel.API.value, "source": source}
    with transaction(exchange.engine) as session:
        journal.append(session, exchange, "account.refused", None, row.account_id if row else None, **facts)
    return NotSignedInError()


def _budget(row: ApiToken) -> str:
    return f"token:{row.id}"
