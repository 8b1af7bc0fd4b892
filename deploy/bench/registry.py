"""A demonstration with the registry of a whole country, and what its database alone needs for a match."""

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from os import getpid
from pathlib import Path
from time import perf_counter
from typing import Protocol

import psycopg

from deploy.bench.servers import ToolMissingError, tool
from deploy.console import Advance, by_total
from deploy.demo.places import demonstration
from deploy.demo.seeding import SEED
from deploy.installation import migrated, opened
from deploy.source import Source
from exchange.registry import keys
from exchange.registry.seed import population_of, seed
from exchange.runtime import Exchange
from schemas.catalog import LAYOUTS

_SSN = LAYOUTS["lump-sum"]["detail"]["ssn"]


@dataclass(frozen=True)
class Home:
    """Where a demonstration stands and, where it is not the usual one, which database it has."""

    folder: Path
    database: str | None = None

    @property
    def environment(self) -> tuple[str, ...]:
        """What `env` has to set for a part of this installation."""
        return (f"PORTAL_DATABASE_URL={self.database}",) if self.database else ()

    @property
    def source(self) -> Source:
        """The settings, for this process."""
        where = demonstration(self.folder)
        return where.but(database_url=self.database) if self.database else where


@contextmanager
def at_home(folder: Path | None, database: str | None) -> Iterator[Home]:
    """The named home, which is kept; without one, a folder that goes away at the end of the block."""
    if folder is not None:
        yield Home(folder.absolute(), database)
        return
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as place:
        yield Home(Path(place) / "home")


def prepare(home: Home, people: int, advance: Advance) -> None:
    """Make the demonstration unless it is there, and let its registry grow to `people`."""
    home.folder.mkdir(parents=True, exist_ok=True)
    command = (tool("env", "coreutils"), *home.environment, sys.executable, "-P", "-m", "deploy.demo")
    made = subprocess.run(  # noqa: S603 -- ourselves
        (*command, str(home.folder), str(getpid())), capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise ToolMissingError(f"the demonstration could not be made: {made.stderr[-500:]}")
    migrated(home.source)
    with opened(home.source) as exchange:
        stored = population_of(exchange).people
        reach = by_total(advance)
        reach(min(stored, people))
        if stored < people:
            seed(exchange, people, SEED, reach)


def hashes_of(exchange: Exchange, file: Path) -> list[bytes]:
    """The registry's key of every line of a lump-sum file."""
    with file.open("rb") as lines:
        ssns = [line[_SSN.first - 1 : _SSN.last] for line in lines][1:-1]
    return keys.ssn_hashes(exchange.vault.cells, ssns)


class Engine(Protocol):
    """A database that loads keys into a temporary table of its own and joins them with the people."""

    def match(self, hashes: Sequence[bytes]) -> int:
        """How many people were found; keys come sorted."""


class SQLiteEngine:
    """SQLite with nothing around it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def match(self, hashes: Sequence[bytes]) -> int:
        """In one transaction, which goes away again."""
        execute = self._connection.execute
        execute("BEGIN")
        execute("CREATE TEMP TABLE asked (hash BLOB)")
        self._connection.executemany("INSERT INTO asked VALUES (?)", zip(hashes))
        joined = "asked CROSS JOIN person ON person.ssn_hash = asked.hash"
        found = execute(f"SELECT asked.rowid, person.id, person.name_hash FROM {joined}").fetchall()  # noqa: S608 -- our words
        execute("ROLLBACK")
        return len(found)


class PostgresEngine:
    """PostgreSQL with nothing around it."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def match(self, hashes: Sequence[bytes]) -> int:
        """In one transaction, which goes away again."""
        with self._connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE asked (hash bytea)")
            with cursor.copy("COPY asked FROM STDIN") as copy:
                for hashed in hashes:
                    copy.write_row((hashed,))
            cursor.execute("ANALYZE asked")
            cursor.execute("SELECT id, name_hash FROM asked JOIN person ON ssn_hash = hash")
            found = len(cursor.fetchall())
        self._connection.rollback()
        return found


@contextmanager
def bare_engine(exchange: Exchange) -> Iterator[Engine]:
    """A connection of its own to the installation's database."""
    url = exchange.engine.url
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database or "", isolation_level=None)) as connection:
            yield SQLiteEngine(connection)
        return
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as session:
        yield PostgresEngine(session)


def bare_seconds(exchange: Exchange, file: Path) -> float:
    """What the bare database needs to sort, load and join the keys of a lump-sum file."""
    hashes = hashes_of(exchange, file)
    with bare_engine(exchange) as engine:
        began = perf_counter()
        engine.match(sorted(hashes))
        return perf_counter() - began
