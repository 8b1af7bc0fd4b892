"""A second-factor reset that two people agreed to: it waits, whom it concerns can stop it, then it happens.

The waiting time (`Settings.reset_wait_minutes`) is there for the person who knows nothing of it: two people
who mean ill, or who were taken in by a telephone call, do not come into an account before its owner was told.
"""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, or_, select

from exchange import journal
from exchange.accounts import activation, decisions, ending
from exchange.accounts.decisions import Decision
from exchange.accounts.identity import is_proven, seal
from exchange.database import reading, transaction
from exchange.errors import RecordNotFoundError
from exchange.models.accounts import ACTIVE, INVITED, Account
from exchange.models.oversight import AGREED, APPROVED, LAPSED, STOPPED, WAITING, WITHDRAWN, DualControl
from exchange.runtime import Exchange
from roles.permissions import ROLE_PERMISSIONS, Permission, Role
from roles.policy import Actor

_AT_ONCE = 100


def agree(session: Session, exchange: Exchange, actor: Actor, row: DualControl) -> None:
    """The second of two people agrees: the waiting time begins, and the person is told until when."""
    row.due_at = exchange.clock() + timedelta(minutes=exchange.settings.reset_wait_minutes)
    decisions.move(session, exchange, row, AGREED, actor)


def about(exchange: Exchange, actor: Actor) -> Decision | None:
    """A reset of the actor's own second factor that was asked for or waits to happen."""
    mine = select(DualControl).where(decisions.open_about(actor.account_id))
    with reading(exchange.engine) as session:
        rows = session.exec(mine.order_by(col(DualControl.asked_at).desc())).all()
        found = [row for row in rows if not decisions.has_lapsed(exchange, row)]
        return decisions.shown(session, exchange, actor, found[0]) if found else None


def stop(exchange: Exchange, actor: Actor, decision_id: UUID) -> None:
    """The person does not want it, whoever agreed. `RecordNotFoundError` for a reset of somebody else."""
    with transaction(exchange.engine) as session:
        found = session.get(DualControl, decision_id)
        if found is None or (found.act, found.subject_id) != (decisions.RESET, actor.account_id):
            raise RecordNotFoundError
        row = decisions.open_row(session, exchange, decision_id)
        decisions.move(session, exchange, row, STOPPED, actor)


def settle(exchange: Exchange) -> int:
    """Let what is due happen, and what nobody answered lapse; returns how many. A worker's chore."""
    now = exchange.clock()
    unanswered = (col(DualControl.state) == WAITING) & (col(DualControl.lapses_at) <= now)
    due = (col(DualControl.state) == AGREED) & (col(DualControl.due_at) <= now)
    over = select(DualControl.id).where(or_(unanswered, due)).limit(_AT_ONCE)
    with reading(exchange.engine) as session:
        found = session.exec(over).all()
    return sum(_settle(exchange, one) for one in found)


def _settle(exchange: Exchange, decision_id: UUID) -> bool:
    with transaction(exchange.engine) as session:
        row = session.get_one(DualControl, decision_id, with_for_update=True)
        if row.state not in decisions.OPEN:  # another worker, or the person, was first
            return False
        if not is_proven(exchange, row):
            _give_up(session, exchange, row)
        elif row.state == WAITING:
            decisions.move(session, exchange, row, LAPSED, None)
        elif why := _hindrance(session, exchange, row):
            decisions.move(session, exchange, row, WITHDRAWN, None, why)
        else:
            _reset(session, exchange, row)
    return True


def _give_up(session: Session, exchange: Exchange, row: DualControl) -> None:
    """A row that was changed outside the portal lets nothing happen; its mark stays wrong."""
    row.state = WITHDRAWN
    session.add(row)
    journal.append(session, exchange, "identity.damaged", None, row.id, table=type(row).__name__)


def _hindrance(session: Session, exchange: Exchange, row: DualControl) -> str:
    """Why it cannot happen any more, though two had agreed."""
    person = session.get(Account, row.subject_id, with_for_update=True)
    if person is None or person.status != ACTIVE or not person.email or not is_proven(exchange, person):
        return "the account is not active any more"
    both = [session.get(Account, one) for one in (row.asked_by, row.decided_by)]
    if not all(one is not None and _may_decide(exchange, one) for one in both):
        return "one of the two who agreed may not decide this any more"
    return ""


def _may_decide(exchange: Exchange, account: Account) -> bool:
    held = account.administrator or Permission.ACCOUNT_OVERSEE in ROLE_PERMISSIONS[Role(account.role)]
    return held and account.status == ACTIVE and is_proven(exchange, account)


def _reset(session: Session, exchange: Exchange, row: DualControl) -> None:
    account = session.get_one(Account, row.subject_id)
    ending.sessions(session, account.id)
    ending.factors(session, account)
    account.status = INVITED
    seal(session, exchange, account)
    decisions.move(session, exchange, row, APPROVED, None)
    activation.issue(session, exchange, account)
