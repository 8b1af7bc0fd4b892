"""Tells an organization in time that its space is nearly used up: a letter each time a mark is passed.

A mark counts as passed anew only after use went well below it meanwhile: somebody whose use goes up and down
around a mark is not written to every hour.
"""

from uuid import UUID

from sqlmodel import Session, select

from exchange import letters, mail
from exchange.database import reading, transaction
from exchange.models.accounts import ACTIVE, Organization
from exchange.models.limits import SpaceWarning
from exchange.runtime import Exchange
from exchange.transfers import repository
from exchange.transfers.space import MARKS, passed

_BACK = 5
"""Percent by which use must have gone below a mark."""


def sweep(exchange: Exchange) -> int:
    """Write to whoever passed a mark; returns how many letters were written."""
    quota = exchange.settings.quota
    with reading(exchange.engine) as session:
        used = repository.used_space_of_all(session, at_least=quota * (MARKS[0] - _BACK) // 100)
        warned = {row.organization_id: row.percent for row in session.exec(select(SpaceWarning))}
    percents = {one: 100 * used.get(one, 0) // quota for one in {*used, *warned}} if quota else {}
    due = [
        one for one, percent in percents.items() if _mark(percent, warned.get(one, 0)) != warned.get(one, 0)
    ]
    return sum(_settle(exchange, one, percents[one]) for one in due)


def _mark(percent: int, before: int) -> int:
    """The mark that stands now, where `before` stood."""
    reached = passed(percent)
    return before if reached < before <= percent + _BACK else reached


def _settle(exchange: Exchange, organization_id: UUID, percent: int) -> bool:
    """Keep the mark, and write when it is a higher one; whether a letter was written."""
    with transaction(exchange.engine) as session:
        # Whoever holds the organization's row writes: two workers that sweep at once must not both.
        theirs = select(Organization).where(Organization.id == organization_id).with_for_update()
        organization = session.exec(theirs).one()
        row = session.get(SpaceWarning, organization_id)
        before = row.percent if row else 0
        mark = _mark(percent, before)
        _keep(session, exchange, row, organization_id, mark)
        to = mail.recipient(session, organization) if organization.status == ACTIVE else ""
        if mark <= before or not to:
            return False
        letters.write(session, exchange, to, f"space-{mark}")
        return True


def _keep(
    session: Session, exchange: Exchange, row: SpaceWarning | None, organization_id: UUID, mark: int
) -> None:
    if not mark:
        if row is not None:
            session.delete(row)
        return
    now = exchange.clock()
    row = row or SpaceWarning(organization_id=organization_id, percent=mark, warned_at=now)
    row.percent, row.warned_at = mark, now
    session.add(row)
