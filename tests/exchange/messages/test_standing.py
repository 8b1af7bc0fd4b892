"""What a thread still asks of each side after one of its messages was recalled."""

from datetime import date

from sqlmodel import select

from exchange.database import reading
from exchange.messages import acts, desk
from exchange.messages.inbox import ThreadLine
from exchange.models.messages import Message
from exchange.runtime import Exchange
from tests.conftest import Clock
from tests.support.correspondence import answer, inbox, write
from tests.support.partners import Partner


def line_of(exchange: Exchange, partner: Partner) -> ThreadLine:
    (line,) = inbox(exchange, partner.actor)
    return line


def test_the_message_after_a_recalled_one_waits_on(
    exchange: Exchange, employer: Partner, state: Partner, clock: Clock
) -> None:
    thread_id, first = write(exchange, employer.actor, state)
    clock.forward(days=1)
    later = clock()
    answer(exchange, employer.actor, thread_id, "And another thing.")
    acts.recall(exchange, employer.actor, first)
    line = line_of(exchange, state)
    assert (line.unread, line.messages) == (1, 1)
    assert line.waiting_since is not None
    assert line.waiting_since >= later
    assert line.due_on is not None


def test_what_still_waits_keeps_the_day_that_was_set(
    exchange: Exchange, employer: Partner, state: Partner, clock: Clock
) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    day = date(clock().year + 1, 1, 4)
    desk.due(exchange, state.actor, thread_id, day.isoformat())
    _, second = answer(exchange, employer.actor, thread_id, "And another thing.")
    acts.recall(exchange, employer.actor, second)
    assert line_of(exchange, state).due_on == day


def test_a_second_answer_stands_for_the_first_one_that_was_recalled(
    exchange: Exchange, employer: Partner, state: Partner, clock: Clock
) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    clock.forward(days=1)
    _, first = answer(exchange, state.actor, thread_id)
    clock.forward(days=1)
    _, second = answer(exchange, state.actor, thread_id, "The one of 2027.")
    acts.recall(exchange, state.actor, first)
    assert line_of(exchange, state).waiting_since is None
    with reading(exchange.engine) as session:
        waited = session.exec(select(Message.answered_in).where(Message.id == second)).one()
    assert waited is not None
    assert waited // 86_400_000 == 2
    acts.recall(exchange, state.actor, second)
    assert line_of(exchange, state).waiting_since is not None
