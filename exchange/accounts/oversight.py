"""Acts that need two people: one asks and says why, another one approves, and only then it happens.

A request lapses after three days. Both belong to the same side: OCSS, or the organization of the person whose
second factor is to be reset. Nobody approves what they asked for, nor what concerns themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from exchange import journal, letters
from exchange.accounts import activation, ending
from exchange.accounts.identity import is_proven, seal
from exchange.accounts.sign_in import normalise
from exchange.database import reading, transaction
from exchange.errors import (
    FieldsRefusedError,
    IdentityDamagedError,
    NotNowError,
    RecordNotFoundError,
    SecondPersonError,
)
from exchange.models.accounts import ACTIVE, INVITED, REMOVED, SUSPENDED, Account, Organization
from exchange.models.base import as_utc
from exchange.models.oversight import APPROVED, REFUSED, WAITING, DualControl, Policy
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.oversight import LAPSES_AFTER_HOURS, UNMASKING_DEFAULT, TwoPersonAct, Unmasking
from roles.permissions import Permission, Role
from roles.policy import Actor, authorize, can

LONGEST_REASON = 500
_POLICY = "unmasking"


@dataclass(frozen=True)
class Decision:
    """A request as both sides see it; `mine` when the one who looks asked for it."""

    id: UUID
    act: TwoPersonAct
    subject: str
    choice: str
    reason: str
    asked_by: str
    asked_at: datetime
    lapses_at: datetime
    state: str
    mine: bool


def decisions(exchange: Exchange, actor: Actor) -> list[Decision]:
    """What the actor's side asked for, newest first."""
    authorize(actor, _permission(actor))
    theirs = select(DualControl).where(DualControl.organization_id == actor.organization_id)
    with reading(exchange.engine) as session:
        rows = session.exec(theirs.order_by(col(DualControl.asked_at).desc()).limit(50))
        return [_shown(session, exchange, actor, row) for row in rows]


def ask(
    exchange: Exchange,
    actor: Actor,
    act: TwoPersonAct,
    subject_id: UUID | None,
    reason: str,
    choice: str = "",
) -> UUID:
    """Ask for an act; whom it concerns is told. Raises `FieldsRefusedError` without a reason or a choice."""
    _check(actor, act, subject_id)
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise FieldsRefusedError({"reason": "Say why, in 500 characters at most"})
    if act is TwoPersonAct.CHANGE_UNMASKING and choice not in set(Unmasking):
        raise FieldsRefusedError({"choice": "Choose who may see numbers in full"})
    now = exchange.clock()
    row = DualControl(
        act=act.value,
        subject_id=subject_id,
        choice=choice,
        reason=reason,
        organization_id=actor.organization_id,
        asked_by=actor.account_id,
        asked_at=now,
        lapses_at=now + timedelta(hours=LAPSES_AFTER_HOURS),
        authenticator=b"",
    )
    with transaction(exchange.engine) as session:
        subject = _subject(session, exchange, actor, act, subject_id)
        seal(session, exchange, row)
        if subject is not None and act is TwoPersonAct.RESET_SECOND_FACTOR:
            _write(session, exchange, subject, "reset-asked")
        journal.append(session, exchange, "decision.asked", actor, subject_id, act=act.value, id=str(row.id))
    return row.id


def ask_about(exchange: Exchange, actor: Actor, act: str, username: str, why: tuple[str, str]) -> None:
    """Ask for an act about whoever signs in with this name; `why` is the reason, and a policy's choice."""
    authorize(actor, _permission(actor))
    if act not in set(TwoPersonAct):
        raise FieldsRefusedError({"act": "Choose what is to be done"})
    wanted, subject_id = TwoPersonAct(act), None
    if wanted is not TwoPersonAct.CHANGE_UNMASKING:
        with reading(exchange.engine) as session:
            named = select(Account.id).where(Account.username == normalise(username))
            subject_id = session.exec(named).first()
    try:
        ask(exchange, actor, wanted, subject_id, *why)
    except RecordNotFoundError:
        raise FieldsRefusedError({"username": "There is nobody here who signs in with this name"}) from None


def approve(exchange: Exchange, actor: Actor, decision_id: UUID) -> None:
    """Approve what somebody else asked for, and do it, in one transaction."""
    with transaction(exchange.engine) as session:
        row = _waiting(session, exchange, actor, decision_id)
        act = TwoPersonAct(row.act)
        _check(actor, act, row.subject_id)
        asker = session.get_one(Account, row.asked_by)
        if actor.account_id == row.asked_by or asker.status != ACTIVE:
            raise SecondPersonError
        subject = _subject(session, exchange, actor, act, row.subject_id)
        _decide(session, exchange, actor, row, APPROVED)
        _EFFECTS[act](session, exchange, subject, row)


def refuse(exchange: Exchange, actor: Actor, decision_id: UUID) -> None:
    """Refuse it, or take one's own request back."""
    with transaction(exchange.engine) as session:
        row = _waiting(session, exchange, actor, decision_id)
        _decide(session, exchange, actor, row, REFUSED)


def unmasking(session: Session, exchange: Exchange) -> Unmasking:
    """Who may see numbers in full."""
    row = session.get(Policy, _POLICY)
    if row is None:
        return UNMASKING_DEFAULT
    if not is_proven(exchange, row):
        raise IdentityDamagedError
    return Unmasking(row.value)


