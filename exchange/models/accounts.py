"""Organizations, the accounts of their people, and the credentials those sign in with.

Rows that carry identity have an `authenticator`, which `exchange.accounts.identity.seal` makes: a row without
its own, or that was changed outside the portal, proves nothing (learned from CVE-2023-34362).
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from exchange.models.base import Table, one_of
from roles.organizations import OrganizationKind
from roles.permissions import Role

INVITED, ACTIVE, SUSPENDED = "invited", "active", "suspended"
INACTIVE, REMOVED = "inactive", "removed"
ACCOUNT_STATES = (INVITED, ACTIVE, SUSPENDED, INACTIVE, REMOVED)
"""`invited`: has an activation code, no credentials yet. `inactive`: closed by its owner, or lapsed."""


class Organization(Table, table=True):
    """A partner, or OCSS itself. The FEIN is sealed and found by keyed hash.

    `source_networks`: the only networks its people may come from, in CIDR notation, separated by spaces; None
    for any. `confirmed_at`: when its administrators last said that what stands here is right;
    `confirmation_asked_at`: when they were last asked for that.
    """

    __table_args__ = (one_of("kind", OrganizationKind), one_of("status", (ACTIVE, SUSPENDED)))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: str
    name: str
    jurisdiction: str | None = Field(default=None, index=True)
    fein_sealed: bytes | None = None
    fein_hash: bytes | None = Field(default=None, index=True)
    match_method: int | None = None
    status: str = ACTIVE
    notices_to: str | None = None
    source_networks: str | None = None
    confirmed_at: datetime | None = None
    confirmation_asked_at: datetime | None = None
    created_at: datetime
    authenticator: bytes = b""


class Representation(Table, table=True):
    """A transmitter or processor acts for a client organization, from `since` until `until`."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    transmitter_id: UUID = Field(foreign_key="organization.id", index=True)
    client_id: UUID = Field(foreign_key="organization.id", index=True)
    since: datetime
    until: datetime | None = None
    authenticator: bytes = b""


class Account(Table, table=True):
    """One person of one organization. `totp_last_step` refuses a code shown twice (RFC 6238, 5.2).

    `administrator`: looks after the people of its organization. Without a password, a passkey or the sign-on
    of a state (`subject_hash`: a keyed hash of its issuer and subject) lets the person in.
    """

    __table_args__ = (one_of("role", Role), one_of("status", ACCOUNT_STATES))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    username: str = Field(unique=True)
    name: str
    email: str | None = None
    role: str
    administrator: bool = False
    status: str = ACTIVE
    password_hash: str | None = None
    totp_sealed: bytes | None = None
    totp_last_step: int = 0
    subject_hash: bytes | None = Field(default=None, unique=True)
    created_at: datetime
    rules_version: str | None = None
    rules_accepted_at: datetime | None = None
    signed_in_at: datetime | None = None
    confirmed_at: datetime | None = None
    authenticator: bytes = b""


class Activation(Table, table=True):
    """The one-time code that lets an invited person set credentials; only a keyed hash of it is kept."""

    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    code_hash: bytes
    issued_at: datetime
    expires_at: datetime


class SSHKey(Table, table=True):
    """A public key an account signs in with over SFTP; `blob` is the RFC 4253 encoding.

    A key that was taken back stays as a row, so that its use is noticed.
    """

    __tablename__ = "ssh_key"
    __table_args__ = (UniqueConstraint("account_id", "fingerprint"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    fingerprint: str
    blob: bytes
    label: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    authenticator: bytes = b""


class ApiToken(Table, table=True):
    """A bearer token, held only as its SHA-256.

    `scopes`: the permissions it is bound to, separated by spaces; None for all that its account has.
    """

    __tablename__ = "api_token"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    token_hash: bytes = Field(unique=True)
    label: str
    scopes: str | None = None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    authenticator: bytes = b""


class WebSession(Table, table=True):
    """A browser's session, or (with `stage` "password") a sign-in that still lacks its code.

    `proven_at`: when a second factor was last shown in it. `client_id`: the client that its owner acts for.
    """

    __tablename__ = "web_session"
    __table_args__ = (one_of("stage", ("password", "full")),)

    token_hash: bytes = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    stage: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    source: str
    user_agent: str
    proven_at: datetime | None = None
    client_id: UUID | None = Field(default=None, foreign_key="organization.id")
    authenticator: bytes = b""


class SignInFailure(Table, table=True):
    """Wrong attempts of one account or one source, shared by all doors; `subject` is a keyed hash."""

    __tablename__ = "sign_in_failure"

    subject: bytes = Field(primary_key=True)
    failures: int
    first_at: datetime
    locked_until: datetime | None = None
