"""Questions reach their sources and answers come back, whatever the sources and the workers do meanwhile."""

import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from deploy.sources.behaviour import CODES, answer, delay
from deploy.sources.places import synthetic_sources
from exchange.database import reading
from exchange.locate import connections, protection, requests, sources, viewing
from exchange.locate.sources import CaseRegistry, Connection, Http
from exchange.models.locate import LocateRefused, LocateSource, QueryStatus
from exchange.registry import seed
from exchange.registry.population import Population
from exchange.runtime import Exchange
from roles.locate import SOURCES
from roles.permissions import Role
from schemas.locate.answers import Outcome, SourceAnswer
from schemas.locate.query import as_fields
from tests.conftest import Clock
from tests.support.case_files import case, filed, person
from tests.support.locating import FIELDS, FOUND, SSN, ask, make_worker, statuses
from tests.support.partners import Partner, make_partner
from tests.support.sources import Scripted, scripted_source


@pytest.fixture
def source() -> Iterator[Scripted]:
    with tempfile.TemporaryDirectory() as folder, scripted_source(Path(folder) / "A01.sock") as running:
        yield running


@pytest.fixture
def line(source: Scripted) -> Iterator[Connection]:
    connection = Http(source.address)
    yield connection
    connection.close()


@pytest.fixture
def worker(exchange: Exchange) -> Partner:
    return make_worker(exchange)


def down(exchange: Exchange, code: str = "A01") -> bool:
    with reading(exchange.engine) as session:
        row = session.get(LocateSource, code)
        return row is not None and row.down_since is not None


def test_a_question_is_asked_once_and_its_answer_taken_once(
    each_exchange: Exchange, source: Scripted, line: Connection
) -> None:
    worker = make_worker(each_exchange)
    wanted = ask(each_exchange, worker.actor, sources=("A01",))
    assert connections.turn(each_exchange, "A01", line) == 0
    assert connections.turn(each_exchange, "A01", line) == 0
    (asked,) = source.asked
    assert asked["person"]["ssn"] == "900010001"
    assert wanted.hex not in str(asked)
    assert statuses(each_exchange, wanted) == {"A01": "sent"}
    source.answer(FOUND)
    source.answer(FOUND)
    assert connections.turn(each_exchange, "A01", line) == 1
    assert connections.turn(each_exchange, "A01", line) == 0
    assert statuses(each_exchange, wanted) == {"A01": "answered"}


def test_a_source_that_is_down_is_shown_and_asked_again(
    exchange: Exchange, source: Scripted, line: Connection, worker: Partner, clock: Clock
) -> None:
    wanted = ask(exchange, worker.actor, sources=("A01",))
    source.status = 503
    connections.turn(exchange, "A01", line)
    (result,) = viewing.opened(exchange, worker.actor, wanted).results
    assert (result.status, result.down is not None) == (QueryStatus.WAITING, True)
    source.status = 200
    connections.turn(exchange, "A01", line)
    assert source.asked == []
    clock.forward(minutes=11)
    connections.turn(exchange, "A01", line)
    assert len(source.asked) == 1
    assert not down(exchange)


def test_what_a_killed_worker_had_in_hand_is_asked_again(
    exchange: Exchange, source: Scripted, line: Connection, worker: Partner, clock: Clock
) -> None:
    wanted = ask(exchange, worker.actor, sources=("A01",))
    (claimed,) = connections._claimed(exchange, "A01")  # and then it is killed
    assert connections.turn(exchange, "A01", line) == 0
    assert source.asked == []
    clock.forward(seconds=61)
    connections.turn(exchange, "A01", line)
    assert [one["id"] for one in source.asked] == [str(claimed)]
    clock.forward(minutes=11)  # the source forgot it in a restart: it is put again, and answered once
    connections.turn(exchange, "A01", line)
    assert [one["id"] for one in source.asked] == [str(claimed)] * 2
    source.answer(FOUND)
    source.answer(FOUND)
    assert connections.turn(exchange, "A01", line) == 1
    assert statuses(exchange, wanted) == {"A01": "answered"}


def test_new_hires_are_asked_for_again_as_long_as_a_request_is_open(
    each_exchange: Exchange, source: Scripted, line: Connection, clock: Clock
) -> None:
    worker = make_worker(each_exchange)
    wanted = ask(each_exchange, worker.actor, sources=("H97",))
    said = {"outcome": "found", "facts": {"employer": "Sample Mills"}}

    def turn(**later: int) -> int:
        clock.forward(**later)
        return connections.turn(each_exchange, "H97", line)

    turn()
    source.answer({"outcome": "nothing"})
    assert turn(minutes=1) == 1
    assert turn(days=6) == 0
    assert len(source.asked) == 1
    turn(days=1)
    assert [one["id"] for one in source.asked] == [source.asked[0]["id"]] * 2
    source.answer(said | {"number": 2})
    assert turn(minutes=1) == 1
    (result,) = viewing.opened(each_exchange, worker.actor, wanted).results
    assert (result.new, result.outcome, result.corrected) == (True, Outcome.FOUND, 1)
    requests.withdraw(each_exchange, worker.actor, wanted)
    turn(days=8)
    assert len(source.asked) == 2


