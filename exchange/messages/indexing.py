"""Keeps the indexes of words in step with the messages: a worker's chore, which may be killed anywhere."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, String, literal_column, update
from sqlmodel import Session, col, select

from exchange.database import reading, transaction
from exchange.errors import CellDamagedError
from exchange.messages import documents, index
from exchange.messages.documents import Document
from exchange.messages.words import words_of
from exchange.models.messages import Message, MessageKind, MessageState, ThreadSide
from exchange.runtime import Exchange

_AT_ONCE = 50
"""Messages in one transaction: others wait for no more than a part of a second."""
_SENT, _RECALLED, _PURGED = (
    literal_column(f"'{state}'", String)
    for state in (MessageState.SENT, MessageState.RECALLED, MessageState.PURGED)
)
"""Written out, for an index over a part of the rows is used only where the statement names that part."""
NOT_YET = (
    col(Message.indexed_at).is_(None) & (col(Message.state) != _RECALLED) & (col(Message.state) != _PURGED)
)
"""Messages that no index has yet, as `exchange.models.messages.UNINDEXED` says."""
_GONE = col(Message.indexed_at).is_not(None) & (col(Message.state) != _SENT)
"""As `LEAVING` says."""


def index_waiting(exchange: Exchange) -> int:
    """Index what was delivered, for each side that may read it, and take out what is gone; how many messages.

    A worker's chore. Two at a time do no harm, and neither does one that is killed.
    """
    done = 0
    while some := _add_some(exchange) + _remove_some(exchange):
        done += some
    return done


def words_in(exchange: Exchange, message: Message) -> set[str]:
    """What a message is found by; nothing where its document is damaged, which its reader is told."""
    if message.sealed is None:
        return set()
    try:
        document = documents.read(documents.opened(exchange, message.sealed, message.id))
    except CellDamagedError:
        return set()
    return words_of(*texts_of(document))


def texts_of(document: Document) -> list[str]:
    """Everything of a document that a search looks at."""
    parties = (document.author, document.addressee)
    named = [text for one in parties for text in (one.organization, one.person, one.office, one.agent)]
    return [document.subject, document.body, *named, *(one.name for one in document.attachments)]


def _add_some(exchange: Exchange) -> int:
    with reading(exchange.engine) as session:
        rows = _oldest(session, NOT_YET)
        readers = _readers(session, rows)
    if not rows:
        return 0
    found = {row.number or 0: words_in(exchange, row) for row in rows}
    with transaction(exchange.engine) as session:
        for organization_id, numbers in sorted(readers.items()):
            index.add(session, exchange, organization_id, [(number, found[number]) for number in numbers])
        now = exchange.clock()
        session.execute(update(Message).where(col(Message.number).in_(found)).values(indexed_at=now))
    return len(rows)


def _remove_some(exchange: Exchange) -> int:
    with reading(exchange.engine) as session:
        rows = _oldest(session, _GONE)
        readers = _readers(session, rows)
    if not rows:
        return 0
    gone = [row.number or 0 for row in rows]
    with transaction(exchange.engine) as session:
        for organization_id, numbers in sorted(readers.items()):
            index.remove(session, exchange, organization_id, numbers)
        session.execute(update(Message).where(col(Message.number).in_(gone)).values(indexed_at=None))
    return len(rows)


def _oldest(session: Session, wanted: ColumnElement[bool]) -> Sequence[Message]:
    return session.exec(select(Message).where(wanted).order_by(col(Message.number)).limit(_AT_ONCE)).all()


def _readers(session: Session, rows: Collection[Message]) -> dict[UUID, list[int]]:
    """The numbers of the messages that each organization may read: a note only its own."""
    threads = {row.thread_id for row in rows}
    pairs = select(ThreadSide.thread_id, ThreadSide.organization_id).where(
        col(ThreadSide.thread_id).in_(threads)
    )
    sides: dict[UUID, list[UUID]] = defaultdict(list)
    for thread_id, organization_id in session.exec(pairs):
        sides[thread_id].append(organization_id)
    readers: dict[UUID, list[int]] = defaultdict(list)
    for row in rows:
        note = row.kind == MessageKind.NOTE
        for organization_id in [row.organization_id] if note else sides[row.thread_id]:
            readers[organization_id].append(row.number or 0)
    return readers
