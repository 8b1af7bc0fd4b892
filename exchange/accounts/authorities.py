"""SSH certificate authorities of an organization, looked after by its administrators or at the command line.

Whoever signs with such a key decides who comes in as whom, within the organization: adding one and taking it
back is told to every administrator by mail.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, delete, select

from exchange import journal, letters
from exchange.accounts import keys, people, public_keys, revocations
from exchange.accounts.identity import require, seal
from exchange.accounts.revocations import Line
from exchange.accounts.sign_in import normalise
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, NotPermittedError, RecordNotFoundError
from exchange.models.accounts import REMOVED, Account, Organization
from exchange.models.base import as_utc
from exchange.models.certificates import CertificateAuthority, CertificateUse
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Permission, Role
from roles.policy import Actor, Channel, authorize, may_enter, may_vouch

MOST = 10
"""Authorities of one organization at a time."""
REMIND_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class Keeper:
    """Who looks after the authorities of an organization; at the command line there is no actor."""

    organization_id: UUID
    actor: Actor | None = None

    @property
    def account_id(self) -> UUID | None:
        """Whose doing it is."""
        return self.actor.account_id if self.actor else None


@dataclass(frozen=True)
class New:
    """An authority to be added, as it was typed; without usernames it vouches for the whole organization."""

    public_key: str
    label: str
    days: str
    usernames: str = ""


def keeper_of(actor: Actor) -> Keeper:
    """The actor as the keeper of their organization's authorities. Raises `NotPermittedError`."""
    return Keeper(authorize(actor, Permission.ACCOUNT_MANAGE), actor)


def add(exchange: Exchange, keeper: Keeper, new: New) -> str:
    """Let in whom an authority certifies, of some accounts or of all; returns its fingerprint.

    Raises `FieldsRefusedError` for a key that is weak, damaged, private or known, for accounts that are none
    of the organization's, for a label or a lifetime that cannot be used.
    """
    lives, now = keys.lifetime_of(new.label, new.days), exchange.clock()
    key = public_keys.read(new.public_key)
    row = CertificateAuthority(
        organization_id=keeper.organization_id,
        fingerprint=key.fingerprint,
        blob=key.blob,
        label=new.label,
        created_at=now,
        created_by=keeper.account_id,
        expires_at=now + lives,
    )
    with transaction(exchange.engine) as session:
        organization = session.get_one(Organization, keeper.organization_id, with_for_update=True)
        if not may_vouch(OrganizationKind(organization.kind)):
            raise NotPermittedError
        _refuse_known(session, exchange, row)
        row.usernames = _usernames(session, keeper, new.usernames)
        seal(session, exchange, row)
        session.flush()
        _tell(session, exchange, keeper, row, "authority-added")
    return row.fingerprint


def take_back(exchange: Exchange, keeper: Keeper, authority_id: UUID) -> None:
    """End all that an authority ever signed, at once."""
    with transaction(exchange.engine) as session:
        row = own(session, keeper, authority_id, locked=True)
        if row.revoked_at is not None:
            return
        require(exchange, row)
        row.revoked_at, row.revoked_by = exchange.clock(), keeper.account_id
        seal(session, exchange, row)
        _tell(session, exchange, keeper, row, "authority-revoked")


def revoke(exchange: Exchange, keeper: Keeper, authority_id: UUID, typed: str) -> int:
    """Revoke certificates of an authority (`revocations.read`); how many lines were new."""
    lines = revocations.read(typed, _blob(exchange, keeper, authority_id))
    return _revoke(exchange, keeper, authority_id, lines)


def revoke_listed(exchange: Exchange, keeper: Keeper, authority_id: UUID, content: bytes) -> int:
    """Revoke what a file lists (`revocations.read_file`); how many lines were new."""
    lines = revocations.read_file(content, _blob(exchange, keeper, authority_id))
    return _revoke(exchange, keeper, authority_id, lines)


def _blob(exchange: Exchange, keeper: Keeper, authority_id: UUID) -> bytes:
    with reading(exchange.engine) as session:
        return own(session, keeper, authority_id).blob


