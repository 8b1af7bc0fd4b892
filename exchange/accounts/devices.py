"""Browsers somebody has signed in from before; a letter tells them of every other one."""

import secrets

from sqlmodel import Session, select

from exchange import journal, letters
from exchange.database import transaction
from exchange.models.accounts import Account
from exchange.models.credentials import KnownDevice
from exchange.runtime import Exchange
from roles.policy import Actor

_KEPT = 5
"""Tokens one browser keeps: so many people share it at most without a letter each time."""


def recognize(exchange: Exchange, actor: Actor, kept: str) -> str:
    """Note that the actor signs in at the browser that keeps these tokens; returns what it is to keep.

    A browser this account was never seen at is told by letter, unless it is the account's first.
    """
    tokens = [token for token in kept.split(".") if token][:_KEPT]
    with transaction(exchange.engine) as session:
        for token in tokens:
            known = session.get(KnownDevice, (actor.account_id, _hash(exchange, token)))
            if known is not None:
                known.seen_at = exchange.clock()
                return kept
        fresh = _add(session, exchange, actor)
    return ".".join([fresh, *tokens][:_KEPT])


def _add(session: Session, exchange: Exchange, actor: Actor) -> str:
    mine = select(KnownDevice.seen_at).where(KnownDevice.account_id == actor.account_id)
    first = session.exec(mine).first() is None
    token, now = secrets.token_urlsafe(16), exchange.clock()
    session.add(KnownDevice(account_id=actor.account_id, token_hash=_hash(exchange, token), seen_at=now))
    account = session.get_one(Account, actor.account_id)
    if not first:
        letters.write(session, exchange, account.email, "new-device")
    journal.append(session, exchange, "device.new", actor, account.id, source=actor.source)
    return token


def _hash(exchange: Exchange, token: str) -> bytes:
    return exchange.vault.cells.keyed_hash("device", token.encode(errors="replace").decode())
