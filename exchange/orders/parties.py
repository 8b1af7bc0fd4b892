"""Who is meant by the numbers in files of orders: agencies by locator code, employers by FEIN."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from exchange.accounts import representations
from exchange.accounts.feins import open_own, open_subsidiary, verified
from exchange.accounts.identity import is_proven
from exchange.accounts.registration_rows import facts_of
from exchange.accounts.representations import acting
from exchange.models.accounts import ACTIVE, Organization, Representation
from exchange.models.organizations import Subsidiary
from exchange.models.registration import OrganizationFact
from exchange.programs.states import organizations_of_states
from exchange.registry.agencies import AGENCIES
from exchange.registry.bulk import chunks
from exchange.runtime import Exchange
from exchange.transfers.partners import clients_of
from roles.organizations import KIND_ROLES, OrganizationKind
from roles.permissions import Permission, holders

LOCATOR_CODE = "locator_code"
_STATE_DIGITS = 2
_WHOLE_STATE = "000"
ACKNOWLEDGING = tuple(
    kind
    for kind, roles in KIND_ROLES.items()
    if roles & set(holders(Permission.INCOME_WITHHOLDING_ACKNOWLEDGE))
)
"""The kinds of organization that orders are delivered to, and that answer them."""
_BY_CODE: Mapping[str, str] = {agency.fips[:_STATE_DIGITS]: state for state, agency in AGENCIES.items()}


def locator_code(session: Session, exchange: Exchange, organization: Organization) -> str | None:
    """The five digits that a state or tribe goes by (domain.md 9.2); None where none is on record."""
    if organization.jurisdiction in AGENCIES:
        return AGENCIES[organization.jurisdiction].fips
    return facts_of(session, exchange, organization.id).get(LOCATOR_CODE)


def is_of(own: str, code: str) -> bool:
    """Whether a code names the agency with the code `own`, or an office of it."""
    if own.endswith(_WHOLE_STATE):
        return code[:_STATE_DIGITS] == own[:_STATE_DIGITS]
    return code == own


@dataclass(frozen=True)
class Issuer:
    """An agency that answers go to: `key` is its USPS code or, of a tribe, its locator code.

    `organization_id` is None for a state that has no organization here.
    """

    key: str
    fips: str
    organization_id: UUID | None


def issuers(session: Session, exchange: Exchange, codes: Iterable[str]) -> dict[str, Issuer]:
    """The agency that each of these codes names; a code that names none is left out."""
    outboxes = organizations_of_states(session)
    found = {}
    for code in codes:
        state = _BY_CODE.get(code[:_STATE_DIGITS])
        if state is not None:
            found[code] = Issuer(state, AGENCIES[state].fips, outboxes.get(state))
        elif (tribe := _tribe(session, exchange, code)) is not None:
            found[code] = Issuer(code, code, tribe)
    return found


def _tribe(session: Session, exchange: Exchange, code: str) -> UUID | None:
    hashed = exchange.vault.cells.keyed_hash(f"fact.{LOCATOR_CODE}", code)
    known = select(OrganizationFact.organization_id).where(OrganizationFact.value_hash == hashed)
    tribes = select(Organization.id).where(
        Organization.kind == OrganizationKind.TRIBE, Organization.status == ACTIVE
    )
    return session.exec(tribes.where(col(Organization.id).in_(known))).first()


def employers(session: Session, exchange: Exchange, feins: Iterable[str]) -> dict[str, UUID]:
    """The organization here that owns each FEIN, by itself or as a subsidiary that OCSS has verified.

    Where several do, an employer comes before a processor, and whose own number it is before both.
    """
    asked = sorted(set(feins))
    hashes = exchange.vault.cells.keyed_hashes("fein", [fein.encode() for fein in asked])
    by_subsidiary: dict[bytes, UUID] = {}
    by_own: dict[bytes, UUID] = {}
    for some in chunks(hashes):
        by_subsidiary |= _by_subsidiary(session, exchange, some)
        by_own |= _by_own(session, exchange, some)
    owners = by_subsidiary | by_own
    return {fein: owners[hashed] for fein, hashed in zip(asked, hashes, strict=True) if hashed in owners}


def _by_own(session: Session, exchange: Exchange, hashes: Sequence[bytes]) -> dict[bytes, UUID]:
    wanted = select(Organization).where(col(Organization.fein_hash).in_(hashes), *TAKING_PART)
    rows = [row for row in session.exec(wanted) if is_proven(exchange, row)]
    return {row.fein_hash: row.id for row in sorted(rows, key=_last_wins) if row.fein_hash}


def _by_subsidiary(session: Session, exchange: Exchange, hashes: Sequence[bytes]) -> dict[bytes, UUID]:
    wanted = (
        select(Subsidiary.fein_hash, Organization)
        .join(Organization, col(Organization.id) == Subsidiary.organization_id)
        .where(col(Subsidiary.fein_hash).in_(hashes), *TAKING_PART)
        .where(col(Subsidiary.verified_at).is_not(None))
    )
    rows = [(hashed, row) for hashed, row in session.exec(wanted) if is_proven(exchange, row)]
    return {hashed: row.id for hashed, row in sorted(rows, key=lambda one: _last_wins(one[1]))}


TAKING_PART = (
    col(Organization.kind).in_([kind.value for kind in ACKNOWLEDGING]),
    col(Organization.status) == ACTIVE,
)
"""The organizations that orders are delivered to."""


def _last_wins(row: Organization) -> tuple[bool, bytes]:
    return row.kind == OrganizationKind.EMPLOYER, row.id.bytes


def agencies(
    session: Session, exchange: Exchange, clients: Iterable[UUID], at: datetime
) -> set[tuple[UUID, UUID]]:
    """Who acted for which of these organizations at a moment: pairs of agent and client."""
    acted: set[tuple[UUID, UUID]] = set()
    for some in chunks(list(clients)):
        theirs = col(Representation.client_id).in_(some) & acting(at)
        found = representations.genuine(session, exchange, theirs)
        acted |= {(row.transmitter_id, row.client_id) for row in found}
    return acted


def answered_for(
    session: Session, exchange: Exchange, organization_id: UUID, at: datetime
) -> dict[str, UUID]:
    """The FEINs that an organization answers for at a moment, its own and its clients', and whose each is."""
    mine = [
        session.get_one(Organization, organization_id),
        *clients_of(session, exchange, organization_id, at),
    ]
    further = {open_subsidiary(exchange, one): one.organization_id for one in verified(session, mine)}
    own = {fein: one.id for one in reversed(mine) if (fein := open_own(exchange, one)) is not None}
    return further | own
