"""What all tables share: names of constraints, times, closed lists of values."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, MetaData, text
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """Base of every table; its metadata names every constraint so that migrations can drop it."""

    model_config = SQLModel.model_config | {"defer_build": True}
    """Tables check no values (decided by `table=True`), so a start need not make what would check them."""
    metadata = MetaData(naming_convention=NAMING)


def one_of(column: str, values: Iterable[Any]) -> CheckConstraint:
    """A CHECK that `column` holds one of `values`."""
    listed = ", ".join(f"'{value}'" for value in sorted(str(value) for value in values))
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def only_where(name: str, *columns: str, holds: str) -> Index:
    """An index over the rows for which `holds` is true: used where a statement says the same by the word."""
    return Index(name, *columns, sqlite_where=text(holds), postgresql_where=text(holds))


def as_utc(moment: datetime) -> datetime:
    """The same moment with its UTC offset, whichever database it came from."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
