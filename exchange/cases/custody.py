"""Files of locate answers lie in an outbox that the whole agency sees, but are not for all of it.

They are opened by the account that asked, and by managers of locate; each opening is noted for the auditor.
"""

from sqlmodel import Session, col, select

from exchange.errors import ContentNotAvailableError
from exchange.locate import protection, standing, viewing
from exchange.models.cases import LocateTold
from exchange.models.locate import Act, LocateAnswer, LocateQuery, LocateRequest
from exchange.models.transfers import Transfer
from exchange.runtime import Exchange
from roles.policy import Actor
from schemas.layouts.locate_response import LOCATE_RESPONSE

TAX = "locate-tax"
"""How the kind of a file with tax information begins."""
_WHY = "what sources answered is for the worker who asked, and for managers of locate"
_WHY_TAX = "it holds federal tax information, for which your agency's administrator has not cleared you"


def require(session: Session, exchange: Exchange, actor: Actor, row: Transfer) -> None:
    """Refuse whoever may not open it.

    Raises `LocateBlockedError`, `NotPermittedError` or `ContentNotAvailableError`.
    """
    if row.layout != LOCATE_RESPONSE.slug:
        return
    found = standing.require(session, exchange, actor)
    origin = session.get_one(Transfer, row.answers_to)
    if origin.account_id != actor.account_id and not found.manager:
        raise ContentNotAvailableError(why=_WHY)
    if (row.kind or "").startswith(TAX) and not found.tax:
        raise ContentNotAvailableError(why=_WHY_TAX)
    if protection.is_own(session, actor.account_id, [one.person_hash for one in requests_in(session, row)]):
        raise ContentNotAvailableError(
            why=_WHY
        )  # the worker's own is "nothing" in the file; a manager's is not


def note(session: Session, exchange: Exchange, actor: Actor, row: Transfer) -> None:
    """Keep for the auditor whose answers were opened with a file."""
    if row.layout != LOCATE_RESPONSE.slug:
        return
    for request in requests_in(session, row):
        viewing.note_view(session, exchange, actor, Act.EXPORT, (request, (), f"Opened file {row.filename}"))


def requests_in(session: Session, row: Transfer) -> list[LocateRequest]:
    """The requests of which a file tells an answer."""
    told = (
        select(LocateQuery.request_id)
        .join(LocateAnswer, col(LocateAnswer.query_id) == LocateQuery.id)
        .join(LocateTold, col(LocateTold.answer_id) == LocateAnswer.id)
        .where(LocateTold.transfer_id == row.id)
    )
    return list(session.exec(select(LocateRequest).where(col(LocateRequest.id).in_(told))))
