"""Certificate authorities of organizations, what was revoked of them, and which certificates came."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from exchange.models.base import Table, one_of

SERIALS, KEY_ID, FINGERPRINT = "serials", "key id", "fingerprint"
REVOCATIONS = (SERIALS, KEY_ID, FINGERPRINT)


class CertificateAuthority(Table, table=True):
    """A public key (`blob`, RFC 4253) whose user certificates let accounts of its organization in over SFTP.

    `usernames`: the only accounts it vouches for, separated by spaces; None for all of the organization.
    `revocations_digest`: over all rows of what was revoked of it, so that none is changed or removed unseen.
    """

    __tablename__ = "certificate_authority"
    __table_args__ = (UniqueConstraint("organization_id", "fingerprint"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    fingerprint: str
    blob: bytes
    label: str
    usernames: str | None = None
    created_at: datetime
    created_by: UUID | None = Field(default=None, foreign_key="account.id")
    expires_at: datetime
    reminded_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: UUID | None = Field(default=None, foreign_key="account.id")
    revocations_digest: bytes | None = None
    authenticator: bytes = b""


class CertificateRevocation(Table, table=True):
    """Certificates of an authority that let nobody in any more.

    `value`: the first and the last serial number with a hyphen between, a keyed hash of a key id (whose text
    is sealed, since it may name somebody), or the fingerprint of the certified key, in SHA-256 or SHA-1.
    """

    __tablename__ = "certificate_revocation"
    __table_args__ = (one_of("kind", REVOCATIONS), UniqueConstraint("authority_id", "kind", "value"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    authority_id: UUID = Field(foreign_key="certificate_authority.id", index=True)
    kind: str
    value: str
    key_id_sealed: bytes | None = None
    revoked_at: datetime
    revoked_by: UUID | None = Field(default=None, foreign_key="account.id")


class CertificateUse(Table, table=True):
    """A certificate somebody signed in with, kept to be shown for a while; `digest` is its SHA-256.

    `sha_1`: the fingerprint of its key in SHA-1, by which a list may revoke it; None in rows of before.
    """

    __tablename__ = "certificate_use"

    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    digest: bytes = Field(primary_key=True)
    authority_id: UUID = Field(foreign_key="certificate_authority.id", index=True)
    fingerprint: str
    sha_1: str | None = None
    serial: str
    key_id_sealed: bytes
    expires_at: datetime
    last_used_at: datetime
