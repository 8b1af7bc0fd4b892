"""Registrations as rows: sealed answers, the hashes they are found by, and the view of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from exchange import codes
from exchange.accounts.sign_in import normalise
from exchange.errors import RegistrationNotFoundError
from exchange.models.accounts import ACTIVE, INVITED, Account, Organization
from exchange.models.base import as_utc
from exchange.models.registration import DRAFT, RETURNED, SUBMITTED, OrganizationFact, Registration
from exchange.registry.keys import SSN
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind

EDITABLE = (DRAFT, RETURNED)
OPEN = (DRAFT, RETURNED, SUBMITTED)
ERASED = ("ssn", "birth_date")
"""What is forgotten as soon as a registration is decided."""
_NOTE = "registration.note"


@dataclass(frozen=True)
class Application:
    """One registration as pages show it. `note` is what staff asked, or why they denied it."""

    id: UUID
    reference: str
    kind: OrganizationKind
    status: str
    answers: Mapping[str, str]
    confirmed: bool
    agreement: str | None
    accepted_at: datetime | None
    joining: bool
    note: str
    created_at: datetime
    submitted_at: datetime | None
    due_at: datetime | None
    decided_at: datetime | None

    @property
    def editable(self) -> bool:
        """Whether the applicant may still change it."""
        return self.status in EDITABLE

    @property
    def organization_name(self) -> str:
        """The name that was given, or that OCSS has on record."""
        return self.answers.get("organization_name", "")

    @property
    def person_name(self) -> str:
        """First and last name."""
        return f"{self.answers.get('first_name', '')} {self.answers.get('last_name', '')}".strip()


def view_of(exchange: Exchange, row: Registration) -> Application:
    """The row, opened."""
    return Application(
        id=row.id,
        reference=row.reference,
        kind=OrganizationKind(row.kind),
        status=row.status,
        answers=answers_of(exchange, row),
        confirmed=row.confirmed_at is not None,
        agreement=row.agreement,
        accepted_at=_utc(row.accepted_at),
        joining=row.joining,
        note=exchange.vault.cells.open(_NOTE, row.note_sealed) if row.note_sealed else "",
        created_at=as_utc(row.created_at),
        submitted_at=_utc(row.submitted_at),
        due_at=_utc(row.due_at),
        decided_at=_utc(row.decided_at),
    )


def _utc(moment: datetime | None) -> datetime | None:
    return as_utc(moment) if moment else None


def answers_of(exchange: Exchange, row: Registration) -> dict[str, str]:
    """What was typed. A row whose kind was changed outside the portal does not open."""
    answers: dict[str, str] = json.loads(exchange.vault.cells.open(_purpose(row), row.answers_sealed))
    return answers


def keep_answers(exchange: Exchange, row: Registration, answers: Mapping[str, str]) -> None:
    """Seal the answers into the row, and the hashes of what it is found by."""
    row.answers_sealed = exchange.vault.cells.seal(_purpose(row), json.dumps(dict(answers)))
    row.key_hash = _hash_if(exchange, f"fact.{_key(row)}", answers.get(_key(row)))
    row.username_hash = _hash_if(exchange, "registration.username", answers.get("username"))
    row.person_hash = _hash_if(exchange, SSN, answers.get("ssn")) or row.person_hash
    row.changed_at = exchange.clock()


def _purpose(row: Registration) -> str:
    return f"registration:{row.id}:{row.kind}"


def _key(row: Registration) -> str:
    return KINDS[OrganizationKind(row.kind)].key


def _hash_if(exchange: Exchange, purpose: str, value: str | None) -> bytes | None:
    return exchange.vault.cells.keyed_hash(purpose, value) if value else None


def seal_note(exchange: Exchange, row: Registration, note: str) -> None:
    """Keep what staff ask or answer."""
    row.note_sealed = exchange.vault.cells.seal(_NOTE, note) if note else None


def secret_hash(exchange: Exchange, secret: str) -> bytes:
    """What a registration's code is found by."""
    return exchange.vault.cells.keyed_hash("registration", codes.plain(secret))


def by_secret(session: Session, exchange: Exchange, secret: str, *, lock: bool = False) -> Registration:
    """The applicant's own registration. Raises `RegistrationNotFoundError`."""
    wanted = select(Registration).where(Registration.secret_hash == secret_hash(exchange, secret))
    row = session.exec(wanted.with_for_update() if lock else wanted).first()
    if row is None:
        raise RegistrationNotFoundError
    return row


def organization_with(
    session: Session, exchange: Exchange, kind: OrganizationKind, value: str
) -> Organization | None:
    """The organization of this kind that has this key, if there is one already."""
    of_kind = select(Organization).where(Organization.kind == kind.value)
    key, cells = KINDS[kind].key, exchange.vault.cells
    if key == "fein":
        return session.exec(of_kind.where(Organization.fein_hash == cells.keyed_hash("fein", value))).first()
    if key == "jurisdiction":
        return session.exec(of_kind.where(Organization.jurisdiction == value)).first()
    fact = cells.keyed_hash(f"fact.{key}", value)
    known = select(OrganizationFact.organization_id).where(OrganizationFact.value_hash == fact)
    return session.exec(of_kind.where(col(Organization.id).in_(known))).first()


_IN_ITS_ROW = ("fein", "jurisdiction")


def facts_of(session: Session, exchange: Exchange, organization_id: UUID) -> dict[str, str]:
    """What `note_facts` kept, by name."""
    theirs = select(OrganizationFact).where(OrganizationFact.organization_id == organization_id)
    opened = exchange.vault.cells.open
    rows = session.exec(theirs).all()
    return {row.name: opened(f"fact:{organization_id}:{row.name}", row.value_sealed) for row in rows}


def note_facts(session: Session, exchange: Exchange, organization_id: UUID, facts: Mapping[str, str]) -> None:
    """Keep what is known about an organization beside what its own row holds."""
    cells = exchange.vault.cells
    for name, value in facts.items():
        if value and name not in _IN_ITS_ROW:
            fact = OrganizationFact(
                organization_id=organization_id,
                name=name,
                value_sealed=cells.seal(f"fact:{organization_id}:{name}", value),
                value_hash=cells.keyed_hash(f"fact.{name}", value),
            )
            session.add(fact)


def username_taken(session: Session, exchange: Exchange, username: str, besides: UUID) -> bool:
    """Whether an account has this username, or another open registration asks for it."""
    if session.exec(select(Account.id).where(Account.username == normalise(username))).first():
        return True
    asked = exchange.vault.cells.keyed_hash("registration.username", username)
    others = select(Registration.id).where(
        Registration.username_hash == asked,
        Registration.id != besides,
        col(Registration.status).in_((RETURNED, SUBMITTED)),
    )
    return session.exec(others).first() is not None


def looks_after() -> ColumnElement[bool]:
    """The accounts of people who look after their organization, or will once they have activated it."""
    return col(Account.administrator).is_(True) & col(Account.status).in_((ACTIVE, INVITED))


def administrators(session: Session, organization_id: UUID) -> Sequence[Account]:
    """Those who look after an organization, or will."""
    theirs = select(Account).where(Account.organization_id == organization_id, looks_after())
    return session.exec(theirs).all()
