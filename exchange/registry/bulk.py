"""Many rows and many keys at once, in the way each database does it best."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from psycopg import sql
from sqlalchemy import ColumnElement, Table, Uuid, any_, func, literal, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel, select
from sqlmodel.sql.sqltypes import UTCDateTime

Key = TypeVar("Key", int, str)
Item = TypeVar("Item")
HASH_SIZE = 32
_ASKED = {
    "sqlite": """
        WITH RECURSIVE places(place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM places WHERE place < :last),
        asked(place, hash) AS (SELECT place, substr(:hashes, place * 32 + 1, 32) FROM places)
    """,
    "postgresql": """
        WITH asked(place, hash) AS (
            SELECT place, substr(:hashes, place * 32 + 1, 32) FROM generate_series(0, :last) AS place
        )
    """,
}
_SETTINGS = {
    "sqlite": ("PRAGMA cache_size = -16000",),
    "postgresql": tuple(
        f"SET LOCAL {way} = off" for way in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit")
    ),
}
"""For the transaction. SQLite: room (KiB) for the inner pages of a large index. PostgreSQL: look keys up, and
never read a whole table or index for them; compiling a statement takes longer than running it."""


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model class."""
    return model.__table__  # type: ignore[attr-defined, no-any-return]  # SQLModel does not declare it


def among(session: Session, column: Mapped[Key], values: Sequence[Key]) -> ColumnElement[bool]:
    """That `column` is one of any number of values, which travel as one."""
    attribute: Any = column
    if session.get_bind().dialect.name == "postgresql":
        named: ColumnElement[bool] = attribute == any_(literal(list(values), ARRAY(attribute.type)))
        return named
    listed = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(listed.c.value))


def chunks(items: Sequence[Item], size: int = 5_000) -> Iterator[Sequence[Item]]:
    """The items some at a time: so many that a statement may name each by itself."""
    return (items[first : first + size] for first in range(0, len(items), size))


def joined(
    session: Session, hashes: Sequence[bytes], statement: str, **more: object
) -> Iterator[tuple[Any, ...]]:
    """What `statement` finds for many keyed hashes in the table `asked`, which has `place` and `hash`.

    `statement` gives the place last: where the hash stood in `hashes`. They travel as one value, sorted, and
    the database cuts them: nothing is loaded row by row, and neighbours in an index are read once.
    """
    if not hashes:
        return
    packed = np.frombuffer(b"".join(hashes), dtype=np.uint8).reshape(-1, HASH_SIZE)
    order = np.argsort(packed[:, :8].copy().view(">u8").ravel())
    asked = {"hashes": packed[order].tobytes(), "last": len(hashes) - 1}
    dialect = session.get_bind().dialect.name
    for setting in _SETTINGS[dialect]:
        session.execute(text(setting))
    for *found, place in session.connection().execute(text(_ASKED[dialect] + statement), asked | more):
        yield *found, int(order[place])


def analyze(session: Session, *models: type[SQLModel]) -> None:
    """Let the database look at how full these tables are, so that its planner takes the indexes."""
    for model in models:
        session.connection().exec_driver_sql(f"ANALYZE {table_of(model).name}")


def insert_rows(
    session: Session, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert `rows` (values in the order of `columns`) within the session's transaction."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _copy(connection.connection.cursor(), table, columns, rows)
        return
    names = ", ".join(columns)
    marks = ", ".join("?" * len(columns))
    if plain := list(_plain(table, columns, rows)):
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 -- names of our models
        connection.exec_driver_sql(statement, plain)


def _copy(cursor: Any, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    target = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    )
    with cursor.copy(target) as copy:
        for row in rows:
            copy.write_row(row)


def _plain(
    table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> Iterable[tuple[Any, ...]]:
    """Rows as SQLAlchemy keeps them on SQLite: a UUID as 32 hexadecimal digits, a moment as text in UTC."""
    if not any(isinstance(table.c[name].type, Uuid | UTCDateTime) for name in columns):
        return rows
    return (tuple(_plain_value(value) for value in row) for row in rows)


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    return value.hex if isinstance(value, UUID) else value
