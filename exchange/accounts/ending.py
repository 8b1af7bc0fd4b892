"""Ending what an account signs in with, at once and at every door, in the transaction that says why."""

from uuid import UUID

from sqlmodel import Session, col, delete, select

from exchange.accounts.identity import require, seal
from exchange.models.accounts import Account, Activation, ApiToken, SSHKey, WebSession
from exchange.models.credentials import KnownDevice, Passkey, RecoveryCode, Ticket
from exchange.runtime import Exchange


def sessions(session: Session, account_id: UUID) -> None:
    """Sign the account out everywhere."""
    session.execute(delete(WebSession).where(col(WebSession.account_id) == account_id))


def programs(session: Session, exchange: Exchange, account_id: UUID) -> None:
    """Take back every key and token of the account; the rows stay, so that their use is noticed."""
    keys = select(SSHKey).where(SSHKey.account_id == account_id, col(SSHKey.revoked_at).is_(None))
    tokens = select(ApiToken).where(ApiToken.account_id == account_id, col(ApiToken.revoked_at).is_(None))
    live: list[SSHKey | ApiToken] = [*session.exec(keys), *session.exec(tokens)]
    for row in live:
        revoke(session, exchange, row)


def revoke(session: Session, exchange: Exchange, row: SSHKey | ApiToken) -> None:
    """Take one key or token back."""
    require(exchange, row)
    row.revoked_at = exchange.clock()
    seal(session, exchange, row)


def factors(session: Session, account: Account) -> None:
    """Forget password and second factors; `account` was proven by the caller, who seals it again."""
    account.password_hash = account.totp_sealed = account.subject_hash = None
    for kind in (Activation, KnownDevice, Passkey, RecoveryCode, Ticket):
        session.execute(delete(kind).where(col(kind.account_id) == account.id))
