"""Noting what an employer changed of what agencies see; `exchange.notices` tells those whom it concerns."""

from sqlmodel import Session

from exchange.models.accounts import Organization
from exchange.models.notices import EmployerChange
from exchange.runtime import Exchange
from roles.employers_seen import LOOKED_UP, told_of
from roles.policy import VisibleOrganization


def note(session: Session, exchange: Exchange, visible: VisibleOrganization, sort: str, purpose: str) -> None:
    """Note a change in the caller's transaction, where agencies see such a detail of such an organization."""
    if told_of(sort, purpose) and session.get_one(Organization, visible).kind in LOOKED_UP:
        now = exchange.clock()
        session.add(EmployerChange(organization_id=visible, sort=sort, purpose=purpose, at=now))
