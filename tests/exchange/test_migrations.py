"""The migrations make the very tables that the models describe, on both databases, and can take them back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from deploy import migrate, revision
from exchange.accounts.sessions import open_session
from exchange.database import open_engine, transaction
from exchange.models.base import Table
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support import postgres
from tests.support.files import hand_in
from tests.support.partners import make_partner

CLOSED = [
    ("organization", "kind"),
    ("organization", "status"),
    ("account", "role"),
    ("account", "status"),
    ("web_session", "stage"),
    ("transfer", "status"),
    ("transfer", "direction"),
    ("transfer", "channel"),
    ("job", "state"),
]


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def empty_postgres(postgres_url: str) -> Iterator[str]:
    yield postgres.create_database(postgres_url, "empty")
    postgres.drop_database(postgres_url, "empty")


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database without any table."""
    engine = open_engine(request.getfixturevalue(f"empty_{request.param}"))
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def checks(engine: Engine) -> set[tuple[str, str | None]]:
    found = inspect(engine)
    return {(table, one["name"]) for table in tables(engine) for one in found.get_check_constraints(table)}


def test_migrations_make_the_tables_of_the_models(empty: Engine) -> None:
    assert migrate.differences(empty) != []
    assert not revision.is_current(empty)
    migrate.migrate(empty)
    assert migrate.differences(empty) == []
    assert revision.is_current(empty)


def test_the_newest_revision_is_where_the_chain_of_migrations_ends() -> None:
    assert revision.newest() == ScriptDirectory.from_config(migrate.configuration()).get_current_head()


def test_asking_whether_a_database_is_current_makes_none(tmp_path: Path) -> None:
    assert not revision.is_current(open_engine(f"sqlite:///{tmp_path / 'none.db'}"))
    assert list(tmp_path.iterdir()) == []


def test_migrating_twice_is_as_good_as_once(empty: Engine) -> None:
    migrate.migrate(empty)
    migrate.migrate(empty)
    assert migrate.differences(empty) == []


def test_every_revision_can_be_taken_back_and_made_again(empty: Engine) -> None:
    migrate.migrate(empty)
    migrate.downgrade(empty)
    assert tables(empty) == {"alembic_version"}
    migrate.migrate(empty)
    assert migrate.differences(empty) == []


def test_a_table_that_no_revision_made_is_named(empty: Engine) -> None:
    migrate.migrate(empty)
    with transaction(empty) as session:
        session.execute(text("CREATE TABLE stray (id INTEGER PRIMARY KEY)"))
    assert "stray" in str(migrate.differences(empty))


def test_the_closed_lists_of_the_models_are_checks_of_the_database(empty: Engine) -> None:
    migrate.migrate(empty)
    wanted = {
        (table.name, f"{constraint.name}")
        for table in Table.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert checks(empty) == wanted
    assert {(table, f"ck_{table}_{column}") for table, column in CLOSED} <= wanted


def test_a_value_outside_its_list_is_refused(each_exchange: Exchange) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    hand_in(each_exchange, partner.actor)
    open_session(each_exchange, partner.actor, "test")
    for table, column in CLOSED:
        with pytest.raises(IntegrityError, match=f"ck_{table}_{column}"):  # noqa: SIM117  # each its own
            with transaction(each_exchange.engine) as session:
                session.execute(text(f"UPDATE {table} SET {column} = 'nonsense'"))


def test_a_transfer_is_answered_once_with_each_kind(each_exchange: Exchange) -> None:
    partner = make_partner(each_exchange, Role.EMPLOYER)
    for _ in range(2):
        hand_in(each_exchange, partner.actor)
    with pytest.raises(IntegrityError), transaction(each_exchange.engine) as session:
        session.execute(text("UPDATE transfer SET answers_to = (SELECT id FROM transfer LIMIT 1)"))
