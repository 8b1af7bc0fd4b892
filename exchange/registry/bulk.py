"""Many rows and many keys at once, in the way each database does it best."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
import numpy.typing as npt
from psycopg import sql
from sqlalchemy import ColumnElement, Table, TextClause, Uuid, any_, func, literal, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel, select
from sqlmodel.sql.sqltypes import UTCDateTime

Key = TypeVar("Key", int, str)
Item = TypeVar("Item")
Numbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
"""One keyed hash a row: four words of it, whose bytes are those of the hash."""
HASH_WORDS = 4
ASKED_AT_ONCE = 1 << 16
"""Hashes that one statement looks for: two megabytes."""
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
_TOLD = {
    "sqlite": "SELECT group_concat(printf('%016x%016x', place, {number}) || hex({told}), '')",
    "postgresql": "SELECT string_agg(int8send(place) || int8send({number}) || {told}, ''::bytea)",
}
"""All that is found as one value: whoever fetches row by row waits for the interpreter at each of them."""
_ONE = np.dtype([("place", ">i8"), ("number", ">i8"), ("told", "V32")])
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


@dataclass(frozen=True)
class Found:
    """What was found for keyed hashes: where each hash stood among the asked, a number, and another hash."""

    places: Numbers
    numbers: Numbers
    told: Hashes


@dataclass(frozen=True)
class Where:
    """Where hashes are looked for: tables with `hash` in their condition, the columns of number and hash."""

    number: str
    told: str
    tables: str


def packed(hashes: Sequence[bytes]) -> Hashes:
    """Many hashes as one array."""
    return np.frombuffer(b"".join(hashes), dtype=np.uint64).reshape(-1, HASH_WORDS)


def joined(session: Session, asked: Hashes, where: Where, **more: object) -> Found:
    """What is found for many keyed hashes.

    They travel as one value, sorted, and the database cuts them: nothing is loaded row by row, and neighbours
    in an index are read once. The more there are, the nearer they stand to each other.
    """
    order = np.argsort(asked[:, 0].byteswap())  # as the database has them in order, byte by byte
    statement = _statement(session, where)
    some = (order[first : first + ASKED_AT_ONCE] for first in range(0, len(order), ASKED_AT_ONCE))
    answers = [_answered(session, statement, asked, places, more) for places in some]
    found = np.concatenate([np.zeros(0, dtype=_ONE), *answers])
    told = np.frombuffer(found["told"].tobytes(), dtype=np.uint64).reshape(-1, HASH_WORDS)
    return Found(found["place"].astype(np.int64), found["number"].astype(np.int64), told)


def _statement(session: Session, where: Where) -> TextClause:
    """The statement, in a transaction that is ready for it."""
    dialect = session.get_bind().dialect.name
    for setting in _SETTINGS[dialect]:
        session.execute(text(setting))
    told = _TOLD[dialect].format(number=where.number, told=where.told)
    return text(f"{_ASKED[dialect]} {told} FROM asked CROSS JOIN {where.tables}")


def _answered(
    session: Session, statement: TextClause, asked: Hashes, places: Numbers, more: Mapping[str, object]
) -> npt.NDArray[np.void]:
    """What is found for the hashes at these places, whose order it is asked in."""
    values = {"hashes": asked[places].tobytes(), "last": len(places) - 1}
    told = session.connection().execute(statement, {**values, **more}).scalar_one()
    found = np.frombuffer(bytes.fromhex(told) if isinstance(told, str) else told or b"", dtype=_ONE).copy()
    found["place"] = places[found["place"]]
    return found


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
