"""What changed since a moment, for each reader; what an entry said before; when somebody looked last."""

from datetime import timedelta
from threading import Event, Thread

import pytest

from exchange.errors import RecordNotFoundError
from exchange.guide import changes, editions, loading, past, visits
from exchange.guide.keys import FACTS, Key
from exchange.guide.memory import Kept, Lately
from exchange.runtime import Exchange
from roles.guide import EntrySort
from roles.permissions import Role
from schemas.guide.documents import Audience, Guide
from schemas.guide.wording import Change
from tests.conftest import Clock
from tests.support.guide import contact, small_guide, state
from tests.support.partners import make_partner

AGE = Key("20000", EntrySort.ANSWER, "age-of-majority")
SEALED = Key("20000", EntrySort.ANSWER, "family-violence")


def with_kansas(age: str, *, sealed: str = "", director: str = "") -> Guide:
    kansas = state("20000", "Kansas", age)
    answers = tuple(
        one.model_copy(update={"value": sealed}) if sealed and one.question == SEALED.slug else one
        for one in kansas.answers
    )
    contacts = kansas.contacts
    if director:
        head = contact("20000", "director", "director").model_copy(update={"name": director})
        contacts = (*contacts, head)
    part = kansas.model_copy(update={"answers": answers, "contacts": contacts})
    others = (one for one in small_guide().parts if one.facts.locator_code != "20000")
    parts = tuple(sorted((part, *others), key=lambda one: one.facts.locator_code))
    return small_guide().model_copy(update={"parts": parts})


def since(exchange: Exchange, reader: Audience, days: float) -> list[changes.Changed]:
    edition = editions.published(exchange)
    return changes.since(exchange, edition, reader, exchange.clock() - timedelta(days=days)).items


def test_what_changed_is_told_with_what_it_said_before(each_exchange: Exchange, clock: Clock) -> None:
    loading.load(each_exchange, small_guide())
    clock.forward(days=10)
    loading.load(each_exchange, with_kansas("21", sealed="Locked away.", director="Kit Sample"))
    clock.forward(days=1)
    (one,) = since(each_exchange, Audience.PUBLIC, 5)
    assert (one.key, one.jurisdiction, one.title) == (AGE, "Kansas", "Age of majority")
    assert (one.before, one.now) == ("Answer: 18", "Answer: 21")
    assert {one.key.slug for one in since(each_exchange, Audience.WORKERS, 5)} == {
        AGE.slug,
        SEALED.slug,
        "director",
    }
    assert since(each_exchange, Audience.WORKERS, 0.5) == []
    assert [one.before for one in since(each_exchange, Audience.PUBLIC, 30)] == [None] * 10


def test_what_was_taken_out_is_told_to_those_who_read_it(exchange: Exchange, clock: Clock) -> None:
    loading.load(exchange, with_kansas("21", director="Kit Sample"))
    clock.forward(days=10)
    without = with_kansas("21")
    kansas = next(one for one in without.parts if one.facts.locator_code == "20000")
    bare = kansas.model_copy(update={"contacts": ()})
    parts = tuple(bare if one is kansas else one for one in without.parts)
    loading.load(exchange, without.model_copy(update={"parts": parts}))
    clock.forward(days=1)
    (one,) = since(exchange, Audience.PUBLIC, 5)
    assert (one.key.slug, one.now) == ("central-registry", None)
    assert "director" in {one.key.slug for one in since(exchange, Audience.WORKERS, 5)}


def test_what_says_the_same_again_has_not_changed(exchange: Exchange, clock: Clock) -> None:
    for age in ("18", "21", "18"):
        loading.load(exchange, with_kansas(age))
        clock.forward(days=1)
    assert since(exchange, Audience.PUBLIC, 2.5) == []
    assert len(since(exchange, Audience.PUBLIC, 1.5)) == 1


def test_pages_of_changes_lose_nothing(
    exchange: Exchange, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "SHOWN", 4)
    loading.load(exchange, small_guide())
    clock.forward(days=1)
    edition = editions.published(exchange)
    moment = exchange.clock() - timedelta(days=5)
    pages = [changes.since(exchange, edition, Audience.PUBLIC, moment, page) for page in range(3)]
    assert [(len(page.items), page.more) for page in pages] == [(4, True), (4, True), (2, False)]
    assert len({one.key for page in pages for one in page.items}) == 10


def test_an_entry_tells_each_step_of_its_past(exchange: Exchange, clock: Clock) -> None:
    for age in ("18", "21"):
        loading.load(exchange, with_kansas(age, director="Kit Sample"))
        clock.forward(days=1)
    edition = editions.published(exchange)
    newest, first = past.steps(exchange, edition, AGE, None)
    assert [one.change for one in newest.pieces] == [Change.SAME, Change.OUT, Change.IN]
    assert first.pieces == ((Change.IN, "Answer: 18"),)
    assert len(past.steps(exchange, edition, Key("20000", EntrySort.FACTS, FACTS), None)) == 1
    worker = make_partner(exchange, Role.TRIBE).actor
    for hidden in (SEALED, Key("20000", EntrySort.CONTACT, "director")):
        assert past.steps(exchange, edition, hidden, worker)
        with pytest.raises(RecordNotFoundError):
            past.steps(exchange, edition, hidden, None)
    with pytest.raises(RecordNotFoundError):
        past.steps(exchange, edition, Key("20000", EntrySort.ANSWER, "legal-aid"), worker)


