"""The staff console: finding organizations and accounts, looking at one, and keeping an organization out."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from exchange import bandwidth, journal
from exchange.accounts import admission, clients, oversight, people, registration_rows, shared
from exchange.accounts.clients import Relation
from exchange.accounts.feins import FEIN, open_own, plain
from exchange.accounts.identity import require, seal
from exchange.accounts.organizations import Profile, profile
from exchange.accounts.people import Person
from exchange.database import reading, transaction
from exchange.errors import (
    FieldsRefusedError,
    NotNowError,
    NotPermittedError,
    RecordNotFoundError,
)
from exchange.models.accounts import ACTIVE, REMOVED, SUSPENDED, Account, Organization
from exchange.models.organizations import Subsidiary
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.oversight import UNMASKING
from roles.permissions import Permission
from roles.policy import Actor, authorize, can

PAGE = 25


@dataclass(frozen=True)
class Found:
    """An organization in a list."""

    id: UUID
    name: str
    kind: OrganizationKind
    status: str


@dataclass(frozen=True)
class FoundAccount:
    """An account in a list, and whose it is."""

    person: Person
    organization_id: UUID
    organization: str


@dataclass(frozen=True)
class Looked:
    """All that staff see of one organization.

    `facts`: what is known about it beside its number, by name. `waits_for`: who was invited to look after it
    first and has not come. `lacks_administrator`: nobody does, so staff may invite somebody. `bandwidth`:
    what was set for it, in bytes a second.
    """

    profile: Profile
    people: list[Person]
    transfers: int
    relations: list[Relation]
    facts: dict[str, str]
    waits_for: Person | None
    lacks_administrator: bool
    bandwidth: int | None


def organizations(exchange: Exchange, actor: Actor, wanted: str = "", page: int = 0) -> list[Found]:
    """By name, or by a whole FEIN; one more than `PAGE` when there is a further page."""
    authorize(actor, Permission.ORGANIZATION_OVERSEE)
    rows = select(Organization).order_by(col(Organization.name), col(Organization.id))
    if FEIN.fullmatch(plain(wanted)):
        hashed = exchange.vault.cells.keyed_hash("fein", plain(wanted))
        owners = select(Subsidiary.organization_id).where(Subsidiary.fein_hash == hashed)
        rows = rows.where(or_(col(Organization.fein_hash) == hashed, col(Organization.id).in_(owners)))
    elif wanted:
        rows = rows.where(col(Organization.name).icontains(wanted, autoescape=True))
    with reading(exchange.engine) as session:
        found = session.exec(rows.offset(page * PAGE).limit(PAGE + 1)).all()
    return [Found(row.id, row.name, OrganizationKind(row.kind), row.status) for row in found]


def accounts(exchange: Exchange, actor: Actor, wanted: str = "", page: int = 0) -> list[FoundAccount]:
    """By username or name; one more than `PAGE` when there is a further page."""
    authorize(actor, Permission.ACCOUNT_OVERSEE)
    rows = select(Account, Organization.name).join(
        Organization, col(Organization.id) == Account.organization_id
    )
    named = (col(Account.username).icontains, col(Account.name).icontains)
    rows = rows.where(Account.status != REMOVED, or_(*(each(wanted, autoescape=True) for each in named)))
    with reading(exchange.engine) as session:
        found = session.exec(rows.order_by(col(Account.username)).offset(page * PAGE).limit(PAGE + 1)).all()
        return [FoundAccount(people.shown(session, row), row.organization_id, name) for row, name in found]


def organization(exchange: Exchange, actor: Actor, organization_id: UUID) -> Looked:
    """One organization with its people and figures."""
    authorize(actor, Permission.ORGANIZATION_OVERSEE)
    with reading(exchange.engine) as session:
        row = _organization(session, organization_id)
        theirs = select(Account).where(Account.organization_id == row.id, Account.status != REMOVED)
        everybody = session.exec(theirs.order_by(col(Account.name)))
        mine = Transfer.organization_id == row.id
        count = session.exec(select(func.count()).select_from(Transfer).where(mine)).one()
        shown = [people.shown(session, one) for one in everybody]
        relations = clients.of_organization(session, exchange, row.id)
        invited = admission.waiting_administrator(session, row)
        return Looked(
            profile(session, exchange, row),
            shown,
            count,
            relations,
            registration_rows.facts_of(session, exchange, row.id),
            people.shown(session, invited) if invited else None,
            admission.lacks_administrator(session, row),
            bandwidth.own(session, row.id),
        )


def suspend(exchange: Exchange, actor: Actor, organization_id: UUID) -> None:
    """Keep everybody of an organization out, at once, at every door."""
    with reading(exchange.engine) as session:
        shared.refuse_for_organization(session, exchange, organization_id)
    _set(exchange, actor, organization_id, (ACTIVE, SUSPENDED, "organization.suspended"))


def reactivate(exchange: Exchange, actor: Actor, organization_id: UUID) -> None:
    """Let an organization in again."""
    _set(exchange, actor, organization_id, (SUSPENDED, ACTIVE, "organization.reactivated"))


def verify_subsidiary(exchange: Exchange, actor: Actor, subsidiary_id: UUID) -> UUID:
    """Say that a further FEIN is the organization's own; returns whose it is."""
    authorize(actor, Permission.REGISTRATION_VERIFY)
    with transaction(exchange.engine) as session:
        row = session.get(Subsidiary, subsidiary_id)
        if row is None or row.verified_at is not None:
            raise RecordNotFoundError
        row.verified_at = exchange.clock()
        facts = {"id": str(row.id)}
        kind = "organization.subsidiary_verified"
        journal.append(session, exchange, kind, actor, row.organization_id, **facts)
    return row.organization_id


def unmask(exchange: Exchange, actor: Actor, organization_id: UUID, reason: str) -> str:
    """An organization's FEIN in full, for those whom the policy names; the journal keeps the reason."""
    authorize(actor, Permission.ORGANIZATION_OVERSEE)
    if not 1 <= len(reason) <= oversight.LONGEST_REASON:
        raise FieldsRefusedError({"reason": "Say why you need to see it"})
    with transaction(exchange.engine) as session:
        _, needs = UNMASKING[oversight.unmasking(session, exchange)]
        if needs is None or not can(actor, needs):
            raise NotPermittedError
        number = open_own(exchange, _organization(session, organization_id))
        if number is None:
            raise RecordNotFoundError
        journal.append(session, exchange, "organization.unmasked", actor, organization_id, reason=reason)
    return number


def _set(exchange: Exchange, actor: Actor, organization_id: UUID, change: tuple[str, str, str]) -> None:
    authorize(actor, Permission.ACCOUNT_OVERSEE)
    before, after, event = change
    with transaction(exchange.engine) as session:
        row = _organization(session, organization_id)
        if row.status != before or row.id == actor.organization_id:
            raise NotNowError(why=f"the organization is {row.status}, or it is your own")
        require(exchange, row)
        row.status = after
        seal(session, exchange, row)
        journal.append(session, exchange, event, actor, row.id)


def _organization(session: Session, organization_id: UUID) -> Organization:
    row = session.get(Organization, organization_id)
    if row is None:
        raise RecordNotFoundError
    return row
