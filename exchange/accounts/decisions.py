"""The rows of acts that need two people: which of them somebody sees, how they move on, and who is told.

A reset of a second factor is seen, and can be ended, also by the administrators of the person's organization
and by those of OCSS, whoever asked for it: they are whom a letter tells the person to call.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from exchange import journal, letters
from exchange.accounts.identity import require, seal
from exchange.errors import NotNowError
from exchange.models.accounts import Account, Organization
from exchange.models.base import as_utc
from exchange.models.oversight import (
    AGREED,
    APPROVED,
    LAPSED,
    REFUSED,
    STOPPED,
    WAITING,
    WITHDRAWN,
    DualControl,
)
from exchange.runtime import Exchange
from roles.oversight import TwoPersonAct
from roles.permissions import Permission
from roles.policy import Actor, can

RESET = TwoPersonAct.RESET_SECOND_FACTOR
OPEN = (WAITING, AGREED)
LETTERS = {
    WAITING: "reset-asked",
    AGREED: "reset-agreed",
    APPROVED: "reset-done",
    REFUSED: "reset-refused",
    STOPPED: "reset-stopped",
    WITHDRAWN: "reset-withdrawn",
    LAPSED: "reset-lapsed",
}
"""What the person is told whose second factor it is, whenever a reset moves on."""
_SHOWN = 50


@dataclass(frozen=True)
class Decision:
    """A request as both sides see it; `mine` when the one who looks asked for it.

    `due_at`: when an act that two people agreed to will happen. `approvable`: the one who looks belongs to
    the side that asked, and is neither who asked nor whom it concerns. `organization`: the subject's, where
    it is not that of the one who looks.
    """

    id: UUID
    act: TwoPersonAct
    subject: str
    organization: str
    choice: str
    reason: str
    asked_by: str
    asked_at: datetime
    lapses_at: datetime
    due_at: datetime | None
    state: str
    mine: bool
    approvable: bool


def of_side(session: Session, exchange: Exchange, actor: Actor) -> list[Decision]:
    """What the actor's side asked for, and what was asked about its people, newest first."""
    people = select(Account.id).where(Account.organization_id == actor.organization_id)
    theirs = col(DualControl.state).in_(OPEN) if _oversees(actor) else col(DualControl.subject_id).in_(people)
    resets = (col(DualControl.act) == RESET) & theirs
    seen = or_(col(DualControl.organization_id) == actor.organization_id, resets)
    newest = select(DualControl).where(seen).order_by(col(DualControl.asked_at).desc()).limit(_SHOWN)
    return [shown(session, exchange, actor, row) for row in session.exec(newest)]


def open_row(session: Session, exchange: Exchange, decision_id: UUID) -> DualControl:
    """A request that is neither over nor changed outside the portal, locked for the caller's transaction."""
    row = session.get_one(DualControl, decision_id, with_for_update=True, populate_existing=True)
    require(exchange, row)
    if row.state not in OPEN or has_lapsed(exchange, row):
        raise NotNowError(why="this request was decided already, or has lapsed")
    return row


def is_seen(session: Session, row: DualControl, actor: Actor) -> bool:
    """Whether the actor's side has to do with a request."""
    if row.organization_id == actor.organization_id or (row.act == RESET and _oversees(actor)):
        return True
    subject = session.get(Account, row.subject_id) if row.act == RESET else None
    return subject is not None and subject.organization_id == actor.organization_id


def _oversees(actor: Actor) -> bool:
    return can(actor, Permission.ACCOUNT_OVERSEE)


def has_lapsed(exchange: Exchange, row: DualControl) -> bool:
    """Whether nobody has answered a request in its time."""
    return row.state == WAITING and as_utc(row.lapses_at) <= exchange.clock()


def open_about(account_id: UUID) -> ColumnElement[bool]:
    """The condition for requests under way to reset this account's second factor."""
    theirs = (col(DualControl.act) == RESET) & (col(DualControl.subject_id) == account_id)
    return theirs & col(DualControl.state).in_(OPEN)


def move(
    session: Session, exchange: Exchange, row: DualControl, state: str, by: Actor | None, why: str = ""
) -> None:
    """Let a request be in another state from now on: sealed, journalled, and told to whom it concerns."""
    row.state = state
    if row.decided_by is None and by is not None:
        row.decided_by, row.decided_at = by.account_id, exchange.clock()
    seal(session, exchange, row)
    tell(session, exchange, row)
    facts = {"act": row.act, "asked_by": str(row.asked_by), "choice": row.choice, "id": str(row.id)}
    more = {"why": why} if why else {}
    journal.append(session, exchange, f"decision.{state}", by, row.subject_id, **facts, **more)


def tell(session: Session, exchange: Exchange, row: DualControl) -> None:
    """Write to whose second factor it is; and to those who asked and agreed, when that person stopped it."""
    if row.act != RESET:
        return
    due = f"{as_utc(row.due_at):%B %d, %Y, %H:%M} UTC" if row.due_at else ""
    _write(session, exchange, row.subject_id, LETTERS[row.state], due if row.state == AGREED else "")
    if row.state == STOPPED:
        for other in {row.asked_by, row.decided_by} - {row.subject_id}:
            _write(session, exchange, other, "reset-objected")


def shown(session: Session, exchange: Exchange, actor: Actor, row: DualControl) -> Decision:
    """A request as somebody sees it."""
    subject = session.get(Account, row.subject_id) if row.subject_id else None
    ours = row.organization_id == actor.organization_id
    foreign = subject is not None and subject.organization_id != actor.organization_id
    return Decision(
        id=row.id,
        act=TwoPersonAct(row.act),
        subject=subject.name if subject else "",
        organization=_name_of(session, subject) if subject and foreign else "",
        choice=row.choice,
        reason=row.reason,
        asked_by=session.get_one(Account, row.asked_by).name,
        asked_at=as_utc(row.asked_at),
        lapses_at=as_utc(row.lapses_at),
        due_at=as_utc(row.due_at) if row.due_at else None,
        state=LAPSED if has_lapsed(exchange, row) else row.state,
        mine=row.asked_by == actor.account_id,
        approvable=ours and actor.account_id not in {row.asked_by, row.subject_id},
    )


def _name_of(session: Session, account: Account) -> str:
    return session.get_one(Organization, account.organization_id).name


def _write(
    session: Session, exchange: Exchange, account_id: UUID | None, event: str, secret: str = ""
) -> None:
    account = session.get(Account, account_id) if account_id else None
    if account is not None:
        letters.write(session, exchange, account.email, event, secret)
