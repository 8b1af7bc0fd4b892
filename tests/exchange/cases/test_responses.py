"""What sources answer to requests of files comes back by file: once, to who may see it, and nothing more."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from exchange.cases import responses
from exchange.database import reading, transaction
from exchange.errors import ContentNotAvailableError, LocateBlockedError
from exchange.locate import protection
from exchange.models.locate import Act, LocateRequest, LocateView, LocateWorker
from exchange.models.registration import Registration
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from exchange.transfers import delivery
from roles.permissions import Role
from schemas.layouts.locate_response import ASKED
from tests.conftest import Clock
from tests.support.case_files import PROGRAM, RESPONSE, filed, only
from tests.support.locating import FOUND, SSN, answer, clear, make_fellow, make_worker, sent
from tests.support.partners import Partner, make_colleague, make_partner
from tests.support.record_files import Values, outbox, read

NOTHING = {"outcome": "nothing"}
PAID = {"outcome": "found", "facts": {"tax_income": "$40,000 in 2024", "name": "IDA ALDERSON"}}


@pytest.fixture
def worker(exchange: Exchange) -> Partner:
    make_partner(exchange, Role.OCSS_STAFF)
    return make_worker(exchange, role=Role.STATE, jurisdiction="KS", tax=True)


def ask(
    exchange: Exchange, worker: Partner, *sources: str, number: int = 1, ssn: str = SSN
) -> dict[str, UUID]:
    named = {f"locate_source_{k}": source for k, source in enumerate(sources, start=1)}
    record = only(
        "L",
        ssn=ssn,
        last_name="ALDERSON",
        locate_request_type="CS",
        user_field=f"U{number}",
        member_id="M1",
        **named,
    )
    filed(exchange, worker, record, number=number)
    with reading(exchange.engine) as session:
        newest = session.exec(select(LocateRequest).order_by(LocateRequest.created_at.desc())).first()
    return sent(exchange, newest.id)


def say(exchange: Exchange, asked: dict[str, UUID], source: str, said: dict[str, Any], **about: str) -> None:
    assert answer(exchange, source, asked[source], said, last_name="ALDERSON", **about)


def files(exchange: Exchange, worker: Partner) -> dict[str, list[Values]]:
    """The files of answers in the outbox, by their names, oldest first."""
    found = {
        name: [RESPONSE["answer"].parse(line) for line in content.splitlines()[1:-1]]
        for name, content in outbox(exchange, worker.actor, PROGRAM).items()
        if ".locate" in name
    }
    return dict(sorted(found.items()))


def test_answers_come_when_all_sources_have_answered(exchange: Exchange, worker: Partner) -> None:
    asked = ask(exchange, worker, "A01", "H98")
    say(exchange, asked, "A01", FOUND)
    assert responses.deliver(exchange) == 0
    say(exchange, asked, "H98", NOTHING)
    assert (responses.deliver(exchange), responses.deliver(exchange)) == (1, 0)
    assert list(files(exchange, worker)) == ["cases1.txt.locate-001.txt"]
    found, nothing = files(exchange, worker)["cases1.txt.locate-001.txt"]
    assert (found["source"], found["outcome"], found["address_indicator"]) == ("A01", "F", "2")
    assert found["returned_address"] == FOUND["facts"]["address"]
    assert (found["whole_case_id"], found["user_field"], found["member_id"]) == ("C1", "U1", "M1")
    assert (nothing["source"], nothing["outcome"], nothing["returned_address"]) == ("H98", "N", None)
    with reading(exchange.engine) as session:
        acts = [view.act for view in session.exec(select(LocateView))]
    assert set(acts) == {Act.EXPORT.value}


def test_answers_are_gathered_no_longer_than_a_while_and_corrections_follow(
    exchange: Exchange, worker: Partner, clock: Clock
) -> None:
    asked = ask(exchange, worker, "A01", "H98")
    say(exchange, asked, "A01", FOUND)
    clock.forward(minutes=16)
    assert responses.deliver(exchange) == 1
    say(exchange, asked, "A01", {**FOUND, "number": 2, "facts": {"address": "8 OTHER LANE"}})
    clock.forward(minutes=1)
    say(exchange, asked, "H98", NOTHING)
    assert responses.deliver(exchange) == 1
    say(exchange, asked, "A01", {**FOUND, "number": 3, "facts": {"address": "8 OTHER LANE"}})
    assert responses.deliver(exchange) == 0  # it tells nothing else than the one before
    first, second = files(exchange, worker).values()
    assert [(one["source"], one["returned_address"]) for one in (*first, *second)] == [
        ("A01", FOUND["facts"]["address"]),
        ("A01", "8 OTHER LANE"),
        ("H98", None),
    ]


def test_tax_information_stands_in_a_file_of_its_own_for_the_cleared(
    exchange: Exchange, worker: Partner
) -> None:
    asked = ask(exchange, worker, "A01", "C01")
    say(exchange, asked, "A01", FOUND)
    say(exchange, asked, "C01", PAID)
    assert responses.deliver(exchange) == 2
    plain, taxed = files(exchange, worker).values()
    assert [one["source"] for one in plain] == ["A01"]
    assert [(one["source"], one["label"], one["said_tax_income"]) for one in taxed] == [
        ("C01", "Federal tax information", "$40,000 in 2024")
    ]
    manager = make_fellow(worker, "chief", manager=True)
    plain_file, tax_file = sorted(
        (
            one
            for one in delivery.folder(exchange, worker.actor, "outbound", PROGRAM)
            if ".locate" in one.name
        ),
        key=lambda one: one.name,
    )
    assert read(exchange, manager.actor, plain_file.view)
    with pytest.raises(ContentNotAvailableError):
        read(exchange, manager.actor, tax_file.view)
    for colleague, error in (
        (make_fellow(worker, "fellow", tax=True), ContentNotAvailableError),
        (make_colleague(worker, "stranger"), LocateBlockedError),
    ):
        for one in (plain_file, tax_file):
            with pytest.raises(error):
                read(exchange, colleague.actor, one.view)
    with reading(exchange.engine) as session:
        seen = [view.account_id for view in session.exec(select(LocateView))]
    assert seen.count(manager.account.id) == 1


def test_somebody_protected_looks_like_nothing_found(exchange: Exchange, worker: Partner) -> None:
    contents = []
    for number, ssn in enumerate((SSN, "900010002"), start=1):
        asked = ask(exchange, worker, "A01", "E02", number=number, ssn=ssn)
        if number == 1:
            protection.protect(exchange, None, ssn)
        say(exchange, asked, "A01", FOUND if number == 1 else NOTHING, ssn=ssn)
        say(exchange, asked, "E02", NOTHING, ssn=ssn)
        assert responses.deliver(exchange) == 1
        (rows,) = (
            rows for name, rows in files(exchange, worker).items() if name.startswith(f"cases{number}")
        )
        own = ("submitted_ssn", "reference", "user_field", "whole_user_field")
        contents.append([{name: value for name, value in row.items() if name not in own} for row in rows])
    assert contents[0] == contents[1]
    sizes = {
        len(content) for name, content in outbox(exchange, worker.actor, PROGRAM).items() if ".loc" in name
    }
    assert len(sizes) == 1


def test_protection_that_comes_later_counts_and_so_does_a_clearance_that_went(
    exchange: Exchange, worker: Partner
) -> None:
    asked = ask(exchange, worker, "A01")
    say(exchange, asked, "A01", FOUND)
    protection.protect(exchange, None, SSN)
    assert responses.deliver(exchange) == 1
    assert [row["outcome"] for rows in files(exchange, worker).values() for row in rows] == ["N"]
    say(exchange, asked, "A01", {**FOUND, "number": 2, "facts": {"address": "8 OTHER LANE"}})
    assert responses.deliver(exchange) == 0  # a correction of nothing would tell that there was something
    again = ask(exchange, worker, "A01", number=2, ssn="900010002")
    say(exchange, again, "A01", FOUND, ssn="900010002")
    with transaction(exchange.engine) as session:
        session.delete(session.get_one(LocateWorker, worker.account.id))
    assert responses.deliver(exchange) == 0
    clear(exchange, worker)
    assert responses.deliver(exchange) == 1


def test_a_file_that_is_here_already_tells_nothing_of_whoever_was_protected_since(
    each_exchange: Exchange,
) -> None:
    """Not opened before, it is what somebody's is whom nobody knows, and as many files come of it."""
    make_partner(each_exchange, Role.OCSS_STAFF)
    worker = make_worker(each_exchange, role=Role.STATE, jurisdiction="KS", tax=True)
    hidden, nobody = ask(each_exchange, worker, "A01", "C01"), None
    say(each_exchange, hidden, "A01", FOUND)
    say(each_exchange, hidden, "C01", PAID)
    nobody = ask(each_exchange, worker, "A01", "C01", number=2, ssn="900010002")
    for source in ("A01", "C01"):
        say(each_exchange, nobody, source, NOTHING, ssn="900010002")
    assert responses.deliver(each_exchange) == 4
    with reading(each_exchange.engine) as session:
        blobs = set(session.exec(select(Transfer.blob_id).where(Transfer.layout == RESPONSE.slug)))
    say(each_exchange, hidden, "A01", {**FOUND, "number": 2, "facts": {"address": "8 OTHER LANE"}})
    protection.protect(each_exchange, None, SSN)
    say(each_exchange, hidden, "A01", {**FOUND, "number": 3, "facts": {"address": "9 OTHER LANE"}})
    assert responses.deliver(each_exchange) == 0
    told = [content for name, content in _answers(each_exchange, worker)]
    for plain, taxed in ((told[0], told[2]), (told[1], told[3])):
        assert len(plain) == len(taxed)
    assert len(told) == 4
    rows = [[RESPONSE["answer"].parse(line) for line in one.splitlines()[1:-1]] for one in told]
    own = ("submitted_ssn", "reference", "user_field", "whole_user_field")
    plain = [[{name: value for name, value in row.items() if name not in own} for row in one] for one in rows]
    assert plain[:2] == plain[2:]
    assert not any(secret in b"".join(told) for secret in (b"7 Synthetic", b"OTHER LANE", b"40,000"))
    with reading(each_exchange.engine) as session:
        files_ = session.exec(select(Transfer).where(Transfer.layout == RESPONSE.slug)).all()
    assert len({one.blob_id for one in files_} - blobs) == 2
    for one in files_:
        with each_exchange.vault.open(one.blob_id or "") as reader:
            assert (reader.sha256, reader.size) == (one.sha256, one.size)
        events = [entry.what for entry in delivery.ledger(each_exchange, worker.actor, one.id)]
        assert "locate.blanked" not in events


