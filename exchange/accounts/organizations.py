"""The organization page: what an organization says of itself, who may come from where, and what happened.

Everybody of the organization sees it; its administrators change it and confirm it every six months.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from exchange import journal, letters
from exchange.accounts import networks, people, shared
from exchange.accounts.acting import in_view, only_oneself
from exchange.accounts.answers import answers
from exchange.accounts.details import SEEN, counting
from exchange.accounts.feins import masked, open_own, open_subsidiary
from exchange.accounts.identity import require, seal
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, RecordNotFoundError
from exchange.models.accounts import Account, Organization
from exchange.models.base import as_utc
from exchange.models.journal import JournalEvent
from exchange.models.organizations import Address, Contact, Subsidiary
from exchange.models.registration import VERIFIED, Registration
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor, authorize
from schemas.forms.registration import SUBSIDIARY

CONFIRM_AFTER = timedelta(days=182)
MOST_SUBSIDIARIES = 200
_HISTORY = 20
TOLD = (
    "account.corrected",
    "account.invited",
    "account.reactivated",
    "account.redirected",
    "account.removed",
    "account.suspended",
    "administrator.ended",
    "administrator.made",
    "authority.added",
    "authority.revoked",
    "certificate.revoked",
    "locate.agreed",
    "locate.cleared",
    "mandate.agreed",
    "mandate.asked",
    "mandate.declined",
    "mandate.withdrawn",
    "multistate.activated",
    "multistate.cancelled",
    "multistate.changed",
    "multistate.submitted",
    "organization.address_changed",
    "organization.bandwidth",
    "organization.confirmation_asked",
    "organization.confirmed",
    "organization.contact_changed",
    "organization.created",
    "organization.mail_chosen",
    "organization.networks",
    "organization.reactivated",
    "organization.subsidiary_added",
    "organization.subsidiary_removed",
    "organization.subsidiary_verified",
    "organization.suspended",
    "representation.began",
    "representation.ended",
)
"""The kinds of journal events that an organization's page tells."""


@dataclass(frozen=True)
class Number:
    """A FEIN, masked; `name` is the subsidiary's, empty for the organization's own."""

    id: UUID
    name: str
    shown: str
    verified: bool


@dataclass(frozen=True)
class Event:
    """Something that happened to the organization, and who did it."""

    kind: str
    at: datetime
    who: str


@dataclass(frozen=True)
class Profile:
    """All that the page of an organization shows; contacts and addresses as `details.counting` gives them."""

    id: UUID
    name: str
    kind: OrganizationKind
    status: str
    created_at: datetime
    confirmed_at: datetime | None
    due: bool
    networks: tuple[str, ...]
    numbers: list[Number]
    contacts: dict[str, Contact]
    addresses: dict[str, Address]
    agreements: list[tuple[str, datetime]]
    history: list[Event]


def own(exchange: Exchange, actor: Actor) -> Profile:
    """The page of the actor's own organization; of a client it acts for, what agencies see and no more."""
    with reading(exchange.engine) as session:
        _, row = in_view(session, exchange, actor, None)
        found = profile(session, exchange, row)
    return found if actor.client is None else _as_agent_sees(found)


def _as_agent_sees(whole: Profile) -> Profile:
    contacts = {name: row for name, row in whole.contacts.items() if name in SEEN["contact"]}
    addresses = {name: row for name, row in whole.addresses.items() if name in SEEN["address"]}
    kept = replace(whole, contacts=contacts, addresses=addresses)
    return replace(kept, networks=(), agreements=[], history=[])


def confirmation_due(exchange: Exchange, actor: Actor) -> bool:
    """Whether the actor's organization has not said for six months that its page is right."""
    with reading(exchange.engine) as session:
        return _is_due(exchange, session.get_one(Organization, actor.organization_id))


def confirm(exchange: Exchange, actor: Actor) -> None:
    """Say that everything on the page is right."""
    only_oneself(actor)
    visible = authorize(actor, Permission.ORGANIZATION_MANAGE)
    with transaction(exchange.engine) as session:
        session.get_one(Organization, visible).confirmed_at = exchange.clock()
        journal.append(session, exchange, "organization.confirmed", actor, visible)


def add_subsidiary(exchange: Exchange, actor: Actor, name: str, fein: str) -> None:
    """Add a further FEIN; nothing is reported under it before OCSS has verified it."""
    only_oneself(actor)
    visible = authorize(actor, Permission.ORGANIZATION_MANAGE)
    number = answers(SUBSIDIARY, {"subsidiary": name, "fein": fein})["fein"]
    cells = exchange.vault.cells
    row = Subsidiary(
        organization_id=visible,
        name=name,
        fein_sealed=b"",
        fein_hash=cells.keyed_hash("fein", number),
        added_at=exchange.clock(),
    )
    row.fein_sealed = cells.seal(f"fein:{row.id}", number)
    with transaction(exchange.engine) as session:
        known = session.exec(select(Subsidiary.fein_hash).where(Subsidiary.organization_id == visible)).all()
        if row.fein_hash in known or len(known) >= MOST_SUBSIDIARIES:
            raise FieldsRefusedError({"fein": "This number is listed already, or the list is full"})
        session.add(row)
        journal.append(session, exchange, "organization.subsidiary_added", actor, visible, id=str(row.id))


