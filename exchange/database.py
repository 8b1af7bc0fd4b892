"""The database: one engine an installation, SQLite or PostgreSQL, and the only `commit` of the house."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache, partial
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.orm import configure_mappers
from sqlmodel import Session, SQLModel

WRITER_WAIT = 30.0
"""Seconds that a writer waits for its turn on SQLite, where there is one at a time."""
SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "wal_autocheckpoint=20000",
)
"""FULL: an acknowledged commit survives power loss (https://sqlite.org/pragma.html#pragma_synchronous).

A worker carries the log over (`settle`) long before it has these 80 MB: else some of those who wait would.
"""
_PATIENT = f"PRAGMA busy_timeout={WRITER_WAIT * 1000:.0f}"
_AT_END = "database.at_end"
_WRITING = "BEGIN IMMEDIATE"
_PRIMARY = 0xFF  # of SQLite's extended error codes
_FIRST_LOOK, _LONGEST_PAUSE = 0.0005, 0.01
"""Seconds between two looks: short at first, then longer, or a crowd would do nothing but look."""


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
        connection.execute(_PATIENT)
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if connection.get_execution_options().get("read_only"):
            driver.execute("BEGIN")
        else:
            _take_turn(connection, driver)

    return engine


def _take_turn(connection: Connection, driver: sqlite3.Connection) -> None:
    """Begin to write as soon as nobody else does.

    IMMEDIATE, for a deferred BEGIN that later writes fails at once when another writer is first. SQLite's own
    wait sleeps up to a tenth of a second between two looks, thirty times what a transaction here takes.
    """
    give_up, pause = time.monotonic() + WRITER_WAIT, _FIRST_LOOK
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while (refused := _refusal_to_begin(driver)) == sqlite3.SQLITE_BUSY and time.monotonic() < give_up:
            time.sleep(pause)
            pause = min(pause * 1.3, _LONGEST_PAUSE)
        if refused:
            connection.exec_driver_sql(_WRITING)  # raises what every caller knows
    finally:
        driver.execute(_PATIENT)


def _refusal_to_begin(driver: sqlite3.Connection) -> int | None:
    """SQLite's error code, or None when the transaction has begun."""
    try:
        driver.execute(_WRITING)
    except sqlite3.OperationalError as problem:
        return problem.sqlite_errorcode & _PRIMARY
    return None


def one_writer(engine: Engine) -> bool:
    """Whether one transaction at a time may write, as on SQLite; the others wait for their turn."""
    return engine.dialect.name == "sqlite"


def prepare_models() -> None:
    """Join every model with its table now, and not at the first use: for a process that forks."""
    configure_mappers()


def settle(engine: Engine) -> None:
    """Carry what was committed over from SQLite's log into its file, which hinders nobody; a worker's chore.

    Left alone, whoever commits after a thousand pages does it, while somebody waits for the answer.
    """
    if one_writer(engine):
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One use case, one transaction: commits at the end of the block, rolls back on any exception."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        write_out(session)
        session.commit()


def write_out(session: Session) -> None:
    """Write now what `at_end` keeps for the end of the transaction."""
    for write in session.info.pop(_AT_END, ()):
        write(session)


def at_end(session: Session, write: Callable[[Session], None]) -> None:
    """Have something written just before the transaction commits: for what gathers until then."""
    session.info.setdefault(_AT_END, []).append(write)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads; it never waits for writers on SQLite. See `one_reading`."""
    around = _AROUND.get()
    if around is not None and around.engine is engine:
        yield around.session()
        return
    with _reader(engine) as session:
        yield session


@contextmanager
def reading_one_state(engine: Engine) -> Iterator[Session]:
    """As `reading`; whatever is committed meanwhile, all statements see one state of the database.

    On SQLite they always do. For what is put together from several questions and kept.
    """
    with Session(_of_one_state(engine), expire_on_commit=False, autoflush=False) as session:
        yield session


class _Around:
    """The session that all who read within a block share; begun by the first of them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._session: Session | None = None

    def session(self) -> Session:
        if self._session is None:
            self._session = _reader(self.engine)
            rows = self._session.info["rows"] = []
            event.listen(self._session, "loaded_as_persistent", lambda _session, row: rows.append(row))
        return self._session

    def close(self) -> None:
        if self._session is not None:
            self._session.close()


_AROUND: ContextVar[_Around | None] = ContextVar("what is read in one session", default=None)


@contextmanager
def one_reading(engine: Engine) -> Iterator[None]:
    """Let everybody who reads in the block, in this thread, see one state of the database, each row once.

    For what asks many small questions in a row while somebody waits: a session costs more than a question.
    What the block itself writes is not seen by who reads in it.
    """
    before = _AROUND.set(around := _Around(engine))
    try:
        yield
    finally:
        _AROUND.reset(before)
        around.close()


def _reader(engine: Engine) -> Session:
    return Session(_read_only(engine), expire_on_commit=False, autoflush=False)


@lru_cache(maxsize=8)
def _read_only(engine: Engine) -> Engine:
    """Made once: to put options on an engine takes as long as a statement."""
    return engine.execution_options(read_only=True)


@lru_cache(maxsize=8)
def _of_one_state(engine: Engine) -> Engine:
    reader = _read_only(engine)
    return reader if one_writer(engine) else reader.execution_options(isolation_level="REPEATABLE READ")


def add_now(session: Session, row: SQLModel) -> None:
    """Insert a new row at once. `session.add` costs five times as much, which counts where files rain in."""
    values = {name: getattr(row, name) for name in type(row).model_fields}
    session.connection().execute(_insert_into(type(row)), values)


def insert_now(session: Session, model: type[SQLModel], **given: object) -> None:
    """Insert a row at once without making an object of it; what is not given has the model's default."""
    insert_all_now(session, model, [given])


def insert_all_now(session: Session, model: type[SQLModel], given: Iterable[Mapping[str, object]]) -> None:
    """As `insert_now`, for several rows that are given the same columns."""
    rows = [
        {name: default() for name, default in _defaults(model) if name not in one} | {**one} for one in given
    ]
    if rows:
        session.connection().execute(_insert_into(model), rows if len(rows) > 1 else rows[0])


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model, for statements that need no object of it."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # every table model has one
    return table


@cache
def _defaults(model: type[SQLModel]) -> tuple[tuple[str, Callable[[], object]], ...]:
    """What makes the value of each column that need not be given."""
    fields = model.model_fields.items()
    return tuple(
        (name, partial(field.get_default, call_default_factory=True))
        for name, field in fields
        if not field.is_required()
    )


@cache
def _insert_into(model: type[SQLModel]) -> Insert:
    return insert(table_of(model))


def add_if_missing(session: Session, row: SQLModel) -> None:
    """Insert a row unless there is one with its key, even if somebody else is inserting that just now."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(type(row)).values(**row.model_dump()).on_conflict_do_nothing())