NONSENSE = {
    "nothing": b"null",
    "half": b"{",
    "list": b"[]",
    "number": b'{"answers": 7}',
    "flood": b"x" * (sources.LARGEST + 1),
    "deep": b'{"answers": ' + b"[" * 100_000 + b"]" * 100_000 + b', "next": "1"}',
    "half a letter": b'{"answers": [], "next": "\\ud800"}',
    "no letter": b'{"answers": [], "next": "\\u0000"}',
    "long cursor": b'{"answers": [], "next": "' + b"x" * 201 + b'"}',
}


@pytest.mark.parametrize("raw", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_leaves_the_question_as_it_was(
    exchange: Exchange, source: Scripted, line: Connection, worker: Partner, raw: bytes
) -> None:
    wanted = ask(exchange, worker.actor, sources=("A01",))
    connections.turn(exchange, "A01", line)
    source.raw = raw
    assert connections.turn(exchange, "A01", line) == 0
    assert down(exchange)
    assert statuses(exchange, wanted) == {"A01": "sent"}
    source.raw = b""
    source.answer({"outcome": "nothing"})
    assert connections.turn(exchange, "A01", line) == 1


@pytest.mark.parametrize("bound", ["LARGEST", "WHOLE"])
def test_a_source_that_never_comes_to_an_end_is_down(
    exchange: Exchange,
    source: Scripted,
    line: Connection,
    worker: Partner,
    monkeypatch: pytest.MonkeyPatch,
    bound: str,
) -> None:
    wanted = ask(exchange, worker.actor, sources=("A01",))
    monkeypatch.setattr(sources, bound, {"LARGEST": 1, "WHOLE": -1.0}[bound])
    assert connections.turn(exchange, "A01", line) == 0  # even what it says to a question
    assert (down(exchange), statuses(exchange, wanted)) == (True, {"A01": "waiting"})


def test_a_wrong_person_and_what_comes_after_the_end_are_not_taken(
    exchange: Exchange, source: Scripted, line: Connection, worker: Partner, clock: Clock
) -> None:
    wanted = ask(exchange, worker.actor, sources=("A01",))
    connections.turn(exchange, "A01", line)
    source.answer(FOUND, ssn="900019999")
    source.told += [{"id": "not an id"}, {"nonsense": True}]
    assert connections.turn(exchange, "A01", line) == 0
    clock.forward(days=61)
    assert requests.expire(exchange) == 1
    source.answer(FOUND)
    assert connections.turn(exchange, "A01", line) == 0
    assert statuses(exchange, wanted) == {"A01": "silent"}
    with reading(exchange.engine) as session:
        assert len(session.exec(select(LocateRefused.id)).all()) == 4


def test_a_source_that_hangs_keeps_nobody_else_waiting(
    exchange: Exchange, source: Scripted, worker: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "SECONDS", 0.2)
    monkeypatch.setattr(connections, "LOOK_EVERY", 0.02)
    exchange.settings.locate_sources["A01"] = source.address
    source.answering.clear()
    wanted = ask(exchange, worker.actor, sources=("A01", "FCR"))
    stop = threading.Event()
    working = threading.Thread(target=connections.work, args=(exchange, stop))
    working.start()
    patience = time.monotonic() + 30
    while statuses(exchange, wanted)["FCR"] != "answered" or not down(exchange):
        assert time.monotonic() < patience
        time.sleep(0.02)
    source.answering.set()
    stop.set()
    working.join()


def test_a_source_that_answers_nothing_is_looked_at_less_and_less_until_it_does(exchange: Exchange) -> None:
    line = connections._Line(CaseRegistry(exchange))
    pauses = []
    for _ in range(30):
        line.looked(something=False)
        pauses.append(line.pause)
    assert pauses == sorted(pauses)
    assert (pauses[0] < 1, pauses[-1]) == (True, connections.LOOK_AT_LEAST_EVERY)
    line.looked(something=True)
    assert line.pause == connections.LOOK_EVERY
    assert line.look_at > time.monotonic()


def test_the_case_registry_tells_the_cases_of_other_states(exchange: Exchange, worker: Partner) -> None:
    seed.seed(exchange, 50, 7)
    known = Population(50, 7).person(3)
    fields = as_fields({"ssn": known.ssn, "last_name": known.last_name})
    wanted = requests.ask(
        exchange,
        worker.actor,
        requests.NewRequest("support", "T-9", fields, ("FCR",), authority=True),
    )
    assert connections.turn(exchange, "FCR", CaseRegistry(exchange)) == 1
    (result,) = viewing.opened(exchange, worker.actor, wanted).results
    assert [case.number in result.shown[0].value for case in known.cases] == [True] * len(known.cases)


@pytest.mark.parametrize("protected", [False, True])
def test_a_case_that_another_agency_registers_is_told_to_who_looks_for_the_person(
    exchange: Exchange, worker: Partner, clock: Clock, *, protected: bool
) -> None:
    """But of somebody protected nothing is, and the worker sees that of nobody."""
    make_partner(exchange, Role.OCSS_STAFF)
    state, registry = make_partner(exchange, Role.STATE, 2, jurisdiction="KS"), CaseRegistry(exchange)
    wanted = ask(exchange, worker.actor, sources=("FCR",), fields=FIELDS)
    assert connections.turn(exchange, "FCR", registry) == 1
    assert shown(exchange, worker, wanted) == (Outcome.NOTHING, "", True)
    before, stamp = shown(exchange, worker, wanted), viewing.stamp(exchange, worker.actor, wanted)
    if protected:
        protection.protect(exchange, None, SSN)
    clock.forward(minutes=1)
    filed(exchange, state, case(), person(SSN, "ALDERSON", "IDA"))
    connections.turn(exchange, "FCR", registry)
    after = shown(exchange, worker, wanted)
    if protected:
        assert (after, viewing.stamp(exchange, worker.actor, wanted)) == (before, stamp)
    else:
        assert after == (Outcome.FOUND, "KS C1 (owes support)", True)
    clock.forward(days=1)
    assert connections.turn(exchange, "FCR", registry) == 0


def shown(exchange: Exchange, worker: Partner, wanted: UUID) -> tuple[Outcome | None, str, bool]:
    (result,) = viewing.opened(exchange, worker.actor, wanted).results
    return result.outcome, "".join(one.value for one in result.shown), result.new


def test_synthetic_sources_run_as_processes_and_answer(exchange: Exchange, worker: Partner) -> None:
    wanted = ask(exchange, worker.actor, sources=("H99",))
    left = Path(tempfile.gettempdir()) / "portal-sources-4194305-killed"  # no process has so high a number
    left.mkdir(exist_ok=True)
    with synthetic_sources() as addresses:
        assert not left.exists()
        assert set(addresses) == set(SOURCES) - {"FCR"}
        patience = time.monotonic() + 60
        while not Path(addresses["H99"].removeprefix("unix:")).exists():
            assert time.monotonic() < patience
            time.sleep(0.02)
        line = Http(addresses["H99"])
        while statuses(exchange, wanted)["H99"] != "answered":
            connections.turn(exchange, "H99", line)
            assert time.monotonic() < patience
            time.sleep(0.1)
        line.close()
    assert not Path(addresses["H99"].removeprefix("unix:")).exists()


def test_what_synthetic_sources_say_is_in_the_form_of_answers() -> None:
    people = [{"ssn": f"90001{number:04d}", "last_name": "Alder"} for number in range(60)]
    said = [(code, answer(code, one)) for code in CODES for one in people]
    outcomes = {SourceAnswer.model_validate(one).outcome for _, one in said}
    assert outcomes == {Outcome.FOUND, Outcome.NOTHING}
    given = {code: set(one.get("facts", ())) - {"address"} for code, one in said if one["outcome"] == "found"}
    assert all(fields <= {field.value for field in SOURCES[code].gives} for code, fields in given.items())
    waits = {
        found: [delay("A01", one, "answer") for one in people if found == _finds(one)]
        for found in (True, False)
    }
    assert all(min(times) >= timedelta(seconds=0.5).total_seconds() for times in waits.values())


def _finds(person: dict[str, str]) -> bool:
    return bool(answer("A01", person)["outcome"] == "found")


def test_a_source_makes_no_line_for_each_of_millions_of_answers(
    exchange: Exchange, source: Scripted, line: Connection, worker: Partner
) -> None:
    ask(exchange, worker.actor, sources=("A01",))
    connections.turn(exchange, "A01", line)
    source.raw = b'{"answers": [' + b"1," * sources.MOST_ANSWERS + b'1], "next": "1"}'
    assert connections.turn(exchange, "A01", line) == 0
    assert down(exchange)
    with reading(exchange.engine) as session:
        assert session.exec(select(LocateRefused)).all() == []


@pytest.mark.parametrize("sign", ["202e", "2066", "200b", "2028", "7f", "9b"])
def test_what_a_source_says_can_be_seen(
    exchange: Exchange, source: Scripted, line: Connection, worker: Partner, sign: str
) -> None:
    """Nothing that turns the text around, or hides in it: an address must not read as another."""
    wanted = ask(exchange, worker.actor, sources=("A01",))
    connections.turn(exchange, "A01", line)
    source.answer({"outcome": "found", "facts": {"address": f"7 Lane{chr(int(sign, 16))}09"}})
    assert connections.turn(exchange, "A01", line) == 0
    assert statuses(exchange, wanted) == {"A01": "sent"}
