"""Making organizations, accounts and credentials, for an administrator's command line and later pages."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from sqlmodel import Session, select

from exchange import journal
from exchange.accounts import activation, blocklist, representations
from exchange.accounts.identity import seal
from exchange.accounts.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH, hash_password
from exchange.accounts.sign_in import normalise
from exchange.accounts.tokens import PREFIX, hash_of
from exchange.database import reading, transaction
from exchange.errors import RequestInvalidError
from exchange.models.accounts import INVITED, Account, ApiToken, Organization, Representation, SSHKey
from exchange.runtime import Exchange
from roles.organizations import KIND_ROLES, OrganizationKind
from roles.permissions import Role
from roles.policy import Actor

TOKEN_LIFETIME = KEY_LIFETIME = timedelta(days=365)


@dataclass(frozen=True)
class NewOrganization:
    """An organization to be made. `fein` is nine digits; `jurisdiction` a USPS code, for states."""

    kind: OrganizationKind
    name: str
    fein: str | None = None
    jurisdiction: str | None = None
    match_method: int | None = None
    notices_to: str | None = None


@dataclass(frozen=True)
class NewAccount:
    """An account to be made; the TOTP secret is base32 and made when not given."""

    organization_id: UUID
    username: str
    name: str
    role: Role
    password: str
    email: str | None = None
    totp_secret: str | None = None
    administrator: bool = False


@dataclass(frozen=True)
class Invitation:
    """A person to be invited, who sets credentials with an activation code. `email` is where that goes."""

    organization_id: UUID
    username: str
    name: str
    role: Role
    email: str
    administrator: bool = False


def create_organization(exchange: Exchange, new: NewOrganization) -> Organization:
    """Make an organization. Raises `RequestInvalidError` for a FEIN that is malformed or taken."""
    with transaction(exchange.engine) as session:
        return add_organization(session, exchange, new)


def add_organization(
    session: Session, exchange: Exchange, new: NewOrganization, by: Actor | None = None
) -> Organization:
    """The same in the caller's transaction, in the name of whoever decided it."""
    if new.fein is not None and not re.fullmatch(r"[0-9]{9}", new.fein):
        raise RequestInvalidError(what="a FEIN has nine digits and no hyphen")
    organization = Organization(
        kind=new.kind.value,
        name=new.name,
        jurisdiction=new.jurisdiction,
        match_method=new.match_method,
        notices_to=new.notices_to,
        created_at=exchange.clock(),
    )
    if new.fein:
        cells = exchange.vault.cells
        organization.fein_sealed = cells.seal(f"fein:{organization.id}", new.fein)
        organization.fein_hash = cells.keyed_hash("fein", new.fein)
    _refuse_taken_fein(session, organization)
    seal(session, exchange, organization)
    session.flush()
    journal.append(session, exchange, "organization.created", by, organization.id, made=organization.kind)
    return organization


def create_with_chosen_password(exchange: Exchange, new: NewAccount) -> tuple[Account, str]:
    """As `create_account`, for a password that somebody chose: `PasswordRefusedError` says what is wrong."""
    with reading(exchange.engine) as session:
        organization = session.get(Organization, new.organization_id)
    about = (new.username, new.name, organization.name if organization else "")
    blocklist.check(exchange, new.password, about)
    return create_account(exchange, new)


def create_account(exchange: Exchange, new: NewAccount) -> tuple[Account, str]:
    """Make an account; returns it with its TOTP secret, which is not shown again.

    Raises `RequestInvalidError` for a username that is taken or unusable, a role the organization may not
    have, or a password that is too short or too long.
    """
    if not MINIMUM_LENGTH <= len(new.password) <= MAXIMUM_LENGTH:
        raise RequestInvalidError(what=f"a password of {MINIMUM_LENGTH} characters or more is needed")
    account, secret = _account(exchange, new), new.totp_secret or pyotp.random_base32()
    account.password_hash = hash_password(new.password)
    account.totp_sealed = exchange.vault.cells.seal(f"totp:{account.id}", secret)
    with transaction(exchange.engine) as session:
        _refuse_unfit(session, account)
        add_account(session, exchange, account, "account.created")
    return account, secret


