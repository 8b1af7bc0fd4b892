"""Recalling before reading, closing, reopening and putting away."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from exchange import errors
from exchange.messages import acts, drafts, sending
from exchange.messages.inbox import NOT_THERE
from exchange.messages.reading import opened, opened_message
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.correspondence import BODY, SUBJECT, answer, delivered, inbox, read, write
from tests.support.partners import Partner, make_partner


def test_a_message_is_recalled_before_it_is_read(each_exchange: Exchange) -> None:
    employer, state = (make_partner(each_exchange, role) for role in (Role.EMPLOYER, Role.STATE))
    thread_id, message_id = write(each_exchange, employer.actor, state)
    draft_id = acts.recall(each_exchange, employer.actor, message_id)
    (line,) = inbox(each_exchange, state.actor)
    assert (line.subject, line.unread, line.waiting_since) == (NOT_THERE, 0, None)
    assert read(each_exchange, state.actor, thread_id) == []
    with pytest.raises(errors.ThreadNotFoundError):
        opened_message(each_exchange, state.actor, message_id)
    assert drafts.draft(each_exchange, employer.actor, draft_id).fields["body"] == BODY
    delivered(sending.send(each_exchange, employer.actor, draft_id))
    assert read(each_exchange, state.actor, thread_id) == [BODY]
    assert [one.subject for one in inbox(each_exchange, state.actor)] == [SUBJECT]


def test_what_was_read_is_not_recalled(exchange: Exchange, employer: Partner, state: Partner) -> None:
    thread_id, message_id = write(exchange, employer.actor, state)
    opened(exchange, state.actor, thread_id)
    with pytest.raises(errors.RecallTooLateError):
        acts.recall(exchange, employer.actor, message_id)
    assert read(exchange, state.actor, thread_id) == [BODY]


def test_nobody_recalls_what_others_wrote(
    exchange: Exchange, employer: Partner, other_employer: Partner, state: Partner
) -> None:
    _, message_id = write(exchange, employer.actor, state)
    for stranger in (other_employer, state):
        with pytest.raises(errors.ThreadNotFoundError):
            acts.recall(exchange, stranger.actor, message_id)


def test_reading_and_recalling_at_once_are_one_or_the_other(each_exchange: Exchange) -> None:
    employer, state = (make_partner(each_exchange, role) for role in (Role.EMPLOYER, Role.STATE))
    for _ in range(10):
        thread_id, message_id = write(each_exchange, employer.actor, state)
        with ThreadPoolExecutor() as both:
            reads = both.submit(read, each_exchange, state.actor, thread_id)
            recalls = both.submit(acts.recall, each_exchange, employer.actor, message_id)
        was_read = reads.result() == [BODY]
        was_recalled = not isinstance(recalls.exception(), errors.RecallTooLateError)
        assert was_read != was_recalled


def test_a_closed_thread_takes_no_answer_until_it_is_reopened(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    acts.close(exchange, state.actor, thread_id)
    with pytest.raises(errors.ThreadClosedError):
        answer(exchange, employer.actor, thread_id)
    acts.reopen(exchange, employer.actor, thread_id)
    answer(exchange, employer.actor, thread_id, "Now.")
    assert read(exchange, state.actor, thread_id) == [BODY, "Now."]


def test_an_archived_thread_comes_back_with_a_new_message(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    acts.archive(exchange, state.actor, thread_id)
    assert inbox(exchange, state.actor) == []
    assert [line.id for line in inbox(exchange, state.actor, box="archived")] == [thread_id]
    assert [line.archived for line in inbox(exchange, employer.actor)] == [False]
    answer(exchange, employer.actor, thread_id)
    assert [line.archived for line in inbox(exchange, state.actor)] == [False]
