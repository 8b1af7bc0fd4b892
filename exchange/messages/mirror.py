"""The messages that came to a mailbox as files of one folder, as SFTP shows them.

A message is its document under a name that sorts by time, `20261122T164500Z-1a2b3c4d.json`; what came with it
stands beside it, `20261122T164500Z-1a2b3c4d-NAME`. Who sees what is decided by `access`, as everywhere.
"""

import re
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select as columns
from sqlmodel import Session, col

from exchange.database import reading
from exchange.errors import ThreadNotFoundError, TransferNotFoundError
from exchange.messages import attachments, files
from exchange.messages.access import Mailbox, mailbox
from exchange.messages.attachments import PROGRAM
from exchange.messages.reading import opened_message
from exchange.models.base import as_utc
from exchange.models.messages import Message, MessageAttachment, MessageKind, MessageState, ThreadSide
from exchange.models.transfers import Direction, Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import names
from exchange.transfers.delivery import Content
from exchange.transfers.views import FolderEntry, TransferView
from roles.policy import Actor

AT_ONCE = 200
"""Messages of a folder that are held at one time, with their files."""
DOCUMENT, FILE = "message", "attachment"
"""Kinds of entries."""
_STAMP = "%Y%m%dT%H%M%SZ"
_ENDING = ".json"
_NAME = re.compile(r"(\d{8}T\d{6}Z)-([0-9a-f]{8})(?:\.json|-(.+))", re.ASCII)
_Row = tuple[UUID, datetime, int]
"""Id, time and size of a message."""


class _Shown(NamedTuple):
    """A file of a message under the name that is its alone within the message."""

    name: str
    id: UUID
    size: int
    sha256: str


def folder(exchange: Exchange, actor: Actor) -> Iterator[FolderEntry]:
    """Every message that came, with its files, the newest first; listing them is no reading.

    Of all messages only their numbers are held, of `AT_ONCE` what they are called.
    """
    with reading(exchange.engine) as session:
        box = mailbox(session, exchange, actor)
        found = columns(col(Message.number)).order_by(col(Message.number).desc())
        rows = session.execute(_came(found, box).execution_options(yield_per=5_000))
        numbers = array("q", (number for (number,) in rows))
    return (entry for some in _parts(numbers) for entry in _entries(exchange, actor, some))


def entry(exchange: Exchange, actor: Actor, name: str) -> FolderEntry:
    """What the folder shows under a name, or `TransferNotFoundError`."""
    asked = _NAME.fullmatch(name) if names.is_text(name) else None
    if asked is None:
        raise TransferNotFoundError
    stamp, digits, of_file = asked.groups()
    with reading(exchange.engine) as session:
        box = mailbox(session, exchange, actor)
        near = col(Message.id).between(UUID(digits + "0" * 24), UUID(digits + "f" * 24))
        # Asked by itself: with the mailbox beside it, SQLite would walk through all of that.
        ids = session.execute(columns(col(Message.id)).where(near)).scalars().all()
        rows = session.execute(_came(_columns().where(col(Message.id).in_(ids)), box)).all()
        row = next((tuple(row) for row in rows if _stamp(row[1]) == stamp), None)
        if row is None:
            raise TransferNotFoundError
        if of_file is None:
            return _document(row)
        look = partial(_by_name, session, exchange, row[0])
        shown: _Shown | None = exchange.last_message.files(row[0], look).get(of_file)
    if shown is None:
        raise TransferNotFoundError
    return _file(row, shown)


def opened(exchange: Exchange, actor: Actor, chosen: FolderEntry) -> Content | bytes:
    """The bytes of an entry; its writers see that it was read or fetched. Raises `TransferNotFoundError`."""
    message_id = chosen.message_id or UUID(int=0)
    try:
        if chosen.view.kind == DOCUMENT:
            return opened_message(exchange, actor, message_id)
        return files.content(exchange, actor, message_id, chosen.view.id)
    except ThreadNotFoundError:  # recalled since it was listed
        raise TransferNotFoundError from None


