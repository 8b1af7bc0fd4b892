"""Whom a public key signs in: one that the account registered, or one that an authority certified.

The caller has the proof of possession, or asks before it has; nothing here changes anything.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from exchange.accounts import certificates, public_keys, revocations
from exchange.accounts.certificates import Certificate, Fault, Use
from exchange.accounts.identity import actor_of, note_damage, prove
from exchange.database import reading
from exchange.errors import IdentityDamagedError, SignInRefusedError
from exchange.models.accounts import Account, SSHKey
from exchange.models.base import as_utc
from exchange.models.certificates import CertificateAuthority
from exchange.runtime import Exchange
from roles.policy import Actor, Channel, may_vouch

_OF_KEY = select(Account, SSHKey).where(
    col(Account.username) == bindparam("name"),
    col(SSHKey.account_id) == col(Account.id),
    col(SSHKey.blob) == bindparam("blob"),
)


class VoidKeyError(SignInRefusedError):
    """A key or certificate that once let in: taken back, lapsed, or of somebody who may not come in now.

    `facts` say why to the journal; nobody else is told.
    """

    def __init__(self, **facts: str) -> None:
        """Keep the facts for the journal."""
        self.why = facts
        super().__init__()


@dataclass(frozen=True)
class Vouched:
    """An account, and the authority whose certificate it came with."""

    account: Account
    authority: CertificateAuthority
    certificate: Certificate

    @property
    def marks(self) -> revocations.Marks:
        """What it can be revoked by."""
        one = self.certificate
        prints = (public_keys.fingerprint_of(one.key), public_keys.sha_1_of(one.key))
        return revocations.Marks(one.serial, one.parsed.key_id, prints)

    @property
    def facts(self) -> dict[str, str]:
        """What the journal says of it; not the key id, which is somebody's own text."""
        return {
            "fingerprint": public_keys.fingerprint_of(self.certificate.key),
            "serial": str(self.certificate.serial),
            "authority": self.authority.fingerprint,
        }


def by_key(exchange: Exchange, name: str, blob: bytes, source: str) -> tuple[Account, SSHKey]:
    """The account that registered a key. Raises `SignInRefusedError`, and `IdentityDamagedError`."""
    with reading(exchange.engine) as session:
        found = session.exec(_OF_KEY, params={"name": name, "blob": blob}).first()
    if found is None:
        raise SignInRefusedError
    account, key = found
    prove(exchange, key)
    if key.revoked_at is not None or as_utc(key.expires_at) <= exchange.clock():
        raise VoidKeyError
    if _entering(exchange, account, source) is None:
        raise VoidKeyError
    return account, key


def by_certificate(exchange: Exchange, name: str, blob: bytes, source: str) -> Vouched:
    """The account that a certificate lets in, signed by an authority of its own organization. As `by_key`.

    Nothing of it is believed before the signature of such an authority was verified, nor is a refusal worth
    the journal before that.
    """
    try:
        certificate = certificates.read(blob)
    except certificates.NotACertificateError:
        raise SignInRefusedError from None
    vouched = _vouched(exchange, name, certificate)
    prove(exchange, vouched.authority)
    if why := _fault(exchange, vouched, source):
        raise VoidKeyError(**vouched.facts, why=why.value)
    return vouched


def _vouched(exchange: Exchange, name: str, certificate: Certificate) -> Vouched:
    with reading(exchange.engine) as session:
        theirs = select(Account, CertificateAuthority).where(
            Account.username == name,
            CertificateAuthority.organization_id == Account.organization_id,
            CertificateAuthority.blob == certificate.authority,
        )
        found = session.exec(theirs).first()
    if found is None or not certificates.is_signed(certificate):
        raise SignInRefusedError
    return Vouched(*found, certificate)


def _fault(exchange: Exchange, vouched: Vouched, source: str) -> Fault | None:
    account, authority, now = vouched.account, vouched.authority, exchange.clock()
    if authority.revoked_at is not None or as_utc(authority.expires_at) <= now:
        return Fault.AUTHORITY
    if authority.usernames is not None and account.username not in authority.usernames.split():
        return Fault.ACCOUNT
    longest = timedelta(days=exchange.settings.certificate_days)
    found = certificates.fault(vouched.certificate, Use(account.username, source, now, longest))
    if found is not None:
        return found
    if taken_back := _taken_back(exchange, vouched):
        return taken_back
    actor = _entering(exchange, account, source)
    return None if actor and may_vouch(actor.organization_kind) else Fault.CLOSED


def _taken_back(exchange: Exchange, vouched: Vouched) -> Fault | None:
    """Whether the certificate was revoked, or the account itself took its key back once."""
    try:
        with reading(exchange.engine) as session:
            revoked = revocations.standing(session, vouched.authority)
            if revocations.cover(exchange, revoked, vouched.marks):
                return Fault.REVOKED
            return Fault.KEY if _took_back(session, vouched.account.id, vouched.certificate.key) else None
    except IdentityDamagedError:
        note_damage(exchange, vouched.authority)
        raise


def _took_back(session: Session, account_id: UUID, key: bytes) -> bool:
    its_own = select(SSHKey.id).where(SSHKey.account_id == account_id, SSHKey.blob == key)
    return session.exec(its_own.where(col(SSHKey.revoked_at).is_not(None))).first() is not None


def _entering(exchange: Exchange, account: Account, source: str) -> Actor | None:
    """Who comes in with the account, or None when it may not come in by SFTP now."""
    try:
        return actor_of(exchange, account.id, Channel.SFTP, source)
    except SignInRefusedError:
        return None