def _answers(exchange: Exchange, worker: Partner) -> list[tuple[str, bytes]]:
    every = outbox(exchange, worker.actor, PROGRAM)
    return sorted((name, content) for name, content in every.items() if ".locate" in name)


def test_a_record_repeats_the_request_in_the_columns_that_are_kept(
    exchange: Exchange, worker: Partner
) -> None:
    """What is blanked of a protected person's record follows from this table."""
    say(exchange, ask(exchange, worker, "A01"), "A01", NOTHING)
    responses.deliver(exchange)
    (rows,) = files(exchange, worker).values()
    said = {name for name, value in rows[0].items() if value is not None}
    assert said - {"record_id", "source", "received_date", "outcome"} <= ASKED
    assert {field.name for field in RESPONSE["answer"].fields} >= ASKED


def test_a_manager_opens_no_file_that_tells_of_them(exchange: Exchange, worker: Partner) -> None:
    manager = make_fellow(worker, "chief", manager=True, tax=True)
    say(exchange, ask(exchange, worker, "A01"), "A01", FOUND)
    assert responses.deliver(exchange) == 1
    with transaction(exchange.engine) as session:
        who = {"account_id": manager.account.id, "person_hash": protection.person_hash(exchange, SSN)}
        about = {"kind": "state", "answers_sealed": b"", "secret_hash": b"x", "reference": "R-1"}
        moments = dict.fromkeys(("created_at", "changed_at"), exchange.clock())
        session.add(Registration(**who, **about, **moments))
    with pytest.raises(ContentNotAvailableError, match="for the worker who asked"):
        files(exchange, manager)
    assert files(exchange, worker)


def test_files_wait_for_nobody_elses_requests(
    exchange: Exchange, worker: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither for those that no source has answered, nor for those of a worker who may see nothing now."""
    monkeypatch.setattr(responses, "_AT_ONCE", 1)
    lapsed = make_fellow(worker, "fellow", tax=True)
    unanswered = ask(exchange, lapsed, "A01", number=1, ssn="900010002")
    say(exchange, unanswered, "A01", FOUND, ssn="900010002")
    with transaction(exchange.engine) as session:
        session.delete(session.get_one(LocateWorker, lapsed.account.id))
    ask(exchange, worker, "A01", number=2, ssn="900010003")
    say(exchange, ask(exchange, worker, "A01", number=3), "A01", FOUND)
    assert responses.deliver(exchange) == 1