def _parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[start : start + AT_ONCE] for start in range(0, len(numbers), AT_ONCE))


def _came(wanted: Any, box: Mailbox) -> Any:
    """The statement, of those messages that the other side of a thread wrote and that still stand."""
    foreign = (col(ThreadSide.thread_id) == col(Message.thread_id)) & (
        col(ThreadSide.other_id) == col(Message.organization_id)
    )
    stands = (col(Message.state) == MessageState.SENT) & (col(Message.kind) == MessageKind.MESSAGE)
    return wanted.join(ThreadSide, foreign).where(box.shown, stands)


def _columns() -> Any:
    return columns(col(Message.id), col(Message.sent_at), col(Message.size))


def _entries(exchange: Exchange, actor: Actor, numbers: Sequence[int]) -> Iterator[FolderEntry]:
    with reading(exchange.engine) as session:
        box = mailbox(session, exchange, actor)
        some = _columns().where(col(Message.number).in_(numbers)).order_by(col(Message.number).desc())
        rows = [tuple(row) for row in session.execute(_came(some, box))]
        held = _files(session, exchange, [row[0] for row in rows])
    for row in rows:
        yield _document(row)
        yield from (_file(row, shown) for shown in held.get(row[0], ()))


def _by_name(session: Session, exchange: Exchange, message_id: UUID) -> dict[str, _Shown]:
    return {one.name: one for one in _files(session, exchange, [message_id]).get(message_id, ())}


def _files(session: Session, exchange: Exchange, message_ids: Sequence[UUID]) -> dict[UUID, list[_Shown]]:
    """The files of messages whose bytes are there, by message."""
    pairs = (
        columns(MessageAttachment, col(Transfer.size), col(Transfer.sha256))
        .join(Transfer, col(Transfer.id) == col(MessageAttachment.transfer_id))
        .where(col(MessageAttachment.message_id).in_(message_ids), col(Transfer.status) == Status.COMPLETE)
        .order_by(col(MessageAttachment.position), col(MessageAttachment.id))
    )
    found: dict[UUID, list[_Shown]] = {}
    taken: set[tuple[UUID, str]] = set()
    for link, size, sha256 in session.execute(pairs):
        name = attachments.name_of(exchange, link)
        if (link.message_id, name) in taken:
            name = names.distinct(name, link.id.hex)
        taken.add((link.message_id, name))
        found.setdefault(link.message_id, []).append(_Shown(name, link.id, size, sha256 or ""))
    return found


def _stamp(moment: datetime) -> str:
    return as_utc(moment).astimezone(UTC).strftime(_STAMP)


def _stem(row: _Row) -> str:
    return f"{_stamp(row[1])}-{row[0].hex[:8]}"


def _document(row: _Row) -> FolderEntry:
    identifier, at, size = row
    shown = _Shown(_stem(row) + _ENDING, identifier, size, "")
    return FolderEntry(shown.name, _view(DOCUMENT, shown, at), identifier)


def _file(row: _Row, shown: _Shown) -> FolderEntry:
    identifier, at, _ = row
    return FolderEntry(f"{_stem(row)}-{shown.name}", _view(FILE, shown, at), identifier)


def _view(kind: str, shown: _Shown, at: datetime) -> TransferView:
    moment = as_utc(at)
    return TransferView(
        id=shown.id,
        program=PROGRAM,
        filename=shown.name,
        kind=kind,
        size=shown.size,
        sha256=shown.sha256 or None,
        status=Status.COMPLETE.value,
        direction=Direction.OUTBOUND.value,
        channel="portal",
        created_at=moment,
        changed_at=moment,
        modified_at=moment,
        expires_at=None,
        records=None,
        findings_count=None,
        answers_to=None,
        scan=None,
        account_id=None,
    )
