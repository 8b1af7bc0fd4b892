"""Carries questions to the sources and answers back, each source in its own thread and its own time.

A question is asked again until its source has taken it, and once in a while until it is answered; of some
sources, for what is new, as long as the request is open. Nobody
needs to remember anything but the database, neither a worker that is killed nor a source. What is fetched
twice is taken once (`taking`). A source that hangs keeps only its own thread.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from exchange.database import add_if_missing, reading, transaction
from exchange.errors import PortalError
from exchange.locate import requests, sealed, taking
from exchange.locate.sources import Connection, Question, SourceDownError, connections
from exchange.models.locate import LocateQuery, LocateRequest, LocateSource, QueryStatus
from exchange.runtime import Exchange
from roles.locate import SOURCES

LOOK_EVERY = 1.0
"""Seconds between two looks for questions, and at a source that has just answered."""
LOOK_AT_LEAST_EVERY = 15.0
"""Seconds after which a source that answered nothing for long is looked at again."""
_SLOWER = 1.25
_EXPIRE_EVERY = 60.0
_PARTING = 0.5
_AT_ONCE = 50
_HELD = timedelta(seconds=60)
"""How long a question that is being handed over is left to whoever does so."""
ASKED_AGAIN = timedelta(minutes=10)
"""After which a question is put again to a source that took it and has not answered."""
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)
_log = structlog.get_logger("locate")


@dataclass
class _Line:
    """One source's connection, and the thread that is busy with it."""

    connection: Connection
    busy: threading.Thread | None = None
    pause: float = 0.0
    look_at: float = 0.0

    def looked(self, *, something: bool) -> None:
        """Look again soon where something came; else a little later each time."""
        self.pause = (
            LOOK_EVERY if something else min(self.pause * _SLOWER + LOOK_EVERY / 2, LOOK_AT_LEAST_EVERY)
        )
        self.look_at = time.monotonic() + self.pause


def work(exchange: Exchange, stop: threading.Event) -> None:
    """Serve all sources until told to stop; those that hang are left behind."""
    lines = {code: _Line(connection) for code, connection in connections(exchange).items()}
    expire_in = 0.0
    while not stop.wait(LOOK_EVERY):
        expire_in -= LOOK_EVERY
        try:
            if expire_in <= 0:
                requests.expire(exchange)
                expire_in = _EXPIRE_EVERY
            _look(exchange, lines)
        except (SQLAlchemyError, OSError) as error:
            _log.error("locate.pauses", why=type(error).__name__)
    for line in lines.values():
        _let_go(line)


def _look(exchange: Exchange, lines: Mapping[str, _Line]) -> None:
    """Begin with the sources that have a question waiting, or are to be looked at again."""
    with reading(exchange.engine) as session:
        waiting = set(session.exec(_sources().where(_waiting(exchange))))
        expected = set(session.exec(_sources()))
    for code in expected & set(lines):
        if code in waiting:
            lines[code].pause = 0.0
        if code in waiting or lines[code].look_at <= time.monotonic():
            _begin(exchange, code, lines[code])


def _let_go(line: _Line) -> None:
    """One that hangs is left behind: its thread ends with the process, and its question is asked again."""
    if line.busy is not None:
        line.busy.join(_PARTING)
    if line.busy is None or not line.busy.is_alive():
        line.connection.close()


def _begin(exchange: Exchange, code: str, line: _Line) -> None:
    if line.busy is None or not line.busy.is_alive():
        line.busy = threading.Thread(
            target=_carefully, args=(exchange, code, line), daemon=True, name=f"locate-{code}"
        )
        line.busy.start()


def _carefully(exchange: Exchange, code: str, line: _Line) -> None:
    try:
        line.looked(something=turn(exchange, code, line.connection) > 0)
    except (SQLAlchemyError, OSError, PortalError) as error:
        _log.error("locate.pauses", source=code, why=type(error).__name__)


def turn(exchange: Exchange, code: str, connection: Connection) -> int:
    """Ask a source what waits and take what it has answered; how many answers were taken."""
    try:
        for query_id in _claimed(exchange, code):
            _ask(exchange, query_id, connection)
        taken = _fetch(exchange, code, connection)
    except SourceDownError:
        _note(exchange, code, lambda row: _down(exchange, row))
        return 0
    _note(exchange, code, _up)
    return taken


def _sources() -> SelectOfScalar[str]:
    """The sources that open requests have a question for."""
    joined = select(LocateQuery.source).join(LocateRequest, col(LocateRequest.id) == LocateQuery.request_id)
    return joined.where(col(LocateRequest.closed_at).is_(None)).distinct()


