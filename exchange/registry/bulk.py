"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from psycopg import sql
from sqlalchemy import Table, insert
from sqlmodel import Session, SQLModel


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model class."""
    return model.__table__  # type: ignore[attr-defined, no-any-return]  # SQLModel does not declare it


def insert_rows(
    session: Session, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert `rows` (values in the order of `columns`) within the session's transaction."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _copy(connection.connection.cursor(), table, columns, rows)
        return
    statement = insert(table).compile(dialect=connection.dialect, column_keys=list(columns))
    wanted = [columns.index(name) for name in statement.positiontup or columns]
    prepared = [tuple(_plain(row[place]) for place in wanted) for row in rows]
    if prepared:
        connection.exec_driver_sql(str(statement), prepared)


def _copy(cursor: Any, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    target = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    )
    with cursor.copy(target) as copy:
        for row in rows:
            copy.write_row(row)


def _plain(value: Any) -> Any:
    """SQLAlchemy keeps a UUID as 32 hexadecimal digits on SQLite."""
    return value.hex if isinstance(value, UUID) else value
