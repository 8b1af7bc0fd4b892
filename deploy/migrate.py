"""Brings a database to the tables of this release, and tells when they differ from the models."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from exchange.models.base import Table
from exchange.vault.cells import Cells

FOLDER = Path(__file__).parent / "migrations"


def configuration() -> Config:
    """Alembic's configuration; the connection is handed in, so no address stands in a file."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


def migrate(engine: Engine, revision: str = "head", cells: Callable[[], Cells] | None = None) -> None:
    """Upgrade the database to `revision`; does nothing when it is there already.

    `cells` opens the installation's keyring for the revisions that seal or mark rows which stand already;
    they fail without it when there are such rows.
    """
    config = configuration()
    config.attributes["cells"] = cells
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take revisions back, down to `revision`."""
    config = configuration()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def differences(engine: Engine) -> list[object]:
    """What the models have that the migrated database has not, or the reverse; empty when they agree."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Table.metadata))
