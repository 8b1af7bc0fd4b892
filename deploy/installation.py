"""Opens an installation for a command: settings, migrations, the exchange."""

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.failure import FailedError
from deploy.revision import is_current
from deploy.source import Source, source
from exchange.database import open_engine
from exchange.runtime import Exchange, open_exchange, utc_now
from exchange.settings import Settings
from exchange.vault import open_vault

__all__ = ["Source", "migrated", "opened", "ready", "source"]


def ready(where: Source) -> Settings:
    """The settings of an installation whose tables are there; `FailedError` when they are not."""
    settings = where.settings()
    engine = open_engine(settings.database_url)
    current = is_current(engine)
    engine.dispose()
    if not current:
        raise FailedError(f"the database of {settings.home} is not up to date; run `portal migrate` first")
    return settings


@contextmanager
def opened(where: Source) -> Iterator[Exchange]:
    """The exchange of an installation; `FailedError` when its tables are not there."""
    exchange = open_exchange(ready(where))
    try:
        yield exchange
    finally:
        exchange.dispose()


def migrated(where: Source) -> Settings:
    """Bring the installation's database to this release's tables; returns its settings."""
    from deploy.migrate import migrate

    settings = where.settings()
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = open_engine(settings.database_url)
    migrate(engine, cells=lambda: open_vault(settings.keyring, settings.store, utc_now).cells)
    engine.dispose()
    return settings
