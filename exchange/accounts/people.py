"""The people of one's own organization: who they are, and who comes, pauses, goes and looks after them.

Nobody does anything of this to their own account, and nothing is granted that the organization may not have.
Whoever is concerned gets a letter; the journal has the act and who did it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from exchange import journal, letters
from exchange.accounts import activation, ending, enrolment, shared
from exchange.accounts.answers import answers
from exchange.accounts.identity import is_proven, prove, seal
from exchange.accounts.people_form import Asked, checked
from exchange.database import reading, transaction
from exchange.errors import (
    LastAdministratorError,
    NotNowError,
    NotOneselfError,
    RecordNotFoundError,
    SecondPersonError,
)
from exchange.models.accounts import (
    ACTIVE,
    INACTIVE,
    INVITED,
    REMOVED,
    SUSPENDED,
    Account,
    Activation,
    Organization,
)
from exchange.models.base import as_utc
from exchange.models.credentials import Passkey
from exchange.runtime import Exchange
from roles.organizations import KIND_ROLES, OrganizationKind
from roles.oversight import NEEDS_TWO
from roles.permissions import Permission, Role
from roles.policy import Actor, VisibleOrganization, authorize
from schemas.forms.registration import FIRST_PERSON

_DETAILS = tuple(one for one in FIRST_PERSON if one.name in ("name", "email"))


@dataclass(frozen=True)
class Person:
    """Somebody of an organization, as its administrators see them.

    `code_until`: how long the activation code works, or worked, of somebody who was invited.
    """

    id: UUID
    username: str
    name: str
    email: str | None
    role: Role
    status: str
    administrator: bool
    signed_in_at: datetime | None
    factors: tuple[str, ...]
    created_at: datetime
    code_until: datetime | None
    never_came: bool


def people(exchange: Exchange, actor: Actor) -> list[Person]:
    """Everybody of the actor's organization who was not removed, by name."""
    visible = authorize(actor, Permission.ACCOUNT_MANAGE)
    theirs = select(Account).where(Account.organization_id == visible, Account.status != REMOVED)
    with reading(exchange.engine) as session:
        return [shown(session, row) for row in session.exec(theirs.order_by(col(Account.name)))]


def person(exchange: Exchange, actor: Actor, account_id: UUID) -> Person:
    """One of them; `RecordNotFoundError` for anybody else."""
    visible = authorize(actor, Permission.ACCOUNT_MANAGE)
    with reading(exchange.engine) as session:
        return shown(session, of_organization(session, visible, account_id))


def roles_to_give(actor: Actor) -> list[Role]:
    """The roles that the people of the actor's organization may get from one administrator."""
    return sorted(KIND_ROLES[actor.organization_kind] - NEEDS_TWO)


def invite(exchange: Exchange, actor: Actor, asked: Asked) -> UUID:
    """Invite somebody and mail the activation code. Raises `FieldsRefusedError` for what cannot be used."""
    visible = authorize(actor, Permission.ACCOUNT_MANAGE)
    with _acting(exchange, actor) as session:
        new = checked(session, asked, visible, roles_to_give(actor))
        if new.administrator:
            _refuse_alone(actor)
        return enrolment.invite(session, exchange, new, actor).id


def correct(exchange: Exchange, actor: Actor, account_id: UUID, name: str, email: str) -> None:
    """Correct a name, and the address of somebody who never came: a new code goes there.

    Everybody else keeps their own address (`exchange.accounts.own`); the one given here is then left alone.
    Raises `FieldsRefusedError`.
    """
    with _changing(exchange, actor, account_id) as (session, account):
        shared.refuse(exchange, account.username)
        asked = _DETAILS if never_came(account) else _DETAILS[:1]
        said = answers(asked, {"name": name, "email": email})
        redirected = said.get("email", account.email) != account.email
        account.name, account.email = said["name"], said.get("email", account.email)
        if redirected:
            activation.issue(session, exchange, account, actor)
        elif not never_came(account):
            letters.write(session, exchange, account.email, "account-corrected")
        session.add(account)
        journal.append(session, exchange, "account.corrected", actor, account.id, redirected=redirected)


def never_came(account: Account) -> bool:
    """Whether somebody was invited and has never been in: nobody else's second factor is at stake."""
    return account.status == INVITED and not (account.signed_in_at or account.rules_accepted_at)


def send_code_again(exchange: Exchange, actor: Actor, account_id: UUID) -> None:
    """Mail a new activation code; the earlier one is void."""
    with _changing(exchange, actor, account_id) as (session, account):
        _expect(account, INVITED)
        activation.issue(session, exchange, account, actor)


def invite_again(exchange: Exchange, actor: Actor, account_id: UUID) -> None:
    """Let somebody begin anew whose account was closed or has lapsed: a mailed code, then new credentials.

    Keys and tokens stay ended, and nobody comes back as an administrator. For whom a state's sign-on vouches,
    that is enough. `NotNowError` when there is no address to send a code to.
    """
    with _changing(exchange, actor, account_id) as (session, account):
        _expect(account, INACTIVE)
        account.administrator = False
        if account.subject_hash:
            account.status, account.confirmed_at = ACTIVE, exchange.clock()
            _record(session, exchange, actor, account, "account.reactivated")
            return
        if not account.email:
            raise NotNowError(why="there is no email address to send a code to; invite the person anew")
        if Role(account.role) in NEEDS_TWO:
            account.role = roles_to_give(actor)[0].value
        account.status = INVITED
        ending.factors(session, account)
        seal(session, exchange, account)
        journal.append(session, exchange, "account.invited", actor, account.id, role=account.role)
        activation.issue(session, exchange, account)


