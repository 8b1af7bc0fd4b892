"""Opens an installation for a command: settings, migrations, the exchange."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.failure import FailedError
from deploy.revision import is_current
from exchange.database import open_engine
from exchange.runtime import Exchange, open_exchange, utc_now
from exchange.settings import Settings, load
from exchange.vault import open_vault


@dataclass(frozen=True)
class Source:
    """Where an installation's settings come from: a TOML file, and what the command line says over it.

    Holds no secret, so that it can be handed to child processes; the environment they inherit.
    """

    config: Path | None = None
    overrides: dict[str, Any] = field(default_factory=dict)

    def settings(self) -> Settings:
        """The settings; raises `pydantic.ValidationError` naming every wrong one."""
        return load(self.config, **self.overrides)

    def as_json(self) -> bytes:
        """The source, for a child process."""
        return json.dumps({"config": str(self.config or ""), "overrides": self.overrides}).encode()

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Source":
        """The source that a parent handed down."""
        return cls(Path(told["config"]).absolute() if told["config"] else None, told["overrides"])

    def but(self, **overrides: object) -> "Source":
        """The same source with more said over it."""
        return Source(self.config, {**self.overrides, **overrides})


def source(config: Path | None, home: Path | None) -> Source:
    """The settings' source for a command that was given these options."""
    return Source(config, {"home": str(home.absolute())} if home else {})


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
