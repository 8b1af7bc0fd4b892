"""Whether an installation can serve now: its database and its store answer."""

from sqlmodel import select

from exchange.database import reading
from exchange.errors import StoreUnavailableError
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange


def check(exchange: Exchange) -> None:
    """Return when both answer. Raises a database error, or `StoreUnavailableError`."""
    with reading(exchange.engine) as session:
        session.exec(select(Transfer.id).limit(1)).first()
    if not exchange.settings.store.is_dir():
        raise StoreUnavailableError
