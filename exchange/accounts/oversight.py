"""Acts that need two people: one asks and says why, another one approves, and only then it happens.

A request lapses after three days. Both belong to the same side: OCSS, or the organization of the person whose
second factor is to be reset; such a reset waits after that (`exchange.accounts.resets`). Nobody approves what
they asked for, nor what concerns themselves.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, select

from exchange import journal, letters
from exchange.accounts import decisions, ending, resets, shared
from exchange.accounts.decisions import RESET, Decision
from exchange.accounts.identity import require, seal
from exchange.accounts.sign_in import normalise
from exchange.database import reading, transaction
from exchange.errors import (
    FieldsRefusedError,
    NotNowError,
    RecordNotFoundError,
    SecondPersonError,
)
from exchange.models.accounts import ACTIVE, REMOVED, Account, Organization
from exchange.models.oversight import (
    AGREED,
    APPROVED,
    REFUSED,
    STOPPED,
    WAITING,
    WITHDRAWN,
    DualControl,
    Policy,
)
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.oversight import LAPSES_AFTER_HOURS, UNMASKING_DEFAULT, TwoPersonAct, Unmasking
from roles.permissions import Permission, Role
from roles.policy import Actor, authorize, can

LONGEST_REASON = 500
_POLICY = "unmasking"


def requests(exchange: Exchange, actor: Actor) -> list[Decision]:
    """What the actor's side asked for, and what was asked about its people, newest first."""
    authorize(actor, _permission(actor))
    with reading(exchange.engine) as session:
        return decisions.of_side(session, exchange, actor)


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
    row = _request(exchange, actor, act, subject_id, (reason, choice))
    with transaction(exchange.engine) as session:
        _subject(session, exchange, actor, act, subject_id)
        if act is RESET:
            _refuse_second(session, exchange, subject_id)
        seal(session, exchange, row)
        decisions.tell(session, exchange, row)
        journal.append(session, exchange, "decision.asked", actor, subject_id, act=act.value, id=str(row.id))
    return row.id


def _request(
    exchange: Exchange, actor: Actor, act: TwoPersonAct, subject_id: UUID | None, why: tuple[str, str]
) -> DualControl:
    """The row of a request; `why`: the reason, and what a policy is to become."""
    now = exchange.clock()
    return DualControl(
        act=act.value,
        subject_id=subject_id,
        choice=why[1],
        reason=why[0],
        organization_id=actor.organization_id,
        asked_by=actor.account_id,
        asked_at=now,
        lapses_at=now + timedelta(hours=LAPSES_AFTER_HOURS),
    )


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
    """Approve what somebody else asked for: a reset begins to wait, everything else happens at once."""
    with transaction(exchange.engine) as session:
        row = _open(session, exchange, actor, decision_id)
        act = TwoPersonAct(row.act)
        if row.organization_id != actor.organization_id:
            raise RecordNotFoundError
        _check(actor, act, row.subject_id)
        if row.state != WAITING:
            raise NotNowError(why="two people agreed to it already")
        asker = session.get_one(Account, row.asked_by)
        if actor.account_id == row.asked_by or asker.status != ACTIVE:
            raise SecondPersonError
        subject = _subject(session, exchange, actor, act, row.subject_id)
        if act is RESET:
            resets.agree(session, exchange, actor, row)
            return
        decisions.move(session, exchange, row, APPROVED, actor)
        _EFFECTS[act](session, exchange, subject, row)


def refuse(exchange: Exchange, actor: Actor, decision_id: UUID) -> None:
    """Refuse it, take one's own request back, or withdraw what two agreed to and has not happened yet."""
    with transaction(exchange.engine) as session:
        row = _open(session, exchange, actor, decision_id)
        decisions.move(session, exchange, row, _end_of(row, actor), actor)


def unmasking(session: Session, exchange: Exchange) -> Unmasking:
    """Who may see numbers in full."""
    row = session.get(Policy, _POLICY)
    if row is None:
        return UNMASKING_DEFAULT
    require(exchange, row)
    return Unmasking(row.value)


def _permission(actor: Actor) -> Permission:
    """What lets somebody take part: oversight at OCSS, looking after people elsewhere."""
    overseer = can(actor, Permission.ACCOUNT_OVERSEE)
    return Permission.ACCOUNT_OVERSEE if overseer else Permission.ACCOUNT_MANAGE


def _check(actor: Actor, act: TwoPersonAct, subject_id: UUID | None) -> None:
    authorize(actor, _permission(actor) if act is RESET else Permission.ACCOUNT_OVERSEE)
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
    require(exchange, found)
    shared.refuse(exchange, found.username)
    if act is TwoPersonAct.APPOINT_ADMINISTRATOR:
        _refuse_unfit(session, found)
    elif found.status != ACTIVE or not found.email or found.subject_hash:
        raise NotNowError(why="this account is not active, has no second factor here, or no email address")
    return found


def _refuse_unfit(session: Session, account: Account) -> None:
    organization = session.get_one(Organization, account.organization_id)
    if OrganizationKind(organization.kind) is not OrganizationKind.OCSS or account.status != ACTIVE:
        raise NotNowError(why="only active people of OCSS become its administrators")


def _open(session: Session, exchange: Exchange, actor: Actor, decision_id: UUID) -> DualControl:
    authorize(actor, _permission(actor))
    found = session.get(DualControl, decision_id)
    if found is None or not decisions.is_seen(session, found, actor):
        raise RecordNotFoundError
    return decisions.open_row(session, exchange, decision_id)


def _end_of(row: DualControl, actor: Actor) -> str:
    """The state of a request that somebody of its side does not want."""
    if actor.account_id == row.subject_id:
        return STOPPED
    return WITHDRAWN if row.state == AGREED or actor.account_id == row.asked_by else REFUSED


def _refuse_second(session: Session, exchange: Exchange, account_id: UUID | None) -> None:
    """One reset of one person at a time."""
    assert account_id is not None
    under_way = session.exec(select(DualControl).where(decisions.open_about(account_id))).all()
    if any(not decisions.has_lapsed(exchange, row) for row in under_way):
        raise NotNowError(why="a reset of this person's second factor was asked for already")


def _appoint(session: Session, exchange: Exchange, account: Account | None, _row: DualControl) -> None:
    assert account is not None
    account.role, account.administrator = Role.OCSS_ADMINISTRATOR.value, True
    ending.sessions(session, account.id)
    seal(session, exchange, account)
    letters.write(session, exchange, account.email, "administrator-made")


def _set_unmasking(session: Session, exchange: Exchange, _account: Account | None, row: DualControl) -> None:
    now = exchange.clock()
    policy = session.get(Policy, _POLICY) or Policy(name=_POLICY, value="", changed_at=now)
    policy.value, policy.changed_at = row.choice, now
    seal(session, exchange, policy)


_EFFECTS: dict[TwoPersonAct, Callable[[Session, Exchange, Account | None, DualControl], None]] = {
    TwoPersonAct.APPOINT_ADMINISTRATOR: _appoint,
    TwoPersonAct.CHANGE_UNMASKING: _set_unmasking,
}
