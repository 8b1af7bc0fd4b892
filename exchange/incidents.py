"""Incidents: a report to OCSS within one hour of discovery, and what becomes of it (domain.md 13.1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from exchange import journal, mail
from exchange.database import reading, transaction
from exchange.errors import IncidentNotFoundError
from exchange.models.accounts import Account, Organization
from exchange.models.base import as_utc
from exchange.models.incidents import CLOSED, OPEN, TAKEN, Incident
from exchange.runtime import Exchange
from exchange.transfers.answers import ocss
from roles.permissions import Permission
from roles.policy import Actor, authorize, can
from schemas.forms.asked import parse_asked
from schemas.forms.form import Answers, Problem
from schemas.forms.incident import INCIDENT, KINDS, PEOPLE, TAX

WITHIN = timedelta(hours=1)
"""From discovery to the report."""
_MOST = 500
_FUTURE, _TOO_EARLY = (
    "Check day and time: this has not been yet",
    "Check the day: this is more than a year ago",
)


@dataclass(frozen=True)
class IncidentView:
    """A report as people see it; `due_at` is an hour after discovery. `told` is only on its own page."""

    id: UUID
    organization: str
    reporter: str
    kind: str
    people: str
    tax_information: str
    discovered_at: datetime
    reported_at: datetime
    status: str
    taken_by: str
    description: str = ""
    phone: str = ""

    @property
    def number(self) -> str:
        """What people say on the telephone."""
        return self.id.hex[:8].upper()

    @property
    def due_at(self) -> datetime:
        """When the hour was over."""
        return self.discovered_at + WITHIN

    @property
    def in_time(self) -> bool:
        """Whether it was reported within the hour."""
        return self.reported_at <= self.due_at


def check(exchange: Exchange, submitted: Mapping[str, str]) -> Answers:
    """The answers, and all that is wrong with them; a discovery can not be in the future."""
    answers = parse_asked(INCIDENT, submitted)
    if answers.problems:
        return answers
    moment, now = _discovered(answers.values), exchange.clock()
    if moment > now + timedelta(minutes=1):
        return Answers(answers.values, (Problem("discovered_at", _FUTURE),))
    if moment < now - timedelta(days=366):
        return Answers(answers.values, (Problem("discovered_on", _TOO_EARLY),))
    return answers


def report(exchange: Exchange, actor: Actor, values: Mapping[str, str]) -> UUID:
    """Take a report whose answers were checked; OCSS is told at once. Raises `NotPermittedError`."""
    own = authorize(actor, Permission.INCIDENT_REPORT)
    told = json.dumps({"description": values["description"], "phone": values["phone"]})
    row = Incident(
        organization_id=own,
        account_id=actor.account_id,
        kind=values["kind"],
        people=values["people"],
        tax_information=values["tax_information"],
        told_sealed=b"",
        discovered_at=_discovered(values),
        reported_at=exchange.clock(),
    )
    row.told_sealed = exchange.vault.cells.seal(f"incident:{row.id}", told)
    with transaction(exchange.engine) as session:
        session.add(row)
        session.flush()
        mail.notify(session, exchange, ocss(session), "incident.reported", None)
        in_time = row.reported_at <= row.discovered_at + WITHIN
        journal.append(
            session, exchange, "incident.reported", actor, row.id, incident=row.kind, in_time=in_time
        )
    return row.id


def incidents(exchange: Exchange, actor: Actor) -> list[IncidentView]:
    """Reports, newest first: all of them for OCSS, else those of the actor's organization."""
    own = authorize(actor, Permission.INCIDENT_REPORT)
    wanted = select(Incident, Organization, Account).where(
        Organization.id == Incident.organization_id, Account.id == Incident.account_id
    )
    if not can(actor, Permission.INCIDENT_READ):
        wanted = wanted.where(Incident.organization_id == own)
    with reading(exchange.engine) as session:
        rows = session.exec(wanted.order_by(col(Incident.reported_at).desc()).limit(_MOST)).all()
        return [_view(session, *row) for row in rows]


def incident(exchange: Exchange, actor: Actor, identifier: UUID) -> IncidentView:
    """One report with what was told. Raises `IncidentNotFoundError` for another organization's."""
    own = authorize(actor, Permission.INCIDENT_REPORT)
    with reading(exchange.engine) as session:
        row = session.get(Incident, identifier)
        if row is None or (row.organization_id != own and not can(actor, Permission.INCIDENT_READ)):
            raise IncidentNotFoundError
        organization = session.get_one(Organization, row.organization_id)
        reporter = session.get_one(Account, row.account_id)
        told = json.loads(exchange.vault.cells.open(f"incident:{row.id}", row.told_sealed))
        return _view(session, row, organization, reporter, **told)


def take(exchange: Exchange, actor: Actor, identifier: UUID) -> None:
    """OCSS has it in hand, which the reporter sees. Raises `IncidentNotFoundError` unless it is open."""
    _advance(exchange, actor, identifier, (OPEN, TAKEN))


def close(exchange: Exchange, actor: Actor, identifier: UUID) -> None:
    """OCSS is done with it. Raises `IncidentNotFoundError` unless it is in hand."""
    _advance(exchange, actor, identifier, (TAKEN, CLOSED))


def _advance(exchange: Exchange, actor: Actor, identifier: UUID, step: tuple[str, str]) -> None:
    authorize(actor, Permission.INCIDENT_READ)
    before, after = step
    now = exchange.clock()
    with transaction(exchange.engine) as session:
        row = session.get(Incident, identifier, with_for_update=True)
        if row is None or row.status != before:
            raise IncidentNotFoundError
        row.status = after
        if after == TAKEN:
            row.taken_by, row.taken_at = actor.account_id, now
        else:
            row.closed_at = now
        mail.notify(session, exchange, row.organization_id, f"incident.{after}", None)
        journal.append(session, exchange, f"incident.{after}", actor, row.id)


def _discovered(values: Mapping[str, str]) -> datetime:
    spelled = f"{values['discovered_on']} {values['discovered_at']} +0000"
    return datetime.strptime(spelled, "%Y%m%d %H:%M %z")


def _view(
    session: Session, row: Incident, organization: Organization, reporter: Account, **told: str
) -> IncidentView:
    taker = session.get(Account, row.taken_by) if row.taken_by else None
    return IncidentView(
        id=row.id,
        organization=organization.name,
        reporter=reporter.name,
        kind=KINDS[row.kind],
        people=PEOPLE[row.people],
        tax_information=TAX[row.tax_information],
        discovered_at=as_utc(row.discovered_at),
        reported_at=as_utc(row.reported_at),
        status=row.status,
        taken_by=taker.name if taker else "",
        **told,
    )
