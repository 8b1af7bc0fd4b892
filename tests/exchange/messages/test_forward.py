"""Passing messages on: whoever does has read them, and what they hold stays marked."""

import pytest

from exchange import errors
from exchange.messages import acts, drafts, sending
from exchange.messages.reading import opened
from exchange.runtime import Exchange
from tests.support.correspondence import BODY, fields_to, inbox, write
from tests.support.partners import Partner


def test_who_passes_a_message_on_has_read_it(exchange: Exchange, employer: Partner, state: Partner) -> None:
    thread_id, message_id = write(exchange, employer.actor, state)
    draft_id = drafts.forward(exchange, state.actor, message_id)
    assert BODY in drafts.draft(exchange, state.actor, draft_id).fields["body"]
    (message,) = opened(exchange, employer.actor, thread_id).messages
    assert [one.person for one in message.receipts] == [state.account.name]
    with pytest.raises(errors.RecallTooLateError):
        acts.recall(exchange, employer.actor, message_id)


def test_nobody_passes_on_what_was_recalled(exchange: Exchange, employer: Partner, state: Partner) -> None:
    _, message_id = write(exchange, employer.actor, state)
    acts.recall(exchange, employer.actor, message_id)
    with pytest.raises(errors.ThreadNotFoundError):
        drafts.forward(exchange, state.actor, message_id)
    assert drafts.drafts(exchange, state.actor) == []


def test_personal_data_stays_marked_when_it_is_passed_on(
    exchange: Exchange, employer: Partner, state: Partner, ocss: Partner
) -> None:
    _, message_id = write(exchange, employer.actor, state, classification="pii")
    draft_id = drafts.forward(exchange, state.actor, message_id)
    drafts.keep(exchange, state.actor, draft_id, fields_to(ocss))
    with pytest.raises(errors.FieldsRefusedError) as refused:
        sending.send(exchange, state.actor, draft_id)
    assert list(refused.value.problems) == ["classification"]
    drafts.keep(exchange, state.actor, draft_id, fields_to(ocss, classification="pii"))
    sending.send(exchange, state.actor, draft_id)
    assert [line.classification for line in inbox(exchange, ocss.actor)] == ["pii"]
