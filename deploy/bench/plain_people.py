"""What the database itself does: exact look-ups by SSN, and by name and birth date in an unsealed table.

Nothing is forgiven there, and nothing opened: somebody written otherwise is not found.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import psycopg

from deploy.bench.registry import Home
from exchange.registry.population import Person, Population
from exchange.runtime import Exchange

_BLOCK = 20_000
_BY_SSN = "SELECT id, sealed FROM person WHERE ssn_hash = {}"
_BY_NAME = "SELECT id FROM {} WHERE last = {} AND first = {} AND born = {}"
_INDEX = "CREATE INDEX bench_people_name ON {} (last, first, born)"
_COLUMNS = "(id bigint, last text, first text, born text)"


class Plain(Protocol):
    """The bare database."""

    def by_ssn(self, hashed: bytes) -> int:
        """How many people have this SSN."""

    def by_name(self, person: Person) -> int:
        """How many people have exactly this name and birth date."""


class _Sqlite:
    def __init__(self, registry: sqlite3.Connection, people: sqlite3.Connection) -> None:
        self._registry, self._people = registry, people

    def fill(self, population: Population) -> None:
        self._people.execute(f"CREATE TABLE people {_COLUMNS}")
        for rows in _rows(population):
            self._people.execute("BEGIN")
            self._people.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", rows)
            self._people.execute("END")
        self._people.execute(_INDEX.format("people"))

    def by_ssn(self, hashed: bytes) -> int:
        return len(self._registry.execute(_BY_SSN.format("?"), (hashed,)).fetchall())

    def by_name(self, person: Person) -> int:
        return len(self._people.execute(_BY_NAME.format("people", *"???"), _asked(person)).fetchall())


class _Postgres:
    def __init__(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        self._connection = connection

    def fill(self, population: Population) -> None:
        execute = self._connection.execute
        execute("DROP TABLE IF EXISTS bench_people")
        execute(f"CREATE TABLE bench_people {_COLUMNS}")
        for rows in _rows(population):
            with self._connection.cursor() as cursor, cursor.copy("COPY bench_people FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        execute(_INDEX.format("bench_people"))
        execute("ANALYZE bench_people")

    def by_ssn(self, hashed: bytes) -> int:
        return len(self._connection.execute(_BY_SSN.format("%s"), (hashed,)).fetchall())

    def by_name(self, person: Person) -> int:
        asked = _BY_NAME.format("bench_people", *["%s"] * 3)
        return len(self._connection.execute(asked, _asked(person)).fetchall())


@contextmanager
def plain_people(home: Home, exchange: Exchange, population: Population) -> Iterator[Plain]:
    """The same people in a table of the same database system, made for this run."""
    if home.database is None:
        with TemporaryDirectory(dir=home.folder) as place:
            registry = sqlite3.connect(exchange.engine.url.database or "", isolation_level=None)
            people = sqlite3.connect(Path(place) / "plain.db", isolation_level=None)
            with closing(registry), closing(people):
                plain = _Sqlite(registry, people)
                plain.fill(population)
                yield plain
        return
    with psycopg.connect(home.database, autocommit=True) as session:
        try:
            bare = _Postgres(session)
            bare.fill(population)
            yield bare
        finally:
            session.execute("DROP TABLE bench_people")


def _rows(population: Population) -> Iterator[list[tuple[int, str, str, str]]]:
    for first in range(0, population.people, _BLOCK):
        block = population.block(first, min(_BLOCK, population.people - first))
        columns = (block.numbers, block.last_name, block.first_name, block.birth_date)
        yield list(zip(*columns, strict=True))


def _asked(person: Person) -> tuple[str, str, str]:
    return person.last_name, person.first_name, person.birth_date
