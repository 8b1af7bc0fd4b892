"""Brings a database to the tables of this release, and tells when they differ from the models."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine

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
    with _connection(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take revisions back, down to `revision`."""
    config = configuration()
    with _connection(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


@contextmanager
def _connection(engine: Engine) -> Iterator[Connection]:
    """A transaction that may make tables anew, which on SQLite needs foreign keys to be looked at last.

    With them on, dropping the earlier table counts as deleting its rows, see section 7 of
    https://sqlite.org/lang_altertable.html.
    """
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect() as connection:
        raw = connection.connection
        raw.cursor().execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("a migration left rows without the rows they refer to")
        finally:
            raw.cursor().execute("PRAGMA foreign_keys=ON")


def differences(engine: Engine) -> list[object]:
    """What the models have that the migrated database has not, or the reverse; empty when they agree."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Table.metadata))
