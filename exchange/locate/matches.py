"""What the case registry matched by itself: a person of an agency's case stands in one of another state.

No worker asked, so a match belongs to the agency until a cleared worker takes it up; from then on it is for
that worker and the managers, as a result is (domain.md 8.10). Before, it says of which case it is, no more.
See decision 36.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from exchange import journal
from exchange.cursors import cursor, place
from exchange.database import reading, transaction
from exchange.errors import RecordNotFoundError
from exchange.locate import protection
from exchange.locate.standing import Standing, require, standing_of
from exchange.locate.telling import case_told
from exchange.models.accounts import Account
from exchange.models.base import as_utc
from exchange.models.cases import CaseMatch, RegisteredCase, RegisteredPart
from exchange.models.locate import Act, LocateView, Use
from exchange.models.registry import Participant, Person, SupportCase
from exchange.registry.keys import PERSON
from exchange.registry.searching.facts import Facts
from exchange.runtime import Exchange
from roles import disclosure
from roles.disclosure import Shown, Viewer
from roles.locate import CASE_REGISTRY, SOURCES, Purpose
from roles.policy import Actor
from schemas.locate.answers import FactField, Outcome, SourceAnswer

PAGE = 50
MOST = 100
"""Matches that are counted."""
_AT_ONCE = 200
_PERSON_DIGITS = 16


@dataclass(frozen=True)
class Match:
    """A match in a list. `part`: the person's in the agency's case (8.3); `worker`: who settled it."""

    id: UUID
    case_number: str
    part: str
    found_at: datetime
    use: Use
    worker: str


@dataclass(frozen=True)
class Matches:
    """Part of a list, newest first."""

    items: list[Match]
    next: str | None


@dataclass(frozen=True)
class Opened:
    """A match that was taken up, with what may be shown of it."""

    match: Match
    shown: tuple[Shown, ...]


@dataclass(frozen=True)
class _Known:
    """A match of which the actor may know, with what else its tables say."""

    row: CaseMatch
    number: str
    part: str
    person_hash: bytes


def matches(
    exchange: Exchange, actor: Actor, *, taken: bool = False, after: str = "", limit: int = PAGE
) -> Matches:
    """What waits for the agency; `taken`: what one took up oneself, for managers what anybody did."""
    with reading(exchange.engine) as session:
        standing = require(session, exchange, actor)
        which = _taken(actor, standing) if taken else _waiting(actor)
        found = list(islice(_visible(session, exchange, actor, which, after), limit + 1))
        more = cursor(found[limit - 1].row.found_at, found[limit - 1].row.id) if len(found) > limit else None
        return Matches([_line(session, one) for one in found[:limit]], more)


def waiting(exchange: Exchange, actor: Actor) -> int:
    """How many wait for the agency, at most `MOST`; none while something is in the actor's way."""
    with reading(exchange.engine) as session:
        if standing_of(session, exchange, actor).blocked:
            return 0
        return sum(1 for _ in islice(_visible(session, exchange, actor, _waiting(actor)), MOST))


def opened(exchange: Exchange, actor: Actor, match_id: UUID) -> Opened:
    """What a match says, and the note that it was seen.

    Raises `RecordNotFoundError` for one that the actor has not taken up, nor, for a manager, anybody.
    """
    with transaction(exchange.engine) as session:
        standing = require(session, exchange, actor)
        known = _one(session, exchange, actor, match_id, _taken(actor, standing))
        mine = known.row.account_id == actor.account_id
        viewer = Viewer.ASKER if mine else Viewer.MANAGER
        seen = disclosure.Standing(viewer, Purpose.SUPPORT, standing.tax, withheld=False)
        outcome, shown = disclosure.disclosed(SOURCES[CASE_REGISTRY], _answer(session, known.row), seen)
        if outcome is not Outcome.FOUND:
            raise RecordNotFoundError
        _note_view(session, exchange, actor, known)
        return Opened(_line(session, known), shown)


def take_up(exchange: Exchange, actor: Actor, match_id: UUID) -> None:
    """Make it one's own. Raises `RecordNotFoundError` for one that does not wait, or is another agency's."""
    with transaction(exchange.engine) as session:
        require(session, exchange, actor)
        known = _one(session, exchange, actor, match_id, _waiting(actor))
        _settle(session, exchange, actor, known.row, Use.USED)


def set_aside(exchange: Exchange, actor: Actor, match_id: UUID) -> Match:
    """Nothing is to be done about it: of one that waits, or that the actor may see. What became of it.

    Raises `RecordNotFoundError`.
    """
    with transaction(exchange.engine) as session:
        standing = require(session, exchange, actor)
        which = or_(_waiting(actor), _taken(actor, standing))
        known = _one(session, exchange, actor, match_id, which)
        _settle(session, exchange, actor, known.row, Use.DISCARDED)
        return _line(session, known)