def remove_subsidiary(exchange: Exchange, actor: Actor, subsidiary_id: UUID) -> None:
    """Take a further FEIN off the list."""
    only_oneself(actor)
    visible = authorize(actor, Permission.ORGANIZATION_MANAGE)
    with transaction(exchange.engine) as session:
        row = session.get(Subsidiary, subsidiary_id)
        if row is None or row.organization_id != visible:
            raise RecordNotFoundError
        session.delete(row)
        journal.append(session, exchange, "organization.subsidiary_removed", actor, visible, id=str(row.id))


def restrict(exchange: Exchange, actor: Actor, typed: str, *, even_if_out: bool = False) -> None:
    """Let people in only from these networks, or from anywhere when nothing is typed.

    Raises `FieldsRefusedError` for what is no network, and, without `even_if_out`, when the actor's own
    address would be shut out.
    """
    visible, allowed = authorize(actor, Permission.ORGANIZATION_MANAGE), networks.parse(typed)
    is_out = not networks.admit(allowed, actor.source)
    if is_out and not even_if_out:
        why = f"You come from {actor.source}, which would be shut out. Add it, or tick the box to go on"
        raise FieldsRefusedError({"networks": why})
    with transaction(exchange.engine) as session:
        if is_out:
            shared.refuse_for_organization(session, exchange, visible)
        row = session.get_one(Organization, visible, with_for_update=True)
        require(exchange, row)
        row.source_networks = allowed
        seal(session, exchange, row)
        for email in people.administrators(session, visible).values():
            letters.write(session, exchange, email, "networks-changed")
        journal.append(session, exchange, "organization.networks", actor, visible, networks=allowed)


def profile(session: Session, exchange: Exchange, row: Organization) -> Profile:
    """Everything about one organization, for whoever may see it."""
    contacts = session.exec(select(Contact).where(Contact.organization_id == row.id))
    addresses = session.exec(select(Address).where(Address.organization_id == row.id))
    return Profile(
        id=row.id,
        name=row.name,
        kind=OrganizationKind(row.kind),
        status=row.status,
        created_at=as_utc(row.created_at),
        confirmed_at=as_utc(row.confirmed_at) if row.confirmed_at else None,
        due=_is_due(exchange, row),
        networks=tuple((row.source_networks or "").split()),
        numbers=_numbers(session, exchange, row),
        contacts=counting(contacts),
        addresses=counting(addresses),
        agreements=_agreements(session, row.id),
        history=_history(session, row.id),
    )


def _is_due(exchange: Exchange, row: Organization) -> bool:
    return exchange.clock() - as_utc(row.confirmed_at or row.created_at) >= CONFIRM_AFTER


def _numbers(session: Session, exchange: Exchange, row: Organization) -> list[Number]:
    fein = open_own(exchange, row)
    main = [Number(row.id, "", masked(fein), verified=True)] if fein else []
    further = select(Subsidiary).where(Subsidiary.organization_id == row.id).order_by(col(Subsidiary.name))
    return main + [
        Number(one.id, one.name, masked(open_subsidiary(exchange, one)), one.verified_at is not None)
        for one in session.exec(further)
    ]


def _agreements(session: Session, organization_id: UUID) -> list[tuple[str, datetime]]:
    accepted = select(Registration.agreement, Registration.accepted_at).where(
        Registration.organization_id == organization_id, Registration.status == VERIFIED
    )
    found = session.exec(accepted.order_by(col(Registration.accepted_at).desc()))
    return [(name, as_utc(at)) for name, at in found if name and at]


def _history(session: Session, organization_id: UUID) -> list[Event]:
    """What was done by its people, or to it, newest first."""
    mine = (col(JournalEvent.organization_id) == organization_id) | (
        col(JournalEvent.subject_id) == organization_id
    )
    told = select(JournalEvent).where(mine, col(JournalEvent.kind).in_(TOLD))
    newest = session.exec(told.order_by(col(JournalEvent.position).desc()).limit(_HISTORY))
    return [Event(one.kind, datetime.fromisoformat(one.at), _who(session, one.account_id)) for one in newest]


def _who(session: Session, account_id: UUID | None) -> str:
    account = session.get(Account, account_id) if account_id else None
    return account.name if account else "The portal"
