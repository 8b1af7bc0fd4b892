"""A manager asks about a request, whoever made it answers in the portal, and the manager reads it."""

from uuid import UUID

import pytest
from sqlmodel import select

from exchange import mail
from exchange.database import reading
from exchange.errors import FieldsRefusedError, LocateBlockedError, RecordNotFoundError
from exchange.locate import desk, notes, questions, review
from exchange.locate.review import Said
from exchange.models.jobs import Notice
from exchange.models.journal import JournalEvent
from exchange.models.locate import LocateAgreement, LocateReview
from exchange.runtime import Exchange
from tests.conftest import Clock
from tests.support.locating import ask, at_noon, make_fellow, make_worker
from tests.support.partners import Partner

ASKED, TOLD = "Is she a relative of yours?", "No: the court sent me the name."


@pytest.fixture
def manager(each_exchange: Exchange, clock: Clock) -> Partner:
    at_noon(clock)
    return make_worker(each_exchange, manager=True)


@pytest.fixture
def worker(manager: Partner) -> Partner:
    return make_fellow(manager, "fellow-2")


@pytest.fixture
def wanted(each_exchange: Exchange, worker: Partner) -> UUID:
    return ask(each_exchange, worker.actor)


def question(exchange: Exchange, manager: Partner, wanted: UUID, note: str = ASKED) -> UUID:
    """The manager asks; the id of the question."""
    review.sign(exchange, manager.actor, wanted, signed_off=False, note=note)
    return review.reviews(exchange, manager.actor, wanted)[0].id


def said(exchange: Exchange, manager: Partner, wanted: UUID) -> Said:
    return review.one(exchange, manager.actor, wanted).said


def new(exchange: Exchange, *people: Partner) -> list[int]:
    return [desk.new_results(exchange, one.actor) for one in people]


def test_a_question_goes_to_the_worker_and_the_answer_back_to_the_manager(
    each_exchange: Exchange, manager: Partner, worker: Partner, wanted: UUID, clock: Clock
) -> None:
    asked = question(each_exchange, manager, wanted)
    assert (said(each_exchange, manager, wanted), new(each_exchange, manager, worker)) == (Said.ASKED, [0, 1])
    assert [one for one, _ in questions.put_to(each_exchange, worker.actor)] == [wanted]
    assert review.waiting(each_exchange, manager.actor).reviews == 0
    assert [one.id for one in review.due(each_exchange, manager.actor)] == [wanted]
    assert questions.answer(each_exchange, worker.actor, asked, f" {TOLD} ") == wanted
    assert (said(each_exchange, manager, wanted), new(each_exchange, manager, worker)) == (
        Said.ANSWERED,
        [1, 0],
    )
    assert review.waiting(each_exchange, manager.actor).reviews == 1
    assert questions.put_to(each_exchange, worker.actor) == []
    (one,) = review.reviews(each_exchange, manager.actor, wanted)
    assert (one.note, one.answer, one.open) == (ASKED, TOLD, False)
    clock.forward(seconds=1)
    review.sign(each_exchange, manager.actor, wanted, signed_off=True, note="")
    assert (said(each_exchange, manager, wanted), new(each_exchange, manager, worker)) == (
        Said.SIGNED_OFF,
        [0, 0],
    )
    assert review.due(each_exchange, manager.actor) == []


def test_both_are_told_that_something_was_said_and_nowhere_what(
    each_exchange: Exchange, manager: Partner, worker: Partner, wanted: UUID
) -> None:
    questions.answer(each_exchange, worker.actor, question(each_exchange, manager, wanted), TOLD)
    with reading(each_exchange.engine) as session:
        told = session.exec(select(Notice.account_id).where(Notice.event == mail.REVIEWED)).all()
        events = session.exec(select(JournalEvent.kind, JournalEvent.facts)).all()
        row = session.exec(select(LocateReview)).one()
    assert set(told) == {worker.account.id, manager.account.id}
    assert ("locate.explained", "{}") in events
    kept = bytes(row.answer_sealed or b"") + bytes(row.note_sealed or b"") + str(events).encode()
    assert not any(part.encode() in kept for part in (TOLD, ASKED, "relative", "court"))


def test_only_whoever_made_the_request_answers_once_and_in_some_words(
    each_exchange: Exchange, manager: Partner, worker: Partner, wanted: UUID
) -> None:
    asked = question(each_exchange, manager, wanted)
    others = (manager, make_fellow(manager, "fellow-3"), make_worker(each_exchange, 2, manager=True))
    for somebody in others:
        with pytest.raises(RecordNotFoundError):
            questions.answer(each_exchange, somebody.actor, asked, TOLD)
    for poor in ("", "  ", "x" * (notes.LONGEST + 1)):
        with pytest.raises(FieldsRefusedError):
            questions.answer(each_exchange, worker.actor, asked, poor)
    questions.answer(each_exchange, worker.actor, asked, TOLD)
    with pytest.raises(FieldsRefusedError, match="answered already"):
        questions.answer(each_exchange, worker.actor, asked, "Something else")
    review.sign(each_exchange, manager.actor, wanted, signed_off=True, note="")
    closed = review.reviews(each_exchange, manager.actor, wanted)[0].id
    for nothing in (closed, wanted):
        with pytest.raises(RecordNotFoundError):
            questions.answer(each_exchange, worker.actor, nothing, TOLD)


def test_a_question_behind_a_sign_off_opens_it_again_and_a_second_one_takes_the_turn(
    each_exchange: Exchange, manager: Partner, worker: Partner, wanted: UUID, clock: Clock
) -> None:
    review.sign(each_exchange, manager.actor, wanted, signed_off=True, note="")
    clock.forward(seconds=1)
    first = question(each_exchange, manager, wanted)
    clock.forward(seconds=1)
    second = question(each_exchange, manager, wanted, "And which court?")
    assert new(each_exchange, worker) == [1]
    questions.answer(each_exchange, worker.actor, first, TOLD)  # she had begun to write it
    assert (said(each_exchange, manager, wanted), new(each_exchange, manager, worker)) == (Said.ASKED, [0, 1])
    questions.answer(each_exchange, worker.actor, second, "That of Topeka")
    assert (said(each_exchange, manager, wanted), new(each_exchange, manager, worker)) == (
        Said.ANSWERED,
        [1, 0],
    )


def test_whoever_may_not_locate_now_answers_nothing_and_has_no_badge(
    each_exchange: Exchange, manager: Partner, worker: Partner, wanted: UUID, clock: Clock
) -> None:
    asked = question(each_exchange, manager, wanted)
    with reading(each_exchange.engine) as session:
        until = session.get_one(LocateAgreement, manager.organization.id).until
    clock.forward(days=(until - clock().date()).days + 1)
    with pytest.raises(LocateBlockedError):
        questions.answer(each_exchange, worker.actor, asked, TOLD)
    assert new(each_exchange, worker) == [0]


def test_a_note_is_never_cut(each_exchange: Exchange, manager: Partner, wanted: UUID) -> None:
    with pytest.raises(FieldsRefusedError, match="2,000 characters at most"):
        question(each_exchange, manager, wanted, "x" * (notes.LONGEST + 1))
    assert review.reviews(each_exchange, manager.actor, wanted) == []
