"""What agencies see of the registry: who reports to their state, who has employees there, who left it.

A state sees the registrations that concern it, as they were said while they did; OCSS sees all. Searches and
looks stand in the journal, without what was typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, exists, or_, select

from exchange import journal
from exchange.accounts.feins import FEIN, masked, plain
from exchange.database import transaction
from exchange.errors import RecordNotFoundError
from exchange.models.accounts import Organization
from exchange.models.multistate import (
    MultistateMember,
    MultistatePlace,
    MultistateRegistration,
    RegistryStatus,
)
from exchange.multistate import rows
from exchange.multistate.rows import Place, Registration
from exchange.multistate.rules import client_hashes
from exchange.runtime import Exchange
from roles.multistate import Registrant
from roles.permissions import Permission
from roles.policy import Actor, authorize
from schemas.forms.multistate import members_of

PAGE = 25


class Concern(StrEnum):
    """In which way a registration concerns a state; for OCSS, any state."""

    REPORTING = "reporting"
    EMPLOYING = "employing"
    COMING = "coming"
    LEFT = "left"


@dataclass(frozen=True)
class Found:
    """A registration in a list; its FEIN stands masked.

    `designated`: where it reports on the day of asking; empty for a state that it concerns no more. `mine`:
    when and how it concerns the asker's state.
    """

    id: UUID
    reference: str
    legal_name: str
    fein: str
    status: RegistryStatus
    designated: str
    mine: list[Place]


@dataclass(frozen=True)
class Wanted:
    """What to look for: a part of the legal name, a reference or a whole FEIN; in which way; which page."""

    text: str = ""
    concern: Concern | None = None
    page: int = 0


@dataclass(frozen=True)
class Seen:
    """A registration as an agency sees it. `state`: the asker's, empty for OCSS."""

    registration: Registration
    state: str
    mine: list[Place]


def search(exchange: Exchange, actor: Actor, wanted: Wanted) -> tuple[str, list[Found]]:
    """The asker's state (empty for OCSS), and one registration more than `PAGE` where there are further."""
    authorize(actor, Permission.MULTISTATE_READ)
    today = exchange.clock().date()
    with transaction(exchange.engine) as session:
        state = _state_of(session, actor)
        found = session.exec(
            select(MultistateRegistration)
            .where(col(MultistateRegistration.version) > 0, *_conditions(exchange, wanted, state, today))
            .order_by(col(MultistateRegistration.legal_name), col(MultistateRegistration.id))
            .offset(wanted.page * PAGE)
            .limit(PAGE + 1)
        ).all()
        told = _told(session, exchange, found, state, today)
        facts = {"by": _by(wanted), "concern": wanted.concern or "any", "found": len(found)}
        journal.append(session, exchange, "multistate.searched", actor, None, **facts)
    return state, told


def look(exchange: Exchange, actor: Actor, registration_id: UUID) -> Seen:
    """One registration that concerns the asker's state, or did. Raises `RecordNotFoundError`."""
    authorize(actor, Permission.MULTISTATE_READ)
    with transaction(exchange.engine) as session:
        row, state = session.get(MultistateRegistration, registration_id), _state_of(session, actor)
        if row is None or not row.version:
            raise RecordNotFoundError
        seen = _as_seen(
            session, exchange, replace(rows.view_of(session, exchange, row), prepared=None), state
        )
        facts = {"registration": str(row.id)}
        journal.append(session, exchange, "multistate.looked_at", actor, row.organization_id, **facts)
    return seen


def _state_of(session: Session, actor: Actor) -> str:
    """The state whose agency asks; OCSS has none."""
    return session.get_one(Organization, actor.organization_id).jurisdiction or ""


def _conditions(exchange: Exchange, wanted: Wanted, state: str, today: date) -> list[ColumnElement[bool]]:
    conditions = [_concerns(wanted.concern, state, today)] if state or wanted.concern else []
    if FEIN.fullmatch(plain(wanted.text)):
        hashed = rows.hash_of(exchange, plain(wanted.text))
        listing = select(MultistateMember.registration_id).where(MultistateMember.fein_hash == hashed)
        by_number = col(MultistateRegistration.fein_hash) == hashed
        return [*conditions, or_(by_number, col(MultistateRegistration.id).in_(listing))]
    if wanted.text:
        text = " ".join(wanted.text.split())
        by_name = col(MultistateRegistration.legal_name).icontains(text, autoescape=True)
        return [*conditions, or_(by_name, col(MultistateRegistration.reference) == text.upper())]
    return conditions


def _concerns(concern: Concern | None, state: str, today: date) -> ColumnElement[bool]:
    """Whether a registration concerns a state in a way; any state, where none is given."""
    since, until = col(MultistatePlace.since), col(MultistatePlace.until)
    begun, goes_on = since <= today, or_(until.is_(None), until > today)
    designated = col(MultistatePlace.designated)
    ways: dict[Concern, ColumnElement[bool]] = {
        Concern.REPORTING: begun & goes_on & designated,
        Concern.EMPLOYING: begun & goes_on & ~designated,
        Concern.COMING: (since > today) & designated,
        Concern.LEFT: designated & until.is_not(None),
    }
    mine = col(MultistatePlace.registration_id) == col(MultistateRegistration.id)
    further = [ways[concern]] if concern else []
    if state:
        further.append(col(MultistatePlace.state) == state)
    return exists().where(mine, *further)


def _by(wanted: Wanted) -> str:
    if not wanted.text:
        return "nothing"
    return "fein" if FEIN.fullmatch(plain(wanted.text)) else "name"


def _told(
    session: Session, exchange: Exchange, found: Sequence[MultistateRegistration], state: str, today: date
) -> list[Found]:
    places = rows.places(session, [row.id for row in found])
    return [_found(exchange, row, places.get(row.id, []), (state, today)) for row in found]


def _found(
    exchange: Exchange, row: MultistateRegistration, places: list[Place], asked: tuple[str, date]
) -> Found:
    state, today = asked
    mine = [one for one in places if one.state == state]
    concerned = not state or any(one.until is None or one.until > today for one in mine)
    designated = (one.state for one in places if one.designated and one.holds(today) and concerned)
    return Found(
        row.id,
        row.reference,
        row.legal_name,
        masked(rows.fein_of(exchange, row)),
        RegistryStatus(row.status),
        next(designated, ""),
        mine,
    )


def _as_seen(session: Session, exchange: Exchange, whole: Registration, state: str) -> Seen:
    """The registration, for a state only as it was said while it concerned the state."""
    whole = _without_lost_clients(session, exchange, whole)
    if not state:
        return Seen(whole, "", [])
    mine = [one for one in whole.places if one.state == state]
    if not mine:
        raise RecordNotFoundError
    told = [one for one in whole.versions if state in one.values.get("states", "").split()]
    ended = [one for one in whole.versions if one.status is RegistryStatus.CANCELLED]
    return Seen(replace(whole, versions=[*ended, *told]), state, mine)


def _without_lost_clients(session: Session, exchange: Exchange, whole: Registration) -> Registration:
    """A processor's registration without the clients that have ended it: those are covered no more."""
    if whole.registrant is not Registrant.PROVIDER:
        return whole
    clients = client_hashes(session, exchange, whole.organization_id)
    versions = []
    for one in whole.versions:
        kept = [each for each in members_of(one.values) if rows.hash_of(exchange, each.fein) in clients]
        versions.append(replace(one, values={**one.values, "members": "\n".join(each.line for each in kept)}))
    return replace(whole, versions=versions)
