"""What became of one order and when; people of other organizations are not named."""

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from exchange.database import reading
from exchange.models.accounts import Account
from exchange.models.base import as_utc
from exchange.models.journal import JournalEvent
from exchange.models.transfers import Transfer
from exchange.orders import lists
from exchange.orders.lists import Row
from exchange.runtime import Exchange
from roles.policy import Actor

_LISTED = 200


@dataclass(frozen=True)
class Step:
    """`what` is sent, receipted, opened or answered; `who` an organization, or somebody of one's own.

    `transfer_id`: the file it came with, where that is the actor's.
    """

    at: datetime
    what: str
    who: str
    transfer_id: UUID | None = None


def history(exchange: Exchange, actor: Actor, order_id: UUID) -> list[Step]:
    """Everything that happened with an order, oldest first. Raises `RecordNotFoundError`."""
    with reading(exchange.engine) as session:
        (row,) = lists.rows_of(session, exchange, actor, [order_id])
        steps = [*_steps(session, actor, row), *_openings(session, actor, order_id)]
    return sorted(steps, key=operator.attrgetter("at"))


def _steps(session: Session, actor: Actor, row: Row) -> Iterator[Step]:
    order, answer, employer = row.order, row.answer, row.employer or ""
    file_id = _own_file(session, actor, order.transfer_id, order.delivered_id)
    yield Step(as_utc(order.received_at), "sent", row.state, file_id)
    if order.receipted_at:
        yield Step(as_utc(order.receipted_at), "receipted", employer)
    if answer:
        people = _names(session, actor, {answer.account_id} if answer.account_id else set())
        who = next(iter(people.values()), employer)
        answered = _own_file(session, actor, answer.transfer_id)
        yield Step(as_utc(answer.answered_at), "answered", who, answered)


def _openings(session: Session, actor: Actor, order_id: UUID) -> Iterator[Step]:
    """When each person of one's own organization last looked at it."""
    mine = (JournalEvent.subject_id == order_id, JournalEvent.organization_id == actor.organization_id)
    found = select(JournalEvent).where(*mine, JournalEvent.kind == "order.opened")
    newest = session.exec(found.order_by(col(JournalEvent.position).desc()).limit(_LISTED)).all()
    latest = {event.account_id: event for event in reversed(newest) if event.account_id}
    for account_id, name in _names(session, actor, set(latest)).items():
        yield Step(datetime.fromisoformat(latest[account_id].at), "opened", name)


def _names(session: Session, actor: Actor, account_ids: set[UUID]) -> dict[UUID, str]:
    """Names of those among these accounts that are of the actor's organization."""
    own = Account.organization_id == actor.organization_id
    found = select(Account.id, Account.name).where(own, col(Account.id).in_(account_ids))
    return dict(session.exec(found).all())


def _own_file(session: Session, actor: Actor, *transfer_ids: UUID | None) -> UUID | None:
    """The file among these that is the actor's organization's own."""
    own = Transfer.organization_id == actor.organization_id
    return session.exec(select(Transfer.id).where(own, col(Transfer.id).in_(transfer_ids))).first()
