"""Locate requests by file: made by the rules of everybody else, for the account that handed the file over."""

import json
from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select

from exchange.cases import making
from exchange.cases.making import Progress
from exchange.database import reading, transaction
from exchange.errors import NotNowError
from exchange.locate import protection, requests, viewing
from exchange.models.cases import LocateFiled
from exchange.models.journal import JournalEvent
from exchange.models.locate import LocateAgreement, LocateQuery, LocateRequest
from exchange.runtime import Exchange
from roles.permissions import Role
from schemas.locate.query import as_fields
from tests.conftest import Clock
from tests.support.case_files import Record, acks, case, codes, filed, only, person, taken
from tests.support.locating import SSN, ask, make_worker
from tests.support.partners import Partner, make_partner

SOUGHT: dict[str, Any] = {"locate_request_type": "CS", "locate_source_1": "A01", "locate_source_2": "H98"}


@pytest.fixture
def worker(exchange: Exchange) -> Partner:
    make_partner(exchange, Role.OCSS_STAFF)
    return make_worker(exchange, role=Role.STATE, jurisdiction="KS")


def locate(ssn: str = SSN, **more: Any) -> Record:
    return only("L", ssn=ssn, last_name="ALDERSON", birth_date=date(1987, 3, 27), **(SOUGHT | more))


def end(ssn: str = SSN) -> Record:
    return only("T", ssn=ssn, last_name="ALDERSON", birth_date=date(1987, 3, 27))


def asked(exchange: Exchange) -> list[tuple[str, list[str], bool]]:
    """Of each request, its purpose, the sources that are asked, and whether it is open."""
    with reading(exchange.engine) as session:
        rows = session.exec(select(LocateRequest).order_by(col(LocateRequest.created_at))).all()
        return [(row.purpose, _sources(session, row), row.closed_at is None) for row in rows]


def _sources(session: Any, row: LocateRequest) -> list[str]:
    return sorted(session.exec(select(LocateQuery.source).where(LocateQuery.request_id == row.id)))


def test_a_request_of_a_file_is_the_workers_own(exchange: Exchange, worker: Partner) -> None:
    back = filed(
        exchange,
        worker,
        case(),
        person(SSN, "ALDERSON", "IDA", additional_1_last_name="OLDNAME", birth_place="NE", **SOUGHT),
        locate("900010002", member_id="M9", user_field="MINE", locate_source_1="ALL", locate_source_2=None),
    )
    assert codes(back) == [("AAAAA", [])] * 3
    first, second = asked(exchange)
    assert first == ("support", ["A01", "H98"], True)
    assert (second[0], len(second[1]) > 10, "C01" in second[1]) == ("support", True, False)
    mine = viewing.lines(exchange, worker.actor).items
    assert [one.case_number for one in mine] == ["C1", "C1"]
    subject = viewing.opened(exchange, worker.actor, mine[-1].id).subject
    assert (subject.first_name, subject.other_names, subject.birth_state) == ("IDA", "OLDNAME", "NE")
    with reading(exchange.engine) as session:
        assert {row.line for row in session.exec(select(LocateFiled))} == {3, 4}


def test_what_may_not_be_asked_is_told_and_refuses_nothing_else(exchange: Exchange, worker: Partner) -> None:
    children = {"participant_type": "CH", "birth_date": date(2020, 1, 1)}
    back = filed(
        exchange,
        worker,
        case(),
        person("900010003", "YOUNG", **children, **SOUGHT),
        locate(),
        locate(member_id="AGAIN"),
        locate("900010004", locate_source_1="C01", locate_source_2="A01"),
        locate("900010005", locate_source_1="C01", locate_source_2=None),
        end("900010006"),
    )
    assert codes(back) == [
        ("AAAAA", []),
        ("AAAAA", ["LE103"]),
        ("AAAAA", []),
        ("REJCT", ["LE101"]),
        ("AAAAA", ["LW101"]),
        ("REJCT", ["LW101", "LE103"]),
        ("REJCT", ["LE104"]),
    ]
    assert acks(back)[1]["message_1"].startswith("ONLY PEOPLE OF 14")
    assert [sources for _, sources, _ in asked(exchange)] == [["A01", "H98"], ["A01"]]
    repeated = filed(exchange, worker, locate(), number=2)
    assert codes(repeated) == [("REJCT", ["LE101"])]


def test_who_may_not_locate_registers_all_the_same(exchange: Exchange, worker: Partner) -> None:
    with transaction(exchange.engine) as session:
        session.delete(session.get_one(LocateAgreement, worker.organization.id))
    back = filed(exchange, worker, case(), person(SSN, "ALDERSON", **SOUGHT), locate("900010002"))
    assert codes(back) == [("AAAAA", []), ("AAAAA", ["LE102"]), ("REJCT", ["LE102"])]
    assert asked(exchange) == []


