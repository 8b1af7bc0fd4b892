"""What people prove themselves with beside a password and a code, and what stands between two pages."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Field

from exchange.models.base import Table, one_of

REMINDERS = ("confirm", "idle")


class RecoveryCode(Table, table=True):
    """A one-time code for somebody without their second factor: a keyed hash, gone once it was used."""

    __tablename__ = "recovery_code"

    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    code_hash: bytes = Field(primary_key=True)


class Passkey(Table, table=True):
    """A WebAuthn credential; `sign_count` is what its authenticator last told, 0 where it does not count."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    credential_id: bytes = Field(unique=True)
    public_key: bytes
    sign_count: int
    label: str
    created_at: datetime
    last_used_at: datetime | None = None
    authenticator: bytes = b""


class Ticket(Table, table=True):
    """What one page hands to the next, sealed; found by a keyed hash of a token that only the person has."""

    token_hash: bytes = Field(primary_key=True)
    purpose: str
    account_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    sealed: bytes
    created_at: datetime
    expires_at: datetime = Field(index=True)


class KnownDevice(Table, table=True):
    """A browser from which somebody has signed in before; it keeps a token, of which this is a keyed hash."""

    __tablename__ = "known_device"

    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    token_hash: bytes = Field(primary_key=True)
    seen_at: datetime


class Reminder(Table, table=True):
    """That somebody was told what will happen to their account; gone when they have done what was asked."""

    __table_args__ = (one_of("kind", REMINDERS),)

    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    kind: str = Field(primary_key=True)
    sent_at: datetime
