"""Accounts of a demonstration that every visitor may use: what would spoil one for others is refused.

In any other installation there are none (`Settings.shared_accounts`), and nothing is refused here.
"""

from uuid import UUID

from sqlmodel import Session, select

from exchange.errors import SharedAccountError
from exchange.models.accounts import Account
from exchange.runtime import Exchange

LABEL = "demonstration"
"""What the keys and tokens are called that programs of every visitor use."""


def is_shared(exchange: Exchange, username: str) -> bool:
    """Whether this account belongs to every visitor of a demonstration."""
    return exchange.settings.demonstration and username in exchange.settings.shared_accounts


def refuse(exchange: Exchange, username: str) -> None:
    """Raise `SharedAccountError` before such an account is closed, or loses what it signs in with."""
    if is_shared(exchange, username):
        raise SharedAccountError


def refuse_for_organization(session: Session, exchange: Exchange, organization_id: UUID) -> None:
    """Raise `SharedAccountError` before everybody of an organization with such an account is shut out."""
    theirs = select(Account.username).where(Account.organization_id == organization_id)
    if any(is_shared(exchange, username) for username in session.exec(theirs)):
        raise SharedAccountError
