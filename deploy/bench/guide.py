"""Look-ups in the reference guide and what its pages are made of, beside bare full text search.

Everything of ours is asked as programs ask it: a whole request of the API without the network. The peer is
SQLite's FTS5 over the same texts: it knows exact words only, asks nobody who reads, and makes no answer.
"""

import asyncio
import csv
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import structlog

from deploy.bench.registry import Home
from deploy.console import Advance
from deploy.installation import migrated, opened
from deploy.source import Source
from exchange.guide import editions, loading
from exchange.guide.finding import Hit
from exchange.guide.synthetic import guide as synthetic_guide
from exchange.runtime import Exchange
from schemas.guide.documents import Audience, Guide
from web.app import create_app

SLOWEST = 40.0
"""Milliseconds: goal for the 99th percentile of look-ups."""
LOOKUPS = Path(__file__).parents[2] / "tests" / "exchange" / "guide" / "lookups.csv"
"""Made without a look at the search; where the tests are not installed, look-ups are made of the guide."""
FIRST = 3
_GUIDE = "/api/v1/guide"
_WORDS = str.maketrans({"'": "''", '"': " "})


App = Callable[..., Awaitable[None]]
"""The web door, as a server calls it (ASGI)."""


@dataclass(frozen=True)
class Lookup:
    """What is typed, and what is meant: a jurisdiction's code, slugs of questions and types of contacts."""

    query: str
    locator_code: str = ""
    about: str = ""

    def is_right(self, code: str, slug: str) -> bool:
        """Whether an entry is meant."""
        return code == self.locator_code and (not self.about or slug in self.about.split("|"))


@dataclass
class Measured:
    """Milliseconds of each turn by row; and how many look-ups found what was meant among the first three.

    `took`: by the clock, with whatever else the machine does meanwhile; `worked`: of the processor alone.
    """

    took: dict[str, list[float]] = field(default_factory=dict)
    worked: dict[str, list[float]] = field(default_factory=dict)
    right: dict[str, int] = field(default_factory=dict)

    def add(self, row: str, began: tuple[float, float]) -> None:
        """Note how long something took that began then."""
        for times, before, now in zip((self.took, self.worked), began, _now(), strict=True):
            times.setdefault(row, []).append((now - before) * 1000)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def lookups() -> list[Lookup]:
    """Those of the tests; without them, a name and a topic of each kind, each with a slip of the pen."""
    if LOOKUPS.exists():
        with LOOKUPS.open(encoding="utf-8", newline="") as file:
            return [Lookup(row["query"], row["locator_code"], row["about"]) for row in csv.DictReader(file)]
    guide = synthetic_guide()
    parts = zip(guide.parts * 3, guide.questions * 3, strict=False)
    return [
        Lookup(f"{part.facts.name[:-2]}{part.facts.name[-1]} {question.title}", part.facts.locator_code)
        for part, question in parts
    ]


def measure(home: Home, rounds: int, advance: Advance) -> Measured:
    """Every look-up so many times, in turn with the peer's and with the other rows."""
    where = Source(None, {"home": str(home.folder), "synthetic_people": True})
    where = where.but(database_url=home.database) if home.database else where
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR)
    )  # no line a request
    migrated(where)
    asked, measured = lookups(), Measured()
    with opened(where) as exchange, closing(sqlite3.connect(":memory:")) as connection:
        guide = synthetic_guide()
        loading.load(exchange, guide)
        _fill(connection, guide)
        asyncio.run(_rounds(exchange, connection, (asked, rounds, advance), measured))
        measured.right["ours"] = _right_of_ours(exchange, asked)
        measured.right["FTS5"] = _right_of_peer(connection, asked)
    return measured


async def _rounds(
    exchange: Exchange,
    connection: sqlite3.Connection,
    plan: tuple[Sequence[Lookup], int, Advance],
    measured: Measured,
) -> None:
    asked, rounds, advance = plan
    app, codes = create_app(exchange), sorted(editions.published(exchange).parts)
    await _get(app, f"{_GUIDE}/search?q=warm")
    for _ in range(rounds):
        for number, one in enumerate(asked):
            began = _now()
            await _get(app, f"{_GUIDE}/search?{urlencode({'q': one.query, 'limit': 20})}")
            measured.add("a look-up", began)
            began = _now()
            _exact(connection, one.query)
            measured.add("FTS5, exact words only", began)
            page = f"{_GUIDE}/jurisdictions/{codes[number % len(codes)]}"
            began = _now()
            headers = await _get(app, page)
            measured.add("all of a jurisdiction", began)
            began = _now()
            await _get(app, page, {"if-none-match": headers["etag"]}, 304)
            measured.add("the same, not changed", began)
            advance(1)


async def _get(
    app: App, address: str, headers: Mapping[str, str] | None = None, status: int = 200
) -> dict[str, str]:
    """One request from beginning to end; the headers of its answer."""
    path, _, query = address.partition("?")
    given = {"host": "127.0.0.1", **(headers or {})}
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    await app(scope, receive, send)
    if sent[0]["status"] != status:
        raise ValueError(f"{address} answered {sent[0]['status']}, not {status}")
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def _fill(connection: sqlite3.Connection, guide: Guide) -> None:
    connection.execute("CREATE VIRTUAL TABLE plain USING fts5(code UNINDEXED, slug UNINDEXED, words)")
    connection.executemany("INSERT INTO plain VALUES (?, ?, ?)", _texts(guide))
    connection.execute("INSERT INTO plain (plain) VALUES ('optimize')")


def _texts(guide: Guide) -> Iterator[tuple[str, str, str]]:
    asked = {one.slug: one for one in guide.questions}
    for part in guide.parts:
        facts = part.facts
        name = " ".join((facts.name, facts.abbreviation, facts.locator_code, *facts.other_names))
        yield facts.locator_code, "", " ".join((name, facts.agency, *facts.places))
        for answer in part.answers:
            question = asked[answer.question]
            told = (name, question.title, question.text, *question.words, answer.value, answer.comment)
            yield facts.locator_code, question.slug, " ".join(told)
        for contact in part.contacts:
            yield (
                facts.locator_code,
                contact.type,
                f"{name} {contact.name} {contact.title} {contact.city}",
            )


def _exact(connection: sqlite3.Connection, query: str) -> list[tuple[str, str]]:
    words = " ".join(f'"{word}"' for word in query.translate(_WORDS).split())
    best = "SELECT code, slug FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT 20"
    return connection.execute(best, (words,)).fetchall()


def _right_of_ours(exchange: Exchange, asked: Sequence[Lookup]) -> int:
    edition = editions.published(exchange)
    index = edition.index_on(exchange.clock().date())
    found = (index.search(one.query, Audience.PUBLIC, None, FIRST) for one in asked)
    return sum(any(_fits(one, hit) for hit in hits) for one, hits in zip(asked, found, strict=True))


def _fits(one: Lookup, hit: Hit) -> bool:
    return any(one.is_right(hit.locator_code or "", slug or "") for slug in (hit.question, hit.contact_type))


def _right_of_peer(connection: sqlite3.Connection, asked: Sequence[Lookup]) -> int:
    found = (_exact(connection, one.query)[:FIRST] for one in asked)
    return sum(any(one.is_right(*hit) for hit in hits) for one, hits in zip(asked, found, strict=True))
