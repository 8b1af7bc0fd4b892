"""Installations for the acceptance tests: seeded once, then copied, so that each test may have its own."""

import fcntl
import random
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from deploy.demo.roster import COMPANIES, PEOPLE
from exchange import letters, mail
from exchange.database import reading
from exchange.messages import indexing, sending
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from exchange.transfers import pipeline
from exchange.transfers.progress import SETTLED
from tests.acceptance.doors import Pages
from tests.acceptance.running import Portal, copied, scratch
from tests.acceptance.sizes import SEEDS, SOAK, seed_of
from tests.acceptance.states import enrol_states
from tests.support import postgres

collect_ignore = (
    []
    if SOAK
    else [
        "test_flood.py",
        "test_kill.py",
        "test_kill_at_full_speed.py",
        "test_memory.py",
    ]
)
"""What needs the whole machine for itself runs under `make soak` only."""
PORTALS = {"sqlite": "portal", "postgres": "postgres_portal"}
"""The fixture of each database's shared installation."""
FOLDER = Path(__file__).parent
SHARED = pytest.StashKey[list[Portal]]()
"""The shared installations that were started."""


@dataclass(frozen=True)
class Seed:
    """A stopped, seeded installation, from which others are copied."""

    home: Path
    server: str = ""
    database: str = ""

    def portal(self, folder: Path, **settings: object) -> Portal:
        """An installation of one's own, a copy of this one, not yet started."""
        home = copied(self.home, folder / f"home-{uuid.uuid4().hex[:8]}")
        url = ""
        if self.database:
            url = postgres.create_database(self.server, f"copy_{uuid.uuid4().hex}", self.database)
        return Portal(home, url, **settings)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder for installations, away from where pytest keeps the clients' own files."""
    made = scratch("acceptance")
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_seed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Seed:
    """Seeded by whichever worker of the test run comes first."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    home, done = shared / "seed-sqlite", shared / "seed-sqlite-done"
    with (shared / "seed-sqlite.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _seed(home)
            done.touch()
    return Seed(home)


@pytest.fixture(scope="session")
def postgres_seed(folder: Path, postgres_url: str) -> Seed:
    url = postgres.create_database(postgres_url, "acceptance_seed")
    _seed(folder / "seed-postgres", url)
    return Seed(folder / "seed-postgres", postgres_url, "acceptance_seed")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Wake the shared installations that slept while tests of other folders ran."""
    for portal in item.session.stash.get(SHARED, ()):
        portal.go_on()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Let the shared installations sleep while tests of other folders run."""
    if nextitem is not None and not nextitem.path.is_relative_to(FOLDER):
        for portal in item.session.stash.get(SHARED, ()):
            portal.rest()


@contextmanager
def shared(request: pytest.FixtureRequest, portal: Portal) -> Iterator[Portal]:
    """Run an installation until the end of all tests."""
    with portal:
        request.session.stash.setdefault(SHARED, []).append(portal)
        yield portal


@pytest.fixture(scope="session")
def portal(request: pytest.FixtureRequest, sqlite_seed: Seed, folder: Path) -> Iterator[Portal]:
    """The running installation that tests share which do not disturb it."""
    with shared(request, sqlite_seed.portal(folder)) as running:
        yield running


@pytest.fixture(scope="session")
def pages_of(portal: Portal) -> Callable[[str], Pages]:
    """The signed-in pages of an account of the shared installation; signed in once, for codes work once."""
    known: dict[str, Pages] = {}

    def sign_in(username: str) -> Pages:
        if username not in known:
            known[username] = Pages(portal, portal.account(username))
        return known[username]

    return sign_in


@pytest.fixture
def own_portal(sqlite_seed: Seed, folder: Path) -> Iterator[Callable[..., Portal]]:
    """Starts installations of this test's own; keyword arguments are settings."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(sqlite_seed.portal(folder, **settings))


@pytest.fixture(scope="session")
def postgres_portal(request: pytest.FixtureRequest, postgres_seed: Seed, folder: Path) -> Iterator[Portal]:
    """The same on PostgreSQL."""
    with shared(request, postgres_seed.portal(folder)) as running:
        yield running


def each(*databases: str) -> list[Any]:
    """Parameters that keep the tests of a database with the worker that has its installation running."""
    return [pytest.param(name, marks=pytest.mark.xdist_group(f"acceptance-{name}")) for name in databases]


@pytest.fixture(scope="session", params=each("sqlite", "postgres"))
def each_portal(request: pytest.FixtureRequest) -> Portal:
    """The shared installation on SQLite, then that on PostgreSQL."""
    shared: Portal = request.getfixturevalue(PORTALS[request.param])
    return shared


def _seed(home: Path, database_url: str = "") -> None:
    """Fill a new installation and answer its history: no door is opened for that, it is quicker so."""
    home.mkdir()
    portal = Portal(home, database_url)
    portal.seed()
    with portal.opened() as exchange:
        enrol_states(exchange)
        _work_off(exchange)


def _work_off(exchange: Exchange) -> None:
    """All that a worker would find to do: the files of the history, then what follows from them."""
    while pipeline.run_next(exchange, exchange.owner):
        pass
    for chore in (letters.send_waiting, sending.deliver_waiting, indexing.index_waiting, mail.send_waiting):
        chore(exchange)
    with reading(exchange.engine) as session:
        left = session.exec(select(Transfer.filename).where(col(Transfer.status).not_in(SETTLED))).all()
    assert not left, "the history is not answered"


@pytest.fixture(scope="session")
def fein_of() -> Callable[[Portal, str], str]:
    """The FEIN that an account's organization reports with; every demonstration has the same ones."""

    def look(_portal: Portal, username: str) -> str:
        company = next(person.company for person in PEOPLE if person.username == username)
        fein = next(one.fein for one in COMPANIES if one.key == company)
        assert fein is not None, f"{company} has none"
        return fein

    return look


@pytest.fixture(params=SEEDS, ids=str)
def dice(request: pytest.FixtureRequest) -> random.Random:
    """Draws everything that a run of a test leaves to chance; its seed is told."""
    return random.Random(seed_of(request.param))
