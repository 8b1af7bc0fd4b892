"""The people of an organization whom its messages may be given to."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from exchange.models.accounts import ACTIVE, Account
from roles.permissions import Permission, holders

_READERS = [role.value for role in holders(Permission.MESSAGE_READ)]


def colleagues(session: Session, organization_id: UUID) -> list[Account]:
    """Everybody of an organization who has access and may read messages, by name."""
    by_name = (col(Account.name), col(Account.username))
    return list(session.exec(select(Account).where(*_there(organization_id)).order_by(*by_name)).all())


def colleague(session: Session, organization_id: UUID, account_id: UUID) -> Account | None:
    """One of them; None for anybody else."""
    one = select(Account).where(Account.id == account_id, *_there(organization_id))
    return session.exec(one).first()


def among(session: Session, organization_id: UUID, accounts: Collection[UUID]) -> set[UUID]:
    """Those of these accounts who are people of the organization with access."""
    if not accounts:
        return set()
    named = select(Account.id).where(col(Account.id).in_(accounts), *_there(organization_id))
    return set(session.exec(named))


def _there(organization_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Account.organization_id) == organization_id,
        col(Account.status) == ACTIVE,
        col(Account.role).in_(_READERS),
    )
