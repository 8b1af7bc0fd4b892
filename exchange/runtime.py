"""The one place that connects an installation: settings, database, vault, keys, clock and mail."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from exchange import processes
from exchange.database import open_engine
from exchange.guide.memory import EditionMemory
from exchange.messages.remembered import LastMessage
from exchange.settings import Settings
from exchange.transfers.receipts import ReceiptSigner
from exchange.transfers.space import SpaceMemory
from exchange.vault import Vault, open_vault


def utc_now() -> datetime:
    """The present moment; the only reading of the clock in the house."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Exchange:
    """An open installation, passed as first argument to every use case."""

    settings: Settings
    engine: Engine
    vault: Vault
    receipts: ReceiptSigner
    clock: Callable[[], datetime] = utc_now
    space: SpaceMemory = field(default_factory=SpaceMemory)
    last_message: LastMessage[Any] = field(default_factory=LastMessage)
    guide: EditionMemory = field(default_factory=EditionMemory)

    @property
    def owner(self) -> str:
        """Names this process where it holds a lease."""
        return processes.own_name()

    def dispose(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    def before_forks(self) -> None:
        """Close every connection, and keep ready what makes new ones: children use that as it is.

        They need no `after_fork`, for this process must not ask the database anything more.
        """
        self.engine.pool.dispose()

    def after_fork(self) -> None:
        """In a forked child: forget the parent's connections without closing them for the parent."""
        self.engine.dispose(close=False)


def open_exchange(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Exchange:
    """Open an installation whose database is migrated; makes keyring, store and receipt key when missing."""
    return Exchange(
        settings=settings,
        engine=open_engine(settings.database_url, settings.pool_size),
        vault=open_vault(settings.keyring, settings.store, clock),
        receipts=ReceiptSigner.open(settings.receipt_key),
        clock=clock,
    )
