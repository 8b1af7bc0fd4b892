"""OCSS clears the only administrator of an agency, whom no colleague could clear, and nobody else.

As soon as there is a second administrator each clears the other. The agency is told, and so is its page.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from exchange import journal, letters
from exchange.accounts import oversight, people
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, RecordNotFoundError
from exchange.locate import standing
from exchange.locate.standing import Clearance
from exchange.models.accounts import Account, Organization
from exchange.runtime import Exchange
from roles.permissions import Permission
from roles.policy import Actor, authorize


@dataclass(frozen=True)
class Sole:
    """The only administrator of an agency, and what they may do in locate so far."""

    account_id: UUID
    name: str
    agency: str
    clearance: Clearance


def of_agency(exchange: Exchange, actor: Actor, organization_id: UUID) -> Sole:
    """Raises `RecordNotFoundError` for an agency with another number of administrators than one."""
    authorize(actor, Permission.ACCOUNT_OVERSEE)
    with reading(exchange.engine) as session:
        return _sole(session, exchange, organization_id)


def clear(exchange: Exchange, actor: Actor, organization_id: UUID, clearance: Clearance, reason: str) -> None:
    """Say what the only administrator of an agency may do in locate; as `standing.clear`, with a reason."""
    authorize(actor, Permission.ACCOUNT_OVERSEE)
    problems = standing.problems_of(exchange, clearance)
    if not 1 <= len(reason.strip()) <= oversight.LONGEST_REASON:
        problems["reason"] = "Say why OCSS does it, and who confirmed the training"
    if problems:
        raise FieldsRefusedError(problems)
    with transaction(exchange.engine) as session:
        session.get(Organization, organization_id, with_for_update=True)
        found = _sole(session, exchange, organization_id)
        standing.write_clearance(session, exchange, found.account_id, clearance, actor.account_id)
        letters.write(session, exchange, session.get_one(Account, found.account_id).email, "locate-cleared")
        facts = {"account": str(found.account_id), "tax": clearance.tax, "manager": clearance.manager}
        journal.append(
            session, exchange, "locate.cleared", actor, organization_id, **facts, reason=reason.strip()
        )


def _sole(session: Session, exchange: Exchange, organization_id: UUID) -> Sole:
    agency = session.get(Organization, organization_id)
    found = list(people.administrators(session, organization_id))
    if agency is None or agency.kind not in standing.AGENCIES or len(found) != 1:
        raise RecordNotFoundError
    account = session.get_one(Account, found[0])
    clearance = standing.clearance_within(session, exchange, account)
    if clearance is None:
        raise RecordNotFoundError
    return Sole(account.id, account.name, agency.name, clearance)
