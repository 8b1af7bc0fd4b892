"""The database: one engine an installation, SQLite or PostgreSQL, and the only `commit` of the house."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlmodel import Session, SQLModel

SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000")
"""FULL: an acknowledged commit survives power loss (https://sqlite.org/pragma.html#pragma_synchronous)."""


def open_engine(url: str, pool_size: int = 8) -> Engine:
    """An engine for `url`; SQLAlchemy connects when first asked.

    `pool_size` bounds the connections of this process.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_engine(url, pool_size)
    postgres = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(postgres, pool_size=pool_size, max_overflow=2, pool_pre_ping=True)


def _sqlite_engine(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=2, connect_args={"check_same_thread": False, "timeout": 30}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's begin event below says when
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A deferred BEGIN that later writes fails at once when another writer is first, whatever the timeout.
        mode = "" if connection.get_execution_options().get("read_only") else " IMMEDIATE"
        connection.exec_driver_sql(f"BEGIN{mode}")

    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One use case, one transaction: commits at the end of the block, rolls back on any exception."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads; it never waits for writers on SQLite."""
    with Session(engine.execution_options(read_only=True), expire_on_commit=False) as session:
        yield session


def add_if_missing(session: Session, row: SQLModel) -> None:
    """Insert a row unless there is one with its key, even if somebody else is inserting that just now."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(type(row)).values(**row.model_dump()).on_conflict_do_nothing())