def _settle(session: Session, exchange: Exchange, actor: Actor, row: CaseMatch, use: Use) -> None:
    row.use, row.account_id, row.settled_at = use.value, actor.account_id, exchange.clock()
    session.add(row)
    session.flush()
    journal.append(session, exchange, "locate.match-settled", actor, row.id, use=use.name.lower())


def _waiting(actor: Actor) -> ColumnElement[bool]:
    return (col(CaseMatch.organization_id) == actor.organization_id) & (
        col(CaseMatch.use) == Use.UNREAD.value
    )


def _taken(actor: Actor, standing: Standing) -> ColumnElement[bool]:
    theirs = (col(CaseMatch.organization_id) == actor.organization_id) & (
        col(CaseMatch.use) == Use.USED.value
    )
    return theirs if standing.manager else theirs & (col(CaseMatch.account_id) == actor.account_id)


def _one(
    session: Session, exchange: Exchange, actor: Actor, match_id: UUID, which: ColumnElement[bool]
) -> _Known:
    """A match that is of these; nobody else changes it until the transaction ends."""
    session.exec(select(CaseMatch.id).where(CaseMatch.id == match_id).with_for_update()).first()
    one = which & (col(CaseMatch.id) == match_id)
    found = next(_visible(session, exchange, actor, one), None)
    if found is None:
        raise RecordNotFoundError
    return found


def _visible(
    session: Session, exchange: Exchange, actor: Actor, which: ColumnElement[bool], after: str = ""
) -> Iterator[_Known]:
    """The matches about people of whom the actor may know something, newest first."""
    every = (
        columns(
            CaseMatch,
            col(RegisteredCase.number),
            col(RegisteredPart.part),
            col(Person.ssn_hash),
            col(Person.sealed),
        )
        .join(RegisteredCase, col(RegisteredCase.case_id) == CaseMatch.case_id)
        .join(
            RegisteredPart,
            (col(RegisteredPart.case_id) == CaseMatch.case_id)
            & (col(RegisteredPart.person_id) == CaseMatch.person_id),
        )
        .join(Person, col(Person.id) == CaseMatch.person_id)
        .order_by(col(CaseMatch.found_at).desc(), col(CaseMatch.id).desc())
    )
    while True:
        some = which & _behind(after) if after else which
        rows = session.execute(every.where(some).limit(_AT_ONCE)).all()
        cells = exchange.vault.cells.open_all(PERSON, [row.sealed for row in rows])
        people = [(row.ssn_hash, Facts.of(cell)) for row, cell in zip(rows, cells, strict=True)]
        hidden = protection.hidden_people(session, exchange, actor.account_id, people)
        for (row, number, part, person_hash, _), withheld in zip(rows, hidden, strict=True):
            if not withheld:
                yield _Known(row, number, part, person_hash)
        if len(rows) < _AT_ONCE:
            return
        after = cursor(rows[-1][0].found_at, rows[-1][0].id)


def _behind(after: str) -> ColumnElement[bool]:
    moment, row_id = place(after)
    found = col(CaseMatch.found_at)
    return or_(found < moment, (found == moment) & (col(CaseMatch.id) < row_id))


def _line(session: Session, known: _Known) -> Match:
    row = known.row
    worker = session.get_one(Account, row.account_id).name if row.account_id else ""
    return Match(row.id, known.number, known.part, as_utc(row.found_at), Use(row.use), worker)


def _answer(session: Session, row: CaseMatch) -> SourceAnswer:
    """As the case registry would answer a question about this one case."""
    theirs = (col(Participant.case_id) == SupportCase.id) & (col(Participant.person_id) == row.person_id)
    case = (
        columns(col(SupportCase.state), col(SupportCase.number), col(Participant.part))
        .outerjoin(Participant, theirs)
        .where(col(SupportCase.id) == row.matched_case_id)
    )
    state, number, part = session.execute(case).one()
    return SourceAnswer(outcome=Outcome.FOUND, facts={FactField.CASES: case_told(state, number, part)})


def _note_view(session: Session, exchange: Exchange, actor: Actor, known: _Known) -> None:
    """Keep for the auditor that somebody saw it, as with a request."""
    view = LocateView(
        at=exchange.clock(),
        act=Act.VIEW.value,
        account_id=actor.account_id,
        organization_id=actor.organization_id,
        person_hash=known.person_hash,
        purpose=Purpose.SUPPORT.value,
        sources=CASE_REGISTRY,
        came_from=f"{actor.channel.value} {actor.source}",
    )
    session.add(view)
    person = known.person_hash.hex()[:_PERSON_DIGITS]
    facts = {"act": view.act, "person": person, "purpose": view.purpose, "sources": view.sources}
    journal.append(session, exchange, "locate.viewed", actor, known.row.id, **facts)
