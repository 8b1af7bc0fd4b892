"""Who keeps which part of the guide: what `roles.guide` says, asked for one actor and one jurisdiction."""

from uuid import UUID

from sqlmodel import Session, col, select

from exchange.accounts.registration_rows import facts_of
from exchange.errors import NotPermittedError
from exchange.guide import entries
from exchange.models.accounts import ACTIVE, Organization
from exchange.models.guide import GuideJurisdiction
from exchange.models.registration import OrganizationFact
from exchange.orders import parties
from exchange.runtime import Exchange
from roles.guide import EntrySort, keeps
from roles.organizations import OrganizationKind
from roles.policy import Actor
from schemas.guide.documents import JurisdictionKind

_COUNTRY = "country"
_COUNTRY_PREFIX = "80"


def own_code(session: Session, exchange: Exchange, organization: Organization) -> str | None:
    """The locator code of an organization that is a jurisdiction itself: a state, tribe or country (9.2)."""
    code = parties.locator_code(session, exchange, organization)
    if code is not None:
        return code
    country = facts_of(session, exchange, organization.id).get(_COUNTRY)
    return f"{_COUNTRY_PREFIX}{country}" if country else None


def sorts_kept(
    session: Session, exchange: Exchange, actor: Actor, row: GuideJurisdiction
) -> frozenset[EntrySort]:
    """What the actor may change in a part; empty for nothing."""
    organization = session.get_one(Organization, actor.organization_id)
    code = own_code(session, exchange, organization)
    return keeps(actor, code, JurisdictionKind(row.kind), row.locator_code)


def all_kept(
    session: Session, exchange: Exchange, actor: Actor
) -> dict[str, tuple[GuideJurisdiction, frozenset[EntrySort]]]:
    """Every jurisdiction that the actor keeps anything of, by locator code, and what."""
    code = own_code(session, exchange, session.get_one(Organization, actor.organization_id))
    kinds = entries.jurisdictions(session).values()
    found = ((row, keeps(actor, code, JurisdictionKind(row.kind), row.locator_code)) for row in kinds)
    return {row.locator_code: (row, sorts) for row, sorts in found if sorts}


def kept(session: Session, exchange: Exchange, actor: Actor, code: str) -> GuideJurisdiction:
    """A jurisdiction of which the actor keeps anything.

    Raises `RecordNotFoundError` where there is none, `NotPermittedError` where somebody else keeps it.
    """
    row = entries.jurisdiction(session, code)
    if not sorts_kept(session, exchange, actor, row):
        raise NotPermittedError
    return row


def authorize_entry(
    session: Session, exchange: Exchange, actor: Actor, code: str, sort: EntrySort
) -> GuideJurisdiction:
    """A jurisdiction whose entries of this sort the actor keeps. Raises as `kept`."""
    row = entries.jurisdiction(session, code)
    if sort not in sorts_kept(session, exchange, actor, row):
        raise NotPermittedError
    return row


def lock_entry(
    session: Session, exchange: Exchange, actor: Actor, code: str, sort: EntrySort
) -> GuideJurisdiction:
    """As `authorize_entry`; until the transaction ends, nobody else writes to that jurisdiction."""
    row = authorize_entry(session, exchange, actor, code, sort)
    entries.hold_jurisdiction(session, row)
    return row


def keeper_of(session: Session, exchange: Exchange, row: GuideJurisdiction) -> UUID | None:
    """The organization here that is written to about a jurisdiction; None where it has none."""
    code = row.locator_code
    match JurisdictionKind(row.kind):
        case JurisdictionKind.FEDERAL:
            federal = select(Organization.id).where(Organization.kind == OrganizationKind.OCSS.value)
            return session.exec(federal).first()
        case JurisdictionKind.COUNTRY:
            return _of_country(session, exchange, code.removeprefix(_COUNTRY_PREFIX))
        case _:
            issuer = parties.issuers(session, exchange, [code]).get(code)
            return issuer.organization_id if issuer else None


def _of_country(session: Session, exchange: Exchange, country: str) -> UUID | None:
    hashed = exchange.vault.cells.keyed_hash(f"fact.{_COUNTRY}", country)
    known = select(OrganizationFact.organization_id).where(OrganizationFact.value_hash == hashed)
    authorities = select(Organization.id).where(
        Organization.kind == OrganizationKind.INTERNATIONAL.value, Organization.status == ACTIVE
    )
    return session.exec(authorities.where(col(Organization.id).in_(known))).first()