def _revoke(exchange: Exchange, keeper: Keeper, authority_id: UUID, lines: list[Line]) -> int:
    with transaction(exchange.engine) as session:
        row = own(session, keeper, authority_id, locked=True)
        count = revocations.add(session, exchange, row, lines, keeper.account_id)
        if count:
            session.flush()
            facts = {"authority": row.fingerprint, "count": count}
            journal.append(
                session, exchange, "certificate.revoked", keeper.actor, row.organization_id, **facts
            )
    return count


def find(exchange: Exchange, keeper: Keeper, fingerprint: str) -> UUID:
    """The authority with this fingerprint; for the command line. Raises `RecordNotFoundError`."""
    mine = select(CertificateAuthority.id).where(
        CertificateAuthority.organization_id == keeper.organization_id,
        CertificateAuthority.fingerprint == fingerprint,
    )
    with reading(exchange.engine) as session:
        found = session.exec(mine).first()
    if found is None:
        raise RecordNotFoundError
    return found


def sweep(exchange: Exchange) -> int:
    """Write to administrators, once, before an authority lapses; of how many. A worker's chore.

    What came so long ago that nobody asks is forgotten, too.
    """
    now = exchange.clock()
    due = select(CertificateAuthority.id).where(
        col(CertificateAuthority.revoked_at).is_(None),
        col(CertificateAuthority.reminded_at).is_(None),
        col(CertificateAuthority.expires_at) > now,
        col(CertificateAuthority.expires_at) <= now + REMIND_BEFORE,
    )
    old = delete(CertificateUse).where(col(CertificateUse.last_used_at) < now - keys.SHOWN_FOR)
    with transaction(exchange.engine) as session:
        session.execute(old)
        found = session.exec(due.with_for_update()).all()
        return sum(_remind(session, exchange, one) for one in found)


def _remind(session: Session, exchange: Exchange, authority_id: UUID) -> bool:
    row = session.get_one(CertificateAuthority, authority_id)
    addresses = _addresses(session, row.organization_id)
    if addresses:
        row.reminded_at = exchange.clock()
        for address in addresses:
            letters.write(session, exchange, address, "authority-lapses")
    return bool(addresses)


def own(
    session: Session, keeper: Keeper, authority_id: UUID, *, locked: bool = False
) -> CertificateAuthority:
    """The row of an authority; `RecordNotFoundError` for one of another organization."""
    row = session.get(CertificateAuthority, authority_id, with_for_update=locked)
    if row is None or row.organization_id != keeper.organization_id:
        raise RecordNotFoundError
    return row


def _refuse_known(session: Session, exchange: Exchange, row: CertificateAuthority) -> None:
    mine = select(CertificateAuthority).where(CertificateAuthority.organization_id == row.organization_id)
    standing = session.exec(mine).all()
    known = next((one for one in standing if one.fingerprint == row.fingerprint), None)
    if known is not None:
        already = known.revoked_at is None
        why = "This authority is here already" if already else "This authority was taken back; make a new one"
        raise FieldsRefusedError({"public_key": why})
    live = [one for one in standing if one.revoked_at is None and as_utc(one.expires_at) > exchange.clock()]
    if len(live) >= MOST:
        raise FieldsRefusedError({"label": f"There are {MOST} of these already; take one back first"})


def _usernames(session: Session, keeper: Keeper, typed: str) -> str | None:
    """What was typed, as it is kept; each is an account of the organization that may come by SFTP."""
    wanted = sorted({normalise(name) for name in typed.replace(",", " ").split()})
    theirs = select(Account.username, Account.role).where(
        Account.organization_id == keeper.organization_id, Account.status != REMOVED
    )
    usable = {name for name, role in session.exec(theirs) if may_enter(Role(role), Channel.SFTP)}
    if strangers := [name for name in wanted if name not in usable]:
        why = f"Nobody of your organization comes by SFTP as {strangers[0][:60] or 'that'}"
        raise FieldsRefusedError({"usernames": why})
    return " ".join(wanted) or None


def _tell(
    session: Session, exchange: Exchange, keeper: Keeper, row: CertificateAuthority, event: str
) -> None:
    for address in _addresses(session, row.organization_id):
        letters.write(session, exchange, address, event)
    facts = {"id": str(row.id), "fingerprint": row.fingerprint}
    journal.append(session, exchange, event.replace("-", "."), keeper.actor, row.organization_id, **facts)


def _addresses(session: Session, organization_id: UUID) -> list[str]:
    return sorted(
        {address for address in people.administrators(session, organization_id).values() if address}
    )
