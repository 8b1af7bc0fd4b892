"""SFTP keys and API tokens: people look after their own, administrators after those of their organization.

A key or token that was taken back stays in the list for a while, and its use in the journal.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from exchange import journal, letters
from exchange.accounts import ending, people, public_keys, shared
from exchange.accounts.identity import seal
from exchange.accounts.tokens import PREFIX, hash_of, scopes_in
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, NotPermittedError, RecordNotFoundError
from exchange.models.accounts import Account, ApiToken, SSHKey
from exchange.models.base import as_utc
from exchange.runtime import Exchange
from roles.permissions import Permission
from roles.policy import Actor, Channel, VisibleOrganization, authorize, may_enter, permissions_of
from roles.scopes import scopes_of

LIFETIMES = {30: "30 days", 90: "3 months", 180: "6 months", 365: "1 year"}
"""How long a key or token may live, in days."""
MOST = 20
"""Keys, and tokens, of one account at a time."""
Row = TypeVar("Row", SSHKey, ApiToken)
SHOWN_FOR = timedelta(days=90)
LONGEST_LABEL = 60


@dataclass(frozen=True)
class Credential:
    """A key or a token as it is shown: never what it signs in with."""

    id: UUID
    account_id: UUID
    owner: str
    label: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: str
    fingerprint: str = ""
    kind: str = ""
    scopes: frozenset[Permission] | None = None


def keys(exchange: Exchange, actor: Actor, account_id: UUID | None = None) -> list[Credential]:
    """The keys of the actor, or of one of the actor's people."""
    with reading(exchange.engine) as session:
        owner = _owner(session, actor, account_id)
        return [_shown(exchange, owner, row) for row in _rows(session, exchange, SSHKey, owner)]


def tokens(exchange: Exchange, actor: Actor, account_id: UUID | None = None) -> list[Credential]:
    """The tokens of the actor, or of one of the actor's people."""
    with reading(exchange.engine) as session:
        owner = _owner(session, actor, account_id)
        return [_shown(exchange, owner, row) for row in _rows(session, exchange, ApiToken, owner)]


def may_use_keys(actor: Actor) -> bool:
    """Whether people of this role come by SFTP at all."""
    return may_enter(actor.role, Channel.SFTP)


def add_key(exchange: Exchange, actor: Actor, public_key: str, label: str, days: str) -> str:
    """Add a key to the actor's own account; returns its fingerprint.

    Raises `FieldsRefusedError` for a key that is weak, damaged, private or known, a label or a lifetime that
    cannot be used.
    """
    if not may_use_keys(actor):
        raise NotPermittedError
    lives = lifetime_of(label, days)
    key, now = public_keys.read(public_key), exchange.clock()
    row = SSHKey(
        account_id=actor.account_id,
        fingerprint=key.fingerprint,
        blob=key.blob,
        label=label,
        created_at=now,
        expires_at=now + lives,
    )
    with transaction(exchange.engine) as session:
        _refuse_known(session, row)
        _add(session, exchange, actor, row, "key-added")
    return key.fingerprint


def issue_token(exchange: Exchange, actor: Actor, label: str, days: str, scopes: Iterable[str]) -> str:
    """Issue a token for the actor's own account; it is returned once and cannot be read again."""
    lives, now = lifetime_of(label, days), exchange.clock()
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        account_id=actor.account_id,
        token_hash=hash_of(token),
        label=label,
        scopes=_scopes(actor, scopes),
        created_at=now,
        expires_at=now + lives,
    )
    with transaction(exchange.engine) as session:
        _add(session, exchange, actor, row, "token-issued")
    return token


def revoke_key(exchange: Exchange, actor: Actor, key_id: UUID) -> UUID:
    """Take a key back, at once; returns whose it was. `RecordNotFoundError` for one of somebody else."""
    return _revoke(exchange, actor, SSHKey, key_id)


def revoke_token(exchange: Exchange, actor: Actor, token_id: UUID) -> UUID:
    """Take a token back, at once; returns whose it was. `RecordNotFoundError` for one of somebody else."""
    return _revoke(exchange, actor, ApiToken, token_id)


def _revoke(exchange: Exchange, actor: Actor, kind: type[Row], row_id: UUID) -> UUID:
    with transaction(exchange.engine) as session:
        row = session.get(kind, row_id)
        if row is None:
            raise RecordNotFoundError
        owner = _owner(session, actor, row.account_id)
        if row.label == shared.LABEL:
            shared.refuse(exchange, owner.username)
        if row.revoked_at is None:
            ending.revoke(session, exchange, row)
            _tell(session, exchange, actor, row, f"{_NAMES[kind]}-revoked")
    return owner.id


