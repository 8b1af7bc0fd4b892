"""What OCSS has on record before an organization may register: agreements of a tribe, an agency's line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from exchange import journal
from exchange.database import reading, transaction
from exchange.errors import ClearanceMissingError, RecordNotFoundError
from exchange.models.base import as_utc
from exchange.models.registration import Clearance
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor, authorize
from schemas.forms import Answers, Problem
from schemas.forms.asked import parse_asked
from schemas.forms.registration import EVIDENCE, FACTS, RECORDED_NAME

_NEEDS = Permission.REGISTRATION_VERIFY
CLEARED_KINDS = tuple(kind for kind, about in KINDS.items() if about.prerequisite)


@dataclass(frozen=True)
class OnRecord:
    """One clearance as staff see it."""

    id: UUID
    kind: OrganizationKind
    key: str
    name: str
    evidence: str
    recorded_at: datetime
    withdrawn_at: datetime | None


def on_record(exchange: Exchange, actor: Actor) -> list[OnRecord]:
    """Every clearance, the newest first."""
    authorize(actor, _NEEDS)
    with reading(exchange.engine) as session:
        rows = session.exec(select(Clearance).order_by(col(Clearance.recorded_at).desc())).all()
    return [_view(exchange, row) for row in rows]


def record(
    exchange: Exchange, actor: Actor, kind: OrganizationKind, submitted: Mapping[str, str]
) -> tuple[Problem, ...]:
    """Record what stands in `submitted` (the kind's key, `organization_name`, `evidence`).

    Returns what is wrong with it; recorded when there is nothing.
    """
    authorize(actor, _NEEDS)
    assert KINDS[kind].prerequisite
    answers = parse_asked((FACTS[KINDS[kind].key], RECORDED_NAME, *EVIDENCE), submitted)
    if answers.problems:
        return answers.problems
    with transaction(exchange.engine) as session:
        if _standing(session, exchange, kind, answers.values[KINDS[kind].key]):
            return (Problem(KINDS[kind].key, "This is on record already"),)
        _add(session, exchange, actor, kind, answers)
    return ()


def _add(
    session: Session, exchange: Exchange, actor: Actor, kind: OrganizationKind, answers: Answers
) -> None:
    key, cells = KINDS[kind].key, exchange.vault.cells
    row = Clearance(
        kind=kind.value,
        key_sealed=cells.seal(f"clearance.{key}", answers.values[key]),
        key_hash=cells.keyed_hash(f"clearance.{key}", answers.values[key]),
        name=answers.values["organization_name"],
        evidence=answers.values["evidence"],
        recorded_at=exchange.clock(),
        recorded_by=actor.account_id,
    )
    session.add(row)
    journal.append(session, exchange, "clearance.recorded", actor, row.id, of=kind.value)


def withdraw(exchange: Exchange, actor: Actor, clearance_id: UUID) -> None:
    """End a clearance; who is in stays in. Raises `RecordNotFoundError`."""
    authorize(actor, _NEEDS)
    with transaction(exchange.engine) as session:
        row = session.get(Clearance, clearance_id, with_for_update=True)
        if row is None or row.withdrawn_at is not None:
            raise RecordNotFoundError
        row.withdrawn_at = exchange.clock()
        journal.append(session, exchange, "clearance.withdrawn", actor, row.id, of=row.kind)


def name_on_record(session: Session, exchange: Exchange, kind: OrganizationKind, key: str) -> str:
    """The organization's name as OCSS has it. Raises `ClearanceMissingError` when there is nothing."""
    needed = KINDS[kind].prerequisite
    row = _standing(session, exchange, kind, key)
    if needed is not None and row is None:
        raise ClearanceMissingError(why=needed.refusal)
    return row.name if row else ""


def _standing(session: Session, exchange: Exchange, kind: OrganizationKind, key: str) -> Clearance | None:
    found = exchange.vault.cells.keyed_hash(f"clearance.{KINDS[kind].key}", key)
    return session.exec(
        select(Clearance).where(
            Clearance.kind == kind.value,
            Clearance.key_hash == found,
            col(Clearance.withdrawn_at).is_(None),
        )
    ).first()


def _view(exchange: Exchange, row: Clearance) -> OnRecord:
    kind = OrganizationKind(row.kind)
    return OnRecord(
        id=row.id,
        kind=kind,
        key=exchange.vault.cells.open(f"clearance.{KINDS[kind].key}", row.key_sealed),
        name=row.name,
        evidence=row.evidence,
        recorded_at=as_utc(row.recorded_at),
        withdrawn_at=as_utc(row.withdrawn_at) if row.withdrawn_at else None,
    )
