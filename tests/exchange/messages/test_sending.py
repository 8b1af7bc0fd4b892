"""A draft becomes a message once, for the one it is written to, and nobody else learns of it."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from exchange import errors
from exchange.database import reading
from exchange.messages import acts, attachments, drafts, sending, writing
from exchange.messages.reading import opened, opened_message
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.permissions import Role
from roles.policy import Actor
from tests.conftest import Clock
from tests.support.correspondence import (
    BODY,
    SUBJECT,
    answer,
    attached,
    fields_to,
    inbox,
    read,
    settle,
    write,
)
from tests.support.partners import Partner, make_colleague, make_partner


def test_a_message_is_read_by_the_other_side_and_by_nobody_else(each_exchange: Exchange) -> None:
    employer, state, other = (
        make_partner(each_exchange, role) for role in (Role.EMPLOYER, Role.STATE, Role.TRIBE)
    )
    thread_id, _ = write(each_exchange, employer.actor, state)
    (line,) = inbox(each_exchange, state.actor)
    assert (line.subject, line.other, line.unread) == (SUBJECT, employer.organization.name, 1)
    assert line.due_on is not None
    assert read(each_exchange, state.actor, thread_id) == [BODY]
    assert inbox(each_exchange, other.actor) == []
    with pytest.raises(errors.ThreadNotFoundError):
        opened(each_exchange, other.actor, thread_id)
    answer(each_exchange, state.actor, thread_id, "Yes.")
    assert read(each_exchange, employer.actor, thread_id) == [BODY, "Yes."]
    assert [line.unread for line in inbox(each_exchange, employer.actor)] == [0]


def test_opening_is_a_receipt_for_the_writer(exchange: Exchange, employer: Partner, state: Partner) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    assert opened(exchange, employer.actor, thread_id).messages[0].receipts == []
    opened(exchange, state.actor, thread_id)
    opened(exchange, state.actor, thread_id)
    (receipt,) = opened(exchange, employer.actor, thread_id).messages[0].receipts
    assert (receipt.person, receipt.kind) == (state.account.name, "read")


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"subject": " "}, "subject"),
        ({"subject": "x" * 151}, "subject"),
        ({"body": ""}, "body"),
        ({"body": "x" * 50_001}, "body"),
        ({"body": "bell \a"}, "body"),
        ({"topic": "weather"}, "topic"),
        ({"topic": "data-match"}, "topic"),
        ({"topic": "agreement"}, "topic"),
        ({"classification": ""}, "classification"),
        ({"classification": "fti"}, "classification"),
        ({"to": ""}, "to"),
        ({"to": str(uuid4())}, "to"),
    ],
)
def test_what_is_wrong_is_told_by_field_and_the_draft_stays(
    exchange: Exchange, employer: Partner, state: Partner, changed: dict[str, str], wrong: str
) -> None:
    draft_id = drafts.start(exchange, employer.actor, fields_to(state) | changed)
    with pytest.raises(errors.FieldsRefusedError) as refused:
        sending.send(exchange, employer.actor, draft_id)
    assert list(refused.value.problems) == [wrong]
    assert drafts.draft(exchange, employer.actor, draft_id).refusal == ""
    assert inbox(exchange, state.actor) == []


def test_partners_do_not_write_to_each_other(
    exchange: Exchange, employer: Partner, other_employer: Partner
) -> None:
    draft_id = drafts.start(exchange, employer.actor, fields_to(other_employer))
    with pytest.raises(errors.FieldsRefusedError, match="to"):
        sending.send(exchange, employer.actor, draft_id)


def test_a_message_goes_when_its_files_are_scanned(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    draft_id = drafts.start(exchange, employer.actor, fields_to(state))
    attached(exchange, employer.actor, draft_id, name="Überweisung 給料.pdf")
    assert sending.send(exchange, employer.actor, draft_id).message_id is None
    assert inbox(exchange, state.actor) == inbox(exchange, employer.actor) == []
    with pytest.raises(errors.NotNowError):
        drafts.keep(exchange, employer.actor, draft_id, fields_to(state))
    (held,) = drafts.draft(exchange, employer.actor, draft_id).attachments
    with pytest.raises(errors.NotNowError):
        attached(exchange, employer.actor, draft_id, name="later.pdf")
    with pytest.raises(errors.NotNowError):
        attachments.detach(exchange, employer.actor, draft_id, held.id)
    assert settle(exchange) == 1
    assert settle(exchange) == 0
    (line,) = inbox(exchange, state.actor)
    (message,) = opened(exchange, state.actor, line.id).messages
    assert [one.name for one in message.attachments] == ["Überweisung 給料.pdf"]
    assert message.document is not None
    assert [one.sha256 for one in message.document.attachments] == [message.attachments[0].sha256]
    assert drafts.drafts(exchange, employer.actor) == []


def test_a_message_moved_into_another_row_is_not_shown(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    thread_id, first = write(exchange, employer.actor, state)
    _, second = answer(exchange, employer.actor, thread_id)
    with exchange.engine.begin() as connection:
        moved = "UPDATE message SET sealed = (SELECT sealed FROM message WHERE id = :a) WHERE id = :b"
        connection.execute(text(moved), {"a": first.hex, "b": second.hex})
    with pytest.raises(errors.CellDamagedError):
        opened(exchange, state.actor, thread_id)


def test_the_answer_of_an_agency_is_timed(
    exchange: Exchange, employer: Partner, state: Partner, clock: Clock
) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    assert [line.other for line in inbox(exchange, state.actor, box="waiting")] != []
    clock.forward(days=10)
    assert [line.overdue for line in inbox(exchange, state.actor, box="overdue")] == [True]
    answer(exchange, state.actor, thread_id)
    assert inbox(exchange, state.actor, box="waiting") == []
    with exchange.engine.connect() as connection:
        waited = connection.execute(text("SELECT max(answered_in) FROM message")).scalar_one()
    assert waited // 86_400_000 == 10


def test_somebody_who_wrote_before_can_be_named(
    exchange: Exchange, employer: Partner, other_employer: Partner, state: Partner
) -> None:
    def named(actor: Actor) -> list[str]:
        draft_id = drafts.start(exchange, actor, fields_to(state))
        return [name for _, name in writing.desk(exchange, actor, draft_id).people]

    silent = make_colleague(state, "silent")
    thread_id, _ = write(exchange, employer.actor, state)
    assert named(employer.actor) == []
    acts.recall(exchange, silent.actor, answer(exchange, silent.actor, thread_id).message_id)
    assert named(employer.actor) == []
    answer(exchange, state.actor, thread_id)
    assert named(employer.actor) == [state.account.name]
    assert named(other_employer.actor) == []
    _, said = write(exchange, employer.actor, state, person=str(state.account.id))
    assert f'"person": "{state.account.name}"'.encode() in opened_message(exchange, silent.actor, said)


def test_each_step_stands_in_the_journal(exchange: Exchange, employer: Partner, state: Partner) -> None:
    thread_id, message_id = write(exchange, employer.actor, state)
    opened(exchange, state.actor, thread_id)
    with reading(exchange.engine) as session:
        told = select(JournalEvent.kind).where(JournalEvent.subject_id == message_id)
        kinds = session.exec(told.order_by(col(JournalEvent.position))).all()
    assert kinds == ["message.sent", "message.read"]
