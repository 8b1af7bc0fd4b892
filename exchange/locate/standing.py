"""Who may locate people just now: the role, the agency's agreement, and the worker's own clearance.

Agreement and training lapse, and then the worker reads what is missing and who mends it (domain.md 13.3).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session

from exchange import journal
from exchange.accounts import identity
from exchange.database import reading, transaction
from exchange.errors import (
    FieldsRefusedError,
    LocateBlockedError,
    NotOneselfError,
    RecordNotFoundError,
)
from exchange.models.accounts import Account, Organization
from exchange.models.locate import LocateAgreement, LocateWorker
from exchange.runtime import Exchange
from roles.locate import TRAINING_DAYS
from roles.organizations import OrganizationKind
from roles.permissions import ROLE_PERMISSIONS, Permission, Role
from roles.policy import Actor, authorize

AGENCIES = (OrganizationKind.STATE, OrganizationKind.TRIBE)
"""The kinds of organization that an agreement is recorded of."""
_NO_AGREEMENT = "OCSS has no locate agreement of your agency on record; your director renews it with OCSS"
_AGREEMENT_LAPSED = "the locate agreement of your agency has lapsed; your director renews it with OCSS"
_NOT_CLEARED = "your agency's administrator has not cleared you for it"
_UNTRAINED = "your yearly training is overdue; your agency's administrator records it when it is done"


@dataclass(frozen=True)
class Standing:
    """What somebody may do in locate; `blocked` says why nothing, and is empty otherwise."""

    tax: bool
    manager: bool
    trained_until: date | None
    agreed_until: date | None
    blocked: str


@dataclass(frozen=True)
class Clearance:
    """What an administrator says of a worker."""

    tax: bool
    manager: bool
    trained_on: date | None


def standing(exchange: Exchange, actor: Actor) -> Standing:
    """What the actor may do; for pages. Raises `NotPermittedError` for roles that locate nobody."""
    authorize(actor, Permission.LOCATE_QUERY)
    with reading(exchange.engine) as session:
        return standing_of(session, exchange, actor)


def require(session: Session, exchange: Exchange, actor: Actor) -> Standing:
    """The standing of somebody who may locate people. Raises `LocateBlockedError` with the reason."""
    authorize(actor, Permission.LOCATE_QUERY)
    found = standing_of(session, exchange, actor)
    if found.blocked:
        raise LocateBlockedError(why=found.blocked)
    return found


def standing_of(session: Session, exchange: Exchange, actor: Actor) -> Standing:
    """As `standing`, in a transaction, of somebody with the permission."""
    worker = session.get(LocateWorker, actor.account_id)
    agreement = session.get(LocateAgreement, actor.organization_id)
    for row in (worker, agreement):
        if row is not None:
            identity.require(exchange, row)
    today = exchange.clock().date()
    return Standing(
        tax=bool(worker and worker.tax),
        manager=bool(worker and worker.manager),
        trained_until=_until(worker),
        agreed_until=agreement.until if agreement else None,
        blocked=_agreement_problem(agreement, today) or _worker_problem(worker, today),
    )


def counts_until(trained_on: date) -> date:
    """The last day on which a training counts."""
    return trained_on + timedelta(days=TRAINING_DAYS)


def _until(worker: LocateWorker | None) -> date | None:
    return counts_until(worker.trained_on) if worker and worker.trained_on else None


def _agreement_problem(agreement: LocateAgreement | None, today: date) -> str:
    if agreement is None:
        return _NO_AGREEMENT
    return _AGREEMENT_LAPSED if agreement.until < today else ""


def _worker_problem(worker: LocateWorker | None, today: date) -> str:
    if worker is None:
        return _NOT_CLEARED
    until = _until(worker)
    return _UNTRAINED if until is None or until < today else ""


def clear(exchange: Exchange, actor: Actor, account_id: UUID, clearance: Clearance) -> None:
    """Let a colleague locate people, or change what they may; an administrator's act, never for oneself.

    Raises `RecordNotFoundError` for somebody of another organization or a role that locates nobody, and
    `NotOneselfError`.
    """
    organization_id = authorize(actor, Permission.ACCOUNT_MANAGE)
    if account_id == actor.account_id:
        raise NotOneselfError
    with transaction(exchange.engine) as session:
        account = session.get(Account, account_id)
        known = account is not None and account.organization_id == organization_id
        if account is None or not known or not _may_ever(account):
            raise RecordNotFoundError
        if problems := problems_of(exchange, clearance):
            raise FieldsRefusedError(problems)
        write_clearance(session, exchange, account_id, clearance, actor.account_id)
        facts = {"tax": clearance.tax, "manager": clearance.manager}
        journal.append(session, exchange, "locate.cleared", actor, account_id, **facts)


def problems_of(exchange: Exchange, clearance: Clearance) -> dict[str, str]:
    """What is wrong with a clearance, by field."""
    if clearance.trained_on and clearance.trained_on > exchange.clock().date():
        return {"trained_on": "Enter the day on which the training was done"}
    return {}


def clearance_of(exchange: Exchange, actor: Actor, account_id: UUID) -> Clearance | None:
    """What an administrator has said of a colleague, nothing yet where all is empty; None for who never may.

    Raises `RecordNotFoundError` for somebody of another organization.
    """
    organization_id = authorize(actor, Permission.ACCOUNT_MANAGE)
    with reading(exchange.engine) as session:
        account = session.get(Account, account_id)
        if account is None or account.organization_id != organization_id:
            raise RecordNotFoundError
        return clearance_within(session, exchange, account)


def clearance_within(session: Session, exchange: Exchange, account: Account) -> Clearance | None:
    """As `clearance_of`, in a transaction, of somebody whom whoever asks may see."""
    if not _may_ever(account):
        return None
    row = session.get(LocateWorker, account.id)
    if row is None:
        return Clearance(tax=False, manager=False, trained_on=None)
    identity.require(exchange, row)
    return Clearance(row.tax, row.manager, row.trained_on)


def _may_ever(account: Account) -> bool:
    return Permission.LOCATE_QUERY in ROLE_PERMISSIONS[Role(account.role)]


def write_clearance(
    session: Session, exchange: Exchange, account_id: UUID, clearance: Clearance, by: UUID | None
) -> None:
    """The row of a worker's clearance; `by` is None for whoever has the machine in hand."""
    row = session.get(LocateWorker, account_id) or LocateWorker(
        account_id=account_id, granted_at=exchange.clock()
    )
    row.tax, row.manager, row.trained_on = clearance.tax, clearance.manager, clearance.trained_on
    row.granted_by, row.granted_at = by, exchange.clock()
    identity.seal(session, exchange, row)


