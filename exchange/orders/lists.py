"""Orders as their state and their employer see them: a list, newest first, and one opened.

A state or tribe sees what it sent, an employer what it got, a processor also what its clients of now got. Not
yours and not there look the same.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from exchange import cursors, journal
from exchange.accounts.acting import in_view
from exchange.database import reading, transaction
from exchange.errors import RecordNotFoundError, RequestInvalidError
from exchange.models.accounts import Organization
from exchange.models.base import as_utc
from exchange.models.orders import WAITING, OrderAnswer, OrderStatus, WithholdingOrder
from exchange.orders import records
from exchange.orders.ageing import THRESHOLDS, Flag, flag_of
from exchange.runtime import Exchange
from exchange.transfers.partners import client_ids
from exchange.transfers.views import Page
from roles.permissions import Permission
from roles.policy import Actor, VisibleOrganization, authorize, can
from schemas.kinds import Value

MAXIMUM_LIMIT = 1_000
MOST_LISTED = 25
"""Clients that a list to choose from holds."""
UNANSWERED = "waiting"
_STATE, _EMPLOYER = aliased(Organization), aliased(Organization)


@dataclass(frozen=True)
class OrderQuery:
    """Which orders to list; None for any. `employer_id`: of one client. `flag`: of those that wait.

    `status`: one of `OrderStatus`, or `UNANSWERED` for all that wait.
    """

    status: str | None = None
    flag: str | None = None
    employer_id: UUID | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True)
class OrderLine:
    """One order of a list. `employer` is None where it takes no part here, `flag` where nothing is overdue.

    `disposition` and `reason` are codes of `schemas.dispositions`, None while it waits. Times are in UTC.
    """

    id: UUID
    action: str
    state: str
    state_fips: str
    employer_id: UUID | None
    employer: str | None
    last_name: str
    first_name: str
    case_id: str
    tracking_number: str
    status: OrderStatus
    flag: Flag | None
    received_at: datetime
    receipted_at: datetime | None
    answered_at: datetime | None
    disposition: str | None
    reason: str | None


@dataclass(frozen=True)
class Counts:
    """How many orders wait for their answer, and how many of those have each flag."""

    waiting: int
    yellow: int
    red: int


@dataclass(frozen=True)
class OpenedOrder:
    """One order whole: `values` of its record and, once it is answered, of the acknowledgement, by field."""

    line: OrderLine
    origin: records.Origin
    values: dict[str, Value]
    answer: dict[str, Value] | None


def orders(exchange: Exchange, actor: Actor, query: OrderQuery) -> Page[OrderLine]:
    """The actor's orders, newest first. Raises `RequestInvalidError` for what can never be found."""
    limit = min(max(query.limit, 1), MAXIMUM_LIMIT)
    with reading(exchange.engine) as session:
        wanted = _wanted().where(_own(session, exchange, actor), *_conditions(exchange, query))
        newest = wanted.order_by(col(WithholdingOrder.received_at).desc(), col(WithholdingOrder.id).desc())
        rows = [Row(*row) for row in session.exec(newest.limit(limit + 1))]
    lines = [_opened(exchange, row).line for row in rows[:limit]]
    more = len(rows) > limit
    return Page(lines, cursors.cursor(lines[-1].received_at, lines[-1].id) if more else None)


def order(exchange: Exchange, actor: Actor, order_id: UUID) -> OpenedOrder:
    """One order opened, which is journalled; by its employer, that counts as its receipt.

    Raises `RecordNotFoundError`.
    """
    return several(exchange, actor, [order_id])[0]


def several(exchange: Exchange, actor: Actor, order_ids: list[UUID]) -> list[OpenedOrder]:
    """Orders opened as one is, all of them or none. Raises `RecordNotFoundError` when one is not there."""
    with transaction(exchange.engine) as session:
        rows = rows_of(session, exchange, actor, order_ids)
        for row in rows:
            _note_opened(session, exchange, actor, row.order)
    return [_opened(exchange, row) for row in rows]


