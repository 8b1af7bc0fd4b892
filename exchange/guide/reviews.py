"""Asking by letter, once a month at most, whoever keeps a part whose entries nobody looked at for long.

That a letter went stands in the journal, in its transaction: a worker that is started anew, or a second one,
asks nobody twice. The letter counts; it names no entry and nobody.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from exchange import journal, letters
from exchange.accounts import people
from exchange.database import reading, transaction
from exchange.guide import editions, entries
from exchange.guide.keepers import own_code
from exchange.guide.standing import REVIEW, Tally, tallies_of
from exchange.models.accounts import ACTIVE, Organization
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.guide import KEEPERS, EntrySort, kept_by
from roles.organizations import OrganizationKind
from schemas.guide.documents import JurisdictionKind

ASK_EVERY = timedelta(days=30)
ASKED = "guide.review-asked"


def sweep(exchange: Exchange) -> int:
    """Write to those whose part is due; how many organizations. A worker's chore."""
    oldest = min((one.reviewed_at for one in editions.published(exchange).stamps.values()), default=None)
    if oldest is None or oldest > exchange.clock() - REVIEW:
        return 0
    keeping = {keeper.organization.value for keeper in KEEPERS}
    with reading(exchange.engine) as session:
        active = (Organization.status == ACTIVE, col(Organization.kind).in_(keeping))
        found = session.exec(select(Organization.id).where(*active)).all()
    return sum(_ask(exchange, one) for one in found)


def _ask(exchange: Exchange, organization_id: UUID) -> bool:
    """Write to the administrators, or else to where notices go; who has neither is asked later."""
    with reading(exchange.engine) as session:
        kept = _kept(session, exchange, session.get_one(Organization, organization_id))
    tallies = [one for one in tallies_of(exchange, kept) if one.due]
    if not tallies:
        return False
    with transaction(exchange.engine) as session:
        row = session.get_one(Organization, organization_id, with_for_update=True)
        addresses = _addresses(session, row)
        if _asked_lately(session, exchange, organization_id) or not addresses:
            return False
        for address in sorted(addresses):
            letters.write(session, exchange, address, "guide-review", _counted(tallies))
        journal.append(session, exchange, ASKED, None, row.id, entries=sum(one.due for one in tallies))
    return True


def _kept(
    session: Session, exchange: Exchange, organization: Organization
) -> dict[str, frozenset[EntrySort]]:
    """The parts that an organization keeps, whoever of it does."""
    code, kind = own_code(session, exchange, organization), OrganizationKind(organization.kind)
    rows = entries.jurisdictions(session)
    sorts = {one: kept_by(kind, code, JurisdictionKind(row.kind), one) for one, row in rows.items()}
    return {one: held for one, held in sorts.items() if held}


def _counted(tallies: list[Tally]) -> str:
    due, parts = sum(one.due for one in tallies), len(tallies)
    entries_due = f"{due:,} {'entry' if due == 1 else 'entries'}"
    return entries_due if parts == 1 else f"{entries_due} in {parts} parts"


def _addresses(session: Session, row: Organization) -> set[str]:
    administrators = people.administrators(session, row.id).values()
    found = {address for address in administrators if address}
    return found or ({row.notices_to} if row.notices_to else set())


def _asked_lately(session: Session, exchange: Exchange, organization_id: UUID) -> bool:
    mine = select(JournalEvent.at).where(
        JournalEvent.subject_id == organization_id, JournalEvent.kind == ASKED
    )
    newest = session.exec(mine.order_by(col(JournalEvent.position).desc())).first()
    return newest is not None and datetime.fromisoformat(newest) > exchange.clock() - ASK_EVERY
