"""What one page hands to the next, or a letter to a page: sealed here, found by a token, used once."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, delete, select, update

from exchange.database import reading, transaction
from exchange.errors import NotSignedInError
from exchange.models.base import as_utc
from exchange.models.credentials import Ticket
from exchange.runtime import Exchange

_AT_ONCE = 500


@dataclass(frozen=True)
class Content:
    """What a ticket says; `account_id` is whose it is, None while nobody has proven anything."""

    account_id: UUID | None
    said: dict[str, str]


def issue(session: Session, exchange: Exchange, purpose: str, content: Content, lifetime: timedelta) -> str:
    """Make a ticket in the caller's transaction; returns its token."""
    token = secrets.token_urlsafe(32)
    issue_for(session, exchange, purpose, token, (content, lifetime))
    return token


def issue_for(
    session: Session, exchange: Exchange, purpose: str, token: str, made: tuple[Content, timedelta]
) -> None:
    """Make a ticket whose token the caller has chosen, such as a code that a letter carries."""
    (content, lifetime), now = made, exchange.clock()
    row = Ticket(
        token_hash=_hash(exchange, purpose, token),
        purpose=purpose,
        account_id=content.account_id,
        sealed=exchange.vault.cells.seal(_place(purpose, content.account_id), json.dumps(content.said)),
        created_at=now,
        expires_at=now + lifetime,
    )
    session.add(row)


def read(exchange: Exchange, purpose: str, token: str) -> Content:
    """What the ticket says; raises `NotSignedInError` when it is unknown, used or too old."""
    with reading(exchange.engine) as session:
        row = session.get(Ticket, _hash(exchange, purpose, token))
    if row is None or row.purpose != purpose or as_utc(row.expires_at) <= exchange.clock():
        raise NotSignedInError
    return _content(exchange, row)


def rewrite(session: Session, exchange: Exchange, purpose: str, token: str, content: Content) -> None:
    """Say more in the same ticket, whose time runs on; `NotSignedInError` when it was used meanwhile."""
    mine = col(Ticket.token_hash) == _hash(exchange, purpose, token)
    sealed = exchange.vault.cells.seal(_place(purpose, content.account_id), json.dumps(content.said))
    changed = update(Ticket).where(mine, col(Ticket.account_id) == content.account_id).values(sealed=sealed)
    if session.execute(changed.returning(col(Ticket.token_hash))).first() is None:
        raise NotSignedInError


def use(session: Session, exchange: Exchange, purpose: str, token: str) -> None:
    """Use a ticket up, in the transaction of what it was for; `NotSignedInError` when somebody was first."""
    mine = col(Ticket.token_hash) == _hash(exchange, purpose, token)
    used = delete(Ticket).where(mine, col(Ticket.expires_at) > exchange.clock())
    if session.execute(used.returning(col(Ticket.token_hash))).first() is None:
        raise NotSignedInError


def waiting(exchange: Exchange, purpose: str) -> list[tuple[bytes, Content]]:
    """Tickets that a worker is to answer, the oldest first: the key of each row, and what it says."""
    lasting = (Ticket.purpose == purpose, Ticket.expires_at > exchange.clock())
    with reading(exchange.engine) as session:
        mine = select(Ticket).where(*lasting).order_by(col(Ticket.created_at)).limit(_AT_ONCE)
        rows = session.exec(mine).all()
    return [(row.token_hash, _content(exchange, row)) for row in rows]


def of_account(session: Session, exchange: Exchange, purpose: str, account_id: UUID) -> Sequence[Ticket]:
    """The tickets of somebody for one purpose that can still be used."""
    lasting = (Ticket.purpose == purpose, Ticket.expires_at > exchange.clock())
    return session.exec(select(Ticket).where(*lasting, Ticket.account_id == account_id)).all()


def take(session: Session, key: bytes) -> bool:
    """Remove a waiting ticket, in the transaction of its answer; False when another worker was first."""
    taken = delete(Ticket).where(col(Ticket.token_hash) == key).returning(col(Ticket.token_hash))
    return session.execute(taken).first() is not None


def forget(exchange: Exchange) -> None:
    """Remove those whose time has ended."""
    with transaction(exchange.engine) as session:
        session.execute(delete(Ticket).where(col(Ticket.expires_at) <= exchange.clock()))


def _content(exchange: Exchange, row: Ticket) -> Content:
    sealed = exchange.vault.cells.open(_place(row.purpose, row.account_id), row.sealed)
    return Content(row.account_id, json.loads(sealed))


def _hash(exchange: Exchange, purpose: str, token: str) -> bytes:
    plain = token.encode(errors="replace").decode()
    return exchange.vault.cells.keyed_hash("ticket", f"{purpose}:{plain}")


def _place(purpose: str, account_id: UUID | None) -> str:
    return f"ticket.{purpose}:{account_id}"