def test_the_requests_of_a_long_file_are_made_some_at_a_time_and_each_once(
    exchange: Exchange, worker: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that ends in the middle loses what it had not written, and the next one goes on."""
    monkeypatch.setattr(making, "STEP", 2)
    monkeypatch.setattr(making, "TURN", 60.0)  # so that no turn ends early on a busy machine
    ask_within, made = requests.ask_within, []

    def ends(*given: Any) -> LocateRequest:
        made.append(ask_within(*given))
        if len(made) == 4:
            raise KeyboardInterrupt
        return made[-1]

    people = [locate(f"9000100{number:02}") for number in range(1, 8)]
    back = taken(exchange, worker, *people)
    assert codes(back) == [("AAAAA", [])] * 7
    assert asked(exchange) == []
    monkeypatch.setattr(requests, "ask_within", ends)
    with pytest.raises(KeyboardInterrupt):
        making.make_waiting(exchange)
    monkeypatch.setattr(requests, "ask_within", ask_within)
    assert len(asked(exchange)) == 2
    assert making.make_waiting(exchange) == 5
    assert making.make_waiting(exchange) == 0
    with reading(exchange.engine) as session:
        assert sorted(row.line for row in session.exec(select(LocateFiled))) == list(range(2, 9))


def test_what_is_planned_counts_as_asked(exchange: Exchange, worker: Partner) -> None:
    """On a page, and in later files: which may end it, too."""
    taken(exchange, worker, locate(), locate("900010002"))
    with pytest.raises(NotNowError, match="a file of your agency asks"):
        ask(exchange, worker.actor, "C1", fields=as_fields({"ssn": SSN, "last_name": "Alderson"}))
    again = taken(exchange, worker, locate(), end("900010002"), number=2)
    assert codes(again) == [("REJCT", ["LE101"]), ("AAAAA", [])]
    assert codes(taken(exchange, worker, end("900010002"), number=3)) == [("REJCT", ["LE104"])]
    assert making.make_waiting(exchange) == 1
    assert [is_open for _, _, is_open in asked(exchange)] == [True]


def test_requests_wait_for_the_clearance_of_who_sent_them_and_not_for_ever(
    exchange: Exchange, worker: Partner, clock: Clock
) -> None:
    taken(exchange, worker, locate())
    with transaction(exchange.engine) as session:
        session.delete(session.get_one(LocateAgreement, worker.organization.id))
    assert making.make_waiting(exchange) == 0
    clock.forward(days=61)
    assert making.make_waiting(exchange) == 1
    assert asked(exchange) == []
    with reading(exchange.engine) as session:
        kinds = session.exec(select(JournalEvent.kind).order_by(col(JournalEvent.position).desc()))
        assert kinds.first() == "locate.unasked"


def test_a_request_is_ended_by_a_later_record(exchange: Exchange, worker: Partner) -> None:
    filed(exchange, worker, locate(), locate("900010002"), end("900010002"))
    assert [is_open for _, _, is_open in asked(exchange)] == [True]
    assert codes(filed(exchange, worker, end(), number=2)) == [("AAAAA", [])]
    assert [is_open for _, _, is_open in asked(exchange)] == [False]
    assert codes(filed(exchange, worker, end(), number=3)) == [("REJCT", ["LE104"])]


def test_somebody_protected_is_asked_for_as_anybody(exchange: Exchange, worker: Partner) -> None:
    protection.protect(exchange, None, SSN)
    back = filed(exchange, worker, locate(), locate("900010002"))
    first, second = ({**one, "ssn": None} for one in acks(back))
    assert first == second
    assert len(asked(exchange)) == 2


def test_what_was_planned_and_is_no_longer_true_is_done_again(
    exchange: Exchange, worker: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody asks for the same person on a page after the file was read, and before it is written."""
    planned, made = requests.planned, []

    def meanwhile(*given: Any) -> LocateRequest:
        row = planned(*given)
        if not made:
            made.append(requests.ask(exchange, worker.actor, given[-1]))
        return row

    monkeypatch.setattr(requests, "planned", meanwhile)
    back = filed(exchange, worker, locate())
    assert codes(back) == [("REJCT", ["LE101"])]
    assert len(asked(exchange)) == 1


def test_the_page_of_a_file_tells_how_many_requests_are_made(
    exchange: Exchange, worker: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "STEP", 2)
    monkeypatch.setattr(making, "TURN", 60.0)  # however busy the machine is
    nobody = taken(exchange, worker, case(), person("900010009", "SAMPLESON"))
    assert making.progress(exchange, worker.actor, nobody.view.id) is None
    assert "locate_requests" not in json.loads(nobody.answers[".ack.json"])
    file = taken(exchange, worker, *(locate(f"9000100{number:02}") for number in range(1, 6)), number=2)
    told = json.loads(file.answers[".ack.json"])["locate_requests"]
    assert told.startswith("5 requests to locate people of this file are made some at a time")
    seen = [making.progress(exchange, worker.actor, file.view.id)]
    with transaction(exchange.engine) as session:
        agreement = session.get_one(LocateAgreement, worker.organization.id)
        session.delete(agreement)
    seen.append(making.progress(exchange, worker.actor, file.view.id))
    with transaction(exchange.engine) as session:
        session.merge(agreement)
    assert making._step(exchange, file.view.id) == 2
    seen.append(making.progress(exchange, worker.actor, file.view.id))
    making.make_waiting(exchange)
    seen.append(making.progress(exchange, worker.actor, file.view.id))
    assert seen == [Progress(0, 5, False), Progress(0, 5, True), Progress(2, 3, False), Progress(5, 0, False)]
    stranger = make_worker(exchange, 7, role=Role.STATE, jurisdiction="NE")
    assert making.progress(exchange, stranger.actor, file.view.id) is None
