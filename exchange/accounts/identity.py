"""From a row to a proven identity: every row of identity carries an authenticator keyed by the vault.

A role changed by hand in the database is refused and stands in the journal (learned from CVE-2023-34362).
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from exchange import journal
from exchange.accounts import networks
from exchange.database import reading, transaction
from exchange.errors import IdentityDamagedError, SignInRefusedError
from exchange.models.accounts import (
    ACTIVE,
    Account,
    ApiToken,
    Organization,
    Representation,
    SSHKey,
    WebSession,
)
from exchange.models.base import as_utc
from exchange.models.certificates import CertificateAuthority
from exchange.models.credentials import Passkey
from exchange.models.locate import LocateAgreement, LocateWorker
from exchange.models.oversight import DualControl, Policy
from exchange.models.sign_on import SignOnProvider
from exchange.runtime import Exchange
from roles.organizations import KIND_ROLES, OrganizationKind
from roles.permissions import Role
from roles.policy import Actor, Channel, may_enter

IdentityRow = (
    Organization
    | Account
    | SSHKey
    | ApiToken
    | WebSession
    | Passkey
    | SignOnProvider
    | DualControl
    | Policy
    | Representation
    | CertificateAuthority
    | LocateAgreement
    | LocateWorker
)

_COVERED: dict[type[IdentityRow], tuple[str, ...]] = {
    Organization: ("id", "kind", "jurisdiction", "fein_hash", "status"),
    Account: ("id", "organization_id", "username", "role", "status", "password_hash", "totp_sealed"),
    SSHKey: ("id", "account_id", "blob", "expires_at"),
    ApiToken: ("id", "account_id", "token_hash", "expires_at"),
    WebSession: ("token_hash", "account_id", "stage", "expires_at"),
    Passkey: ("id", "account_id", "credential_id", "public_key"),
    SignOnProvider: (
        "id",
        "organization_id",
        "issuer",
        "client_id",
        "secret_sealed",
        "role_claim",
        "worker_value",
        "administrator_value",
        "acr",
    ),
    DualControl: ("id", "act", "subject_id", "choice", "organization_id", "asked_by", "lapses_at", "state"),
    Policy: ("name", "value"),
    Representation: ("id", "transmitter_id", "client_id", "since"),
    CertificateAuthority: ("id", "organization_id", "blob", "expires_at"),
    LocateAgreement: ("organization_id", "signed_on", "until"),
    LocateWorker: ("account_id", "tax", "manager", "trained_on"),
}
_COVERED_WHEN_SET: dict[type[IdentityRow], tuple[str, ...]] = {
    Account: ("administrator", "subject_hash"),
    ApiToken: ("scopes", "revoked_at"),
    CertificateAuthority: ("usernames", "revoked_at", "revocations_digest"),
    DualControl: ("decided_by", "due_at"),
    Organization: ("source_networks",),
    Representation: ("until",),
    SSHKey: ("revoked_at",),
    WebSession: ("proven_at", "client_id"),
}
"""Later fields: absent from the marks of rows that do not use them, so that earlier rows stay as they are."""

_WHO = (
    select(Account, Organization)
    .join(Organization, col(Organization.id) == col(Account.organization_id))
    .where(col(Account.id) == bindparam("account_id"))
)


def mark(exchange: Exchange, row: IdentityRow) -> bytes:
    """The authenticator of a row: a keyed hash over the fields that make it what it is."""
    return exchange.vault.cells.authenticate(*_fields(row))


def _fields(row: IdentityRow) -> list[str]:
    covered = [_text(getattr(row, name)) for name in _COVERED[type(row)]]
    later = [(name, getattr(row, name)) for name in _COVERED_WHEN_SET.get(type(row), ())]
    return [type(row).__name__, *covered, *(f"{name}={_text(value)}" for name, value in later if value)]


def _text(field: object) -> str:
    if isinstance(field, bytes):
        return field.hex()
    return as_utc(field).isoformat() if isinstance(field, datetime) else str(field)


def prove(exchange: Exchange, row: IdentityRow) -> None:
    """Return when the row is as the portal wrote it; else journal that and raise `IdentityDamagedError`."""
    if is_proven(exchange, row):
        return
    note_damage(exchange, row)
    raise IdentityDamagedError


def require(exchange: Exchange, row: IdentityRow) -> None:
    """Raise `IdentityDamagedError` for a row that is not as the portal wrote it.

    For a row read in a transaction that writes, which the refusal undoes with all it would have journalled.
    """
    if not is_proven(exchange, row):
        raise IdentityDamagedError


def note_damage(exchange: Exchange, row: IdentityRow) -> None:
    """Journal that a row was changed outside the portal, in a transaction of its own."""
    with transaction(exchange.engine) as session:
        journal.append(session, exchange, "identity.damaged", None, _id_of(row), table=type(row).__name__)


def is_proven(exchange: Exchange, row: IdentityRow) -> bool:
    """Whether the row is as the portal wrote it."""
    return exchange.vault.cells.is_authentic(row.authenticator, *_fields(row))


def seal(session: Session, exchange: Exchange, row: IdentityRow) -> None:
    """Mark a row that is new, or that the portal proved and changed, in the caller's transaction."""
    row.authenticator = mark(exchange, row)
    session.add(row)


def _id_of(row: IdentityRow) -> UUID | None:
    match row:
        case Policy():
            return None
        case WebSession() | LocateWorker():
            return row.account_id
        case LocateAgreement():
            return row.organization_id
        case _:
            return row.id


def actor_of(exchange: Exchange, account_id: UUID, channel: Channel, source: str | None) -> Actor:
    """A fresh identity for an account that has proven itself; read anew, so a suspension counts at once.

    `source`: None where the portal goes on by itself with what was handed over from a source it admitted.

    Raises `SignInRefusedError` when account or organization is not active, the role does not use this door
    or the source lies outside the organization's networks, `IdentityDamagedError` when a row was tampered
    with.
    """
    with reading(exchange.engine) as session:
        account, organization = _rows(session, account_id)
    prove(exchange, account)
    prove(exchange, organization)
    role, kind = Role(account.role), OrganizationKind(organization.kind)
    active = {account.status, organization.status} == {ACTIVE}
    active = active and (source is None or networks.admit(organization.source_networks, source))
    if not active or role not in KIND_ROLES[kind] or not may_enter(role, channel):
        raise SignInRefusedError
    return Actor(
        account_id=account.id,
        organization_id=organization.id,
        role=role,
        username=account.username,
        name=account.name,
        organization_name=organization.name,
        organization_kind=kind,
        channel=channel,
        source=source or "",
        administrator=account.administrator,
    )


def still(exchange: Exchange, actor: Actor) -> Actor:
    """The same actor read anew, for what began a while ago. Raises as `actor_of`."""
    fresh = actor_of(exchange, actor.account_id, actor.channel, actor.source)
    return replace(fresh, scopes=actor.scopes)


def _rows(session: Session, account_id: UUID) -> tuple[Account, Organization]:
    found = session.exec(_WHO, params={"account_id": account_id}).first()
    if found is None:
        raise SignInRefusedError
    return found
