"""An attacker compares answers about a protected person with those about nobody, byte by byte and by time."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import event
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from exchange.database import reading, transaction
from exchange.locate import connections, protection, searching
from exchange.locate.sources import CaseRegistry
from exchange.models.jobs import Notice
from exchange.models.journal import JournalEvent
from exchange.models.locate import LocateAlarm, LocateAnswer, LocateQuery
from exchange.models.registration import Registration
from exchange.runtime import Exchange
from roles.locate import CASE_REGISTRY
from tests.acceptance.sizes import SOAK, seed_of, sized
from tests.support.crawling import entered, program_of
from tests.support.locating import answer, ask, make_fellow, make_worker, sent
from tests.support.partners import Partner
from tests.support.secrecy import ABSENT, FLAGGED, HIDDEN, NOTHING, Somebody, found, register
from tests.support.statistics import interleaved, ranks_differ, shapes_differ

NOON = datetime.fromisoformat("2026-03-11T17:00:00+00:00")
UNSURE = 0.001
"""A chance below which two samples are told apart."""
PLANTED = (0.3, 0.6, 1.2)
"""Milliseconds that are added to what was measured, to see whether the tests would tell them."""
OF_ONE = re.compile(
    r'T-\d+|L-\w{4}-\w{4}|[0-9a-f]{8}-[0-9a-f-]{27}|data-stamp="[^"]*"|"stamp":"[^"]*"|[\w-]{80,}=*'
    r"|ends in \d{4}|fellow-\d|>R\d<"
)
"""What differs between any two requests, and two workers: names, ids, and what is sealed for the worker."""
MANY = re.compile(r"(\?|%\(\w+\)s(::\w+)?)(, (\?|%\(\w+\)s(::\w+)?))+")
"""A list of values, as either database is told of it."""
REASON = {"print-reason": "For the hearing", "export-reason": "For the hearing", "part": "plain"}


DOORS = (
    "desk", "state", "results", "page", "print", "export", "call", "search", "search by name", "ask",
    "ask by name", "ask by call",
)  # fmt: skip

OF_ANSWERS = ("state", "results", "page", "print", "export", "call", "search")


class Standing:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def clock() -> Standing:
    return Standing()


@pytest.fixture
def exchange(each_exchange: Exchange) -> Exchange:
    """All of it on SQLite, and again on PostgreSQL."""
    return each_exchange


@dataclass
class Attack:
    """A worker with a browser and a program, who asks for somebody."""

    who: Somebody
    worker: Partner
    browser: TestClient
    program: TestClient
    cases: Iterator[int] = field(default_factory=lambda: count(1_000))
    wanted: UUID = field(init=False)
    queries: dict[str, UUID] = field(init=False)

    def __post_init__(self) -> None:
        """Ask."""
        sources, case = (*HIDDEN, CASE_REGISTRY), f"T-{next(self.cases)}"
        more = {"sources": sources, "fields": self.who.asked()}
        self.wanted = ask(self.worker.exchange, self.worker.actor, case, **more)
        self.queries = sent(self.worker.exchange, self.wanted)

    def choose(self) -> None:
        """Ask again without the number: about whom a search finds, where it finds anybody."""
        form = self._form(by_number=False) | {f"source-{code}": "yes" for code in (*HIDDEN, CASE_REGISTRY)}
        about = form["purpose"], form["case_number"]
        matches = searching.search(self.worker.exchange, self.worker.actor, *about, form).matches
        if matches:
            form["carried"] = matches[0].carried
        asked = self.browser.post("/locate/new", data=form, follow_redirects=False)
        self.wanted = UUID(asked.headers["location"].partition("?")[0].rpartition("/")[2])
        self.queries = sent(self.worker.exchange, self.wanted)

    def answered(self, **about: str) -> None:
        """The sources know the one, and correct themselves; of the other they know nothing."""
        exchange, known, about = self.worker.exchange, self.who is FLAGGED, self.who.about | about
        for code in HIDDEN:
            answer(exchange, code, self.queries[code], found(code) if known else NOTHING, **about)
        if known:
            answer(exchange, "A01", self.queries["A01"], found("A01", 2), **about)
        connections.turn(exchange, CASE_REGISTRY, CaseRegistry(exchange))

    def doors(self) -> dict[str, Callable[[], Any]]:
        """All that can be done about the person, by name."""
        page, call = f"/locate/requests/{self.wanted}", "/api/v1/locate-requests"
        get, post, tell = self.browser.get, self.browser.post, self.program
        return {
            "desk": lambda: get("/locate"),
            "state": lambda: get(f"{page}/state"),
            "results": lambda: get(f"{page}/results"),
            "page": lambda: get(page),
            "print": lambda: post(f"{page}/print", data=REASON),
            "export": lambda: post(f"{page}/export", data=REASON),
            "call": lambda: tell.get(f"{call}/{self.wanted}"),
            "search": lambda: post("/locate/search", data=self._form(by_number=True)),
            "search by name": lambda: post("/locate/search", data=self._form(by_number=False)),
            "ask": lambda: post("/locate/new", data=self._form(by_number=True)),
            "ask by name": lambda: post("/locate/new", data=self._form(by_number=False)),
            "ask by call": lambda: tell.post(call, json=self._body()),
        }

    def _form(self, *, by_number: bool) -> dict[str, str]:
        known = {"purpose": "support", "authority": "yes", "source-A01": "yes"}
        return known | {"case_number": f"T-{next(self.cases)}"} | self.who.asked(by_number=by_number)

    def _body(self) -> dict[str, object]:
        person = {"ssn": self.who.ssn, "last_name": self.who.last}
        body = {"purpose": "support", "person": person, "sources": ["A01"], "authority": True}
        return body | {"case_number": f"T-{next(self.cases)}"}

    def told(self, response: Any) -> tuple[int, dict[str, str], int, str]:
        """Status, headers, size and bytes of an answer, but for what is the request's own and was typed."""
        ssn, text = self.who.ssn, response.text
        dashed = (f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}", f"***-**-{ssn[-4:]}")
        for word in (self.who.last, self.who.first, self.worker.account.name, ssn, *dashed):
            text = text.replace(word, "-")
        kept = {
            name: OF_ONE.sub("", said) for name, said in response.headers.items() if name != "x-request-id"
        }
        return response.status_code, kept, len(response.content), OF_ONE.sub("", text)


