"""Whom OCSS may address a file to."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from exchange.database import reading
from exchange.models.accounts import ACTIVE, Organization
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor, authorize

MOST = 5_000
"""Organizations listed; there are thousands of them (design, section 7)."""


@dataclass(frozen=True)
class Addressee:
    """An organization that takes part in the exchange."""

    id: UUID
    name: str
    kind: OrganizationKind


def addressees(exchange: Exchange, actor: Actor) -> list[Addressee]:
    """Every other active organization, by name. Raises `NotPermittedError` for all but OCSS."""
    own = authorize(actor, Permission.FILES_ADDRESS)
    others = select(Organization).where(Organization.status == ACTIVE, Organization.id != own)
    with reading(exchange.engine) as session:
        rows = session.exec(others.order_by(col(Organization.name)).limit(MOST)).all()
    return [Addressee(row.id, row.name, OrganizationKind(row.kind)) for row in rows]
