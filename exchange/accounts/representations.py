"""Who acts for whom, as rows: begun and ended here only, and counted only while they are as that left them.

A row that was changed outside the portal gives nobody a right; where rights are asked, the journal notes it.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from exchange import journal
from exchange.accounts.identity import is_proven, note_damage, seal
from exchange.models.accounts import Representation
from exchange.models.base import as_utc
from exchange.runtime import Exchange
from roles.policy import Actor


def begin(
    session: Session, exchange: Exchange, transmitter_id: UUID, client_id: UUID, by: Actor | None = None
) -> Representation:
    """Let one organization act for another from now on, in the caller's transaction."""
    row = Representation(transmitter_id=transmitter_id, client_id=client_id, since=exchange.clock())
    seal(session, exchange, row)
    journal.append(
        session, exchange, "representation.began", by, row.transmitter_id, client=str(row.client_id)
    )
    return row


def end(session: Session, exchange: Exchange, row: Representation, by: Actor) -> None:
    """End it now, in the caller's transaction.

    A row that was changed outside the portal is ended as well, but stays without a mark: it never counted.
    """
    genuine_before = is_proven(exchange, row)
    row.until = exchange.clock()
    session.add(row)
    if genuine_before:
        seal(session, exchange, row)
    journal.append(
        session, exchange, "representation.ended", by, row.transmitter_id, client=str(row.client_id)
    )


def acting(at: datetime) -> ColumnElement[bool]:
    """The representations that are, or were, in force at a moment."""
    ended = or_(col(Representation.until).is_(None), col(Representation.until) > at)
    return (col(Representation.since) <= at) & ended


def genuine(session: Session, exchange: Exchange, wanted: ColumnElement[bool]) -> list[Representation]:
    """Those of the wanted rows that are as the portal wrote them: the only ones that count."""
    rows = session.exec(select(Representation).where(wanted))
    return [row for row in rows if is_proven(exchange, row)]


def in_force(
    session: Session, exchange: Exchange, transmitter_id: UUID, client_id: UUID, at: datetime
) -> bool:
    """Whether one organization may act for another at a moment."""
    pair = (col(Representation.transmitter_id) == transmitter_id) & (
        col(Representation.client_id) == client_id
    )
    return bool(genuine(session, exchange, pair & acting(at)))


def note_damaged(session: Session, exchange: Exchange, wanted: ColumnElement[bool]) -> list[Representation]:
    """As `genuine`; each of the others is journalled. `session` is one that reads."""
    found: list[Representation] = []
    for row in session.exec(select(Representation).where(wanted)):
        if is_proven(exchange, row):
            found.append(row)
        else:
            note_damage(exchange, row)
    return found


def was_in_force(row: Representation, at: datetime) -> bool:
    """As `acting`, for a row that was read."""
    return as_utc(row.since) <= at and (row.until is None or as_utc(row.until) > at)