@pytest.fixture
def pair(exchange: Exchange, app: Starlette) -> list[Attack]:
    """The protected person and nobody, each asked for by one of two colleagues."""
    register(exchange)
    worker = make_worker(exchange, tax=True)
    workers = [make_fellow(worker, f"fellow-{number}", tax=True) for number in (2, 3)]
    return [
        Attack(who, one, entered(app, one), program_of(app, one))
        for who, one in zip((FLAGGED, ABSENT), workers, strict=True)
    ]


@contextmanager
def statements(exchange: Exchange) -> Iterator[list[tuple[str, int]]]:
    """Everything that the database is told meanwhile, with how many rows it wrote."""
    told_: list[tuple[str, int]] = []

    def note(_c: object, cursor: Any, statement: str, *_more: object) -> None:
        written = -1 if statement.lstrip().startswith("SELECT") else cursor.rowcount
        told_.append((MANY.sub("?", statement), written))

    event.listen(exchange.engine, "after_cursor_execute", note)
    yield told_
    event.remove(exchange.engine, "after_cursor_execute", note)


def before(pair: list[Attack]) -> None:
    """Protected first, answered then."""
    protection.protect(pair[0].worker.exchange, None, FLAGGED.ssn)
    for one in pair:
        one.answered()


def afterwards(pair: list[Attack]) -> None:
    """Answered first, protected then."""
    for one in pair:
        one.answered()
    protection.protect(pair[0].worker.exchange, None, FLAGGED.ssn)


def chosen(pair: list[Attack]) -> None:
    """Found by a search, asked for and answered first, protected then; the other one is in no registry."""
    for one in pair:
        one.choose()
    pair[0].answered()
    pair[1].answered(ssn="")
    protection.protect(pair[0].worker.exchange, None, FLAGGED.ssn)


def oneself(pair: list[Attack]) -> None:
    """It turns out that it is the worker."""
    mine, worker = protection.person_hash(pair[0].worker.exchange, FLAGGED.ssn), pair[0].worker
    about: dict[str, Any] = {"kind": "tribe", "answers_sealed": b"", "secret_hash": b"x"}
    about |= {"created_at": NOON, "changed_at": NOON, "account_id": worker.account.id}
    with transaction(worker.exchange.engine) as session:
        session.add(Registration(reference="R-1", person_hash=mine, **about))
    for one in pair:
        one.answered()