def lines(exchange: Exchange, actor: Actor, order_ids: list[UUID]) -> list[OrderLine]:
    """Orders by their ids as a list shows them, which opens none. Raises `RecordNotFoundError`."""
    with reading(exchange.engine) as session:
        rows = rows_of(session, exchange, actor, order_ids)
    return [_opened(exchange, row).line for row in rows]


def answered_in(exchange: Exchange, actor: Actor, transfer_id: UUID) -> list[OrderLine]:
    """The actor's orders that a file answered, in its order."""
    with reading(exchange.engine) as session:
        wanted = _wanted().where(_own(session, exchange, actor), OrderAnswer.transfer_id == transfer_id)
        rows = [Row(*row) for row in session.exec(wanted.order_by(col(OrderAnswer.line)))]
    return [_opened(exchange, row).line for row in rows]


def _note_opened(session: Session, exchange: Exchange, actor: Actor, row: WithholdingOrder) -> None:
    if _acknowledges(actor) and row.status == OrderStatus.SUBMITTED:
        row.status, row.receipted_at = OrderStatus.RECEIPTED.value, exchange.clock()
        session.add(row)
    journal.append(session, exchange, "order.opened", actor, row.id)


def counts(exchange: Exchange, actor: Actor, employer_id: UUID | None = None) -> Counts:
    """How many of the actor's orders wait for their answer; of one client's, where it is given."""
    with reading(exchange.engine) as session:
        mine = [_own(session, exchange, actor), *_conditions(exchange, OrderQuery(employer_id=employer_id))]
        flagged = {flag: _flagged(flag.value, exchange.clock()) for flag in Flag}

        def counted(*conditions: ColumnElement[bool]) -> int:
            return session.exec(select(func.count()).where(*mine, *conditions)).one()

        return Counts(counted(_waiting()), counted(*flagged[Flag.YELLOW]), counted(*flagged[Flag.RED]))


def clients(exchange: Exchange, actor: Actor) -> list[tuple[UUID, str]]:
    """The organizations whose orders an employer or processor may list one by one, itself first.

    None for whoever acts for one of them, or has more than a list may hold: those choose whom they act for.
    """
    visible = authorize(actor, Permission.INCOME_WITHHOLDING_ACKNOWLEDGE)
    if actor.client is not None:
        return []
    with reading(exchange.engine) as session:
        own = session.get_one(Organization, visible)
        theirs = client_ids(session, exchange, visible, exchange.clock())
        if len(theirs) > MOST_LISTED:
            return []
        named = select(Organization).where(col(Organization.id).in_(theirs)).order_by(col(Organization.name))
        return [(one.id, one.name) for one in (own, *session.exec(named))]


@dataclass(frozen=True)
class Row:
    """What is read of one order."""

    order: WithholdingOrder
    answer: OrderAnswer | None
    state: str
    employer: str | None


_Rows = Select[WithholdingOrder, OrderAnswer, str, str]


def rows_of(session: Session, exchange: Exchange, actor: Actor, order_ids: list[UUID]) -> list[Row]:
    """Orders of the actor's by their ids, in that order. Raises `RecordNotFoundError` for any other."""
    own = _own(session, exchange, actor)
    found = {
        row[0].id: Row(*row)
        for row in session.exec(_wanted().where(own, col(WithholdingOrder.id).in_(order_ids)))
    }
    if found.keys() != set(order_ids):
        raise RecordNotFoundError
    return [found[order_id] for order_id in order_ids]


def _wanted() -> _Rows:
    answered = col(OrderAnswer.order_id) == WithholdingOrder.id
    return (
        select(WithholdingOrder, OrderAnswer, _STATE.name, _EMPLOYER.name)
        .join(OrderAnswer, answered, isouter=True)
        .join(_STATE, col(_STATE.id) == WithholdingOrder.state_id)
        .join(_EMPLOYER, col(_EMPLOYER.id) == WithholdingOrder.employer_id, isouter=True)
    )