def test_what_an_answer_said_while_its_question_was_for_workers_stays_with_them(
    exchange: Exchange, clock: Clock
) -> None:
    opened = tuple(one.model_copy(update={"audience": Audience.PUBLIC}) for one in small_guide().questions)
    for given, sealed in ((small_guide().questions, "Under a stone."), (opened, "With a judge.")):
        loading.load(exchange, with_kansas("18", sealed=sealed).model_copy(update={"questions": given}))
        clock.forward(days=1)
    edition, worker = editions.published(exchange), make_partner(exchange, Role.STATE).actor
    (one,) = past.steps(exchange, edition, SEALED, None)
    assert one.pieces == ((Change.IN, "Answer: With a judge."),)
    assert len(past.steps(exchange, edition, SEALED, worker)) == 2
    (public,), (own,) = (since(exchange, reader, 1.5) for reader in Audience)
    assert (public.before, own.before) == (None, "Answer: Under a stone.")
    day = (clock() - timedelta(days=2)).date()
    then = editions.on_day(exchange, edition, Audience.PUBLIC, "20000", day)
    assert [one.question for one in then.parts["20000"].answers] == [AGE.slug]


def test_what_anybody_may_ask_for_is_made_once_and_bounded() -> None:
    made, lately = list[int](), Lately()

    def get(number: int) -> None:
        lately.get(number, lambda: made.append(number) or number)

    for number in (*range(Lately.MOST), 0, Lately.MOST, 0, 1):
        get(number)
    assert made == [*range(Lately.MOST), Lately.MOST, 1]


def test_who_asks_for_what_is_made_waits_for_nobody_who_makes_something_else() -> None:
    kept, begun, ended = Kept(), Event(), Event()
    kept.get("index", lambda: "made")
    maker = Thread(target=kept.get, args=("file", lambda: begun.set() or ended.wait(20)))
    maker.start()
    assert begun.wait(20)
    asker = Thread(target=kept.get, args=("index", list))
    asker.start()
    asker.join(10)
    waited = asker.is_alive()
    ended.set()
    maker.join(20)
    assert not waited


def test_what_was_being_published_at_the_last_visit_is_told_at_the_next(
    exchange: Exchange, clock: Clock
) -> None:
    worker = make_partner(exchange, Role.STATE).actor
    loading.load(exchange, with_kansas("21"))
    clock.forward(seconds=30)  # a transaction that took so long
    visits.look(exchange, worker)
    clock.forward(days=1)
    last = visits.look(exchange, worker)
    assert last is not None
    found = changes.since(exchange, editions.published(exchange), Audience.WORKERS, last).items
    assert AGE in {one.key for one in found}


def test_a_visit_lasts_half_an_hour(exchange: Exchange, clock: Clock) -> None:
    worker = make_partner(exchange, Role.STATE).actor
    assert visits.look(exchange, worker) is None
    clock.forward(days=7)
    first = visits.look(exchange, worker)
    assert first is not None
    assert exchange.clock() - first > timedelta(days=6)
    clock.forward(minutes=20)
    assert visits.look(exchange, worker) == first
    clock.forward(minutes=40)
    again = visits.look(exchange, worker)
    assert again is not None
    assert again > first


def test_one_jurisdiction_of_the_past_is_as_in_the_whole(exchange: Exchange, clock: Clock) -> None:
    loading.load(exchange, with_kansas("18"))
    moment = exchange.clock()
    clock.forward(days=1)
    loading.load(exchange, with_kansas("21"))
    whole, alone = editions.at(exchange, moment), editions.at(exchange, moment, "20000")
    assert alone.guide.parts == (whole.parts["20000"],)
    assert alone.guide.questions == whole.guide.questions
    assert editions.at(exchange, moment, "99000").guide.parts == ()


def test_what_a_contact_said_while_it_was_for_workers_stays_with_them(
    exchange: Exchange, clock: Clock
) -> None:
    head = contact("20000", "desk", "director").model_copy(update={"name": "Kit Sample"})
    kansas = state("20000", "Kansas", "18")
    for entry in (head, contact("20000", "desk", "uifsa")):
        part = kansas.model_copy(update={"contacts": (entry,)})
        loading.load(exchange, small_guide().model_copy(update={"parts": (part,)}))
        clock.forward(days=1)
    (public,), (worker,) = (since(exchange, reader, 1.5) for reader in Audience)
    assert (public.before, "Kit Sample" in (worker.before or "")) == (None, True)
    edition, desk = editions.published(exchange), Key("20000", EntrySort.CONTACT, "desk")
    with pytest.raises(RecordNotFoundError):
        past.steps(exchange, edition, desk, None)
