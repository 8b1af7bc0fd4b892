"""Asking and answering: who may, what is refused, and what is shown to whom of what sources said."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import select

from exchange.accounts import identity
from exchange.database import reading, transaction
from exchange.errors import (
    FieldsRefusedError,
    IdentityDamagedError,
    LocateBlockedError,
    NotNowError,
    NotOneselfError,
    NotPermittedError,
    RecordNotFoundError,
)
from exchange.locate import protection, requests, standing, taking, viewing
from exchange.locate.requests import NewRequest
from exchange.locate.standing import Clearance
from exchange.models.locate import Act, LocateAnswer, LocateRefused, LocateView
from exchange.runtime import Exchange
from roles.disclosure import RULES, TAX_LABEL, Viewer, disclosed
from roles.disclosure import Standing as Looks
from roles.locate import SOURCES, Purpose
from roles.permissions import Role
from schemas.locate.answers import FactField, Outcome, SourceAnswer
from schemas.locate.query import as_fields
from tests.conftest import Clock
from tests.support.locating import (
    FIELDS,
    FOUND,
    SSN,
    answer,
    ask,
    clear,
    make_fellow,
    make_worker,
    sent,
    statuses,
)
from tests.support.partners import Partner, make_colleague, make_partner


@pytest.fixture
def worker(exchange: Exchange) -> Partner:
    return make_worker(exchange)


def shown(
    exchange: Exchange, who: Partner, request_id: UUID
) -> dict[str, tuple[Outcome | None, tuple[str, ...]]]:
    found = viewing.opened(exchange, who.actor, request_id).results
    return {one.source.code: (one.outcome, tuple(value.value for value in one.shown)) for one in found}


def refused(exchange: Exchange) -> list[str]:
    with reading(exchange.engine) as session:
        return list(session.exec(select(LocateRefused.why)))


def test_a_request_is_answered_by_each_source_in_its_time(each_exchange: Exchange) -> None:
    worker = make_worker(each_exchange)
    wanted = ask(each_exchange, worker.actor)
    queries = sent(each_exchange, wanted)
    assert answer(each_exchange, "A01", queries["A01"], FOUND)
    assert shown(each_exchange, worker, wanted) == {
        "A01": (Outcome.FOUND, ("7 Synthetic Lane, Topeka KS 66601",)),
        "H98": (None, ()),
    }
    correction = {**FOUND, "number": 2, "facts": {"address": "8 Synthetic Lane"}}
    assert answer(each_exchange, "A01", queries["A01"], correction)
    assert shown(each_exchange, worker, wanted)["A01"] == (Outcome.FOUND, ("8 Synthetic Lane",))
    (line,) = viewing.lines(each_exchange, worker.actor).items
    assert (line.answered, line.asked, line.unread) == (1, 2, 1)


def test_what_is_wrong_is_told_all_at_once(exchange: Exchange, worker: Partner) -> None:
    with pytest.raises(FieldsRefusedError) as found:
        requests.ask(exchange, worker.actor, NewRequest("", "", {"first_name": "Ida"}))
    expected = {"purpose", "case_number", "authority", "last_name", "birth_date", "birth_city"}
    assert set(found.value.problems) == expected
    with pytest.raises(FieldsRefusedError, match="14 to 99"):
        requests.ask(
            exchange,
            worker.actor,
            NewRequest("support", "T-1", FIELDS | as_fields({"birth_date": "20200327"}), authority=True),
        )


def test_a_source_that_there_is_not_is_refused_and_not_left_out(exchange: Exchange, worker: Partner) -> None:
    with pytest.raises(FieldsRefusedError) as found:
        ask(exchange, worker.actor, sources=("A01", "A1"))
    assert set(found.value.problems) == {"sources"}


def test_the_same_person_is_not_asked_for_twice_in_a_case(
    exchange: Exchange, worker: Partner, clock: Clock
) -> None:
    first = ask(exchange, worker.actor)
    with pytest.raises(NotNowError, match="open request"):
        ask(exchange, make_fellow(worker, "fellow-2").actor)
    ask(exchange, worker.actor, "T-101")
    requests.withdraw(exchange, worker.actor, first)
    with pytest.raises(NotNowError, match="may be repeated from"):
        ask(exchange, worker.actor)
    clock.forward(days=86)
    clear(exchange, worker)
    assert ask(exchange, worker.actor)


def test_agreement_training_and_clearance_lapse_with_a_clear_word(
    exchange: Exchange, worker: Partner, clock: Clock
) -> None:
    stranger = make_partner(exchange, Role.TRIBE, 2, administrator=True)
    with pytest.raises(LocateBlockedError, match="no locate agreement"):
        ask(exchange, stranger.actor)
    with pytest.raises(NotPermittedError):
        ask(exchange, make_partner(exchange, Role.EMPLOYER).actor)
    clock.forward(days=364)
    ask(exchange, worker.actor)
    clock.forward(days=2)
    with pytest.raises(LocateBlockedError, match="agreement of your agency has lapsed"):
        ask(exchange, worker.actor, "T-2")
    ocss = make_partner(exchange, Role.OCSS_STAFF)
    until = clock().date() + timedelta(days=365)
    standing.record_agreement(exchange, ocss.actor, worker.organization.id, until)
    with pytest.raises(LocateBlockedError, match="training is overdue"):
        ask(exchange, worker.actor, "T-2")
    fellow = make_fellow(worker, "fellow-2")
    with pytest.raises(NotPermittedError):
        standing.clear(exchange, fellow.actor, worker.account.id, Clearance(True, True, clock().date()))
    trained = Clearance(False, False, clock().date())
    with pytest.raises(NotOneselfError):
        standing.clear(exchange, worker.actor, worker.account.id, trained)
    other = make_colleague(worker, "other-4", administrator=True)
    standing.clear(exchange, other.actor, worker.account.id, trained)
    ask(exchange, worker.actor, "T-2")


def test_a_clearance_written_by_hand_clears_nobody(exchange: Exchange, worker: Partner) -> None:
    with transaction(exchange.engine) as session:
        session.connection().execute(text("UPDATE locate_worker SET tax = true"))
    with pytest.raises(IdentityDamagedError):
        ask(exchange, worker.actor)
    assert identity.is_proven(exchange, worker.account)


def test_sources_that_lie_answer_twice_or_come_too_late_are_not_believed(
    exchange: Exchange, worker: Partner
) -> None:
    wanted = ask(exchange, worker.actor)
    queries = sent(exchange, wanted)
    assert not answer(exchange, "A01", queries["A01"], FOUND, ssn="900019999")
    assert not answer(exchange, "H98", queries["A01"], FOUND)
    assert not taking.take(exchange, "A01", b"{" * 20_000)
    assert not answer(exchange, "A01", queries["A01"], {"outcome": "found", "facts": {"shoe_size": "9"}})
    assert answer(exchange, "A01", queries["A01"], {**FOUND, "number": 2})
    assert not answer(exchange, "A01", queries["A01"], {**FOUND, "number": 2})
    assert not answer(exchange, "A01", queries["A01"], {"outcome": "nothing", "number": 2})
    assert not answer(exchange, "A01", queries["A01"], FOUND)
    requests.withdraw(exchange, worker.actor, wanted)
    assert not answer(exchange, "H98", queries["H98"], {"outcome": "nothing"})
    assert refused(exchange) == [
        taking.ANOTHER,
        taking.UNKNOWN,
        taking.UNREADABLE,
        taking.UNREADABLE,
        taking.CONTRADICTED,
        taking.OUTDATED,
        taking.CLOSED,
    ]
    assert statuses(exchange, wanted) == {"A01": "answered", "H98": "silent"}


def test_an_employers_address_is_never_a_persons(exchange: Exchange, worker: Partner) -> None:
    wanted = ask(exchange, worker.actor)
    queries = sent(exchange, wanted)
    said = {
        "outcome": "found",
        "facts": {"address": "1 Mill Road", "employer": "Mill"},
        "address_of": "person",
    }
    assert answer(exchange, "H98", queries["H98"], said)
    (result,) = [
        one for one in viewing.opened(exchange, worker.actor, wanted).results if one.source.code == "H98"
    ]
    assert [one.field for one in result.shown] == [FactField.EMPLOYER, FactField.EMPLOYER_ADDRESS]


def test_nothing_is_found_about_a_protected_person(exchange: Exchange, worker: Partner) -> None:
    before = ask(exchange, worker.actor)
    queries = sent(exchange, before)
    answer(exchange, "A01", queries["A01"], FOUND)
    protection.protect(exchange, None, SSN)
    answer(exchange, "H98", queries["H98"], {"outcome": "found", "facts": {"employer": "Mill"}})
    assert shown(exchange, worker, before) == dict.fromkeys(("A01", "H98"), (Outcome.NOTHING, ()))
    absent = ask(exchange, worker.actor, "T-102", sources=("H98",))
    answer(exchange, "H98", sent(exchange, absent)["H98"], {"outcome": "nothing"})
    with reading(exchange.engine) as session:
        sizes = {len(row.sealed) for row in session.exec(select(LocateAnswer))}
    assert len(sizes) == 1
    assert shown(exchange, worker, absent) == {"H98": (Outcome.NOTHING, ())}


def test_only_who_asked_and_the_manager_see_it_and_each_look_is_kept(
    exchange: Exchange, worker: Partner
) -> None:
    wanted = ask(exchange, worker.actor)
    fellow, manager = make_fellow(worker, "fellow-2"), make_fellow(worker, "boss-3", manager=True)
    for stranger in (fellow, make_worker(exchange, 2, manager=True)):
        with pytest.raises(RecordNotFoundError):
            viewing.opened(exchange, stranger.actor, wanted)
    assert viewing.opened(exchange, manager.actor, wanted).viewer is Viewer.MANAGER
    with pytest.raises(FieldsRefusedError, match="what you need it for"):
        viewing.opened(exchange, worker.actor, wanted, Act.PRINT)
    viewing.opened(exchange, worker.actor, wanted, Act.PRINT, "For the hearing")
    with reading(exchange.engine) as session:
        acts = [(row.act, row.account_id) for row in session.exec(select(LocateView))]
    assert acts == [("view", manager.account.id), ("print", worker.account.id)]
    assert [one.id for one in viewing.lines(exchange, manager.actor, everybody=True).items] == [wanted]
    assert viewing.lines(exchange, fellow.actor, everybody=True).items == []


def test_tax_data_need_their_own_flag_and_carry_their_label() -> None:
    said = SourceAnswer(outcome=Outcome.FOUND, facts={FactField.TAX_ADDRESS: "5 Synthetic Street"})
    cleared = Looks(Viewer.ASKER, Purpose.SUPPORT, tax=True, withheld=False)
    outcome, (value,) = disclosed(SOURCES["C01"], said, cleared)
    assert (outcome, value.label) == (Outcome.FOUND, TAX_LABEL)
    for other in (
        Looks(Viewer.ASKER, Purpose.SUPPORT, tax=False, withheld=False),
        Looks(Viewer.ASKER, Purpose.CUSTODY, tax=True, withheld=False),
        Looks(Viewer.NOBODY, Purpose.SUPPORT, tax=True, withheld=False),
        Looks(Viewer.ASKER, Purpose.SUPPORT, tax=True, withheld=True),
    ):
        assert disclosed(SOURCES["C01"], said, other) == (Outcome.NOTHING, ())


def every_field() -> Iterator[FactField]:
    yield from FactField


def test_every_field_has_a_rule_and_every_source_gives_something() -> None:
    ruled = {field for rule in RULES for field in rule.fields}
    assert set(every_field()) == ruled
    assert all(source.gives for source in SOURCES.values())
