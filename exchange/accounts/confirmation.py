"""Asking organizations by letter, every six months, whether what their page says is still right.

When it was asked stands with the organization, in the transaction of the letters: a worker that is started
anew, or a second one, asks nobody twice.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from exchange import journal, letters
from exchange.accounts import people
from exchange.accounts.organizations import CONFIRM_AFTER
from exchange.database import reading, transaction
from exchange.models.accounts import ACTIVE, Organization
from exchange.runtime import Exchange


def sweep(exchange: Exchange) -> int:
    """Ask those whose confirmation has come due, once for each time it does; how many. A worker's chore."""
    with reading(exchange.engine) as session:
        due = session.exec(select(Organization.id).where(_is_to_be_asked(exchange.clock()))).all()
    return sum(_ask(exchange, one) for one in due)


def _is_to_be_asked(now: datetime) -> ColumnElement[bool]:
    confirmed = func.coalesce(Organization.confirmed_at, Organization.created_at)
    asked = col(Organization.confirmation_asked_at)
    is_due = (confirmed <= now - CONFIRM_AFTER) & (col(Organization.status) == ACTIVE)
    return is_due & or_(asked.is_(None), asked <= confirmed)


def _ask(exchange: Exchange, organization_id: UUID) -> bool:
    """Ask the administrators, who confirm it; an organization that has none to write to is asked later."""
    now = exchange.clock()
    with transaction(exchange.engine) as session:
        wanted = select(Organization).where(Organization.id == organization_id, _is_to_be_asked(now))
        row = session.exec(wanted.with_for_update()).first()
        addresses = _addresses(session, organization_id)
        if row is None or not addresses:
            return False
        row.confirmation_asked_at = now
        for address in sorted(addresses):
            letters.write(session, exchange, address, "confirm-organization")
        journal.append(session, exchange, "organization.confirmation_asked", None, row.id)
    return True


def _addresses(session: Session, organization_id: UUID) -> set[str]:
    return {address for address in people.administrators(session, organization_id).values() if address}
