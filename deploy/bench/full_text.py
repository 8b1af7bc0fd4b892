"""What the database itself does over the same words, unsealed: FTS5 of SQLite, tsvector of PostgreSQL.

Nothing but its index is asked: not who may read what, and no thread is looked up.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import psycopg

from deploy.bench.registry import Home
from exchange.messages.synthetic import BLOCK, block

SHOWN = 26


class FullText(Protocol):
    """A full text index over plain messages."""

    def find(self, words: Sequence[str]) -> int:
        """How many of the newest messages with words that begin so there are, up to a page and one more."""


class _Peer(FullText, Protocol):
    def fill(self, messages: int) -> None: ...


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def fill(self, messages: int) -> None:
        self._connection.execute("CREATE VIRTUAL TABLE plain USING fts5(words, content='', columnsize=0)")
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT INTO plain (rowid, words) VALUES (?, ?)", _texts(messages))
        self._connection.execute("END")
        self._connection.execute("INSERT INTO plain (plain) VALUES ('optimize')")

    def find(self, words: Sequence[str]) -> int:
        asked = " ".join(f'"{word}"*' for word in words)
        newest = "SELECT rowid FROM plain WHERE plain MATCH ? ORDER BY rowid DESC LIMIT ?"
        return len(self._connection.execute(newest, (asked, SHOWN)).fetchall())


class _Postgres:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def fill(self, messages: int) -> None:
        execute = self._connection.execute
        execute("DROP TABLE IF EXISTS bench_plain")
        execute("CREATE TABLE bench_plain (number bigint PRIMARY KEY, words tsvector)")
        execute("CREATE TEMP TABLE given (number bigint, words text)")
        with self._connection.cursor() as cursor, cursor.copy("COPY given FROM STDIN") as copy:
            for row in _texts(messages):
                copy.write_row(row)
        execute("INSERT INTO bench_plain SELECT number, to_tsvector('simple', words) FROM given")
        execute("CREATE INDEX ON bench_plain USING gin (words)")
        execute("DROP TABLE given")
        execute("VACUUM ANALYZE bench_plain")

    def find(self, words: Sequence[str]) -> int:
        asked = " & ".join(f"{word}:*" for word in words)
        matching = "SELECT number FROM bench_plain WHERE words @@ to_tsquery('simple', %s)"
        newest = f"{matching} ORDER BY number DESC LIMIT %s"
        return len(self._connection.execute(newest, (asked, SHOWN)).fetchall())


@contextmanager
def full_text(home: Home, messages: int) -> Iterator[FullText]:
    """The first so many synthetic messages in an index of the same database system, made for this run."""
    if home.database is None:
        with TemporaryDirectory(dir=home.folder) as place:
            file = Path(place) / "plain.db"
            with closing(sqlite3.connect(file, isolation_level=None)) as connection:
                yield _filled(_Sqlite(connection), messages)
        return
    with psycopg.connect(home.database, autocommit=True) as session:
        try:
            yield _filled(_Postgres(session), messages)
        finally:
            session.execute("DROP TABLE bench_plain")


def _filled(peer: _Peer, messages: int) -> FullText:
    peer.fill(messages)
    return peer


def _texts(messages: int) -> Iterator[tuple[int, str]]:
    """Each message's number and words, subject included."""
    for number in range(-(-messages // BLOCK)):
        said = block(number, min(BLOCK, messages - number * BLOCK))
        place = 0
        for length in said.threads:
            subject = said.subjects[place]
            for body in said.bodies[place : place + length]:
                place += 1
                yield number * BLOCK + place, f"{subject} {body}"
