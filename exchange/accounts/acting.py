"""Acting for a client on the pages: choosing one of many, and asking each time whether it agrees still.

What is chosen stands with the session. It is no right of its own: each request and each use case asks again.
"""

import re
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from exchange.accounts import representations
from exchange.accounts.feins import FEIN, masked, open_own, plain
from exchange.accounts.identity import is_proven
from exchange.database import reading
from exchange.errors import NotNowError, RecordNotFoundError, RepresentationEndedError
from exchange.models.accounts import ACTIVE, Organization, Representation
from exchange.models.organizations import Subsidiary
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor, Client, VisibleOrganization, authorize, authorize_for, represented

PAGE = 25
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Found:
    """A client in the list to choose from; its FEIN stands masked."""

    id: UUID
    name: str
    kind: OrganizationKind
    fein: str


def find(exchange: Exchange, actor: Actor, wanted: str = "", page: int = 0) -> list[Found]:
    """Clients that agree now, by name: all, or those with this in their name, or with this whole FEIN.

    One more than `PAGE` when there is a further page.
    """
    visible = authorize(actor, Permission.TRANSFER_READ)
    pairs = select(Representation, Organization).join(
        Organization, col(Organization.id) == col(Representation.client_id)
    )
    mine = (col(Representation.transmitter_id) == visible) & representations.acting(exchange.clock())
    named = pairs.where(mine, Organization.status == ACTIVE, *_wanted(exchange, wanted))
    in_order = named.order_by(col(Organization.name), col(Organization.id))
    with reading(exchange.engine) as session:
        rows = session.exec(in_order.offset(page * PAGE).limit(PAGE + 1)).all()
    genuine = {client.id: client for row, client in rows if is_proven(exchange, row)}
    return [_found(exchange, client) for client in genuine.values()]


def _wanted(exchange: Exchange, wanted: str) -> list[ColumnElement[bool]]:
    if FEIN.fullmatch(plain(wanted)):
        hashed = exchange.vault.cells.keyed_hash("fein", plain(wanted))
        owners = select(Subsidiary.organization_id).where(
            Subsidiary.fein_hash == hashed, col(Subsidiary.verified_at).is_not(None)
        )
        return [or_(col(Organization.fein_hash) == hashed, col(Organization.id).in_(owners))]
    return [col(Organization.name).icontains(wanted, autoescape=True)] if wanted else []


def _found(exchange: Exchange, row: Organization) -> Found:
    fein = open_own(exchange, row)
    return Found(row.id, row.name, OrganizationKind(row.kind), masked(fein) if fein else "")


def client_of(
    session: Session, exchange: Exchange, transmitter_id: UUID, client_id: UUID
) -> Organization | None:
    """The client, while it agrees and takes part itself; else None."""
    row = session.get(Organization, client_id)
    if row is None or row.status != ACTIVE:
        return None
    agrees = representations.in_force(session, exchange, transmitter_id, client_id, exchange.clock())
    return row if agrees else None


def chosen(exchange: Exchange, actor: Actor, client_id: UUID) -> Client:
    """The client that the actor wants to act for. Raises `RecordNotFoundError`."""
    visible = authorize(actor, Permission.TRANSFER_READ)
    with reading(exchange.engine) as session:
        row = client_of(session, exchange, visible, client_id)
    if row is None:
        raise RecordNotFoundError
    return Client(row.id, row.name, OrganizationKind(row.kind))


def on_behalf(exchange: Exchange, actor: Actor, named: str) -> Actor:
    """The actor as one who acts for a client, named by its id or its FEIN, as programs do.

    Raises `RecordNotFoundError` for one that has not agreed to that.
    """
    if FEIN.fullmatch(plain(named)):
        ids = [one.id for one in find(exchange, actor, named)]
    else:
        ids = [UUID(named)] if _ID.fullmatch(named) else []
    if len(ids) != 1:
        raise RecordNotFoundError
    return replace(actor, client=chosen(exchange, actor, ids[0]))


def only_oneself(actor: Actor) -> None:
    """Raise `NotNowError` where somebody acts for a client and would change their own organization."""
    if actor.client is not None:
        raise NotNowError(why="you act for a client; act for your own organization first")


def in_view(
    session: Session, exchange: Exchange, actor: Actor, permission: Permission | None, *, lock: bool = False
) -> tuple[VisibleOrganization, Organization]:
    """The organization whose page the actor is on: its own, or that of the client it acts for.

    `permission`: None for what everybody of an organization sees. `lock`: one change of its page at a time.
    Raises `NotPermittedError`, or `RepresentationEndedError` when the client does not agree any more.
    """
    visible = authorize_for(actor, permission) if permission else represented(actor)
    own = actor.organization_id
    if visible != own and client_of(session, exchange, own, visible) is None:
        raise RepresentationEndedError
    return visible, session.get_one(Organization, visible, with_for_update=lock)
