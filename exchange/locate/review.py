"""Managers review what their caseworkers asked: a sample that nobody chooses, and all that raised an alarm.

Which requests are in the sample follows from their ids, so that neither worker nor manager has a say in it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from exchange import journal
from exchange.database import reading, transaction
from exchange.errors import NotOneselfError, NotPermittedError, RecordNotFoundError
from exchange.locate import notes, questions
from exchange.locate.standing import require, standing_of
from exchange.models.accounts import Account
from exchange.models.base import as_utc
from exchange.models.locate import Act, LocateAlarm, LocateRequest, LocateReview, LocateView
from exchange.runtime import Exchange
from roles.locate import SAMPLED_ONE_IN, Purpose
from roles.policy import Actor

LOOKED_BACK = timedelta(days=90)
SAMPLE = "sample"
_Which = tuple[ColumnElement[bool], ...]


class Said(StrEnum):
    """What was said of a request last: nothing, a question, an answer to it, or that all is well."""

    NOTHING = ""
    ASKED = "asked"
    ANSWERED = "answered"
    SIGNED_OFF = "signed_off"


@dataclass(frozen=True)
class Due:
    """A request that a manager is to look at; `why`: in the sample, or the alarms that it raised."""

    id: UUID
    reference: str
    worker: str
    own: bool
    purpose: Purpose
    created_at: datetime
    why: tuple[str, ...]
    said: Said

    @property
    def waits(self) -> bool:
        """Whether this manager is still to look at it: not while the worker is asked about it."""
        drawn = bool(self.why) and self.said is Said.NOTHING
        return not self.own and (drawn or self.said is Said.ANSWERED)

    @property
    def is_open(self) -> bool:
        """Whether it waits for a manager, or for what the worker answers one."""
        return self.waits or (self.said is Said.ASKED and not self.own)


@dataclass(frozen=True)
class Review:
    """What a manager said of a request, and what the worker answered; `open`: that is waited for."""

    id: UUID
    who: str
    at: datetime
    signed_off: bool
    note: str
    answer: str
    answered_at: datetime | None
    open: bool


@dataclass(frozen=True)
class Colleague:
    """How much somebody of the agency used locate in the last 90 days."""

    name: str
    requests: int
    searches: int
    looks: int
    reviewed: int
    questions: int
    alarms: int


@dataclass(frozen=True)
class Waiting:
    """How much waits for a manager: requests to review, and alarms to settle."""

    reviews: int = 0
    alarms: int = 0


def sampled(request_id: UUID) -> bool:
    """Whether a request is in the sample: one in so many."""
    return request_id.int % SAMPLED_ONE_IN == 0


def due(exchange: Exchange, actor: Actor, *, everything: bool = False) -> list[Due]:
    """What is to be reviewed, the oldest first; with `everything`, also what was, and what is not sampled."""
    with reading(exchange.engine) as session:
        _as_manager(session, exchange, actor)
        shown = _due(session, actor, _lately(exchange, actor))
    wanted = [one for one in shown if everything or one.is_open]
    return sorted(wanted, key=lambda one: one.created_at, reverse=everything)


def waiting(exchange: Exchange, actor: Actor) -> Waiting:
    """What waits for a manager; nothing does for anybody else, or while something is in the way."""
    with reading(exchange.engine) as session:
        standing = standing_of(session, exchange, actor)
        if standing.blocked or not standing.manager:
            return Waiting()
        shown = _due(session, actor, _lately(exchange, actor))
        unsettled = select(func.count()).where(
            LocateAlarm.organization_id == actor.organization_id,
            LocateAlarm.account_id != actor.account_id,
            col(LocateAlarm.settled_at).is_(None),
        )
        return Waiting(sum(one.waits for one in shown), session.exec(unsettled).one())


def sign(exchange: Exchange, actor: Actor, request_id: UUID, *, signed_off: bool, note: str) -> None:
    """Sign a colleague's request off, or ask about it in words, which the colleague is told by mail.

    Raises `NotOneselfError` for one's own, `FieldsRefusedError` for a question without words.
    """
    text = notes.checked(note, "note", "" if signed_off else "Say what is not clear")
    with transaction(exchange.engine) as session:
        _as_manager(session, exchange, actor)
        row = session.get(LocateRequest, request_id, with_for_update=True)
        if row is None or row.organization_id != actor.organization_id:
            raise RecordNotFoundError
        if row.account_id == actor.account_id:
            raise NotOneselfError
        questions.turn_over(session, row)
        session.add(_said_by(exchange, actor, row, text, signed_off=signed_off))
        if not signed_off:
            questions.tell(session, exchange, row, row.account_id)
        journal.append(session, exchange, "locate.reviewed", actor, row.id, signed_off=signed_off)


def _said_by(
    exchange: Exchange, actor: Actor, row: LocateRequest, text: str, *, signed_off: bool
) -> LocateReview:
    return LocateReview(
        request_id=row.id,
        account_id=actor.account_id,
        at=exchange.clock(),
        signed_off=signed_off,
        note_sealed=notes.seal(exchange, text),
        waits_for=None if signed_off else row.account_id,
    )


def reviews(exchange: Exchange, actor: Actor, request_id: UUID) -> list[Review]:
    """What managers said of a request, newest first: for managers of the agency, and for whoever asked."""
    with reading(exchange.engine) as session:
        standing = require(session, exchange, actor)
        row = session.get(LocateRequest, request_id)
        if row is None or row.organization_id != actor.organization_id:
            raise RecordNotFoundError
        if not standing.manager and row.account_id != actor.account_id:
            raise RecordNotFoundError
        theirs = select(LocateReview).where(LocateReview.request_id == row.id)
        said = session.exec(theirs.order_by(col(LocateReview.at).desc()))
        return [_review(session, exchange, one) for one in said]


def one(exchange: Exchange, actor: Actor, request_id: UUID) -> Due:
    """A request of the agency, for its managers. Raises `RecordNotFoundError`."""
    with reading(exchange.engine) as session:
        _as_manager(session, exchange, actor)
        agency = col(LocateRequest.organization_id) == actor.organization_id
        found = _due(session, actor, (agency, col(LocateRequest.id) == request_id))
    if not found:
        raise RecordNotFoundError
    return found[0]


def colleagues(exchange: Exchange, actor: Actor) -> list[Colleague]:
    """Everybody of the agency who used locate lately, the busiest first."""
    with reading(exchange.engine) as session:
        _as_manager(session, exchange, actor)
        told: dict[UUID, Counter[str]] = defaultdict(Counter)
        for what, account_id, number in _counts(session, exchange, actor):
            told[account_id][what] += number
        theirs = select(Account.id, Account.name).where(col(Account.id).in_(told))
        names = dict(session.exec(theirs).all())
    every = ("requests", "searches", "looks", "reviewed", "questions", "alarms")
    found = [
        Colleague(names[account_id], *(counts[one] for one in every)) for account_id, counts in told.items()
    ]
    return sorted(found, key=lambda one: (-one.requests, one.name))


def _as_manager(session: Session, exchange: Exchange, actor: Actor) -> None:
    if not require(session, exchange, actor).manager:
        raise NotPermittedError


def _lately(exchange: Exchange, actor: Actor) -> _Which:
    """The requests of the agency that are shown."""
    agency = col(LocateRequest.organization_id) == actor.organization_id
    return agency, col(LocateRequest.created_at) > exchange.clock() - LOOKED_BACK


def _due(session: Session, actor: Actor, which: _Which) -> list[Due]:
    """Requests with what they raised and what was said of them last: three statements, however many."""
    request_id = col(LocateRequest.id)
    raised: dict[UUID | None, list[str]] = defaultdict(list)
    alarms = select(LocateAlarm.request_id, LocateAlarm.kind)
    for raised_by, kind in session.exec(
        alarms.join(LocateRequest, request_id == LocateAlarm.request_id).where(*which)
    ):
        raised[raised_by].append(kind)
    said = _said(session, which)
    rows = select(LocateRequest, Account.name).join(Account, col(Account.id) == LocateRequest.account_id)
    return [
        Due(
            row.id,
            row.reference,
            name,
            row.account_id == actor.account_id,
            Purpose(row.purpose),
            as_utc(row.created_at),
            tuple(raised[row.id]) or ((SAMPLE,) if sampled(row.id) else ()),
            said.get(row.id, Said.NOTHING),
        )
        for row, name in session.exec(rows.where(*which))
    ]


def _said(session: Session, which: _Which) -> dict[UUID, Said]:
    """What was said last of these requests."""
    words = select(LocateReview.request_id, LocateReview.signed_off, LocateReview.answered_at)
    theirs = words.join(LocateRequest, col(LocateRequest.id) == LocateReview.request_id).where(*which)
    return {
        request_id: Said.SIGNED_OFF if signed_off else Said.ANSWERED if answered_at else Said.ASKED
        for request_id, signed_off, answered_at in session.exec(theirs.order_by(col(LocateReview.at)))
    }


def _counts(session: Session, exchange: Exchange, actor: Actor) -> list[tuple[str, UUID, int]]:
    """What each colleague did lately and what was said of it: what, whose, how much."""
    since, agency = exchange.clock() - LOOKED_BACK, actor.organization_id
    seen = (col(LocateView.organization_id) == agency) & (col(LocateView.at) > since)
    raised = (col(LocateAlarm.organization_id) == agency) & (col(LocateAlarm.at) > since)
    searched, signed = col(LocateView.act) == Act.SEARCH.value, col(LocateReview.signed_off)
    about = select(LocateRequest.account_id, func.count(func.distinct(LocateRequest.id))).join(
        LocateReview, col(LocateReview.request_id) == LocateRequest.id
    )
    lately = _lately(exchange, actor)
    many = func.count()
    viewed = select(LocateView.account_id, many).where(seen).group_by(col(LocateView.account_id))
    mine, theirs = col(LocateRequest.account_id), col(LocateAlarm.account_id)
    asked = {
        "requests": select(LocateRequest.account_id, many).where(*lately).group_by(mine),
        "searches": viewed.where(searched, LocateView.sources == ""),
        "looks": viewed.where(~searched),
        "reviewed": about.where(*lately, signed).group_by(mine),
        "questions": about.where(*lately, ~signed).group_by(mine),
        "alarms": select(LocateAlarm.account_id, many).where(raised).group_by(theirs),
    }
    return [(what, *found) for what, each in asked.items() for found in session.exec(each)]


def _review(session: Session, exchange: Exchange, row: LocateReview) -> Review:
    return Review(
        row.id,
        session.get_one(Account, row.account_id).name,
        as_utc(row.at),
        row.signed_off,
        notes.opened(exchange, row.note_sealed),
        notes.opened(exchange, row.answer_sealed),
        as_utc(row.answered_at) if row.answered_at else None,
        row.waits_for is not None and row.answered_at is None,
    )