def suspend(exchange: Exchange, actor: Actor, account_id: UUID) -> None:
    """Keep somebody out for now: every session ends, and neither key nor token lets anybody in."""
    with _changing(exchange, actor, account_id) as (session, account):
        _expect(account, ACTIVE)
        shared.refuse(exchange, account.username)
        account.status = SUSPENDED
        ending.sessions(session, account.id)
        _record(session, exchange, actor, account, "account.suspended")


def reactivate(exchange: Exchange, actor: Actor, account_id: UUID) -> None:
    """Let somebody in again who was suspended."""
    with _changing(exchange, actor, account_id) as (session, account):
        _expect(account, SUSPENDED)
        account.status = ACTIVE if _enrolled(session, account) else INVITED
        _record(session, exchange, actor, account, "account.reactivated")


def remove(exchange: Exchange, actor: Actor, account_id: UUID) -> None:
    """End somebody's access for good: no session, password, factor, key or token is left."""
    with _changing(exchange, actor, account_id) as (session, account):
        shared.refuse(exchange, account.username)
        account.status, account.administrator = REMOVED, False
        ending.sessions(session, account.id)
        ending.programs(session, exchange, account.id)
        ending.factors(session, account)
        _record(session, exchange, actor, account, "account.removed")


def make_administrator(exchange: Exchange, actor: Actor, account_id: UUID) -> None:
    """Let somebody look after the organization too; `SecondPersonError` at OCSS, where that takes two."""
    _refuse_alone(actor)
    with _changing(exchange, actor, account_id) as (session, account):
        _expect(account, ACTIVE)
        account.administrator = True
        _record(session, exchange, actor, account, "administrator.made")


def unmake_administrator(exchange: Exchange, actor: Actor, account_id: UUID) -> None:
    """Let somebody look after the organization no longer."""
    with _changing(exchange, actor, account_id) as (session, account):
        shared.refuse(exchange, account.username)
        account.administrator = False
        _record(session, exchange, actor, account, "administrator.ended")


def refuse_last(session: Session, account: Account) -> None:
    """Raise `LastAdministratorError` when nobody else looks after the account's organization.

    For whoever closes or demotes an account; the caller's transaction holds the organization's row.
    """
    if set(administrators(session, account.organization_id)) == {account.id}:
        raise LastAdministratorError


def administrators(session: Session, organization_id: UUID) -> dict[UUID, str | None]:
    """The active administrators of an organization, and where their letters go."""
    theirs = (Account.organization_id == organization_id, Account.status == ACTIVE)
    found = select(Account.id, Account.email).where(*theirs, col(Account.administrator))
    return dict(session.exec(found).all())


def of_organization(session: Session, visible: VisibleOrganization, account_id: UUID) -> Account:
    """The account, or `RecordNotFoundError` when it is not there, removed, or another organization's."""
    account = session.get(Account, account_id)
    if account is None or account.organization_id != visible or account.status == REMOVED:
        raise RecordNotFoundError
    return account


def shown(session: Session, row: Account) -> Person:
    """An account as people see it."""
    code = session.get(Activation, row.id)
    return Person(
        id=row.id,
        username=row.username,
        name=row.name,
        email=row.email,
        role=Role(row.role),
        status=row.status,
        administrator=row.administrator,
        signed_in_at=as_utc(row.signed_in_at) if row.signed_in_at else None,
        factors=_factors(session, row),
        created_at=as_utc(row.created_at),
        code_until=as_utc(code.expires_at) if code else None,
        never_came=never_came(row),
    )


def _enrolled(session: Session, account: Account) -> bool:
    return bool(account.password_hash or _factors(session, account))


def _factors(session: Session, row: Account) -> tuple[str, ...]:
    passkey = session.exec(select(Passkey.id).where(Passkey.account_id == row.id)).first()
    found = {
        "Passkey": passkey,
        "Authenticator app": row.totp_sealed,
        "Sign-on of the state": row.subject_hash,
    }
    return tuple(name for name, there in found.items() if there)


@contextmanager
def _acting(exchange: Exchange, actor: Actor) -> Iterator[Session]:
    """A transaction of an administrator, who is still one: two who end each other do so one after another."""
    with transaction(exchange.engine) as session:
        session.get(Organization, actor.organization_id, with_for_update=True)
        row = session.get(Account, actor.account_id)
        authorize(actor, Permission.ACCOUNT_MANAGE)
        if row is None or row.status != ACTIVE or not row.administrator:
            raise NotNowError(why="you do not look after this organization any more")
        yield session


@contextmanager
def _changing(exchange: Exchange, actor: Actor, account_id: UUID) -> Iterator[tuple[Session, Account]]:
    """A transaction that changes somebody else's account, which was as the portal wrote it."""
    visible = authorize(actor, Permission.ACCOUNT_MANAGE)
    with reading(exchange.engine) as session:
        prove(exchange, of_organization(session, visible, account_id))
    if account_id == actor.account_id:
        raise NotOneselfError
    with _acting(exchange, actor) as session:
        account = of_organization(session, visible, account_id)
        if not is_proven(exchange, account):
            raise NotNowError(why="this account was just changed; look again")
        yield session, account


def _record(session: Session, exchange: Exchange, actor: Actor, account: Account, what: str) -> None:
    seal(session, exchange, account)
    letters.write(session, exchange, account.email, what.replace(".", "-"))
    journal.append(session, exchange, what, actor, account.id)


def _expect(account: Account, status: str) -> None:
    if account.status != status:
        raise NotNowError(why=f"the account is {account.status}")


def _refuse_alone(actor: Actor) -> None:
    if actor.organization_kind is OrganizationKind.OCSS:
        raise SecondPersonError