How = Callable[[list[Attack]], None]
WAYS = (before, afterwards, chosen, oneself)
LITE = [("sqlite", how) for how in WAYS]
BOTH = [*LITE, *(("postgres", how) for how in WAYS)]


def on(cases: list[tuple[str, How]]) -> pytest.MarkDecorator:
    """Run a test in each of these ways, each on its database."""
    names = [f"{database}-{how.__name__}" for database, how in cases]
    return pytest.mark.parametrize(("each_settings", "how"), cases, indirect=["each_settings"], ids=names)


@on(BOTH if SOAK else [*LITE, ("postgres", before)])
def test_a_protected_person_and_nobody_are_the_same_in_every_byte_and_statement(
    exchange: Exchange, pair: list[Attack], clock: Standing, how: How
) -> None:
    clock.forward(seconds=5)
    how(pair)
    clock.forward(seconds=5)
    assert set(pair[0].doors()) == set(DOORS)
    for door in DOORS if how is before else OF_ANSWERS:
        seen = []
        for one in pair:
            with statements(exchange) as asked:
                seen.append((one.told(one.doors()[door]()), asked))
        (flagged, asked_of), (absent, asked_of_nobody) = seen
        assert flagged == absent, door
        assert asked_of == asked_of_nobody, door


def kept(exchange: Exchange, one: Attack) -> tuple[object, ...]:
    """What of a request stands in the database: events, letters, alarms, answers and their sizes."""
    mine, about = col(JournalEvent.subject_id) == one.wanted, LocateQuery.request_id == one.wanted
    with reading(exchange.engine) as session:
        events = session.exec(
            select(JournalEvent.kind).where(mine).order_by(col(JournalEvent.position))
        ).all()
        notices = session.exec(select(Notice.event).where(Notice.account_id == one.worker.account.id)).all()
        alarms = session.exec(select(LocateAlarm.kind).where(LocateAlarm.request_id == one.wanted)).all()
        answers = select(LocateQuery.source, LocateQuery.status, LocateAnswer.sealed, LocateAnswer.digest)
        rows = session.exec(answers.join(LocateAnswer).where(about).order_by(LocateQuery.source)).all()
    sizes = [(source, status, len(sealed), len(digest)) for source, status, sealed, digest in rows]
    return events, notices, alarms, sizes


def test_as_much_is_kept_noted_and_mailed_about_both(exchange: Exchange, pair: list[Attack]) -> None:
    before(pair)
    flagged, absent = (kept(exchange, one) for one in pair)
    assert flagged == absent
    assert len(absent[0]) > len(HIDDEN)
    assert len(absent[1]) == len(HIDDEN) + 1


def chances(one: NDArray[np.float64], other: NDArray[np.float64], planted: float = 0.0) -> list[float]:
    """By either test and either clock: that chance alone tells them as far apart, a difference planted."""
    tests = (ranks_differ, shapes_differ)
    return [round(test(one[:, by] + planted, other[:, by]), 6) for by in (0, 1) for test in tests]


@pytest.mark.timeout(sized(240, 900))
@on([case for case in BOTH if case[1] is not oneself] if SOAK else LITE[:1])
@pytest.mark.parametrize("door", DOORS if SOAK else ["call"])
def test_no_time_tells_a_protected_person_from_nobody(
    pair: list[Attack], clock: Standing, how: How, door: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """1,000 times each in `make soak`; told apart is what chance does less than once in a thousand times."""
    how(pair)
    clock.forward(seconds=5)
    acts = [one.doors()[door] for one in pair]
    interleaved(2, acts, 1)  # what is made at the first time
    flagged, absent = interleaved(sized(10, 1_000), acts, seed_of(None))
    found_, told = chances(flagged, absent), {ms: chances(flagged, absent, ms / 1e3) for ms in PLANTED}
    if SOAK:
        middle = [np.round(np.median(one, axis=0) * 1e3, 2).tolist() for one in (flagged, absent)]
        which = f"{door}, {how.__name__}, {pair[0].worker.exchange.engine.name}"
        with capsys.disabled():
            sys.stdout.write(f"\n{which}: ms {middle}, p {found_}; planted ms {told}\n")
        assert min(found_) > UNSURE / len(DOORS), "told apart"
        assert min(told[max(PLANTED)]) < UNSURE, "the attack is too weak to tell anything"
    least = flagged[:, 1].min(), absent[:, 1].min()
    assert max(least) < 5 * min(least)
