"""What lies on the desk of somebody who locates people: what is open, what is new, what is about to lapse."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as columns
from sqlmodel import Session, col

from exchange.database import reading
from exchange.locate import matches, questions, review, viewing
from exchange.locate.review import Waiting
from exchange.locate.standing import Standing, standing_of
from exchange.locate.viewing import Line, Lines
from exchange.models.locate import LocateQuery, LocateRequest
from exchange.runtime import Exchange
from roles.locate import CASE_REGISTRY
from roles.permissions import Permission
from roles.policy import Actor, authorize, can

WARNED = timedelta(days=30)
"""For so long before agreement or training end, the page says so."""
_SHOWN = 5
MOST = 100
"""Requests with something new that are counted; a badge says "99+" for as many."""


@dataclass(frozen=True)
class Desk:
    """Requests, and what stands in the way of making further ones. `lapsing`: the day on which what ends."""

    standing: Standing
    lapsing: tuple[tuple[str, date], ...]
    lines: Lines


@dataclass(frozen=True)
class Overview:
    """What a home page tells. `new`: requests with something new; `cases`: from the case registry.

    `waiting`: for a manager; `asked_about`: one's own requests of which managers ask something;
    `matches`: people of the agency's cases whom the case registry has matched.
    """

    standing: Standing
    lapsing: tuple[tuple[str, date], ...]
    open: Sequence[Line]
    new: int
    cases: int
    waiting: Waiting = field(default_factory=Waiting)
    asked_about: Sequence[tuple[UUID, str]] = ()
    matches: int = 0


AGREEMENT, TRAINING = "agreement", "training"


def desk(
    exchange: Exchange, actor: Actor, *, everybody: bool = False, ended: bool = False, after: str = ""
) -> Desk:
    """One's requests, of the whole agency for managers who ask so; with `ended`, those that ended as well."""
    standing, lapsing = _standing(exchange, actor)
    if standing.blocked:
        return Desk(standing, lapsing, Lines([], None))
    whose = everybody and standing.manager
    found = viewing.lines(exchange, actor, everybody=whose, open_only=not ended, after=after)
    return Desk(standing, lapsing, found)


def overview(exchange: Exchange, actor: Actor) -> Overview | None:
    """For the home page; None for a role that locates nobody."""
    if not can(actor, Permission.LOCATE_QUERY):
        return None
    standing, lapsing = _standing(exchange, actor)
    if standing.blocked:
        return Overview(standing, lapsing, (), 0, 0)
    found = viewing.newest(exchange, actor, _SHOWN)
    with reading(exchange.engine) as session:
        cases = _count(session, actor, col(LocateQuery.source) == CASE_REGISTRY)
        new = _count(session, actor)
    waits, asked_about = review.waiting(exchange, actor), questions.put_to(exchange, actor)
    matched = matches.waiting(exchange, actor)
    return Overview(standing, lapsing, found, new, cases, waits, asked_about, matched)


def new_results(exchange: Exchange, actor: Actor) -> int:
    """How many of one's open requests have something new, with questions and answers that wait for one.

    Of requests `MOST` at most; 0 for who locates nobody.
    """
    if not can(actor, Permission.LOCATE_QUERY):
        return 0
    with reading(exchange.engine) as session:
        return _count(session, actor) + questions.waiting(session, exchange, actor)


def _standing(exchange: Exchange, actor: Actor) -> tuple[Standing, tuple[tuple[str, date], ...]]:
    authorize(actor, Permission.LOCATE_QUERY)
    with reading(exchange.engine) as session:
        found = standing_of(session, exchange, actor)
    soon = exchange.clock().date() + WARNED
    ends = ((AGREEMENT, found.agreed_until), (TRAINING, found.trained_until))
    return found, tuple((what, day) for what, day in ends if day and day <= soon and not found.blocked)


def _count(session: Session, actor: Actor, *also: ColumnElement[bool]) -> int:
    mine = (col(LocateRequest.account_id) == actor.account_id) & col(LocateRequest.closed_at).is_(None)
    seen = func.coalesce(col(LocateRequest.seen_at), col(LocateRequest.created_at))
    new = (
        columns(col(LocateRequest.id))
        .join(LocateQuery, col(LocateQuery.request_id) == col(LocateRequest.id))
        .where(mine, col(LocateQuery.answered_at) > seen, *also)
        .distinct()
        .limit(MOST)
    )
    return int(session.execute(columns(func.count()).select_from(new.subquery())).scalar_one())