def invite(session: Session, exchange: Exchange, new: Invitation, by: Actor | None = None) -> Account:
    """Make an account without credentials and mail its activation code, in the caller's transaction.

    Raises `RequestInvalidError` for a username that is taken or unusable, or a role the organization may not
    have.
    """
    account = _account(exchange, new)
    account.status = INVITED
    _refuse_unfit(session, account)
    add_account(session, exchange, account, "account.invited", by)
    activation.issue(session, exchange, account, by)
    return account


def add_account(
    session: Session,
    exchange: Exchange,
    account: Account,
    event: str,
    actor: Actor | None = None,
    **facts: str,
) -> None:
    """Write a new account down, and in the journal how it came to be."""
    seal(session, exchange, account)
    session.flush()
    journal.append(session, exchange, event, actor, account.id, role=account.role, **facts)


def add_ssh_key(exchange: Exchange, account_id: UUID, public_line: str, label: str) -> SSHKey:
    """Register a public key, given as an OpenSSH line (`ssh-ed25519 AAAA... comment`)."""
    blob, now = _blob_in(public_line), exchange.clock()
    key = SSHKey(
        account_id=account_id,
        fingerprint="SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("="),
        blob=blob,
        label=label,
        created_at=now,
        expires_at=now + KEY_LIFETIME,
    )
    with transaction(exchange.engine) as session:
        mine = select(SSHKey.id).where(SSHKey.account_id == account_id, SSHKey.fingerprint == key.fingerprint)
        if session.exec(mine).first() is not None:
            raise RequestInvalidError(what="this account has that key already")
        seal(session, exchange, key)
        journal.append(session, exchange, "key.added", None, account_id, fingerprint=key.fingerprint)
    return key


def _blob_in(public_line: str) -> bytes:
    try:
        return base64.b64decode(public_line.split()[1], validate=True)
    except (IndexError, ValueError) as error:
        raise RequestInvalidError(what="a public key line of OpenSSH is needed") from error


def issue_token(exchange: Exchange, account_id: UUID, label: str, expires_at: datetime | None = None) -> str:
    """Issue an API token; it is returned once and cannot be read again."""
    token, now = PREFIX + secrets.token_urlsafe(32), exchange.clock()
    row = ApiToken(
        account_id=account_id,
        token_hash=hash_of(token),
        label=label,
        created_at=now,
        expires_at=expires_at or now + TOKEN_LIFETIME,
    )
    with transaction(exchange.engine) as session:
        seal(session, exchange, row)
        journal.append(session, exchange, "token.issued", None, account_id, label=label)
    return token


def represent(exchange: Exchange, transmitter_id: UUID, client_id: UUID) -> Representation:
    """Record that a transmitter acts for a client from now on."""
    with transaction(exchange.engine) as session:
        return representations.begin(session, exchange, transmitter_id, client_id)


def _account(exchange: Exchange, new: NewAccount | Invitation) -> Account:
    """The row, which nobody can sign in with yet. Raises `RequestInvalidError` for an unusable username."""
    username = normalise(new.username)
    if not username:
        raise RequestInvalidError(what="this username cannot be used")
    return Account(
        organization_id=new.organization_id,
        username=username,
        name=new.name,
        email=new.email,
        role=new.role.value,
        administrator=new.administrator,
        created_at=exchange.clock(),
    )


def _refuse_taken_fein(session: Session, organization: Organization) -> None:
    if organization.fein_hash is None:
        return
    taken = select(Organization.id).where(Organization.fein_hash == organization.fein_hash)
    if session.exec(taken).first() is not None:
        raise RequestInvalidError(what="an organization with this FEIN exists already")


def _refuse_unfit(session: Session, account: Account) -> None:
    organization = session.get(Organization, account.organization_id)
    if organization is None or Role(account.role) not in KIND_ROLES[OrganizationKind(organization.kind)]:
        raise RequestInvalidError(what="this kind of organization has no such role")
    if session.exec(select(Account.id).where(Account.username == account.username)).first() is not None:
        raise RequestInvalidError(what="this username is taken")
