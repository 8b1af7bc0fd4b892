"""Somebody who is protected is as good as somebody nobody knows: in what is kept, counted, told and when."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from exchange.database import reading
from exchange.errors import FieldsRefusedError, NotNowError
from exchange.locate import audit, protection, searching, viewing
from exchange.models.locate import LocateAnswer, LocateQuery
from exchange.runtime import Exchange
from roles.permissions import Role
from schemas.forms.asked import parse_asked
from schemas.locate.answers import Outcome
from schemas.locate.query import WHOLE, Subject, as_fields
from tests.conftest import Clock
from tests.support.crawling import at_rest
from tests.support.locating import answer, ask, make_fellow, make_worker, sent
from tests.support.partners import Partner, make_partner
from tests.support.secrecy import ABSENT, FLAGGED, HIDDEN, NOTHING, SPELLINGS, Somebody, found, register


@pytest.fixture
def worker(exchange: Exchange) -> Partner:
    return make_worker(exchange)


def asked_for(
    exchange: Exchange, worker: Partner, who: Somebody, case: str, *, by_number: bool = True
) -> tuple[UUID, dict[str, UUID]]:
    fields = who.asked(by_number=by_number)
    wanted = ask(exchange, worker.actor, case, sources=tuple(HIDDEN), fields=fields)
    return wanted, sent(exchange, wanted)


def told(exchange: Exchange, worker: Partner, wanted: UUID) -> list[Any]:
    """All that can be seen of the answers, but for ids."""
    opened = viewing.opened(exchange, worker.actor, wanted)
    line = opened.line
    shown = [(one.outcome, one.shown, one.corrected, one.received_at, one.new) for one in opened.results]
    return [*shown, line.answered, line.unread, line.new, line.status]


def test_corrections_are_not_counted_where_there_is_nothing_to_correct(
    exchange: Exchange, worker: Partner, clock: Clock
) -> None:
    """A source corrects only what it found: that it did would tell that it did."""
    protection.protect(exchange, None, FLAGGED.ssn)
    wanted, queries = asked_for(exchange, worker, FLAGGED, "T-1")
    assert answer(exchange, "A01", queries["A01"], found("A01"), **FLAGGED.about)
    before, stamp = told(exchange, worker, wanted), viewing.stamp(exchange, worker.actor, wanted)
    clock.forward(hours=1)
    assert answer(exchange, "A01", queries["A01"], found("A01", 2), **FLAGGED.about)
    assert not answer(exchange, "A01", queries["A01"], found("A01", 2), **FLAGGED.about)
    assert viewing.stamp(exchange, worker.actor, wanted) == stamp
    after = told(exchange, worker, wanted)
    assert after[0] == (Outcome.NOTHING, (), 0, before[0][3], False)
    auditor = make_partner(exchange, Role.OCSS_ADMINISTRATOR)
    looks = audit.audit(exchange, auditor.actor, audit.Wanted(ssn=FLAGGED.ssn, reason="x")).items
    assert {one.saw for one in looks} == {("A01",)}


def test_who_is_protected_afterwards_was_never_corrected_either(
    exchange: Exchange, worker: Partner, clock: Clock
) -> None:
    wanted, queries = asked_for(exchange, worker, FLAGGED, "T-1")
    for number in (1, 2):
        facts = {"facts": {"address": f"{number} Synthetic Lane"}}
        answer(exchange, "A01", queries["A01"], {**found("A01", number), **facts}, **FLAGGED.about)
        clock.forward(hours=1)
    assert viewing.opened(exchange, worker.actor, wanted).results[0].corrected == 1
    protection.protect(exchange, None, FLAGGED.ssn)
    first = viewing.opened(exchange, worker.actor, wanted).results[0]
    answer(exchange, "A01", queries["A01"], found("A01", 3), **FLAGGED.about)
    again = viewing.opened(exchange, worker.actor, wanted).results[0]
    assert first == again
    assert (first.outcome, first.shown, first.corrected) == (Outcome.NOTHING, (), 0)
    with reading(exchange.engine) as session:
        came = session.exec(select(LocateAnswer.received_at).order_by(LocateAnswer.number)).first()
        (query,) = session.exec(select(LocateQuery).where(LocateQuery.source == "A01"))
    assert came is not None
    assert first.received_at is not None
    assert first.received_at.replace(tzinfo=None) == came.replace(tzinfo=None)
    assert query.answered_at is not None


@pytest.mark.parametrize("spelt", [{}, {"first_name": FLAGGED.last, "last_name": FLAGGED.first}])
def test_a_protected_person_of_the_registry_is_known_without_the_number(
    exchange: Exchange, worker: Partner, spelt: dict[str, str]
) -> None:
    register(exchange)
    protection.protect(exchange, None, FLAGGED.ssn)
    fields = FLAGGED.asked(by_number=False) | spelt
    wanted = ask(exchange, worker.actor, "T-1", sources=("A01",), fields=fields)
    query = sent(exchange, wanted)["A01"]
    assert answer(exchange, "A01", query, found("A01"), ssn="", last_name=fields["last_name"])
    protection.protect(exchange, None, FLAGGED.ssn, wanted=False)
    assert viewing.opened(exchange, worker.actor, wanted).results[0].outcome is Outcome.NOTHING


@pytest.mark.parametrize("said", [{"ssn": FLAGGED.ssn}, {"name": "XENOBIA Q ZANQUILLARY"}], ids=str)
def test_a_source_that_knows_better_who_it_is_about_gives_nobody_away(
    exchange: Exchange, worker: Partner, said: dict[str, str]
) -> None:
    """The name was misspelt on purpose; the source forgives it, and says whom it found."""
    register(exchange)
    protection.protect(exchange, None, FLAGGED.ssn)
    fields = FLAGGED.asked(by_number=False) | {"last_name": "Zanquilary"}
    wanted = ask(exchange, worker.actor, "T-1", sources=("A01", "H98"), fields=fields)
    queries, about = sent(exchange, wanted), {"ssn": "", "last_name": "Zanquilary"}
    facts = {"facts": {"address": "17 Quoxfeather Lane", **said}}
    assert answer(exchange, "A01", queries["A01"], {**found("A01"), **facts}, **about)
    if "ssn" in said:
        assert answer(exchange, "H98", queries["H98"], found("H98"), **about)
    shown = viewing.opened(exchange, worker.actor, wanted).results
    assert {one.outcome for one in shown} <= {Outcome.NOTHING, None}


def test_whom_one_source_gives_a_protected_number_the_others_mean_too(
    exchange: Exchange, worker: Partner
) -> None:
    wanted, queries = asked_for(exchange, worker, ABSENT, "T-1", by_number=False)
    about = {"ssn": "", "last_name": ABSENT.last}
    answer(exchange, "H98", queries["H98"], found("H98"), **about)
    answer(exchange, "E02", queries["E02"], {**found("E02"), "facts": {"ssn": FLAGGED.ssn}}, **about)
    assert {one.outcome for one in viewing.opened(exchange, worker.actor, wanted).results} == {
        Outcome.FOUND,
        None,
    }
    protection.protect(exchange, None, FLAGGED.ssn)
    assert {one.outcome for one in viewing.opened(exchange, worker.actor, wanted).results} == {
        Outcome.NOTHING,
        None,
    }


def test_letters_of_other_languages_do_not_change_the_size(exchange: Exchange, worker: Partner) -> None:
    _, queries = asked_for(exchange, worker, ABSENT, "T-1")
    said = {**found("A01"), "facts": {"address": "ÅÄÖ" * 40}}
    answer(exchange, "A01", queries["A01"], said, **ABSENT.about)
    answer(exchange, "H98", queries["H98"], NOTHING, **ABSENT.about)
    with reading(exchange.engine) as session:
        assert len({len(one.sealed) for one in session.exec(select(LocateAnswer))}) == 1


def test_who_is_protected_after_a_search_is_not_gone_on_with(exchange: Exchange, worker: Partner) -> None:
    register(exchange)
    asked = exchange, worker.actor, "support", "T-9"
    (match,) = searching.search(*asked, FLAGGED.asked()).matches
    assert searching.carried(exchange, worker.actor, match.carried).subject.ssn == FLAGGED.ssn
    protection.protect(exchange, None, FLAGGED.ssn)
    with pytest.raises(FieldsRefusedError, match="search again"):
        searching.carried(exchange, worker.actor, match.carried)
    again = searching.search(*asked, FLAGGED.asked())
    assert again.matches == ()
    assert searching.carried(exchange, worker.actor, again.typed).subject.ssn == FLAGGED.ssn


def chosen(exchange: Exchange, worker: Partner, case: str, typed: dict[str, str]) -> UUID:
    """A request about somebody whom a search has found."""
    (match,) = searching.search(exchange, worker.actor, "support", case, typed).matches
    carried = searching.carried(exchange, worker.actor, match.carried)
    fields = as_fields(carried.subject.as_dict())
    return ask(exchange, worker.actor, case, sources=tuple(HIDDEN), fields=fields, typed=carried.typed)


def test_of_who_is_protected_after_being_chosen_from_a_search_what_was_typed_is_left(
    exchange: Exchange, worker: Partner
) -> None:
    register(exchange)
    typed = FLAGGED.asked(by_number=False) | {"last_name": "Zanquilary", "first_name": "Xenobea"}
    wanted = chosen(exchange, worker, "T-1", typed)
    before = viewing.opened(exchange, worker.actor, wanted)
    assert (before.line.person, before.subject.ssn) == ("Xenobia Zanquillary", "***-**-7717")
    protection.protect(exchange, None, FLAGGED.ssn)
    manager = make_fellow(worker, "boss-2", manager=True)
    for who, everybody in ((worker, False), (manager, True)):
        after = viewing.opened(exchange, who.actor, wanted)
        (line,) = viewing.lines(exchange, who.actor, everybody=everybody).items
        assert {after.line.person, line.person} == {"Xenobea Zanquilary"}
        assert after.subject == Subject.of(parse_asked(WHOLE, typed).values)
    assert viewing.newest(exchange, worker.actor, 5)[0].person == "Xenobea Zanquilary"
    assert viewing.number(exchange, worker.actor, wanted, "To call") == ""
    protection.protect(exchange, None, FLAGGED.ssn, wanted=False)
    assert viewing.number(exchange, worker.actor, wanted, "To call") == FLAGGED.ssn


def test_a_repetition_is_one_of_what_was_typed_once_the_chosen_person_is_protected(
    exchange: Exchange, worker: Partner
) -> None:
    """Else asking for a number in that case would tell whose it is."""
    register(exchange)
    typed = FLAGGED.asked(by_number=False) | {"last_name": "Zanquilary"}
    chosen(exchange, worker, "T-1", typed)
    with pytest.raises(NotNowError):
        ask(exchange, worker.actor, "T-1", fields=FLAGGED.asked())
    protection.protect(exchange, None, FLAGGED.ssn)
    with pytest.raises(NotNowError):
        ask(exchange, worker.actor, "T-1", fields=typed)
    assert ask(exchange, worker.actor, "T-1", fields=FLAGGED.asked())


def test_nothing_about_a_protected_person_is_at_rest(each_exchange: Exchange) -> None:
    worker = make_worker(each_exchange, tax=True)
    register(each_exchange)
    protection.protect(each_exchange, None, FLAGGED.ssn)
    _, queries = asked_for(each_exchange, worker, FLAGGED, "T-1")
    for code in HIDDEN:
        assert answer(each_exchange, code, queries[code], found(code), **FLAGGED.about)
    words = [*SPELLINGS, FLAGGED.ssn, FLAGGED.last]
    assert [(where, word) for where, kept in at_rest(each_exchange) for word in words if word in kept] == []
