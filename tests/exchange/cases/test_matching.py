"""Proactive matches: people of an agency's cases stand in cases of other states, though nobody asked."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from exchange import journal
from exchange.database import reading, transaction
from exchange.errors import LocateBlockedError, RecordNotFoundError
from exchange.locate import desk, matches, protection
from exchange.models.cases import CaseMatch
from exchange.models.jobs import Notice
from exchange.models.journal import JournalEvent
from exchange.models.locate import LocateView
from exchange.models.registration import Registration
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.case_files import Record, case, codes, filed, only, person
from tests.support.locating import make_fellow, make_worker
from tests.support.partners import Partner, make_colleague, make_partner
from tests.support.secrecy import ABSENT, CASE, FLAGGED, Somebody, register

TOLD = f"NE {CASE} (owes support)"


@pytest.fixture
def worker(each_exchange: Exchange) -> Partner:
    """Somebody of Kansas. The registry knows a person in a case of Nebraska."""
    make_partner(each_exchange, Role.OCSS_STAFF)
    register(each_exchange)
    return make_worker(each_exchange, role=Role.STATE, jurisdiction="KS")


@pytest.fixture
def elsewhere(worker: Partner) -> Partner:
    return make_worker(worker.exchange, 2, role=Role.STATE, jurisdiction="TX", manager=True)


def about(who: Somebody = FLAGGED, **more: object) -> Record:
    return person(who.ssn, who.last.upper(), who.first.upper(), **more)


def files(agency: Partner, *records: Record, number: int = 1) -> None:
    """The agency hands a file over, which is taken."""
    state = agency.organization.jurisdiction
    back = filed(agency.exchange, agency, *records, number=number, state=state)
    assert {code for code, _ in codes(back)} == {"AAAAA"}


def registered(worker: Partner, *more: Record, number: int = 1, **said: object) -> None:
    files(worker, case(), about(**said), *more, number=number)


def waiting(worker: Partner) -> list[tuple[str, str]]:
    found = matches.matches(worker.exchange, worker.actor).items
    return [(one.case_number, one.part) for one in found]


def only_id(worker: Partner, *, taken: bool = False) -> UUID:
    (one,) = matches.matches(worker.exchange, worker.actor, taken=taken).items
    return one.id


def told(worker: Partner, match_id: UUID) -> list[str]:
    return [one.value for one in matches.opened(worker.exchange, worker.actor, match_id).shown]


def notices(exchange: Exchange) -> int:
    with reading(exchange.engine) as session:
        return len(session.exec(select(Notice).where(Notice.event == "locate.matched")).all())


def test_whoever_registers_somebody_known_elsewhere_is_told_once(worker: Partner) -> None:
    registered(worker)
    assert waiting(worker) == [("C1", "NP")]
    assert (notices(worker.exchange), desk.overview(worker.exchange, worker.actor).matches) == (1, 1)
    files(worker, ("case", {"action_type": "C", "case_id": "C1", "county": "177"}), number=2)
    assert (waiting(worker), notices(worker.exchange)) == ([("C1", "NP")], 1)
    with pytest.raises(RecordNotFoundError):
        told(worker, only_id(worker))
    matches.take_up(worker.exchange, worker.actor, only_id(worker))
    assert told(worker, only_id(worker, taken=True)) == [TOLD]
    assert waiting(worker) == []
    assert journal.verify(worker.exchange) is None


def test_both_agencies_are_told_of_each_other_s_case_and_of_children(
    worker: Partner, elsewhere: Partner
) -> None:
    child = person("900030001", "CHILD", participant_type="CH")
    files(worker, case(), child)
    assert (waiting(worker), waiting(elsewhere)) == ([], [])
    files(
        elsewhere,
        case(case_id="T7"),
        person("900030001", "CHILD", participant_type="CH", case_id="T7"),
    )
    assert (waiting(worker), waiting(elsewhere)) == ([("C1", "CH")], [("T7", "CH")])
    for one, found in ((worker, "TX T7 (child)"), (elsewhere, "KS C1 (child)")):
        match_id = only_id(one)
        matches.take_up(one.exchange, one.actor, match_id)
        assert told(one, match_id) == [found]
    files(elsewhere, ("case", {"action_type": "D", "case_id": "T7"}), number=2)
    with reading(worker.exchange.engine) as session:
        assert session.exec(select(CaseMatch)).all() == []


def test_what_is_no_match_any_more_goes(worker: Partner, elsewhere: Partner) -> None:
    registered(worker)
    files(elsewhere, case(case_type="N"), about(who=FLAGGED))
    assert waiting(elsewhere) == []  # not a IV-D case
    assert waiting(worker) == [("C1", "NP")] * 2
    files(
        elsewhere,
        ("case", {"action_type": "C", "case_id": "C1", "case_type": "F"}),
        number=2,
    )
    assert waiting(elsewhere) == [("C1", "NP")] * 2
    files(elsewhere, only("D", ssn=FLAGGED.ssn), number=3)
    assert (waiting(elsewhere), waiting(worker)) == ([], [("C1", "NP")])
    files(worker, case(case_id="C2"), about(case_id="C2"), number=4)
    assert sorted(waiting(worker)) == [("C1", "NP"), ("C2", "NP")]  # one's own cases match nothing


def test_before_anybody_takes_it_up_it_is_everybody_s_then_the_worker_s_and_the_manager_s(
    worker: Partner,
) -> None:
    exchange = worker.exchange
    fellow, manager = make_fellow(worker, "fellow-2"), make_fellow(worker, "boss-3", manager=True)
    registered(worker)
    assert waiting(worker) == waiting(fellow) == waiting(manager) == [("C1", "NP")]
    match_id = only_id(worker)
    matches.take_up(exchange, worker.actor, match_id)
    assert told(worker, match_id) == told(manager, match_id) == [TOLD]
    for act in (matches.opened, matches.take_up, matches.set_aside):
        with pytest.raises(RecordNotFoundError):
            act(exchange, fellow.actor, match_id)
    with pytest.raises(RecordNotFoundError):
        matches.take_up(exchange, manager.actor, match_id)
    with reading(exchange.engine) as session:
        views = session.exec(select(LocateView)).all()
        acts = session.exec(select(JournalEvent.kind).where(JournalEvent.subject_id == match_id)).all()
    assert [(one.account_id, one.sources, one.purpose) for one in views] == [
        (one.account.id, "FCR", "support") for one in (worker, manager)
    ]
    assert acts == ["locate.match-settled", "locate.viewed", "locate.viewed"]
    matches.set_aside(exchange, manager.actor, match_id)
    files(worker, ("case", {"action_type": "C", "case_id": "C1", "county": "177"}), number=2)
    assert (waiting(worker), matches.matches(exchange, worker.actor, taken=True).items) == ([], [])


def test_nobody_else_sees_or_touches_it(worker: Partner, elsewhere: Partner) -> None:
    registered(worker)
    match_id = only_id(worker)
    assert waiting(elsewhere) == []
    for act in (matches.opened, matches.take_up, matches.set_aside):
        with pytest.raises(RecordNotFoundError):
            act(worker.exchange, elsewhere.actor, match_id)
    uncleared = make_colleague(worker, "new-2")
    assert matches.waiting(worker.exchange, uncleared.actor) == 0
    with pytest.raises(LocateBlockedError):
        waiting(uncleared)


def kept(worker: Partner, who: Somebody) -> tuple[object, ...]:
    """What there is after a file about somebody: rows, notices, events, and what the worker is told."""
    exchange = worker.exchange
    registered(worker, who=who)
    with reading(exchange.engine) as session:
        rows = len(session.exec(select(CaseMatch)).all())
        kinds = session.exec(select(JournalEvent.kind).order_by(JournalEvent.position)).all()
    return rows, notices(exchange), kinds[-4:], waiting(worker), matches.waiting(exchange, worker.actor)


def test_somebody_protected_is_matched_like_somebody_nobody_knows(
    worker: Partner, elsewhere: Partner
) -> None:
    protection.protect(worker.exchange, None, FLAGGED.ssn)
    assert kept(worker, FLAGGED) == kept(elsewhere, ABSENT) == (0, 0, kept_events(worker), [], 0)


def kept_events(worker: Partner) -> list[str]:
    with reading(worker.exchange.engine) as session:
        kinds = session.exec(select(JournalEvent.kind).order_by(JournalEvent.position)).all()
    assert "locate.matched" not in kinds
    return list(kinds[-4:])


def test_who_is_protected_by_the_very_file_is_not_matched_either(worker: Partner, elsewhere: Partner) -> None:
    files(elsewhere, case(), about())
    registered(worker, family_violence="FV")
    assert waiting(worker) == []
    with reading(worker.exchange.engine) as session:
        held = session.exec(select(CaseMatch.organization_id)).all()
    assert set(held) <= {elsewhere.organization.id}
    assert waiting(elsewhere) == []


def test_who_is_protected_afterwards_or_is_the_worker_is_not_shown(worker: Partner) -> None:
    exchange, fellow = worker.exchange, make_fellow(worker, "fellow-2")
    registered(worker)
    own: dict[str, Any] = {"kind": "state", "answers_sealed": b"", "secret_hash": b"x", "reference": "R-1"}
    own |= {"created_at": exchange.clock(), "changed_at": exchange.clock(), "account_id": fellow.account.id}
    with transaction(exchange.engine) as session:
        session.add(Registration(person_hash=protection.person_hash(exchange, FLAGGED.ssn), **own))
    assert (waiting(fellow), matches.waiting(exchange, fellow.actor)) == ([], 0)
    match_id = only_id(worker)
    matches.take_up(exchange, worker.actor, match_id)
    protection.protect(exchange, None, FLAGGED.ssn)
    for act in (matches.opened, matches.set_aside):
        with pytest.raises(RecordNotFoundError):
            act(exchange, worker.actor, match_id)
    assert matches.matches(exchange, worker.actor, taken=True).items == []
    protection.protect(exchange, None, FLAGGED.ssn, wanted=False)
    assert told(worker, match_id) == [TOLD]


def test_lists_go_on_where_they_stopped_also_over_who_is_hidden(
    worker: Partner, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matches, "_AT_ONCE", 2)
    for number in range(1, 6):
        clock.forward(minutes=1)
        records = case(case_id=f"C{number}"), about(case_id=f"C{number}")
        files(worker, *records, number=number)
    seen, after = [], ""
    while True:
        part = matches.matches(worker.exchange, worker.actor, after=after, limit=2)
        seen += [one.case_number for one in part.items]
        if part.next is None:
            break
        after = part.next
    assert seen == ["C5", "C4", "C3", "C2", "C1"]
    protection.protect(worker.exchange, None, FLAGGED.ssn)
    assert matches.matches(worker.exchange, worker.actor, limit=2) == matches.Matches([], None)
