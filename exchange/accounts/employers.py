"""Looking an employer up: for agencies that send orders and notices, and ask who works where.

Whoever looks says whom: by a part of the name that few have, or by a whole FEIN. There is no list of all, and
each search and look stands in the journal, without what was typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from exchange import journal
from exchange.accounts.feins import FEIN, plain
from exchange.accounts.organizations import Number, Profile, profile
from exchange.database import transaction
from exchange.errors import FieldsRefusedError, RecordNotFoundError
from exchange.models.accounts import ACTIVE, Organization
from exchange.models.base import as_utc
from exchange.models.organizations import Address, Contact, Subsidiary
from exchange.runtime import Exchange
from roles.employers_seen import LOOKED_UP, addresses_seen, contacts_seen
from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor, authorize
from roles.purposes import PurposeWords

MOST = 20
"""Employers that one search finds at most; one that would find more is refused."""
SHORTEST = 3
"""Letters and digits of a name that are asked for at least."""
_VERIFIED = col(Subsidiary.verified_at).is_not(None)
_ALL_NINE = "Enter all nine digits of the FEIN, or a part of the name"
_TOO_SHORT = f"Enter at least {SHORTEST} letters of the name, or all nine digits of the FEIN"
_TOO_MANY = f"More than {MOST} employers have this in their name. Enter more of it, or the whole FEIN"


@dataclass(frozen=True)
class Found:
    """An employer in the answer to a search; `subsidiaries`: those that were found rather than itself."""

    id: UUID
    name: str
    kind: OrganizationKind
    confirmed_at: datetime | None
    subsidiaries: tuple[str, ...]


@dataclass(frozen=True)
class Employer:
    """What agencies see of one employer; by purpose, what counts, or None where nothing is provided."""

    name: str
    kind: OrganizationKind
    confirmed_at: datetime | None
    due: bool
    addresses: list[tuple[PurposeWords, Address | None]]
    contacts: list[tuple[PurposeWords, Contact | None]]
    numbers: list[Number]


def search(exchange: Exchange, actor: Actor, typed: str) -> list[Found]:
    """Employers by a part of their own or a subsidiary's name, or by a whole FEIN.

    Raises `FieldsRefusedError` with advice when it asks for too little, or would find too many.
    """
    authorize(actor, Permission.EMPLOYER_SEARCH)
    wanted, number = " ".join(typed.split()), plain(typed)
    _refuse_vague(wanted, number)
    by_number = FEIN.fullmatch(number) is not None
    if by_number:
        hashed = exchange.vault.cells.keyed_hash("fein", number)
        own, further = col(Organization.fein_hash) == hashed, col(Subsidiary.fein_hash) == hashed
    else:
        own = col(Organization.name).icontains(wanted, autoescape=True)
        further = col(Subsidiary.name).icontains(wanted, autoescape=True)
    with transaction(exchange.engine) as session:
        owners = select(Subsidiary.organization_id).where(further, _VERIFIED)
        them = _open_to_agencies().where(or_(own, col(Organization.id).in_(owners)))
        rows = session.exec(them.order_by(col(Organization.name), col(Organization.id)).limit(MOST + 1)).all()
        through = _subsidiaries(session, rows[:MOST], further)
        facts = {"by": "fein" if by_number else "name", "found": len(rows)}
        journal.append(session, exchange, "employer.searched", actor, None, **facts)
    if len(rows) > MOST:
        raise FieldsRefusedError({"q": _TOO_MANY})
    return [_found(row, through.get(row.id, [])) for row in rows]


def look(exchange: Exchange, actor: Actor, organization_id: UUID) -> Employer:
    """What the table of disclosure gives of one employer. Raises `RecordNotFoundError`."""
    authorize(actor, Permission.EMPLOYER_SEARCH)
    with transaction(exchange.engine) as session:
        row = session.exec(_open_to_agencies().where(Organization.id == organization_id)).first()
        if row is None:
            raise RecordNotFoundError
        journal.append(session, exchange, "employer.looked_at", actor, row.id)
        return as_seen(profile(session, exchange, row))


def as_seen(whole: Profile) -> Employer:
    """Of an organization's page, what agencies see; numbers once OCSS has verified them."""
    return Employer(
        whole.name,
        whole.kind,
        whole.confirmed_at,
        whole.due,
        addresses_seen(whole.addresses),
        contacts_seen(whole.contacts),
        [one for one in whole.numbers if one.verified],
    )


def _refuse_vague(wanted: str, number: str) -> None:
    if number.isdigit() and not FEIN.fullmatch(number):
        raise FieldsRefusedError({"q": _ALL_NINE})
    if sum(letter.isalnum() for letter in wanted) < SHORTEST:
        raise FieldsRefusedError({"q": _TOO_SHORT})


def _open_to_agencies() -> SelectOfScalar[Organization]:
    """The organizations that agencies may find at all."""
    kinds = [kind.value for kind in LOOKED_UP]
    return select(Organization).where(col(Organization.kind).in_(kinds), Organization.status == ACTIVE)


def _subsidiaries(
    session: Session, found: Sequence[Organization], further: ColumnElement[bool]
) -> dict[UUID, list[str]]:
    """By owner, the names of the subsidiaries that were found."""
    theirs = select(Subsidiary).where(
        further, _VERIFIED, col(Subsidiary.organization_id).in_([one.id for one in found])
    )
    names: dict[UUID, list[str]] = {}
    for one in session.exec(theirs.order_by(col(Subsidiary.name))):
        names.setdefault(one.organization_id, []).append(one.name)
    return names


def _found(row: Organization, subsidiaries: list[str]) -> Found:
    confirmed = as_utc(row.confirmed_at) if row.confirmed_at else None
    return Found(row.id, row.name, OrganizationKind(row.kind), confirmed, tuple(subsidiaries))
