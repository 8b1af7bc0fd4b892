"""Registrations as rows: what was said, sealed; the hashes and days it is found by; the view of it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, delete, select

from exchange.accounts.feins import masked
from exchange.models.accounts import Account, Organization
from exchange.models.base import as_utc
from exchange.models.multistate import (
    MultistateMember,
    MultistatePlace,
    MultistateRegistration,
    MultistateVersion,
    RegistryStatus,
)
from exchange.multistate.statuses import LIVE
from exchange.runtime import Exchange
from roles.multistate import Registrant
from roles.policy import Actor
from schemas.forms.multistate import day_of, members_of


@dataclass(frozen=True)
class Version:
    """What was handed in at one time, by whom, and the status that it led to."""

    number: int
    status: RegistryStatus
    values: Mapping[str, str]
    effective_on: date
    said_at: datetime
    who: str
    organization: str


@dataclass(frozen=True)
class Place:
    """A state that a registration concerns, from a day until before another."""

    state: str
    designated: bool
    since: date
    until: date | None

    def holds(self, day: date) -> bool:
        """Whether it does so on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Registration:
    """A registration as a page shows it; its FEIN stands masked. `versions`: the newest first.

    `prepared`: what is being filled in; None where nothing is.
    """

    id: UUID
    reference: str
    organization_id: UUID
    registrant: Registrant
    status: RegistryStatus
    legal_name: str
    fein: str
    effective_on: date | None
    prepared: Mapping[str, str] | None
    versions: list[Version]
    places: list[Place]

    @property
    def values(self) -> Mapping[str, str]:
        """What was said last and counts; of one that was cancelled, what counted before."""
        counting = (one.values for one in self.versions if one.status is not RegistryStatus.CANCELLED)
        return next(counting, {})


def fein_of(exchange: Exchange, row: MultistateRegistration) -> str:
    """The number that is registered."""
    return exchange.vault.cells.open(f"multistate.fein:{row.id}", row.fein_sealed)


def set_fein(exchange: Exchange, row: MultistateRegistration, fein: str) -> None:
    """Seal the number into a new row."""
    row.fein_sealed = exchange.vault.cells.seal(f"multistate.fein:{row.id}", fein)
    row.fein_hash = hash_of(exchange, fein)


def hash_of(exchange: Exchange, fein: str) -> bytes:
    """What a FEIN is found by, here and among organizations."""
    return exchange.vault.cells.keyed_hash("fein", fein)


def prepared(exchange: Exchange, row: MultistateRegistration) -> dict[str, str] | None:
    """What is being filled in."""
    if row.prepared_sealed is None:
        return None
    values: dict[str, str] = json.loads(exchange.vault.cells.open(_preparing(row), row.prepared_sealed))
    return values


def prepare(exchange: Exchange, row: MultistateRegistration, values: Mapping[str, str] | None) -> None:
    """Keep what is being filled in, or nothing."""
    written = json.dumps(dict(values)) if values is not None else None
    row.prepared_sealed = exchange.vault.cells.seal(_preparing(row), written) if written else None
    row.changed_at = exchange.clock()


def _preparing(row: MultistateRegistration) -> str:
    return f"multistate.prepared:{row.id}"


def next_version(
    exchange: Exchange, row: MultistateRegistration, values: Mapping[str, str], by: Actor
) -> MultistateVersion:
    """What is handed in now as the next version; the row has its status already."""
    row.version, row.effective_on, row.legal_name = row.version + 1, day_of(values), values["legal_name"]
    version = MultistateVersion(
        registration_id=row.id,
        number=row.version,
        status=row.status,
        said_sealed=b"",
        effective_on=row.effective_on,
        said_at=exchange.clock(),
        account_id=by.account_id,
        organization_id=by.organization_id,
    )
    version.said_sealed = exchange.vault.cells.seal(f"multistate.said:{version.id}", json.dumps(dict(values)))
    return version


def said(exchange: Exchange, version: MultistateVersion) -> dict[str, str]:
    """What was said in a version."""
    opened = exchange.vault.cells.open(f"multistate.said:{version.id}", version.said_sealed)
    values: dict[str, str] = json.loads(opened)
    return values


def set_members(
    session: Session, exchange: Exchange, row: MultistateRegistration, values: Mapping[str, str]
) -> None:
    """Let the registration be found by the FEINs that it lists now, and by no earlier ones."""
    session.execute(delete(MultistateMember).where(col(MultistateMember.registration_id) == row.id))
    for one in members_of(values):
        session.add(MultistateMember(registration_id=row.id, fein_hash=hash_of(exchange, one.fein)))


def set_places(session: Session, row: MultistateRegistration, values: Mapping[str, str], day: date) -> None:
    """From a day on the registration concerns the states of these values; none, when they name none.

    What was to hold from that day or later never did. What holds before it keeps its days.
    """
    designated = values.get("designated", "")
    wanted = {(state, state == designated) for state in values.get("states", "").split()}
    mine = select(MultistatePlace).where(MultistatePlace.registration_id == row.id)
    for place in session.exec(mine).all():
        key = (place.state, place.designated)
        if place.since >= day:
            session.delete(place)
        elif place.until is None or place.until >= day:
            place.until = None if key in wanted else day
            wanted.discard(key)
            session.add(place)
    for state, is_designated in sorted(wanted):
        session.add(MultistatePlace(registration_id=row.id, state=state, designated=is_designated, since=day))


def places(session: Session, registration_ids: Iterable[UUID]) -> dict[UUID, list[Place]]:
    """By registration, every state it concerned at any time, in the order of the days."""
    wanted = select(MultistatePlace).where(col(MultistatePlace.registration_id).in_(registration_ids))
    found: dict[UUID, list[Place]] = {}
    for one in session.exec(wanted.order_by(col(MultistatePlace.since), col(MultistatePlace.state))):
        place = Place(one.state, one.designated, one.since, one.until)
        found.setdefault(one.registration_id, []).append(place)
    return found


def view_of(session: Session, exchange: Exchange, row: MultistateRegistration) -> Registration:
    """The whole registration, opened."""
    return Registration(
        row.id,
        row.reference,
        row.organization_id,
        Registrant(row.registrant),
        RegistryStatus(row.status),
        row.legal_name,
        masked(fein_of(exchange, row)),
        row.effective_on,
        prepared(exchange, row),
        _versions(session, exchange, row),
        places(session, [row.id]).get(row.id, []),
    )


def _versions(session: Session, exchange: Exchange, row: MultistateRegistration) -> list[Version]:
    whole = (
        select(MultistateVersion, Account.name, Organization.name)
        .join(Account, col(Account.id) == col(MultistateVersion.account_id))
        .join(Organization, col(Organization.id) == col(MultistateVersion.organization_id))
        .where(MultistateVersion.registration_id == row.id)
        .order_by(col(MultistateVersion.number).desc())
    )
    return [
        Version(
            one.number,
            RegistryStatus(one.status),
            said(exchange, one),
            one.effective_on,
            as_utc(one.said_at),
            who,
            organization,
        )
        for one, who, organization in session.exec(whole)
    ]


def live_with(session: Session, fein_hash: bytes) -> MultistateRegistration | None:
    """The registration of a FEIN that is neither a draft nor cancelled."""
    live = [status.value for status in LIVE]
    wanted = select(MultistateRegistration).where(
        MultistateRegistration.fein_hash == fein_hash, col(MultistateRegistration.status).in_(live)
    )
    return session.exec(wanted).first()
