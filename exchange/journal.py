"""The journal: an append-only record of what was done, each event carrying the digest of the one before.

An event is written in the transaction of the fact it tells. An edit, a removal or a re-ordering anywhere
breaks the chain at that place, and `verify` says where.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from exchange.database import at_end, insert_all_now, reading, table_of
from exchange.models.journal import JournalEvent, JournalHead
from exchange.runtime import Exchange
from roles.policy import Actor, Channel

GENESIS = "0" * 64
_PAGE = 5_000
_BEFORE_ALL = -(2**63)
_HEAD = select(JournalHead.position, JournalHead.digest).where(JournalHead.id == 1).with_for_update()
_APPENDED = "journal.appended"
_MOVE = update(table_of(JournalHead))


@dataclass(frozen=True)
class Event:
    """An event that is being appended; the fields of a `JournalEvent`."""

    position: int
    at: str
    kind: str
    account_id: UUID | None
    organization_id: UUID | None
    subject_id: UUID | None
    channel: str
    facts: str
    previous: str
    digest: str = ""


@dataclass
class _Appended:
    """Where the journal ends in this transaction, when that was, and what it has appended itself."""

    position: int
    digest: str
    at: datetime
    events: list[Event]

    def write(self, session: Session) -> None:
        """Write all of it, once, at the end of the transaction."""
        moved = {"position": self.position, "digest": self.digest, "changed_at": self.at}
        session.connection().execute(_MOVE, moved)
        insert_all_now(session, JournalEvent, [vars(event) for event in self.events])


@dataclass(frozen=True)
class Break:
    """The first event that is not as it was written: its position and what is wrong in words."""

    position: int
    why: str


def append(
    session: Session,
    exchange: Exchange,
    kind: str,
    actor: Actor | None,
    subject_id: UUID | None,
    **facts: Any,
) -> Event:
    """Append an event in the caller's transaction, at whose end it is written, and return it.

    `facts` are small JSON values; never a secret, an SSN, a TIN, a name or an amount. Appending locks the
    head until the transaction ends, so call it late in a transaction.
    """
    now = exchange.clock()
    appended = _appended(session, now)
    event = Event(
        position=appended.position + 1,
        at=now.isoformat(timespec="microseconds"),
        kind=kind,
        account_id=actor.account_id if actor else None,
        organization_id=actor.organization_id if actor else None,
        subject_id=subject_id,
        channel=(actor.channel if actor else Channel.PORTAL).value,
        facts=json.dumps(facts, sort_keys=True, separators=(",", ":")),
        previous=appended.digest,
    )
    event = replace(event, digest=digest_of(event))
    appended.position, appended.digest, appended.at = event.position, event.digest, now
    appended.events.append(event)
    return event


def _appended(session: Session, now: datetime) -> _Appended:
    """What this transaction has appended. It reads and locks the head once, which nobody else moves then."""
    known: _Appended | None = session.info.get(_APPENDED)
    if known is None:
        position, digest = session.connection().execute(_HEAD).one()
        known = session.info[_APPENDED] = _Appended(position, digest, now, [])
        at_end(session, known.write)
    return known


def canonical(event: Event | JournalEvent) -> list[Any]:
    """The fields a digest covers, in order, as JSON values."""
    ids = (event.account_id, event.organization_id, event.subject_id)
    return [
        event.position,
        event.at,
        event.kind,
        *(str(value) if value else None for value in ids),
        event.channel,
        event.facts,
        event.previous,
    ]


def digest_of(event: Event | JournalEvent) -> str:
    """SHA-256, in hexadecimal, of the event's canonical JSON."""
    return digest_of_fields(canonical(event))


def digest_of_fields(fields: list[Any]) -> str:
    """SHA-256, in hexadecimal, of canonical fields such as a receipt carries."""
    return hashlib.sha256(json.dumps(fields, separators=(",", ":")).encode()).hexdigest()


def verify(exchange: Exchange) -> Break | None:
    """None when the journal is whole, else the first event that is not.

    Memory is bounded: events are read in pages. Events appended meanwhile are looked at as well.
    """
    head, position, digest = _head(exchange), 0, GENESIS
    for event in _events(exchange):
        wrong = _wrong(event, position, digest)
        if wrong:
            return wrong
        position, digest = event.position, event.digest
    if head.position > position:
        return Break(position + 1, f"event {position + 1} and later ones, up to {head.position}, are missing")
    return _beyond(_head(exchange), position, digest)


def _wrong(event: JournalEvent, position: int, digest: str) -> Break | None:
    """What is wrong with the event that was found after the one at `position`."""
    if event.position <= position:
        return Break(event.position, f"event {event.position} was not written by the portal")
    if event.position != position + 1:
        return Break(position + 1, f"event {position + 1} is missing; the next one found is {event.position}")
    if event.previous != digest:
        return Break(event.position, f"event {event.position} does not follow event {position}")
    if event.digest != digest_of(event):
        return Break(event.position, f"event {event.position} was changed after it was written")
    return None


def _beyond(head: JournalHead, position: int, digest: str) -> Break | None:
    """Event and head move in one transaction, so nothing may stand beyond a head that is read later."""
    if head.position < position:
        return Break(head.position + 1, f"event {head.position + 1} was not written by the portal")
    if head.position == position and head.digest != digest:
        return Break(position, f"event {position} is not the one the journal ended with")
    return None


def _head(exchange: Exchange) -> JournalHead:
    with reading(exchange.engine) as session:
        return session.exec(select(JournalHead)).one()


def _events(exchange: Exchange) -> Iterator[JournalEvent]:
    after = _BEFORE_ALL
    while True:
        with reading(exchange.engine) as session:
            later = select(JournalEvent).where(col(JournalEvent.position) > after)
            page = session.exec(later.order_by(col(JournalEvent.position)).limit(_PAGE)).all()
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].position
