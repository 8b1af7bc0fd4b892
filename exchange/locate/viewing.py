"""Looking at a request: what may be shown of each source's answer, to the worker who asked or the manager.

Every look is a row for the auditor and an event of the journal, in the transaction that reads what is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from exchange import journal
from exchange.cursors import cursor, place
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, RecordNotFoundError
from exchange.locate import alarms, protection, sealed, telling, whom
from exchange.locate.standing import Standing, require
from exchange.locate.telling import Looks, Told
from exchange.locate.whom import Known
from exchange.models.accounts import Account
from exchange.models.base import as_utc
from exchange.models.locate import (
    Act,
    LocateAnswer,
    LocateQuery,
    LocateRequest,
    LocateSource,
    LocateView,
    QueryStatus,
    RequestStatus,
    Use,
)
from exchange.runtime import Exchange
from roles.disclosure import Shown, Viewer
from roles.locate import CASE_REGISTRY, SOURCES, Purpose, Source
from roles.policy import Actor, Channel
from schemas.locate.answers import Outcome
from schemas.locate.query import Subject

_REASON_NEEDED = frozenset({Act.PRINT, Act.EXPORT, Act.UNMASK})
PAGE = 50


@dataclass(frozen=True)
class Result:
    """One source: where the question stands and, once answered, what may be shown. `down`: unreachable since.

    `corrected`: how often the source corrected itself. `new`: it came since the worker last looked.
    """

    source: Source
    status: QueryStatus
    outcome: Outcome | None
    shown: tuple[Shown, ...]
    received_at: datetime | None
    use: Use
    corrected: int
    down: datetime | None
    query_id: UUID
    sent_at: datetime | None = None
    new: bool = False


@dataclass(frozen=True)
class Line:
    """A request in a list; it does not tell what was found. `new`: answers since the worker last looked."""

    id: UUID
    reference: str
    purpose: Purpose
    case_number: str
    person: str
    status: RequestStatus
    worker: str
    own: bool
    answered: int
    asked: int
    unread: int
    created_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    new: int = 0


@dataclass(frozen=True)
class Opened:
    """A request with everything that may be shown of it; the number of the person is masked."""

    line: Line
    subject: Subject
    results: tuple[Result, ...]
    viewer: Viewer


@dataclass(frozen=True)
class Lines:
    """Part of a list, newest first."""

    items: list[Line]
    next: str | None


def lines(
    exchange: Exchange,
    actor: Actor,
    *,
    everybody: bool = False,
    open_only: bool = False,
    after: str = "",
    limit: int = PAGE,
) -> Lines:
    """One's own requests; with `everybody`, and as a manager, those of the whole agency."""
    with reading(exchange.engine) as session:
        standing = require(session, exchange, actor)
        wanted = select(LocateRequest).where(*_mine(actor, everybody=everybody and standing.manager))
        if open_only:
            wanted = wanted.where(col(LocateRequest.closed_at).is_(None))
        if after:
            wanted = wanted.where(_behind(after))
        newest = (col(LocateRequest.created_at).desc(), col(LocateRequest.id).desc())
        rows = session.exec(wanted.order_by(*newest).limit(limit + 1)).all()
        more = cursor(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
        return Lines(_lines(session, exchange, actor, rows[:limit]), more)


def newest(exchange: Exchange, actor: Actor, most: int) -> list[Line]:
    """One's own open requests, those first that were answered last."""
    with reading(exchange.engine) as session:
        require(session, exchange, actor)
        mine = select(LocateRequest).where(
            *_mine(actor, everybody=False), col(LocateRequest.closed_at).is_(None)
        )
        rows = session.exec(mine.order_by(col(LocateRequest.changed_at).desc()).limit(most)).all()
        return _lines(session, exchange, actor, rows)


def _mine(actor: Actor, *, everybody: bool) -> tuple[ColumnElement[bool], ...]:
    agency = col(LocateRequest.organization_id) == actor.organization_id
    return (agency,) if everybody else (agency, col(LocateRequest.account_id) == actor.account_id)


def _behind(after: str) -> ColumnElement[bool]:
    moment, row_id = place(after)
    created = col(LocateRequest.created_at)
    return or_(created < moment, (created == moment) & (col(LocateRequest.id) < row_id))


def opened(
    exchange: Exchange, actor: Actor, request_id: UUID, act: Act = Act.VIEW, reason: str = ""
) -> Opened:
    """Everything that the actor may see of a request, and the note that it was seen.

    Printing, exporting and unmasking need a reason in words. Raises `RecordNotFoundError` for a request that
    is neither one's own nor, for a manager, of one's agency; `FieldsRefusedError` without a reason.
    """
    if act in _REASON_NEEDED and not reason.strip():
        raise FieldsRefusedError({"reason": "Say what you need it for"})
    with transaction(exchange.engine) as session:
        standing = require(session, exchange, actor)
        row, viewer = seen_by(session, actor, standing, request_id, alone=True)
        (known,) = whom.known(session, exchange, actor.account_id, [row])
        results = results_of(session, Looks(actor, standing, viewer), known)
        note_view(session, exchange, actor, act, (row, results, reason.strip()))
        line = _line(session, exchange, actor, (known, _tallies(session, [row])[row.id]))
        if viewer is Viewer.ASKER and actor.channel is Channel.WEB:
            row.seen_at = exchange.clock()
            session.add(row)
        return Opened(line, masked(known.subject), results, viewer)


def number(exchange: Exchange, actor: Actor, request_id: UUID, reason: str) -> str:
    """The whole number that one gave, or chose, oneself; an act with a reason. Empty where none is known."""
    if not reason.strip():
        raise FieldsRefusedError({"reason": "Say what you need it for"})
    with transaction(exchange.engine) as session:
        standing = require(session, exchange, actor)
        row, viewer = seen_by(session, actor, standing, request_id)
        if viewer is not Viewer.ASKER:
            raise RecordNotFoundError
        note_view(session, exchange, actor, Act.UNMASK, (row, (), reason.strip()))
        (known,) = whom.known(session, exchange, actor.account_id, [row])
        return known.subject.ssn


def stamp(exchange: Exchange, actor: Actor, request_id: UUID) -> str:
    """Differs as soon as the page of a request would tell something else; says nothing itself."""
    with reading(exchange.engine) as session:
        row, _ = seen_by(session, actor, require(session, exchange, actor), request_id)
        theirs = select(LocateQuery.source, LocateQuery.sent_at).where(LocateQuery.request_id == row.id)
        asked = session.exec(theirs.order_by(LocateQuery.source)).all()
        down = session.exec(select(LocateSource.code).where(col(LocateSource.down_since).is_not(None))).all()
        reached = [f"{code}{'!' if code in down else '.' if sent else ''}" for code, sent in asked]
        told = f"{row.changed_at:%Y%m%d%H%M%S%f} {' '.join(reached)}"
        return sealed.hashed(exchange, sealed.STAMP, told).hex()[:32]


def mark(exchange: Exchange, actor: Actor, query_id: UUID, use: Use) -> None:
    """Say what one made of the newest answer of a source (8.10: used, discarded)."""
    with transaction(exchange.engine) as session:
        require(session, exchange, actor)
        query = session.get(LocateQuery, query_id)
        request = session.get(LocateRequest, query.request_id) if query else None
        answer = _newest(session, query_id)
        if request is None or request.account_id != actor.account_id or answer is None:
            raise RecordNotFoundError
        answer.use = use.value
        session.add(answer)
        journal.append(session, exchange, "locate.marked", actor, request.id, use=use.name.lower())


def seen_by(
    session: Session, actor: Actor, standing: Standing, request_id: UUID, *, alone: bool = False
) -> tuple[LocateRequest, Viewer]:
    """A request, and as what the actor looks at it. Raises `RecordNotFoundError`.

    `alone`: no answer is taken meanwhile. Whoever notes a look locks the request first and the journal then,
    as `taking` does: else each might wait for the other, and what comes just then would count as seen.
    """
    row = session.get(LocateRequest, request_id, with_for_update=alone)
    if row is None or row.organization_id != actor.organization_id:
        raise RecordNotFoundError
    if row.account_id == actor.account_id:
        return row, Viewer.ASKER
    if not standing.manager:
        raise RecordNotFoundError
    return row, Viewer.MANAGER


def note_view(
    session: Session,
    exchange: Exchange,
    actor: Actor,
    act: Act,
    what: tuple[LocateRequest, tuple[Result, ...], str],
) -> None:
    """Keep for the auditor that somebody saw this, through which door, and which sources' answers."""
    row, results, reason = what
    sources = ",".join(one.source.code for one in results if one.status is QueryStatus.ANSWERED)
    session.add(
        LocateView(
            at=exchange.clock(),
            act=act.value,
            account_id=actor.account_id,
            organization_id=actor.organization_id,
            request_id=row.id,
            person_hash=row.person_hash or row.same_hash,
            purpose=row.purpose,
            sources=sources,
            came_from=f"{actor.channel.value} {actor.source}",
            reason_sealed=sealed.seal(exchange, sealed.NOTE, reason) if reason else None,
        )
    )
    facts = {"act": act.value, "person": sealed.person_key(row), "purpose": row.purpose, "sources": sources}
    journal.append(session, exchange, "locate.viewed", actor, row.id, **facts)


def note_search(session: Session, exchange: Exchange, actor: Actor, what: tuple[str, bytes | None]) -> None:
    """Keep for the auditor that somebody searched: for which purpose, and the hash of a number if given."""
    purpose, person_hash = what
    session.add(_searched(exchange, actor, purpose, person_hash))
    session.flush()
    journal.append(session, exchange, "locate.searched", actor, None, purpose=purpose)
    alarms.notice_search(session, exchange, actor)


def note_found(session: Session, exchange: Exchange, actor: Actor, purpose: str, ssns: Sequence[str]) -> None:
    """Keep for the auditor whom a search has shown: the case registry told their names and birth dates.

    A line for each, also for somebody without a number, whom no audit by number finds.
    """
    known = [protection.person_hash(exchange, ssn) for ssn in ssns]
    found = [_searched(exchange, actor, purpose, hashed) for hashed in known]
    for row in found:
        row.sources = CASE_REGISTRY
    session.add_all(found)
    people = [sealed.key_of(hashed) if hashed else "" for hashed in known]
    journal.append(session, exchange, "locate.found", actor, None, purpose=purpose, people=people)


def _searched(exchange: Exchange, actor: Actor, purpose: str, person_hash: bytes | None) -> LocateView:
    return LocateView(
        at=exchange.clock(),
        act=Act.SEARCH.value,
        account_id=actor.account_id,
        organization_id=actor.organization_id,
        person_hash=person_hash,
        purpose=purpose,
        came_from=f"{actor.channel.value} {actor.source}",
    )


def results_of(session: Session, looks: Looks, known: Known) -> tuple[Result, ...]:
    """What may be shown of a request; whoever shows it notes the view in the same transaction."""
    row, told = known.row, telling.told(looks, known)
    queries = session.exec(select(LocateQuery).where(LocateQuery.request_id == row.id)).all()
    down = {one.code: one.down_since for one in session.exec(select(LocateSource))}
    order = {code: place for place, code in enumerate(SOURCES)}
    return tuple(
        _result(row, query, told.get(query.id), down.get(query.source))
        for query in sorted(queries, key=lambda one: order.get(one.source, len(order)))
    )


def _result(row: LocateRequest, query: LocateQuery, told: Told | None, down: datetime | None) -> Result:
    return Result(
        SOURCES[query.source],
        QueryStatus(query.status),
        told.outcome if told else None,
        told.shown if told else (),
        told.received_at if told else None,
        told.use if told else Use.UNREAD,
        told.corrected if told else 0,
        as_utc(down) if down and query.answered_at is None else None,
        query.id,
        as_utc(query.sent_at) if query.sent_at else None,
        bool(told and told.received_at > as_utc(row.seen_at or row.created_at)),
    )


def _newest(session: Session, query_id: UUID) -> LocateAnswer | None:
    theirs = select(LocateAnswer).where(LocateAnswer.query_id == query_id)
    return session.exec(theirs.order_by(col(LocateAnswer.number).desc())).first()


@dataclass
class _Tally:
    """How far a request is."""

    asked: int = 0
    answered: int = 0
    unread: int = 0
    new: int = 0


def _lines(session: Session, exchange: Exchange, actor: Actor, rows: Sequence[LocateRequest]) -> list[Line]:
    tallies = _tallies(session, rows)
    known = whom.known(session, exchange, actor.account_id, rows)
    return [_line(session, exchange, actor, (one, tallies[one.row.id])) for one in known]


def _tallies(session: Session, rows: Sequence[LocateRequest]) -> dict[UUID, _Tally]:
    """Of all these requests at once."""
    seen = {row.id: as_utc(row.seen_at or row.created_at) for row in rows}
    asked = (
        columns(
            col(LocateQuery.id),
            col(LocateQuery.request_id),
            col(LocateAnswer.use),
            col(LocateQuery.answered_at),
        )
        .outerjoin(LocateAnswer, col(LocateAnswer.query_id) == col(LocateQuery.id))
        .where(col(LocateQuery.request_id).in_(seen))
        .order_by(col(LocateAnswer.number))
    )
    found = {row.id: _Tally() for row in rows}
    for request_id, use, answered_at in {one: tuple(rest) for one, *rest in session.execute(asked)}.values():
        tally = found[request_id]
        tally.asked += 1
        if use is not None:
            tally.answered += 1
            tally.unread += use == Use.UNREAD
            tally.new += as_utc(answered_at) > seen[request_id]
    return found


def _line(session: Session, exchange: Exchange, actor: Actor, what: tuple[Known, _Tally]) -> Line:
    known, tally = what
    row, subject = known.row, known.subject
    return Line(
        row.id,
        row.reference,
        Purpose(row.purpose),
        sealed.opened(exchange, sealed.CASE, row.case_sealed),
        " ".join(part for part in (subject.first_name, subject.last_name) if part) or "By number",
        RequestStatus(row.status),
        session.get_one(Account, row.account_id).name,
        row.account_id == actor.account_id,
        tally.answered,
        tally.asked,
        tally.unread,
        as_utc(row.created_at),
        as_utc(row.expires_at),
        as_utc(row.closed_at) if row.closed_at else None,
        tally.new,
    )


def masked(subject: Subject) -> Subject:
    """The same, of whose number only the last four digits are told."""
    shown = f"***-**-{subject.ssn[-4:]}" if subject.ssn else ""
    return Subject.of({**subject.as_dict(), "ssn": shown})
