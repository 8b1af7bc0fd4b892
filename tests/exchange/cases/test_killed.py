"""A worker is killed amid a file of the case registry, and amid answering it: nothing is lost or doubled."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import product
from pathlib import Path

import pytest
from sqlmodel import select

from exchange import journal
from exchange.cases import making, responses
from exchange.database import reading
from exchange.locate import connections
from exchange.locate.sources import Http
from exchange.models.cases import CaseMatch, LocateFiled, LocatePlanned, RegisteredPart
from exchange.models.jobs import Notice
from exchange.models.journal import JournalEvent
from exchange.models.locate import Act, LocateAnswer, LocateQuery, LocateRequest, LocateView
from exchange.models.registry import Person
from exchange.models.transfers import Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import pipeline
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.case_files import PROGRAM, RESPONSE, case, case_file, codes, filed, only, person
from tests.support.children import killed_at
from tests.support.locating import FOUND, SSN, make_worker
from tests.support.partners import Partner, make_partner
from tests.support.record_files import answered, hand_over, outbox
from tests.support.secrecy import FLAGGED, register
from tests.support.sources import Scripted, scripted_source

SIGKILL = -9
POINTS = (
    ("return", "do_commit", 1),  # the file is claimed
    (
        "return",
        "_store_parts",
        1,
    ),  # cases and people are written, the request and the acknowledgement are not
    ("call", "do_commit", 2),  # all of it is written
    ("return", "do_commit", 2),  # and committed, and nobody was told
)
MATCHING = (
    ("return", "_keep", 1),  # the match is written, and the agency to be told
    ("call", "do_commit", 2),  # the file is done but for the commit
    ("return", "do_commit", 2),  # and committed, and nobody knows
)
MAKING = (
    ("return", "ask_within"),  # a request is made
    ("return", "do_commit"),  # all of them are, and committed
)
ASKING = (
    ("return", "_claimed"),  # the question is this worker's
    ("call", "_sent"),  # the source has it, and no row says so
    ("return", "_keep"),  # the answer is read and written
    ("return", "take"),  # and committed, and will come again
)
TELLING = (
    ("call", "do_commit"),  # the file is in the store, and no row names it
    ("return", "do_commit"),
)
SOUGHT = {"locate_request_type": "CS", "locate_source_1": "A01"}


@pytest.fixture
def worker(each_exchange: Exchange) -> Partner:
    make_partner(each_exchange, Role.OCSS_STAFF)
    return make_worker(each_exchange, role=Role.STATE, jurisdiction="KS")


def rows(exchange: Exchange, table: type) -> int:
    with reading(exchange.engine) as session:
        return len(session.exec(select(table)).all())


def test_a_file_whose_worker_is_killed_anywhere_is_registered_and_acknowledged_once(
    each_exchange: Exchange, worker: Partner, clock: Clock
) -> None:
    exchange, views = each_exchange, []
    for number, (event, name, nth) in enumerate(POINTS, start=1):
        records = (
            case(case_id=f"C{number}"),
            person(f"90003{number:04d}", case_id=f"C{number}", **SOUGHT),
            person("", "CHILD", case_id=f"C{number}", participant_type="CH", member_id="M2"),
            case(case_id=f"C{number}"),  # refused: it stands there already
        )
        content = case_file(*records, number=number)
        view = hand_over(exchange, worker.actor, PROGRAM, content, f"{number}.txt")
        drive = partial(pipeline.drive, exchange, view.id)
        assert killed_at(exchange, drive, event, nth, name) == SIGKILL, name
        views.append(view)
    clock.forward(seconds=61)
    assert {pipeline.drive(exchange, view.id) for view in views} == {Status.COMPLETE}
    for view in views:
        told = codes(answered(exchange, worker.actor, view))
        assert told == [("AAAAA", []), ("AAAAA", []), ("HOLDS", ["PW101"]), ("REJCT", ["TED01"])]
    with reading(exchange.engine) as session:
        kinds = select(Transfer.answers_to, Transfer.kind).where(Transfer.direction == "outbound")
        given = Counter(session.exec(kinds).all())
    expected = product([view.id for view in views], ["result", "findings", "acknowledgement"])
    assert given == Counter(expected)
    for event, name in MAKING:
        assert killed_at(exchange, partial(making.make_waiting, exchange), event, 1, name) == SIGKILL, name
    while making.make_waiting(exchange):
        pass
    assert rows(exchange, LocateRequest) == rows(exchange, LocateFiled) == len(POINTS)
    assert rows(exchange, LocatePlanned) == 0
    assert rows(exchange, RegisteredPart) == rows(exchange, Person) == 2 * len(POINTS)
    assert journal.verify(exchange) is None


def test_a_match_whose_worker_is_killed_anywhere_is_kept_and_told_once(
    each_exchange: Exchange, worker: Partner, clock: Clock
) -> None:
    exchange = each_exchange
    register(exchange)
    content = case_file(case(), person(FLAGGED.ssn, FLAGGED.last.upper(), FLAGGED.first.upper()))
    view = hand_over(exchange, worker.actor, PROGRAM, content, "1.txt")
    drive = partial(pipeline.drive, exchange, view.id)
    for event, name, nth in MATCHING:
        assert killed_at(exchange, drive, event, nth, name) == SIGKILL, name
        clock.forward(seconds=61)
    assert drive() == Status.COMPLETE
    with reading(exchange.engine) as session:
        told = session.exec(select(Notice).where(Notice.event == "locate.matched")).all()
        noted = session.exec(select(JournalEvent).where(JournalEvent.kind == "locate.matched")).all()
    assert (rows(exchange, CaseMatch), len(told), len(noted)) == (1, 1, 1)
    assert journal.verify(exchange) is None


@pytest.fixture
def source() -> Iterator[Scripted]:
    with tempfile.TemporaryDirectory() as folder, scripted_source(Path(folder) / "A01.sock") as running:
        yield running


def test_an_answer_whose_worker_is_killed_at_each_step_comes_by_file_once(
    each_exchange: Exchange, worker: Partner, source: Scripted, clock: Clock
) -> None:
    exchange = each_exchange
    filed(exchange, worker, only("L", ssn=SSN, last_name="ALDERSON", **SOUGHT))
    with reading(exchange.engine) as session:
        question = session.exec(select(LocateQuery.id)).one()
    source.told = [{"id": str(question), "about": {"ssn": SSN, "last_name": "ALDERSON"}, "answer": FOUND}] * 2
    asking, telling = partial(look, exchange, source), partial(responses.deliver, exchange)
    for act, points in ((asking, ASKING), (telling, TELLING)):
        for event, name in points:
            assert killed_at(exchange, act, event, 1, name) == SIGKILL, name
            clock.forward(minutes=11)
    assert (look(exchange, source), responses.deliver(exchange)) == (0, 0)
    assert {one["id"] for one in source.asked} == {str(question)}
    with reading(exchange.engine) as session:
        views = session.exec(select(LocateView.act)).all()
    (content,) = (told for name, told in outbox(exchange, worker.actor, PROGRAM).items() if ".locate" in name)
    (line,) = content.splitlines()[1:-1]
    assert RESPONSE["answer"].parse(line)["returned_address"] == "7 Synthetic Lane, Topeka KS 66601"
    assert (rows(exchange, LocateAnswer), views) == (1, [Act.EXPORT.value])
    assert journal.verify(exchange) is None


def look(exchange: Exchange, source: Scripted) -> int:
    """A worker looks at the source; how many answers it takes."""
    line = Http(source.address)
    taken = connections.turn(exchange, "A01", line)
    line.close()
    return taken
