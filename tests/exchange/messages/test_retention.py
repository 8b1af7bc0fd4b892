"""Messages go when their time has ended, with their files; a hold keeps them, and the journal stays."""

import pytest
from sqlalchemy import text
from sqlmodel import select

from exchange import errors, journal
from exchange.database import reading
from exchange.messages import acts, drafts, holds, index, indexing, retention, sending
from exchange.messages.reading import opened
from exchange.models.messages import Message, Thread
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from exchange.transfers import retention as transfers
from roles.correspondence import TOPICS
from roles.permissions import Role
from tests.conftest import Clock
from tests.exchange.test_retention import files
from tests.support.correspondence import answer, attached, fields_to, inbox, read, settle, write
from tests.support.partners import Partner, make_partner

KEPT = TOPICS["general"].keep_days


def test_a_message_goes_with_its_words_and_its_files(each_exchange: Exchange, clock: Clock) -> None:
    employer, state = (make_partner(each_exchange, role) for role in (Role.EMPLOYER, Role.STATE))
    draft_id = drafts.start(each_exchange, employer.actor, fields_to(state))
    attached(each_exchange, employer.actor, draft_id)
    sending.send(each_exchange, employer.actor, draft_id)
    settle(each_exchange)
    assert indexing.index_waiting(each_exchange) == 1
    clock.forward(days=KEPT - 1)
    assert (retention.sweep(each_exchange), len(files(each_exchange))) == (0, 1)
    clock.forward(days=2)
    assert (retention.sweep(each_exchange), retention.sweep(each_exchange)) == (1, 0)
    assert files(each_exchange) == []
    assert inbox(each_exchange, state.actor) == inbox(each_exchange, employer.actor) == []
    with reading(each_exchange.engine) as session:
        assert session.exec(select(Message.sealed)).all() == [None]
        assert session.exec(select(Thread.subject_sealed)).all() == [b""]
        assert session.exec(select(Transfer.status)).all() == ["PURGED"]
        assert [
            index.find(session, each_exchange, one.organization.id, "withholding").size
            for one in (employer, state)
        ] == [0, 0]
    assert indexing.index_waiting(each_exchange) == 0
    assert journal.verify(each_exchange) is None


def test_a_thread_stays_as_long_as_its_newest_message(
    exchange: Exchange, employer: Partner, state: Partner, clock: Clock
) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    clock.forward(days=KEPT - 1)
    answer(exchange, state.actor, thread_id, "At last.")
    clock.forward(days=2)
    assert retention.sweep(exchange) == 1
    assert read(exchange, employer.actor, thread_id) == ["At last."]


@pytest.mark.parametrize("holder", ["tribe's", "state's"])
def test_a_hold_of_either_side_keeps_it(
    exchange: Exchange, state: Partner, clock: Clock, holder: str
) -> None:
    tribe = make_partner(exchange, Role.TRIBE)
    thread_id, _ = write(exchange, tribe.actor, state, topic="case")
    holding = tribe if holder == "tribe's" else state
    holds.hold(exchange, holding.actor, thread_id)
    assert [opened(exchange, one.actor, thread_id).held for one in (tribe, state)].count(True) == 1
    clock.forward(days=8 * 365)
    assert retention.sweep(exchange) == 0
    holds.release(exchange, holding.actor, thread_id)
    assert retention.sweep(exchange) == 1


def test_what_its_own_side_holds_is_not_recalled(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    thread_id, message_id = write(exchange, state.actor, employer)
    holds.hold(exchange, state.actor, thread_id)
    assert [one.may_recall for one in opened(exchange, state.actor, thread_id).messages] == [False]
    with pytest.raises(errors.NotNowError):
        acts.recall(exchange, state.actor, message_id)
    holds.release(exchange, state.actor, thread_id)
    acts.recall(exchange, state.actor, message_id)


def test_what_was_purged_unread_waits_for_nobody(
    exchange: Exchange, employer: Partner, state: Partner, clock: Clock
) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    clock.forward(days=KEPT - 1)
    newer = clock()
    answer(exchange, employer.actor, thread_id, "Still there?")
    clock.forward(days=2)
    assert retention.sweep(exchange) == 1
    (line,) = inbox(exchange, state.actor)
    assert (line.unread, bool(line.waiting_since and line.waiting_since >= newer)) == (1, True)


def test_a_file_that_was_passed_on_stays_with_the_message_that_has_it(
    exchange: Exchange, employer: Partner, state: Partner, ocss: Partner, clock: Clock
) -> None:
    draft_id = drafts.start(exchange, employer.actor, fields_to(state))
    attached(exchange, employer.actor, draft_id)
    sending.send(exchange, employer.actor, draft_id)
    settle(exchange)
    (line,) = inbox(exchange, state.actor)
    clock.forward(days=10)
    passed_on = drafts.forward(exchange, state.actor, opened(exchange, state.actor, line.id).messages[0].id)
    drafts.keep(exchange, state.actor, passed_on, fields_to(ocss))
    sending.send(exchange, state.actor, passed_on)
    clock.forward(days=KEPT - 5)
    assert (retention.sweep(exchange), len(files(exchange))) == (1, 1)
    clock.forward(days=10)
    assert (retention.sweep(exchange), files(exchange)) == (1, [])


def test_the_files_of_a_recalled_message_go_when_nobody_sends_them_again(
    exchange: Exchange, employer: Partner, state: Partner, clock: Clock
) -> None:
    draft_id = drafts.start(exchange, employer.actor, fields_to(state))
    attached(exchange, employer.actor, draft_id)
    sending.send(exchange, employer.actor, draft_id)
    settle(exchange)
    (line,) = inbox(exchange, employer.actor)
    (message,) = opened(exchange, employer.actor, line.id).messages
    drafts.discard(exchange, employer.actor, acts.recall(exchange, employer.actor, message.id))
    clock.forward(days=61)
    transfers.sweep(exchange)
    assert files(exchange) == []


def test_only_who_may_hold_holds(exchange: Exchange, employer: Partner, state: Partner) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    with pytest.raises(errors.NotPermittedError):
        holds.hold(exchange, employer.actor, thread_id)
    with pytest.raises(errors.ThreadNotFoundError):
        holds.hold(exchange, make_partner(exchange, Role.TRIBE).actor, thread_id)


def test_what_is_purged_leaves_no_cell_behind(
    exchange: Exchange, employer: Partner, state: Partner, clock: Clock
) -> None:
    write(exchange, employer.actor, state)
    clock.forward(days=KEPT + 1)
    retention.sweep(exchange)
    with exchange.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM message WHERE sealed IS NOT NULL")).scalar() == 0
