"""What every test may ask for: an open installation on a real database, and partners in it.

`exchange` runs a test on SQLite; `each_exchange` runs it on SQLite and again on PostgreSQL.
"""

import gc
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser

from deploy import migrate
from exchange.accounts import passwords
from exchange.database import open_engine
from exchange.runtime import Exchange, open_exchange, utc_now
from exchange.settings import Settings
from roles.permissions import Role
from tests.support import browser, clamav, postgres
from tests.support.partners import Partner, make_partner
from tests.support.statements import compiled_once


class Clock:
    """The present moment, which a test may move forward, and stop."""

    def __init__(self) -> None:
        self.offset = timedelta()
        self._stopped: datetime | None = None

    def __call__(self) -> datetime:
        return (self._stopped or utc_now()) + self.offset

    def stop(self) -> None:
        """Let no time pass any more but what `forward` adds; a busy machine would add some of its own."""
        self._stopped = utc_now()

    def forward(self, **by: float) -> None:
        self.offset += timedelta(**by)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that share something costly stay with one worker: xdist notes their group behind their name."""
    grouped = (item for item in items if next(item.iter_markers("xdist_group"), None))
    if getattr(config.option, "loadgroup", False) and any("@" not in item.nodeid for item in grouped):
        raise pytest.UsageError("pytest-xdist does not see the groups of tests under this version of pytest")


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and not among all that was imported: it took a seventh of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Argon2 as ever, but with little memory: hundreds of tests make accounts and sign in."""
    costly = passwords._HASHER, passwords._NOBODY
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    passwords._NOBODY = passwords._HASHER.hash("no account has this password")
    yield
    passwords._HASHER, passwords._NOBODY = costly


@pytest.fixture(scope="session", autouse=True)
def _cheap_statements() -> Iterator[None]:
    """See `tests.support.statements`."""
    with compiled_once():
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated database; tests copy it."""
    file = tmp_path_factory.mktemp("template") / "portal.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate.migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server with a migrated template database named `portal_template`."""
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    with postgres.server() as url:
        engine = open_engine(postgres.create_database(url, "portal_template"))
        try:
            migrate.migrate(engine)
        finally:
            engine.dispose()
        yield url


@pytest.fixture(scope="session")
def clamd() -> Iterator[str]:
    """Where a real scanner of viruses listens."""
    if clamav.program() is None:
        pytest.skip("ClamAV is not installed (Debian package clamav-daemon)")
    with clamav.daemon() as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a worker: Playwright runs once in a thread."""
    with browser.chromium() as running:
        yield running


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[..., Settings]:
    """Settings of an installation in the test's own folder, where strangers may ask as fast as tests do."""

    def make(**more: object) -> Settings:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        return Settings(home=home, synthetic_people=True, guide_requests=0, **more)

    return make


@pytest.fixture
def sqlite_settings(settings_for: Callable[..., Settings], sqlite_template: Path) -> Settings:
    """An installation on a fresh SQLite database."""
    settings = settings_for()
    shutil.copy(sqlite_template, settings.home / "portal.db")
    return settings


@pytest.fixture
def postgres_settings(settings_for: Callable[..., Settings], postgres_url: str) -> Iterator[Settings]:
    """An installation on a fresh PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex}"
    url = postgres.create_database(postgres_url, name, "portal_template")
    yield settings_for(database_url=url)
    postgres.drop_database(postgres_url, name)


@pytest.fixture(params=["sqlite", "postgres"])
def each_settings(request: pytest.FixtureRequest) -> Settings:
    """The settings of both databases, in turn."""
    settings: Settings = request.getfixturevalue(f"{request.param}_settings")
    return settings


@pytest.fixture
def exchange(sqlite_settings: Settings, clock: Clock) -> Iterator[Exchange]:
    """An open installation on SQLite."""
    opened = open_exchange(sqlite_settings, clock)
    yield opened
    opened.dispose()


@pytest.fixture
def each_exchange(each_settings: Settings, clock: Clock) -> Iterator[Exchange]:
    """An open installation on SQLite, and again on PostgreSQL."""
    opened = open_exchange(each_settings, clock)
    yield opened
    opened.dispose()


@pytest.fixture
def employer(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER)


@pytest.fixture
def other_employer(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, 2)


@pytest.fixture
def ocss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.OCSS_STAFF)


@pytest.fixture
def bank(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.FINANCIAL_INSTITUTION, match_method=2)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("PORTAL_"):
            monkeypatch.delenv(name)
