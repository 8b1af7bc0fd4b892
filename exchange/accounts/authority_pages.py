"""What those see who look after the certificate authorities of an organization."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from exchange.accounts import authorities, public_keys, revocations
from exchange.accounts.authorities import Keeper
from exchange.accounts.revocations import Marks, Standing
from exchange.database import reading
from exchange.models.accounts import Account
from exchange.models.base import as_utc
from exchange.models.certificates import CertificateAuthority, CertificateRevocation, CertificateUse
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange

MOST_SHOWN, MOST_REFUSED = 100, 20


@dataclass(frozen=True)
class Authority:
    """An authority as it is shown. `usernames` is empty where it vouches for all of the organization."""

    id: UUID
    label: str
    kind: str
    fingerprint: str
    usernames: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used_at: datetime | None
    state: str
    revoked_at: datetime | None
    revoked_by: str


@dataclass(frozen=True)
class Seen:
    """A certificate that somebody came with."""

    username: str
    key_id: str
    serial: str
    fingerprint: str
    expires_at: datetime
    last_used_at: datetime
    state: str

    @property
    def line(self) -> str:
        """What revokes it: its number, or where it has none its key."""
        return f"serial: {self.serial}" if self.serial != "0" else f"hash: {self.fingerprint}"


@dataclass(frozen=True)
class Revoked:
    """What was revoked, by whom and when."""

    kind: str
    text: str
    at: datetime
    by: str


@dataclass(frozen=True)
class Refused:
    """A certificate that the authority did sign and that let nobody in, and why."""

    username: str
    serial: str
    fingerprint: str
    why: str
    source: str
    at: datetime


@dataclass(frozen=True)
class Looked:
    """All about one authority, the newest first."""

    authority: Authority
    seen: list[Seen]
    refused: list[Refused]
    revoked: list[Revoked]


def all_of(exchange: Exchange, keeper: Keeper) -> list[Authority]:
    """The authorities of the organization, the newest first, those taken back too."""
    mine = select(CertificateAuthority).where(CertificateAuthority.organization_id == keeper.organization_id)
    with reading(exchange.engine) as session:
        rows = session.exec(mine.order_by(col(CertificateAuthority.created_at).desc())).all()
        return [_shown(session, exchange, row) for row in rows]


def look(exchange: Exchange, keeper: Keeper, authority_id: UUID) -> Looked:
    """One authority, the certificates that came lately, and what was revoked."""
    with reading(exchange.engine) as session:
        row = authorities.own(session, keeper, authority_id)
        revoked = select(CertificateRevocation).where(CertificateRevocation.authority_id == row.id)
        newest = session.exec(revoked.order_by(col(CertificateRevocation.revoked_at).desc())).all()
        listed = [
            Revoked(
                one.kind,
                revocations.shown(exchange, one),
                as_utc(one.revoked_at),
                _name(session, one.revoked_by),
            )
            for one in newest
        ]
        came, refused = _seen(session, exchange, row), _refused(session, row)
        return Looked(_shown(session, exchange, row), came, refused, listed)


def _seen(session: Session, exchange: Exchange, row: CertificateAuthority) -> list[Seen]:
    standing = revocations.standing(session, row)
    theirs = select(CertificateUse, Account.username).join(
        Account, col(Account.id) == CertificateUse.account_id
    )
    newest = theirs.where(CertificateUse.authority_id == row.id)
    found = session.exec(newest.order_by(col(CertificateUse.last_used_at).desc()).limit(MOST_SHOWN))
    return [_came(exchange, standing, use, username) for use, username in found]


def _refused(session: Session, row: CertificateAuthority) -> list[Refused]:
    """From the journal: that an authority did sign is known of those alone whose refusal names it."""
    theirs = select(JournalEvent, Account.username).join(Account, col(Account.id) == JournalEvent.subject_id)
    newest = theirs.where(
        Account.organization_id == row.organization_id,
        JournalEvent.kind == "account.refused",
        col(JournalEvent.facts).contains(row.fingerprint, autoescape=True),
    )
    found = session.exec(newest.order_by(col(JournalEvent.position).desc()).limit(MOST_REFUSED))
    return [_told(event, username) for event, username in found]


def _told(event: JournalEvent, username: str) -> Refused:
    facts = json.loads(event.facts)
    told = {name: str(facts.get(name, "")) for name in ("serial", "fingerprint", "why", "source")}
    return Refused(username=username, at=datetime.fromisoformat(event.at), **told)


def _came(exchange: Exchange, standing: Standing, use: CertificateUse, username: str) -> Seen:
    key_id, expires_at = revocations.open_key_id(exchange, use.key_id_sealed), as_utc(use.expires_at)
    marks = Marks(int(use.serial), key_id.encode(), (use.fingerprint, use.sha_1 or use.fingerprint))
    revoked = revocations.cover(exchange, standing, marks)
    return Seen(
        username=username,
        key_id=key_id,
        serial=use.serial,
        fingerprint=use.fingerprint,
        expires_at=expires_at,
        last_used_at=as_utc(use.last_used_at),
        state="revoked" if revoked else _until(exchange, expires_at),
    )


def _shown(session: Session, exchange: Exchange, row: CertificateAuthority) -> Authority:
    return Authority(
        id=row.id,
        label=row.label,
        kind=public_keys.kind_of(row.blob),
        fingerprint=row.fingerprint,
        usernames=tuple((row.usernames or "").split()),
        created_at=as_utc(row.created_at),
        created_by=_name(session, row.created_by),
        expires_at=as_utc(row.expires_at),
        last_used_at=as_utc(row.last_used_at) if row.last_used_at else None,
        state="revoked" if row.revoked_at else _until(exchange, as_utc(row.expires_at)),
        revoked_at=as_utc(row.revoked_at) if row.revoked_at else None,
        revoked_by=_name(session, row.revoked_by) if row.revoked_at else "",
    )


def _until(exchange: Exchange, expires_at: datetime) -> str:
    return "expired" if expires_at <= exchange.clock() else "active"


def _name(session: Session, account_id: UUID | None) -> str:
    """Whoever did it; at the command line nobody has a name but the installation."""
    account = session.get(Account, account_id) if account_id else None
    return account.name if account else "OCSS"
