"""Who is connected by SFTP and doing what; a gateway writes it down here, people look at it and end one.

A gateway writes its own rows (`exchange.gateways`). A row counts only as long as its gateway does: one whose
process has ended, or that was silent for too long, is not there.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from exchange import journal, processes
from exchange.database import reading, transaction
from exchange.errors import RecordNotFoundError
from exchange.measures import Tally
from exchange.models.accounts import Account, Organization
from exchange.models.connections import Connected, Gateway
from exchange.runtime import Exchange
from roles.permissions import Permission
from roles.policy import Actor, authorize

SILENT = timedelta(seconds=30)
"""After so long without a word a gateway of another machine counts as gone."""


@dataclass(frozen=True)
class Motion:
    """A file that is open now: `direction` is "in" or "out", `size` the bytes that went so far."""

    program: str
    direction: str
    size: int


@dataclass(frozen=True)
class Seen:
    """What a gateway knows of one connection that has signed in."""

    id: UUID
    account_id: UUID
    organization_id: UUID
    source: str
    client: str
    method: str
    since: datetime
    bytes_in: int
    bytes_out: int
    moving: tuple[Motion, ...]


@dataclass(frozen=True)
class Shown:
    """One connection as people see it; `ending`: somebody ended it a moment ago."""

    seen: Seen
    username: str
    name: str
    organization: str
    place: str
    ending: bool


@dataclass(frozen=True)
class Overview:
    """All connections, the longest first, and how many more are still signing in."""

    connections: list[Shown]
    signing_in: int


@dataclass(frozen=True)
class Counted:
    """What the gateways of one place counted, and how many connections they have now."""

    place: str
    signed_in: int
    signing_in: int
    tally: Tally


def overview(exchange: Exchange, actor: Actor) -> Overview:
    """Who is connected now, for those who look after the installation."""
    authorize(actor, Permission.CONNECTION_OVERSEE)
    return looked_at(exchange)


def looked_at(exchange: Exchange) -> Overview:
    """As `overview`, for whoever has the machine in hand."""
    rows = select(Connected, Account.username, Account.name, Organization.name)
    rows = rows.join(Account, col(Account.id) == Connected.account_id)
    rows = rows.join(Organization, col(Organization.id) == Connected.organization_id)
    with reading(exchange.engine) as session:
        alive = {one.id: one for one in living(session, exchange)}
        mine = rows.where(col(Connected.gateway_id).in_(alive)).order_by(col(Connected.since))
        shown = [
            Shown(_seen(row), username, name, theirs, alive[row.gateway_id].place, bool(row.end_asked_at))
            for row, username, name, theirs in session.exec(mine)
        ]
    return Overview(shown, sum(one.signing_in for one in alive.values()))


def counted(exchange: Exchange) -> list[Counted]:
    """By place: one that is being replaced may run beside its successor for a while."""
    with reading(exchange.engine) as session:
        alive = living(session, exchange)
        own = col(Connected.gateway_id)
        mine = select(own, func.count()).where(own.in_([one.id for one in alive])).group_by(own)
        signed_in = dict(session.exec(mine).all())
    places: dict[str, list[Gateway]] = {}
    for one in alive:
        places.setdefault(one.place, []).append(one)
    return [_counted(place, theirs, signed_in) for place, theirs in sorted(places.items())]


def _counted(place: str, gateways: list[Gateway], signed_in: dict[UUID, int]) -> Counted:
    tally = Tally()
    for one in gateways:
        tally.take_in(json.loads(one.tally))
    now = sum(signed_in.get(one.id, 0) for one in gateways)
    return Counted(place, now, sum(one.signing_in for one in gateways), tally)


def end(exchange: Exchange, actor: Actor | None, connection_id: UUID) -> None:
    """Ask the gateway to end a connection; it does within a second or two, with words for the client.

    `actor` is None for whoever has the machine in hand. Raises `RecordNotFoundError` when it is not there.
    """
    if actor is not None:
        authorize(actor, Permission.CONNECTION_OVERSEE)
    with transaction(exchange.engine) as session:
        row = session.get(Connected, connection_id)
        if row is None or row.gateway_id not in {one.id for one in living(session, exchange)}:
            raise RecordNotFoundError
        if row.end_asked_at is None:
            row.end_asked_at = exchange.clock()
            whose = {"account": str(row.account_id), "organization": str(row.organization_id)}
            journal.append(session, exchange, "connection.ended", actor, row.id, **whose)


def living(session: Session, exchange: Exchange) -> list[Gateway]:
    """The gateways that run."""
    heard = exchange.clock() - SILENT
    recent = session.exec(select(Gateway).where(col(Gateway.seen_at) > heard)).all()
    return [one for one in recent if not processes.has_ended(one.owner)]


def _seen(row: Connected) -> Seen:
    moving = tuple(Motion(**one) for one in json.loads(row.moving))
    same = ("id", "account_id", "organization_id", "source", "client", "method", "since")
    return Seen(**{name: getattr(row, name) for name in (*same, "bytes_in", "bytes_out")}, moving=moving)