def _permission(actor: Actor) -> Permission:
    """What lets somebody take part: oversight at OCSS, looking after people elsewhere."""
    overseer = can(actor, Permission.ACCOUNT_OVERSEE)
    return Permission.ACCOUNT_OVERSEE if overseer else Permission.ACCOUNT_MANAGE


def _check(actor: Actor, act: TwoPersonAct, subject_id: UUID | None) -> None:
    reset = act is TwoPersonAct.RESET_SECOND_FACTOR
    authorize(actor, _permission(actor) if reset else Permission.ACCOUNT_OVERSEE)
    if subject_id == actor.account_id:
        raise SecondPersonError


def _subject(
    session: Session, exchange: Exchange, actor: Actor, act: TwoPersonAct, subject_id: UUID | None
) -> Account | None:
    """Whom it is about, where it is about somebody: one that the actor's side may do this to."""
    if act is TwoPersonAct.CHANGE_UNMASKING:
        return None
    found = session.get(Account, subject_id) if subject_id else None
    foreign = found is None or found.organization_id != actor.organization_id
    if found is None or found.status == REMOVED or (foreign and not can(actor, Permission.ACCOUNT_OVERSEE)):
        raise RecordNotFoundError
    if not is_proven(exchange, found):
        raise IdentityDamagedError
    if act is TwoPersonAct.APPOINT_ADMINISTRATOR:
        _refuse_unfit(session, found)
    elif found.status not in {ACTIVE, SUSPENDED} or not found.email or found.subject_hash:
        raise NotNowError(why="this account has no second factor here, or no mail address")
    return found


def _refuse_unfit(session: Session, account: Account) -> None:
    organization = session.get_one(Organization, account.organization_id)
    if OrganizationKind(organization.kind) is not OrganizationKind.OCSS or account.status != ACTIVE:
        raise NotNowError(why="only active people of OCSS become its administrators")


def _waiting(session: Session, exchange: Exchange, actor: Actor, decision_id: UUID) -> DualControl:
    authorize(actor, _permission(actor))
    row = session.get(DualControl, decision_id, with_for_update=True)
    if row is None or row.organization_id != actor.organization_id:
        raise RecordNotFoundError
    if not is_proven(exchange, row):
        raise IdentityDamagedError
    if row.state != WAITING or as_utc(row.lapses_at) <= exchange.clock():
        raise NotNowError(why="this request was decided already, or has lapsed")
    return row


def _decide(session: Session, exchange: Exchange, actor: Actor, row: DualControl, state: str) -> None:
    row.state, row.decided_by, row.decided_at = state, actor.account_id, exchange.clock()
    seal(session, exchange, row)
    facts = {"act": row.act, "asked_by": str(row.asked_by), "choice": row.choice, "id": str(row.id)}
    journal.append(session, exchange, f"decision.{state}", actor, row.subject_id, **facts)


def _appoint(session: Session, exchange: Exchange, account: Account | None, _row: DualControl) -> None:
    assert account is not None
    account.role, account.administrator = Role.OCSS_ADMINISTRATOR.value, True
    ending.sessions(session, account.id)
    seal(session, exchange, account)
    _write(session, exchange, account, "administrator-made")


def _reset(session: Session, exchange: Exchange, account: Account | None, _row: DualControl) -> None:
    assert account is not None
    ending.sessions(session, account.id)
    ending.factors(session, account)
    account.status = INVITED
    seal(session, exchange, account)
    _write(session, exchange, account, "reset-done")
    activation.issue(session, exchange, account)


def _set_unmasking(session: Session, exchange: Exchange, _account: Account | None, row: DualControl) -> None:
    now = exchange.clock()
    policy = session.get(Policy, _POLICY) or Policy(name=_POLICY, value="", changed_at=now, authenticator=b"")
    policy.value, policy.changed_at = row.choice, now
    seal(session, exchange, policy)


_EFFECTS: dict[TwoPersonAct, Callable[[Session, Exchange, Account | None, DualControl], None]] = {
    TwoPersonAct.APPOINT_ADMINISTRATOR: _appoint,
    TwoPersonAct.CHANGE_UNMASKING: _set_unmasking,
    TwoPersonAct.RESET_SECOND_FACTOR: _reset,
}


def _write(session: Session, exchange: Exchange, account: Account, event: str) -> None:
    if account.email:
        letters.write(session, exchange, account.email, event)


def _shown(session: Session, exchange: Exchange, actor: Actor, row: DualControl) -> Decision:
    subject = session.get(Account, row.subject_id) if row.subject_id else None
    lapsed = row.state == WAITING and as_utc(row.lapses_at) <= exchange.clock()
    return Decision(
        id=row.id,
        act=TwoPersonAct(row.act),
        subject=subject.name if subject else "",
        choice=row.choice,
        reason=row.reason,
        asked_by=session.get_one(Account, row.asked_by).name,
        asked_at=as_utc(row.asked_at),
        lapses_at=as_utc(row.lapses_at),
        state="lapsed" if lapsed else row.state,
        mine=row.asked_by == actor.account_id,
    )
