"""A manager asks about a request, and whoever made it answers: each question once, and then it is read.

Whose turn it is stands in the newest review of a request, so that a page tells it by one look at an index.
"""

from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from exchange import journal, mail
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, RecordNotFoundError
from exchange.locate import notes
from exchange.locate.standing import require, standing_of
from exchange.messages.access import pulse
from exchange.models.locate import LocateRequest, LocateReview
from exchange.runtime import Exchange
from roles.policy import Actor

_ANSWERED = "This question was answered already; your answer stands below it"


def put_to(exchange: Exchange, actor: Actor) -> list[tuple[UUID, str]]:
    """Id and number of one's own requests about which a manager waits for an answer, the newest first."""
    asked_about = (
        select(LocateRequest.id, LocateRequest.reference)
        .join(LocateReview, col(LocateReview.request_id) == LocateRequest.id)
        .where(LocateReview.waits_for == actor.account_id, LocateRequest.account_id == actor.account_id)
        .order_by(col(LocateReview.at).desc())
    )
    with reading(exchange.engine) as session:
        return list(session.exec(asked_about))


def waiting(session: Session, exchange: Exchange, actor: Actor) -> int:
    """How many questions wait for somebody's answer, and answers for the manager who asked."""
    mine = select(func.count()).where(LocateReview.waits_for == actor.account_id)
    count = session.exec(mine).one()
    return 0 if count and standing_of(session, exchange, actor).blocked else count


def answer(exchange: Exchange, actor: Actor, review_id: UUID, text: str) -> UUID:
    """Answer a manager's question about one's own request; its id. The manager is told, without content.

    Raises `RecordNotFoundError` for what is not such a question, `FieldsRefusedError` without words, and for
    one that is answered already.
    """
    told = notes.checked(text, "answer", "Write an answer")
    with transaction(exchange.engine) as session:
        require(session, exchange, actor)
        review, request = _asked(session, actor, review_id)
        if review.answered_at is not None:
            raise FieldsRefusedError({"answer": _ANSWERED})
        review.answered_at, review.answer_sealed = exchange.clock(), notes.seal(exchange, told)
        review.waits_for = review.account_id if review.waits_for else None
        session.add(review)
        tell(session, exchange, request, review.account_id)
        journal.append(session, exchange, "locate.explained", actor, request.id)
        return request.id


def turn_over(session: Session, request: LocateRequest) -> None:
    """A manager says something new: nobody waits for what was said before."""
    before = update(LocateReview).where(col(LocateReview.request_id) == request.id)
    session.execute(before.values(waits_for=None))


def tell(session: Session, exchange: Exchange, request: LocateRequest, account_id: UUID) -> None:
    """That something was said of a request: by mail without content, and on pages that are open."""
    mail.notify_person(session, exchange, request.organization_id, account_id, mail.REVIEWED)
    pulse(session, request.organization_id)


def _asked(session: Session, actor: Actor, review_id: UUID) -> tuple[LocateReview, LocateRequest]:
    review = session.get(LocateReview, review_id, with_for_update=True)
    if review is None or review.signed_off:
        raise RecordNotFoundError
    request = session.get_one(LocateRequest, review.request_id)
    if (request.account_id, request.organization_id) != (actor.account_id, actor.organization_id):
        raise RecordNotFoundError
    return review, request
