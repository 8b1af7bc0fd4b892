"""The shared inbox of an agency: what its people do there stays on their side."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from exchange import business_days, errors
from exchange.accounts import people
from exchange.database import reading
from exchange.messages import acts, desk, export, notes, offices
from exchange.messages.reading import ThreadView, opened, opened_message
from exchange.models.journal import JournalEvent
from exchange.models.messages import MailboxPulse
from exchange.runtime import Exchange
from roles.correspondence import TOPICS
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.correspondence import BODY, answer, bodies, inbox, read, write
from tests.support.partners import Partner, make_colleague, make_partner


def pulse_of(exchange: Exchange, partner: Partner) -> int:
    with reading(exchange.engine) as session:
        row = session.get(MailboxPulse, partner.organization.id)
        return row.count if row else 0


def view(exchange: Exchange, partner: Partner, thread_id: UUID) -> ThreadView:
    return opened(exchange, partner.actor, thread_id)


def test_a_thread_is_assigned_taken_and_let_go(each_exchange: Exchange) -> None:
    employer, state = (make_partner(each_exchange, role) for role in (Role.EMPLOYER, Role.STATE))
    colleague = make_colleague(state, "second")
    thread_id, _ = write(each_exchange, employer.actor, state)
    before = pulse_of(each_exchange, state), pulse_of(each_exchange, employer)
    desk.assign(each_exchange, state.actor, thread_id, colleague.account.id)
    (line,) = inbox(each_exchange, colleague.actor, box="mine")
    assert line.assigned_to == colleague.account.name
    assert inbox(each_exchange, state.actor, box="unassigned") == []
    desk.unassign(each_exchange, colleague.actor, thread_id)
    desk.unassign(each_exchange, colleague.actor, thread_id)
    desk.take(each_exchange, state.actor, thread_id)
    assert view(each_exchange, state, thread_id).assigned_to == state.account.id
    reading_it = 1  # of which both sides learn
    assert pulse_of(each_exchange, state) == before[0] + 3 + reading_it
    assert pulse_of(each_exchange, employer) == before[1] + reading_it


def test_of_two_who_take_a_thread_one_gets_it(each_exchange: Exchange) -> None:
    employer, state = (make_partner(each_exchange, role) for role in (Role.EMPLOYER, Role.STATE))
    second = make_colleague(state, "second")
    thread_id, _ = write(each_exchange, employer.actor, state)
    with ThreadPoolExecutor() as both:
        taking = [both.submit(desk.take, each_exchange, one.actor, thread_id) for one in (state, second)]
    lost = [one.exception() for one in taking if one.exception()]
    assert [type(one) for one in lost] == [errors.NotNowError]


def test_only_people_with_access_are_given_threads(
    exchange: Exchange, employer: Partner, state: Partner, head: Partner
) -> None:
    gone = make_colleague(state, "gone")
    thread_id, _ = write(exchange, employer.actor, state)
    desk.assign(exchange, head.actor, thread_id, gone.account.id)
    people.suspend(exchange, head.actor, gone.account.id)
    assert gone.account.id not in [one for one, _ in desk.choices(exchange, state.actor).people]
    for nobody in (gone.account.id, employer.account.id, uuid4()):
        with pytest.raises(errors.FieldsRefusedError) as refused:
            desk.assign(exchange, state.actor, thread_id, nobody)
        assert list(refused.value.problems) == ["assigned_to"]
    desk.take(exchange, state.actor, thread_id)
    assert view(exchange, state, thread_id).assigned_to == state.account.id


def test_an_answer_is_due_when_the_agency_says(exchange: Exchange, employer: Partner, state: Partner) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    today = exchange.clock().date()
    desk.due(exchange, state.actor, thread_id, today.isoformat())
    assert view(exchange, state, thread_id).line.due_on == today
    desk.due(exchange, state.actor, thread_id, "")
    assert view(exchange, state, thread_id).line.due_on is None
    for wrong in ("soon", (today - timedelta(days=1)).isoformat(), (today + timedelta(days=367)).isoformat()):
        with pytest.raises(errors.FieldsRefusedError) as refused:
            desk.due(exchange, state.actor, thread_id, wrong)
        assert list(refused.value.problems) == ["due_on"]
    _, message_id = answer(exchange, state.actor, thread_id)
    with pytest.raises(errors.NotNowError):
        desk.due(exchange, state.actor, thread_id, today.isoformat())
    acts.recall(exchange, state.actor, message_id)
    line = view(exchange, state, thread_id).line
    assert line.waiting_since is not None
    assert line.due_on == business_days.after(line.waiting_since, TOPICS["general"].answer_days).date()


def test_a_thread_moves_among_the_open_offices_of_its_agency(
    exchange: Exchange, employer: Partner, state: Partner, tribe: Partner, head: Partner
) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    north = offices.make(exchange, head.actor, "North")
    foreign = offices.make(exchange, make_colleague(tribe, "chief", administrator=True).actor, "North")
    desk.move(exchange, state.actor, thread_id, north)
    assert [line.office for line in inbox(exchange, state.actor, office_id=north)] == ["North"]
    offices.close(exchange, head.actor, north)
    assert desk.choices(exchange, state.actor).offices == []
    for wrong in (north, foreign):
        with pytest.raises(errors.FieldsRefusedError):
            desk.move(exchange, state.actor, thread_id, wrong)
    assert [line.office for line in inbox(exchange, state.actor)] == ["North"]
    desk.move(exchange, state.actor, thread_id, None)
    assert [line.office for line in inbox(exchange, state.actor)] == [""]


def test_a_note_is_read_by_its_own_organization_only(each_exchange: Exchange) -> None:
    employer, state = (make_partner(each_exchange, role) for role in (Role.EMPLOYER, Role.STATE))
    thread_id, _ = write(each_exchange, employer.actor, state)
    note_id = notes.add(each_exchange, state.actor, thread_id, "Ask the county first.\r\nThen answer.")
    colleague = make_colleague(state, "second")
    seen = view(each_exchange, colleague, thread_id)
    assert bodies(seen) == [BODY, "Ask the county first.\nThen answer."]
    assert [one.kind for one in seen.messages] == ["message", "note"]
    assert read(each_exchange, employer.actor, thread_id) == [BODY]
    assert b"county" in opened_message(each_exchange, state.actor, note_id)
    with pytest.raises(errors.ThreadNotFoundError):
        opened_message(each_exchange, employer.actor, note_id)
    with pytest.raises(errors.ThreadNotFoundError):
        acts.recall(each_exchange, state.actor, note_id)


def test_nothing_follows_from_a_note(exchange: Exchange, employer: Partner, state: Partner) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    before = [inbox(exchange, one.actor) for one in (employer, state)]
    notes.add(exchange, state.actor, thread_id, "For us.")
    assert [inbox(exchange, one.actor) for one in (employer, state)] == before
    colleague = make_colleague(state, "second")
    _, note = view(exchange, colleague, thread_id).messages
    _, again = view(exchange, state, thread_id).messages
    assert note.receipts == again.receipts == []
    assert not note.may_recall


@pytest.mark.parametrize("text", ["", " \n", "x" * 10_001, "bell \a"], ids=["none", "blank", "long", "bell"])
def test_a_note_that_says_nothing_or_too_much_is_refused(
    exchange: Exchange, employer: Partner, state: Partner, text: str
) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    with pytest.raises(errors.FieldsRefusedError) as refused:
        notes.add(exchange, state.actor, thread_id, text)
    assert list(refused.value.problems) == ["note"]


def test_a_note_does_not_keep_the_subject_of_what_was_recalled(
    exchange: Exchange, employer: Partner, state: Partner
) -> None:
    thread_id, message_id = write(exchange, employer.actor, state, subject="zanzibar")
    acts.recall(exchange, employer.actor, message_id)
    note_id = notes.add(exchange, state.actor, thread_id, "What was this?")
    assert b"zanzibar" not in opened_message(exchange, state.actor, note_id)


def test_the_other_organization_learns_nothing(
    exchange: Exchange, employer: Partner, state: Partner, head: Partner, clock: Clock
) -> None:
    thread_id, message_id = write(exchange, employer.actor, state)
    read(exchange, state.actor, thread_id)
    before = _seen_by(exchange, employer, thread_id, message_id)
    told = pulse_of(exchange, employer)
    clock.forward(hours=1)
    desk.assign(exchange, state.actor, thread_id, head.account.id)
    desk.due(exchange, state.actor, thread_id, (clock() + timedelta(days=90)).date().isoformat())
    desk.move(exchange, state.actor, thread_id, offices.make(exchange, head.actor, "Zanzibar office"))
    notes.add(exchange, state.actor, thread_id, "zanzibar note")
    assert _seen_by(exchange, employer, thread_id, message_id) == before
    assert pulse_of(exchange, employer) == told
    assert all(
        asdict(view(exchange, employer, thread_id))[name] is None for name in ("assigned_to", "office_id")
    )


def test_partners_and_strangers_do_not_work_in_the_inbox(
    exchange: Exchange, employer: Partner, state: Partner, tribe: Partner
) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    for somebody, refusal in ((employer, errors.NotPermittedError), (tribe, errors.ThreadNotFoundError)):
        for act in (desk.take, desk.unassign):
            with pytest.raises(refusal):
                act(exchange, somebody.actor, thread_id)
        with pytest.raises(refusal):
            desk.move(exchange, somebody.actor, thread_id, None)
        with pytest.raises(refusal):
            desk.due(exchange, somebody.actor, thread_id, "")
        with pytest.raises(refusal):
            notes.add(exchange, somebody.actor, thread_id, "Mine.")
    with pytest.raises(errors.NotPermittedError):
        desk.choices(exchange, employer.actor)


def test_each_act_stands_in_the_journal(
    exchange: Exchange, employer: Partner, state: Partner, head: Partner
) -> None:
    thread_id, _ = write(exchange, employer.actor, state)
    desk.take(exchange, state.actor, thread_id)
    south = offices.make(exchange, head.actor, "South")
    for _ in range(2):  # what changes nothing is not told again
        desk.due(exchange, state.actor, thread_id, "")
        desk.move(exchange, state.actor, thread_id, south)
    with reading(exchange.engine) as session:
        told = select(JournalEvent.kind).where(JournalEvent.subject_id == thread_id)
        kinds = session.exec(told.order_by(col(JournalEvent.position))).all()
    assert kinds == ["thread.assigned", "thread.due", "thread.moved"]


def _seen_by(exchange: Exchange, partner: Partner, thread_id: UUID, message_id: UUID) -> tuple[object, ...]:
    """All that an organization gets of a thread: the list, the page, the document, the archive."""
    archive = b"".join(export.export(exchange, partner.actor, thread_id, notes=True).pieces)
    seen = opened(exchange, partner.actor, thread_id)
    return inbox(exchange, partner.actor), seen, opened_message(exchange, partner.actor, message_id), archive
