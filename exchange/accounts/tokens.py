"""API tokens: `ocss_` and 32 random bytes, of which only the SHA-256 is kept."""

import hashlib

from sqlmodel import select

from exchange.accounts.identity import actor_of, prove
from exchange.database import reading
from exchange.errors import NotSignedInError, SignInRefusedError
from exchange.models.accounts import ApiToken
from exchange.models.base import as_utc
from exchange.runtime import Exchange
from roles.policy import Actor, Channel

PREFIX = "ocss_"


def hash_of(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def actor_of_token(exchange: Exchange, token: str, source: str) -> Actor:
    """The identity behind a bearer token; `NotSignedInError` when unknown, expired or of a closed account."""
    with reading(exchange.engine) as session:
        row = session.exec(select(ApiToken).where(ApiToken.token_hash == hash_of(token))).first()
    if row is None or as_utc(row.expires_at) <= exchange.clock():
        raise NotSignedInError
    prove(exchange, row)
    try:
        return actor_of(exchange, row.account_id, Channel.API, source)
    except SignInRefusedError:
        raise NotSignedInError from None
