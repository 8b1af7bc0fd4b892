"""Managers review what was asked, unusual things are raised, and OCSS reconstructs who saw what."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlmodel import select

from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, NotOneselfError, NotPermittedError, RecordNotFoundError
from exchange.guide import loading
from exchange.locate import alarms, audit, questions, review, viewing
from exchange.locate.audit import Wanted
from exchange.models.journal import JournalEvent
from exchange.models.locate import Act
from exchange.runtime import Exchange
from roles.locate import PEOPLE_OF_A_CASE, SAMPLED_ONE_IN, SEARCHES_A_DAY, Alarm
from roles.permissions import Role
from schemas.locate.query import as_fields
from tests.conftest import Clock
from tests.support.guide import small_guide
from tests.support.locating import FOUND, SSN, answer, ask, at_noon, make_fellow, make_worker, sent
from tests.support.partners import Partner, make_partner


@pytest.fixture
def manager(exchange: Exchange) -> Partner:
    return make_worker(exchange, manager=True)


@pytest.fixture
def worker(manager: Partner) -> Partner:
    return make_fellow(manager, "fellow-2")


def asked(exchange: Exchange, worker: Partner, number: int, **more: object) -> UUID:
    fields = as_fields({"ssn": f"9000100{number:02d}", "last_name": "Alderson"})
    return ask(exchange, worker.actor, f"T-{number}", fields=fields, **more)


def kinds(exchange: Exchange, who: Partner) -> list[Alarm]:
    return [one.kind for one in alarms.raised(exchange, who.actor)]


def test_a_sample_that_nobody_chooses_is_reviewed(
    exchange: Exchange, manager: Partner, worker: Partner, clock: Clock
) -> None:
    at_noon(clock)
    made = [asked(exchange, worker, number) for number in range(30)]
    expected = {one for one in made if one.int % SAMPLED_ONE_IN == 0}
    waiting = review.due(exchange, manager.actor)
    assert {one.id for one in waiting} == expected
    assert len(review.due(exchange, manager.actor, everything=True)) == 30
    with pytest.raises(FieldsRefusedError, match="what is not clear"):
        review.sign(exchange, manager.actor, made[0], signed_off=False, note="")
    review.sign(exchange, manager.actor, made[0], signed_off=False, note="Which court?")
    review.sign(exchange, manager.actor, made[0], signed_off=True, note="")
    assert [one.signed_off for one in review.reviews(exchange, worker.actor, made[0])] == [True, False]
    assert made[0] not in {one.id for one in review.due(exchange, manager.actor)}
    (told,) = [one for one in review.colleagues(exchange, manager.actor) if one.requests]
    assert (told.requests, told.reviewed, told.questions) == (30, 1, 1)


def test_nobody_reviews_themselves_or_another_agency(
    exchange: Exchange, manager: Partner, worker: Partner
) -> None:
    own, theirs = asked(exchange, manager, 1), asked(exchange, worker, 2)
    stranger = make_worker(exchange, 2, manager=True)
    with pytest.raises(NotOneselfError):
        review.sign(exchange, manager.actor, own, signed_off=True, note="")
    with pytest.raises(NotPermittedError):
        review.sign(exchange, worker.actor, own, signed_off=True, note="")
    for call in (review.due, review.colleagues, alarms.raised):
        with pytest.raises(NotPermittedError):
            call(exchange, worker.actor)
    with pytest.raises(RecordNotFoundError):
        review.sign(exchange, stranger.actor, theirs, signed_off=True, note="")
    with pytest.raises(RecordNotFoundError):
        review.reviews(exchange, stranger.actor, theirs)
    assert alarms.raised(exchange, stranger.actor) == []


def test_what_is_unusual_is_raised_once_and_settled_by_somebody_else(
    exchange: Exchange, manager: Partner, worker: Partner, clock: Clock
) -> None:
    at_noon(clock)
    asked(exchange, worker, 1)
    assert kinds(exchange, manager) == []
    fields = as_fields({"ssn": SSN, "last_name": "Sample"})
    ask(exchange, worker.actor, "T-9", fields=fields)
    assert kinds(exchange, manager) == [Alarm.SAME_NAME]
    (alarm,) = alarms.raised(exchange, manager.actor)
    with pytest.raises(FieldsRefusedError):
        alarms.settle(exchange, manager.actor, alarm.id, " ")
    alarms.settle(exchange, manager.actor, alarm.id, "No relation")
    assert kinds(exchange, manager) == []
    assert [one.note for one in alarms.raised(exchange, manager.actor, open_only=False)] == ["No relation"]
    assert review.due(exchange, manager.actor)[0].why


def test_searching_without_asking_many_people_for_one_case_and_the_night_are_raised(
    exchange: Exchange, manager: Partner, worker: Partner, clock: Clock
) -> None:
    at_noon(clock)
    with transaction(exchange.engine) as session:
        for _ in range(SEARCHES_A_DAY + 1):
            viewing.note_search(session, exchange, worker.actor, ("support", None))
    assert kinds(exchange, manager) == [Alarm.MANY_WITHOUT_RESULT]
    for number in range(PEOPLE_OF_A_CASE + 1):
        fields = as_fields({"ssn": f"90002000{number}", "last_name": "Alderson"})
        ask(exchange, worker.actor, "T-7", fields=fields)
    assert kinds(exchange, manager)[0] is Alarm.MANY_FOR_ONE_CASE
    clock.forward(hours=9)
    asked(exchange, worker, 44)
    assert kinds(exchange, manager)[0] is Alarm.OUT_OF_HOURS


def test_hours_are_those_of_the_agency(exchange: Exchange, clock: Clock) -> None:
    at_noon(clock)
    loading.load(exchange, small_guide())
    kansas = make_worker(exchange, 3, role=Role.STATE, manager=True, jurisdiction="KS")
    clock.forward(hours=5)  # 23:00 UTC: the working day is over there, and not in Kansas
    asked(exchange, kansas, 5)
    assert kinds(exchange, kansas) == []
    clock.forward(hours=4)
    asked(exchange, kansas, 6)
    assert kinds(exchange, kansas) == [Alarm.OUT_OF_HOURS]


def test_ocss_reconstructs_who_saw_what_and_not_what_it_was(
    exchange: Exchange, manager: Partner, worker: Partner, clock: Clock
) -> None:
    auditor = make_partner(exchange, Role.OCSS_ADMINISTRATOR)
    wanted = ask(exchange, worker.actor)
    questions = sent(exchange, wanted)
    viewing.opened(exchange, worker.actor, wanted)
    clock.forward(minutes=1)
    answer(exchange, "A01", questions["A01"], FOUND)
    answer(exchange, "A01", questions["A01"], {**FOUND, "number": 2})
    clock.forward(minutes=1)
    viewing.opened(exchange, manager.actor, wanted, Act.PRINT, "For the hearing")
    by_person = audit.audit(exchange, auditor.actor, Wanted(ssn="900-01-0001", reason="Complaint 7")).items
    assert [(one.act, one.username, one.saw, one.reason) for one in by_person] == [
        (Act.PRINT, manager.account.username, ("A01 (2)",), "For the hearing"),
        (Act.VIEW, worker.account.username, (), ""),
    ]
    for given in (Wanted(worker="FELLOW", reason="x"), Wanted(agency="tribe 1", reason="x")):
        assert audit.audit(exchange, auditor.actor, given).items
    assert audit.audit(exchange, auditor.actor, Wanted(ssn="900-01-0002", reason="x")).items == []
    assert "Lane" not in str(by_person)
    for poor in (Wanted(reason="x"), Wanted(ssn="900010001"), Wanted(ssn="12", reason="x")):
        with pytest.raises(FieldsRefusedError):
            audit.audit(exchange, auditor.actor, poor)
    with pytest.raises(NotPermittedError):
        audit.audit(exchange, manager.actor, Wanted(worker="a", reason="x"))
    with reading(exchange.engine) as session:
        noted = session.exec(select(JournalEvent.facts).where(JournalEvent.kind == "locate.audited")).all()
    assert len(noted) == 4
    assert SSN not in str(noted)


def test_an_audit_goes_on_without_the_number_and_is_exported(
    exchange: Exchange, manager: Partner, worker: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor, other = (make_partner(exchange, Role.OCSS_ADMINISTRATOR, number) for number in (1, 2))
    named = {"last_name": "Alderson", "first_name": "Ida", "birth_date": "1987-03-27", "father_last": "Alder"}
    more = {"mother_first": "Ada", "birth_city": "Topeka"}
    wanted = ask(exchange, worker.actor, sources=("E02",), fields=as_fields(named | more))
    viewing.opened(exchange, worker.actor, wanted)  # nobody knows the number yet
    found = {"outcome": "found", "facts": {"ssn": SSN}}
    assert answer(exchange, "E02", sent(exchange, wanted)["E02"], found, ssn="")
    viewing.opened(exchange, manager.actor, wanted, Act.EXPORT, "=Hearing")
    monkeypatch.setattr(audit, "_PAGE", 1)
    first = audit.audit(exchange, auditor.actor, Wanted(ssn=SSN, reason="x"))
    assert SSN not in first.person
    rest = Wanted(person=first.person, reason="x", after=first.next or "")
    second = audit.audit(exchange, auditor.actor, rest)
    assert [(one.username, one.saw) for one in (*first.items, *second.items)] == [
        (manager.account.username, ("E02",)),
        (worker.account.username, ()),
    ]
    assert second.next is None
    told = audit.exported(exchange, auditor.actor, Wanted(person=first.person, reason="x")).decode()
    assert [line.split(",")[4] for line in told.splitlines()] == ["Act", "Exported", "Looked"]
    assert "'=Hearing" in told
    with pytest.raises(FieldsRefusedError, match="again"):
        audit.audit(exchange, other.actor, rest)
    with pytest.raises(NotPermittedError):
        audit.exported(exchange, manager.actor, rest)
    monkeypatch.setattr(audit, "MOST", 1)
    with pytest.raises(FieldsRefusedError, match="More than 1"):
        audit.exported(exchange, auditor.actor, rest)


def test_an_audit_is_of_some_days_as_utc_counts_them(
    each_exchange: Exchange, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor, worker = make_partner(each_exchange, Role.OCSS_ADMINISTRATOR), make_worker(each_exchange)
    at_noon(clock)  # of December 2, 18:00 UTC
    wanted = ask(each_exchange, worker.actor)
    for hours in (0, 6, 24):  # the 2nd, the 3rd as it begins, the 4th as it begins
        clock.forward(hours=hours)
        viewing.opened(each_exchange, worker.actor, wanted, Act.PRINT, f"After {hours} hours")

    def looks(since: str = "", until: str = "") -> list[str]:
        asked = Wanted(worker="tribe", reason="x", since=since, until=until)
        rows = audit.exported(each_exchange, auditor.actor, asked).decode().splitlines()[1:]
        shown = [one.reason for one in audit.audit(each_exchange, auditor.actor, asked).items]
        assert [row.rpartition(",")[2] for row in rows] == shown
        return shown

    first, second, third = "After 0 hours", "After 6 hours", "After 24 hours"
    assert looks() == looks("2026-12-02", "2026-12-04") == [third, second, first]
    assert looks(since="2026-12-03") == [third, second]
    assert looks(until="2026-12-02") == [first]
    assert looks("2026-12-03", "2026-12-03") == [second]
    for wrong in (("2026-13-01", ""), ("", "yesterday"), ("2026-12-03", "2026-12-02"), ("", "9999-12-31")):
        with pytest.raises(FieldsRefusedError):
            looks(*wrong)
    with reading(each_exchange.engine) as session:
        facts = session.exec(select(JournalEvent.facts).where(JournalEvent.kind == "locate.audited")).all()
    assert '"since":"2026-12-03"' in str(facts)
    monkeypatch.setattr(audit, "_PAGE", 1)
    asked = Wanted(worker="tribe", reason="x", since="2026-12-03")
    page = audit.audit(each_exchange, auditor.actor, asked)
    rest = audit.audit(each_exchange, auditor.actor, replace(asked, after=page.next or ""))
    assert [one.reason for one in (*page.items, *rest.items)] == [third, second]
    assert rest.next is None


def test_one_request_does_not_pay_for_any_number_of_searches(
    exchange: Exchange, manager: Partner, worker: Partner, clock: Clock
) -> None:
    at_noon(clock)
    asked(exchange, worker, 1)
    with transaction(exchange.engine) as session:
        for _ in range(2 * SEARCHES_A_DAY):
            viewing.note_search(session, exchange, worker.actor, ("support", None))
    assert kinds(exchange, manager) == []
    with transaction(exchange.engine) as session:
        viewing.note_search(session, exchange, worker.actor, ("support", None))
    assert kinds(exchange, manager) == [Alarm.MANY_WITHOUT_RESULT]


def test_managers_and_workers_are_told_what_waits_for_them(
    exchange: Exchange, manager: Partner, worker: Partner, clock: Clock
) -> None:
    at_noon(clock)
    named = ask(exchange, worker.actor, "T-9", fields=as_fields({"ssn": SSN, "last_name": "Sample"}))
    assert review.waiting(exchange, manager.actor) == review.Waiting(1, 1)
    assert review.waiting(exchange, worker.actor) == review.Waiting()
    review.sign(exchange, manager.actor, named, signed_off=False, note="A relative?")
    assert [one for one, _ in questions.put_to(exchange, worker.actor)] == [named]
    assert questions.put_to(exchange, manager.actor) == []
    clock.forward(seconds=1)
    review.sign(exchange, manager.actor, named, signed_off=True, note="")
    assert review.waiting(exchange, manager.actor) == review.Waiting(0, 1)
    assert questions.put_to(exchange, worker.actor) == []


@pytest.mark.parametrize(
    ("theirs", "asked_for", "raised"),
    [
        ("Maria De La Cruz", "De La Cruz", True),
        ("Ann Smith-Jones", "Jones", True),
        ("Ann Jones", "Smith-Jones", True),
        ("Niall O'Brien", "OBrien", True),
        ("Ming Li", "Li", True),
        ("Ann de Vries", "de Boer", False),
        ("Ann J. Moore", "J", False),
    ],
)
def test_a_family_name_is_told_in_each_way_it_is_written(theirs: str, asked_for: str, raised: bool) -> None:
    assert alarms.is_same_family(theirs, asked_for) is raised