def _own(session: Session, exchange: Exchange, actor: Actor) -> ColumnElement[bool]:
    """The orders that the actor sees. Raises `NotPermittedError`."""
    visible = _authorized(actor)
    sent = col(WithholdingOrder.state_id) == visible if _sends(actor) else false()
    if not _acknowledges(actor):
        return sent
    if actor.client is not None:
        chosen, _ = in_view(session, exchange, actor, None)
        return or_(sent, col(WithholdingOrder.employer_id) == chosen)
    theirs = client_ids(session, exchange, visible, exchange.clock())
    return or_(sent, col(WithholdingOrder.employer_id).in_([visible, *theirs]))


def _authorized(actor: Actor) -> VisibleOrganization:
    """Of one's own organization whoever sends orders or acknowledges them."""
    if _sends(actor):
        return authorize(actor, Permission.INCOME_WITHHOLDING_SEND)
    return authorize(actor, Permission.INCOME_WITHHOLDING_ACKNOWLEDGE)


def _sends(actor: Actor) -> bool:
    return can(actor, Permission.INCOME_WITHHOLDING_SEND)


def _acknowledges(actor: Actor) -> bool:
    return can(actor, Permission.INCOME_WITHHOLDING_ACKNOWLEDGE)


def _conditions(exchange: Exchange, query: OrderQuery) -> list[ColumnElement[bool]]:
    conditions = []
    if query.status == UNANSWERED:
        conditions.append(_waiting())
    elif query.status:
        conditions.append(col(WithholdingOrder.status) == _one_of(OrderStatus, query.status))
    if query.flag:
        conditions += _flagged(_one_of(Flag, query.flag), exchange.clock())
    if query.employer_id:
        conditions.append(col(WithholdingOrder.employer_id) == query.employer_id)
    if query.cursor:
        conditions.append(_behind(*cursors.place(query.cursor)))
    return conditions


def _one_of(known: type[OrderStatus] | type[Flag], given: str) -> str:
    if given not in [one.value for one in known]:
        raise RequestInvalidError(what=f"{given!r} is none of {', '.join(known)}")
    return given


def _flagged(flag: str, now: datetime) -> list[ColumnElement[bool]]:
    """Waiting so long, and not so long that the next flag is due."""
    received = col(WithholdingOrder.received_at)
    began = {one.flag.value: one.began(now) for one in THRESHOLDS}
    later = [moment for moment in began.values() if moment < began[flag]]
    return [_waiting(), received <= began[flag], *(received > moment for moment in later)]


def _waiting() -> ColumnElement[bool]:
    return col(WithholdingOrder.status).in_([status.value for status in WAITING])


def _behind(moment: datetime, last: UUID) -> ColumnElement[bool]:
    received = col(WithholdingOrder.received_at)
    return (received < moment) | ((received == moment) & (col(WithholdingOrder.id) < last))


def _opened(exchange: Exchange, row: Row) -> OpenedOrder:
    opened = records.opened_order(exchange, row.order)
    answer = records.opened_answer(exchange, row.answer).values if row.answer else None
    return OpenedOrder(_line(exchange, row, opened.values), opened.origin, opened.values, answer)


def _line(exchange: Exchange, row: Row, values: dict[str, Value]) -> OrderLine:
    order, answer = row.order, row.answer
    received, status = as_utc(order.received_at), OrderStatus(order.status)
    return OrderLine(
        id=order.id,
        action=order.action_code,
        state=row.state,
        state_fips=order.state_fips,
        employer_id=order.employer_id,
        employer=row.employer,
        last_name=str(values["employee_last_name"]),
        first_name=str(values["employee_first_name"]),
        case_id=str(values["case_id"]),
        tracking_number=str(values["document_tracking_number"]),
        status=status,
        flag=flag_of(received, exchange.clock()) if status in WAITING else None,
        received_at=received,
        receipted_at=as_utc(order.receipted_at) if order.receipted_at else None,
        answered_at=as_utc(answer.answered_at) if answer else None,
        disposition=answer.disposition if answer else None,
        reason=answer.reason if answer else None,
    )