def agreement_of(exchange: Exchange, actor: Actor, organization_id: UUID) -> date | None:
    """Until when an agreement of an agency is on record, for OCSS; None without one."""
    authorize(actor, Permission.ORGANIZATION_OVERSEE)
    with reading(exchange.engine) as session:
        row = session.get(LocateAgreement, organization_id)
        if row is not None:
            identity.require(exchange, row)
        return row.until if row else None


def record_agreement(exchange: Exchange, actor: Actor, organization_id: UUID, until: date) -> None:
    """OCSS has an agreement of an agency on record, from today until a day.

    Raises `RecordNotFoundError` for an organization that locates nobody.
    """
    authorize(actor, Permission.REGISTRATION_VERIFY)
    today = exchange.clock().date()
    if until < today:
        raise FieldsRefusedError({"until": "Enter a day that is still to come"})
    with transaction(exchange.engine) as session:
        agency = session.get(Organization, organization_id)
        if agency is None or agency.kind not in AGENCIES:
            raise RecordNotFoundError
        write_agreement(session, exchange, organization_id, (today, until), actor.account_id)
        journal.append(session, exchange, "locate.agreed", actor, organization_id, until=until.isoformat())


def write_agreement(
    session: Session, exchange: Exchange, organization_id: UUID, days: tuple[date, date], by: UUID | None
) -> None:
    """The row of an agency's agreement: the first and the last day on which it counts."""
    signed_on, until = days
    row = session.get(LocateAgreement, organization_id) or LocateAgreement(
        organization_id=organization_id, signed_on=signed_on, until=until
    )
    row.signed_on, row.until, row.recorded_by = signed_on, until, by
    identity.seal(session, exchange, row)
