"""What waits in a shared inbox, and how long its answers took."""

from datetime import timedelta

import pytest

from exchange import errors
from exchange.accounts import people
from exchange.messages import acts, desk, load, offices, receivers
from exchange.messages.load import Load, Share
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.correspondence import answer, inbox, write
from tests.support.partners import Partner, make_colleague, make_partner


def counts(shares: list[Share]) -> list[tuple[str, int, int]]:
    return [(one.name, one.waiting, one.overdue) for one in shares]


def of(exchange: Exchange, partner: Partner) -> Load:
    return load.load(exchange, partner.actor)


def test_what_waits_is_counted_by_topic_office_and_person(each_exchange: Exchange) -> None:
    employer = make_partner(each_exchange, Role.EMPLOYER)
    state = make_partner(each_exchange, Role.STATE, administrator=True)
    north = offices.make(each_exchange, state.actor, "North")
    threads = [write(each_exchange, employer.actor, state)[0] for _ in range(3)]
    threads += [write(each_exchange, employer.actor, state, topic="payment", office=str(north))[0]]
    desk.take(each_exchange, state.actor, threads[0])
    answer(each_exchange, state.actor, threads[1])
    found = of(each_exchange, state)
    assert (found.waiting, found.overdue, found.unassigned) == (3, 0, 2)
    assert counts(found.topics) == [("General question", 2, 0), ("Payment inquiry", 1, 0)]
    assert counts(found.offices) == [("No office", 2, 0), ("North", 1, 0)]
    assert counts(found.people) == [("Nobody yet", 2, 0), (state.account.name, 1, 0)]


def test_what_is_closed_or_put_away_waits_no_more(
    exchange: Exchange, employer: Partner, state: Partner, clock: Clock
) -> None:
    late, closed, away = (write(exchange, employer.actor, state)[0] for _ in range(3))
    clock.forward(days=30)
    acts.close(exchange, state.actor, closed)
    acts.archive(exchange, state.actor, away)
    found = of(exchange, state)
    assert (found.waiting, found.overdue) == (1, 1)
    (topic,) = found.topics
    assert exchange.clock() - topic.since >= timedelta(days=30)
    for box in ("waiting", "overdue", "unassigned"):
        assert [line.id for line in inbox(exchange, state.actor, box=box)] == [late]
    assert [line.overdue for line in inbox(exchange, state.actor, box="inbox") if line.id == closed] == [
        False
    ]


def test_offices_and_people_who_are_gone_are_marked(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    head, gone = make_colleague(state, "head", administrator=True), make_colleague(state, "gone")
    north = offices.make(exchange, head.actor, "North")
    thread_id, _ = write(exchange, employer.actor, state, office=str(north))
    desk.assign(exchange, state.actor, thread_id, gone.account.id)
    assert [one.gone for one in (*of(exchange, state).offices, *of(exchange, state).people)] == [False, False]
    offices.close(exchange, head.actor, north)
    people.suspend(exchange, head.actor, gone.account.id)
    found = of(exchange, state)
    assert [(one.name, one.gone) for one in found.offices] == [("North", True)]
    assert [(one.name, one.gone) for one in found.people] == [(gone.account.name, True)]


def test_a_topic_that_others_receive_is_not_counted_for_one(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    head = make_colleague(state, "head", administrator=True)
    write(exchange, employer.actor, state)
    receivers.choose(exchange, head.actor, "general", [head.account.id])
    assert [of(exchange, one).waiting for one in (head, state)] == [1, 0]


def test_answers_are_timed_by_month(each_exchange: Exchange, clock: Clock) -> None:
    employer, state = (make_partner(each_exchange, role) for role in (Role.EMPLOYER, Role.STATE))
    threads = [write(each_exchange, employer.actor, state)[0] for _ in range(10)]
    clock.forward(minutes=10)
    for thread_id in threads[:6]:
        answer(each_exchange, state.actor, thread_id)
    clock.forward(days=40)
    for thread_id in threads[6:]:
        answer(each_exchange, state.actor, thread_id)
    months = of(each_exchange, state).months
    assert len(months) == 12
    known = [(one.answers, one.median, one.ninety) for one in months if one.answers]
    late = timedelta(days=40)
    assert known == [(6, timedelta(minutes=10), timedelta(minutes=10)), (4, late, late)]
    assert sum(one.answers for one in of(each_exchange, state).months) == 10


def test_a_partner_has_no_load(exchange: Exchange, employer: Partner) -> None:
    with pytest.raises(errors.NotPermittedError):
        of(exchange, employer)