def _waiting(exchange: Exchange) -> ColumnElement[bool]:
    waits = col(LocateQuery.status) == QueryStatus.WAITING.value
    return waits & (col(LocateQuery.next_at) <= exchange.clock())


def _due(exchange: Exchange, code: str) -> ColumnElement[bool]:
    sent = col(LocateQuery.status) == QueryStatus.SENT.value
    forgotten = sent & (col(LocateQuery.next_at) <= exchange.clock())
    again = _again_asked(exchange) if SOURCES[code].again_within else false()
    return (col(LocateQuery.source) == code) & or_(_waiting(exchange), forgotten, again)


def _again_asked(exchange: Exchange) -> ColumnElement[bool]:
    """Answered, and to be asked for what is new."""
    answered = col(LocateQuery.status) == QueryStatus.ANSWERED.value
    open_ = select(LocateRequest.id).where(col(LocateRequest.closed_at).is_(None))
    return answered & (col(LocateQuery.next_at) <= exchange.clock()) & col(LocateQuery.request_id).in_(open_)


def _claimed(exchange: Exchange, code: str) -> list[UUID]:
    """Questions to be put now, which no other worker puts meanwhile; they may be answered from now on."""
    with reading(exchange.engine) as session:
        if session.exec(select(LocateQuery.id).where(_due(exchange, code)).limit(1)).first() is None:
            return []
    now = exchange.clock()
    with transaction(exchange.engine) as session:
        due = select(LocateQuery).where(_due(exchange, code)).limit(_AT_ONCE)
        rows = session.exec(due.with_for_update(skip_locked=True)).all()
        for row in rows:
            row.sent_at, row.next_at, row.attempts = row.sent_at or now, now + _HELD, row.attempts + 1
            session.add(row)
        return [row.id for row in rows]


def _ask(exchange: Exchange, query_id: UUID, connection: Connection) -> None:
    with reading(exchange.engine) as session:
        query = session.get_one(LocateQuery, query_id)
        request = session.get_one(LocateRequest, query.request_id)
        subject, attempts = sealed.subject_of(exchange, request), query.attempts
    try:
        connection.ask(Question(query_id, subject))
    except SourceDownError:
        _again(exchange, query_id, min(_FIRST_PAUSE * 2 ** min(attempts, 10), _LONGEST_PAUSE))
        raise
    with transaction(exchange.engine) as session:
        _sent(session, exchange, query_id)


def _sent(session: Session, exchange: Exchange, query_id: UUID) -> None:
    """The source has taken it; it may even have answered meanwhile.

    The request is locked before its question, as by whoever takes an answer or ends it.
    """
    request_id = session.exec(select(LocateQuery.request_id).where(LocateQuery.id == query_id)).one()
    session.get_one(LocateRequest, request_id, with_for_update=True)
    query = session.get_one(LocateQuery, query_id, with_for_update=True)
    query.next_at = exchange.clock() + ASKED_AGAIN
    if query.status == QueryStatus.ANSWERED:
        query.next_at = taking.again_at(exchange, query.source)
    if query.status == QueryStatus.WAITING:
        query.status = QueryStatus.SENT.value
        requests.note_sent(session, query.request_id)
    session.add(query)


def _again(exchange: Exchange, query_id: UUID, pause: timedelta) -> None:
    with transaction(exchange.engine) as session:
        query = session.get_one(LocateQuery, query_id, with_for_update=True)
        query.next_at = exchange.clock() + pause
        session.add(query)


def _fetch(exchange: Exchange, code: str, connection: Connection) -> int:
    with reading(exchange.engine) as session:
        row = session.get(LocateSource, code)
        cursor = row.cursor if row else ""
    page = connection.answers(cursor)
    taken = sum(taking.take(exchange, code, raw) for raw in page.answers)
    if page.cursor != cursor:
        _note(exchange, code, lambda row: setattr(row, "cursor", page.cursor), always=True)
    return taken


def _note(
    exchange: Exchange, code: str, change: Callable[[LocateSource], object], *, always: bool = False
) -> None:
    """Change the row of a source; not written where nothing changes."""
    with reading(exchange.engine) as session:
        row = session.get(LocateSource, code) or LocateSource(code=code)
        before = row.model_dump()
        change(row)
        if row.model_dump() == before and not always:
            return
    with transaction(exchange.engine) as session:
        add_if_missing(session, LocateSource(code=code))
        row = session.get_one(LocateSource, code, with_for_update=True)
        change(row)
        session.add(row)


def _down(exchange: Exchange, row: LocateSource) -> None:
    row.down_since = row.down_since or exchange.clock()


def _up(row: LocateSource) -> None:
    row.down_since = None