def _owner(session: Session, actor: Actor, account_id: UUID | None) -> Account:
    """Whose credentials these are: the actor's own, or those of one of the people the actor looks after."""
    if account_id is None or account_id == actor.account_id:
        return session.get_one(Account, actor.account_id)
    try:
        visible: VisibleOrganization = authorize(actor, Permission.ACCOUNT_MANAGE)
    except NotPermittedError:
        raise RecordNotFoundError from None
    return people.of_organization(session, visible, account_id)


_NAMES: dict[type[SSHKey | ApiToken], str] = {SSHKey: "key", ApiToken: "token"}


def _rows(session: Session, exchange: Exchange, kind: type[Row], owner: Account) -> Sequence[Row]:
    lately = exchange.clock() - SHOWN_FOR
    still = col(kind.revoked_at).is_(None) | (col(kind.revoked_at) > lately)
    theirs = select(kind).where(kind.account_id == owner.id, still, col(kind.expires_at) > lately)
    return session.exec(theirs.order_by(col(kind.created_at).desc())).all()


def _add(session: Session, exchange: Exchange, actor: Actor, row: SSHKey | ApiToken, event: str) -> None:
    kind = type(row)
    live = select(kind.id).where(kind.account_id == actor.account_id, col(kind.revoked_at).is_(None))
    if len(session.exec(live.where(col(kind.expires_at) > exchange.clock())).all()) >= MOST:
        raise FieldsRefusedError({"label": f"You have {MOST} of these already; take one back first"})
    seal(session, exchange, row)
    _tell(session, exchange, actor, row, event)


def _tell(session: Session, exchange: Exchange, actor: Actor, row: SSHKey | ApiToken, event: str) -> None:
    owner = session.get_one(Account, row.account_id)
    letters.write(session, exchange, owner.email, event)
    facts = {"fingerprint": row.fingerprint} if isinstance(row, SSHKey) else {"scopes": row.scopes}
    journal.append(session, exchange, event.replace("-", "."), actor, owner.id, id=str(row.id), **facts)


def _refuse_known(session: Session, key: SSHKey) -> None:
    mine = select(SSHKey).where(SSHKey.account_id == key.account_id, SSHKey.fingerprint == key.fingerprint)
    if (known := session.exec(mine).first()) is not None:
        why = (
            "You have this key already"
            if known.revoked_at is None
            else "This key was taken back; make a new one"
        )
        raise FieldsRefusedError({"public_key": why})


def lifetime_of(label: str, days: str) -> timedelta:
    """How long it may live, of what has that label. Raises `FieldsRefusedError` for either of no use."""
    problems = {}
    if not 1 <= len(label) <= LONGEST_LABEL:
        problems["label"] = f"Say in 1 to {LONGEST_LABEL} characters what it is for"
    if not days.isascii() or not days.isdigit() or int(days[:6]) not in LIFETIMES:
        problems["days"] = "Choose how long it lives"
    if problems:
        raise FieldsRefusedError(problems)
    return timedelta(days=int(days))


def _scopes(actor: Actor, wanted: Iterable[str]) -> str:
    offered = permissions_of(actor) & scopes_of(actor.role).keys()
    chosen = sorted(set(wanted))
    if not chosen or not offered.issuperset(chosen):
        raise FieldsRefusedError({"scopes": "Choose at least one thing that the token may do"})
    return " ".join(chosen)


def _state(exchange: Exchange, row: SSHKey | ApiToken) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if as_utc(row.expires_at) <= exchange.clock() else "active"


def _shown(exchange: Exchange, owner: Account, row: SSHKey | ApiToken) -> Credential:
    if isinstance(row, SSHKey):
        own = {"fingerprint": row.fingerprint, "kind": public_keys.kind_of(row.blob)}
    else:
        own = {}
    return Credential(
        id=row.id,
        account_id=owner.id,
        owner=owner.name,
        label=row.label,
        created_at=as_utc(row.created_at),
        expires_at=as_utc(row.expires_at),
        last_used_at=as_utc(row.last_used_at) if row.last_used_at else None,
        state=_state(exchange, row),
        scopes=None if isinstance(row, SSHKey) else scopes_in(row.scopes),
        **own,
    )
