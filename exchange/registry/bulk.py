"""Many rows and many keys at once, in the way each database does it best."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from psycopg import sql
from sqlalchemy import ColumnElement, Table, Uuid, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

Key = TypeVar("Key")


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model class."""
    return model.__table__  # type: ignore[attr-defined, no-any-return]  # SQLModel does not declare it


def among(session: Session, column: Mapped[Key], values: Sequence[Key]) -> ColumnElement[bool]:
    """That `column` is one of many values: one array on PostgreSQL, a list of at most 32,766 on SQLite."""
    attribute: Any = column
    if session.get_bind().dialect.name == "postgresql":
        named: ColumnElement[bool] = attribute == any_(literal(list(values), ARRAY(attribute.type)))
        return named
    return column.in_(values)


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
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", plain)  # noqa: S608


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
