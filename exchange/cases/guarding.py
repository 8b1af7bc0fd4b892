"""Family violence said by file: protects a person at once, and is ended only by the agency that said it."""

from uuid import UUID

from sqlmodel import Session, col, select

from exchange import journal
from exchange.cases.ruling import Guarding
from exchange.locate import protection
from exchange.models.accounts import Account
from exchange.models.cases import RegisteredPart
from exchange.models.locate import PersonProtection
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange


def write(session: Session, exchange: Exchange, row: Transfer, guarding: Guarding) -> None:
    """Protect whom the file says, and no longer those of whom nobody says it any more.

    The parts of all cases stand as the file leaves them. The journal tells that it was done, not of whom.
    """
    for hashed in sorted(guarding.wanted):
        protection.set_protection(session, exchange, hashed, row.account_id, wanted=True)
        journal.append(session, exchange, "locate.protection", None, row.id, wanted=True)
    for hashed in sorted(guarding.ended):
        if _is_ours_alone(session, hashed, row.organization_id):
            protection.set_protection(session, exchange, hashed, row.account_id, wanted=False)
            journal.append(session, exchange, "locate.protection", None, row.id, wanted=False)


def _is_ours_alone(session: Session, hashed: bytes, organization_id: UUID) -> bool:
    """Somebody of this agency protected the person, and no case of anybody says so still."""
    ours = (
        select(PersonProtection.person_hash)
        .join(Account, col(Account.id) == PersonProtection.set_by)
        .where(PersonProtection.person_hash == hashed, Account.organization_id == organization_id)
    )
    still = select(RegisteredPart.person_id).where(RegisteredPart.ssn_hash == hashed, RegisteredPart.violence)
    return session.exec(ours).first() is not None and session.exec(still).first() is None
