"""Family violence said by file: protects a person at once, and is ended only by the agency that said it."""

from collections.abc import Iterable
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


def write(session: Session, exchange: Exchange, row: Transfer, guarding: Guarding) -> list[bool]:
    """Protect whom the file says, and no longer those of whom nobody says it any more; what is to be noted.

    The parts of all cases stand as the file leaves them.
    """
    ended = [one for one in sorted(guarding.ended) if _is_ours_alone(session, one, row.organization_id)]
    changed = [*((one, True) for one in sorted(guarding.wanted)), *((one, False) for one in ended)]
    for hashed, wanted in changed:
        protection.set_protection(session, exchange, hashed, row.account_id, wanted=wanted)
    return [wanted for _, wanted in changed]


def note(session: Session, exchange: Exchange, row: Transfer, changed: Iterable[bool]) -> None:
    """The journal tells that it was done, not of whom. Late: it locks the journal's head."""
    for wanted in changed:
        journal.append(session, exchange, "locate.protection", None, row.id, wanted=wanted)


def _is_ours_alone(session: Session, hashed: bytes, organization_id: UUID) -> bool:
    """Somebody of this agency protected the person, and no case of anybody says so still."""
    ours = (
        select(PersonProtection.person_hash)
        .join(Account, col(Account.id) == PersonProtection.set_by)
        .where(PersonProtection.person_hash == hashed, Account.organization_id == organization_id)
    )
    still = select(RegisteredPart.person_id).where(RegisteredPart.ssn_hash == hashed, RegisteredPart.violence)
    return session.exec(ours).first() is not None and session.exec(still).first() is None
