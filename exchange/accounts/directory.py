"""Finding organizations and accounts by what people call them; for the command line of an installation."""

from uuid import UUID

from sqlmodel import select

from exchange.accounts.sign_in import normalise
from exchange.database import reading
from exchange.errors import RequestInvalidError
from exchange.models.accounts import Account, Organization
from exchange.runtime import Exchange


def organization(exchange: Exchange, name_or_id: str) -> Organization:
    """The organization with this id or exact name; `RequestInvalidError` when there is none, or several."""
    with reading(exchange.engine) as session:
        try:
            wanted = select(Organization).where(Organization.id == UUID(name_or_id))
        except ValueError:
            wanted = select(Organization).where(Organization.name == name_or_id)
        found = session.exec(wanted).all()
    if len(found) != 1:
        raise RequestInvalidError(what=f"{len(found) or 'no'} organizations are called {name_or_id!r}")
    return found[0]


def account(exchange: Exchange, username: str) -> Account:
    """The account that signs in with this name; `RequestInvalidError` when there is none."""
    with reading(exchange.engine) as session:
        found = session.exec(select(Account).where(Account.username == normalise(username))).first()
    if found is None:
        raise RequestInvalidError(what=f"there is no account {username!r}")
    return found
