"""What employers reported of their own accord, without an order: lump sums, suspensions, ends of employment.

A state or tribe sees what was reported to it, an employer what it reported, a processor also what was
reported for its clients of now, or for the one it acts for.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from exchange import cursors, journal
from exchange.database import reading, transaction
from exchange.errors import RecordNotFoundError
from exchange.models.accounts import Organization
from exchange.models.base import as_utc
from exchange.models.orders import OrderAnswer
from exchange.orders import records
from exchange.registry.agencies import AGENCIES
from exchange.runtime import Exchange
from exchange.transfers.partners import clients_of
from exchange.transfers.views import Page
from roles.permissions import Permission
from roles.policy import Actor, authorize, can
from schemas.kinds import Value

_STATE, _EMPLOYER = aliased(Organization), aliased(Organization)
_NAMES = {agency.fips[:2]: agency.state_name for agency in AGENCIES.values()}
_Rows = Select[OrderAnswer, str | None, str]


@dataclass(frozen=True)
class ReportLine:
    """One report of a list; `disposition` is L, S or T, `name` last and first as far as given; UTC."""

    id: UUID
    at: datetime
    disposition: str
    state: str
    employer: str
    name: str


@dataclass(frozen=True)
class OpenedReport:
    """One report whole: the values of its record, by field."""

    line: ReportLine
    values: dict[str, Value]


def reports(exchange: Exchange, actor: Actor, cursor: str | None = None, limit: int = 50) -> Page[ReportLine]:
    """The actor's reports, newest first. Raises `RequestInvalidError` for a cursor that we never gave."""
    at, identifier = col(OrderAnswer.answered_at), col(OrderAnswer.id)
    with reading(exchange.engine) as session:
        wanted = _wanted(session, exchange, actor)
        if cursor:
            moment, last = cursors.place(cursor)
            wanted = wanted.where((at < moment) | ((at == moment) & (identifier < last)))
        rows = session.exec(wanted.order_by(at.desc(), identifier.desc()).limit(limit + 1)).all()
    lines = [_opened(exchange, *row).line for row in rows[:limit]]
    return Page(lines, cursors.cursor(lines[-1].at, lines[-1].id) if len(rows) > limit else None)


def report(exchange: Exchange, actor: Actor, report_id: UUID) -> OpenedReport:
    """One report opened, which is journalled. Raises `RecordNotFoundError`."""
    with transaction(exchange.engine) as session:
        found = session.exec(_wanted(session, exchange, actor).where(OrderAnswer.id == report_id)).first()
        if found is None:
            raise RecordNotFoundError
        journal.append(session, exchange, "order.report_opened", actor, report_id)
    return _opened(exchange, *found)


def _wanted(session: Session, exchange: Exchange, actor: Actor) -> _Rows:
    """The reports that the actor sees, with the names of state and employer. Raises `NotPermittedError`."""
    return (
        select(OrderAnswer, _STATE.name, _EMPLOYER.name)
        .join(_STATE, col(_STATE.id) == OrderAnswer.state_id, isouter=True)
        .join(_EMPLOYER, col(_EMPLOYER.id) == OrderAnswer.employer_id)
        .where(col(OrderAnswer.order_id).is_(None), _own(session, exchange, actor))
    )


def _own(session: Session, exchange: Exchange, actor: Actor) -> ColumnElement[bool]:
    if can(actor, Permission.INCOME_WITHHOLDING_SEND):
        return col(OrderAnswer.state_id) == authorize(actor, Permission.INCOME_WITHHOLDING_SEND)
    visible = authorize(actor, Permission.INCOME_WITHHOLDING_ACKNOWLEDGE)
    mine = [visible, *(one.id for one in clients_of(session, exchange, visible, exchange.clock()))]
    if actor.client is not None:
        mine = [one for one in mine if one == actor.client.id]
    return col(OrderAnswer.employer_id).in_(mine)


def _opened(exchange: Exchange, row: OrderAnswer, state: str | None, employer: str) -> OpenedReport:
    values = records.opened_answer(exchange, row).values
    named = (values["employee_last_name"], values["employee_first_name"])
    line = ReportLine(
        row.id,
        as_utc(row.answered_at),
        row.disposition,
        state or _NAMES.get(row.state_fips[:2], row.state_fips),
        employer,
        ", ".join(str(each) for each in named if each),
    )
    return OpenedReport(line, values)
