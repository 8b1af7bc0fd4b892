"""A thread as one archive: everything it holds, who read it, and a signed manifest that says so.

The same thread makes the same bytes each time: nothing in it tells when it was exported, or by whom. Whoever
exports has read it, so its receipts are noted first.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from exchange import journal
from exchange.database import transaction
from exchange.errors import RequestInvalidError
from exchange.messages import documents, files, paper, reading
from exchange.messages.access import mailbox, side_of
from exchange.messages.reading import MessageView, ReceiptView, ThreadView
from exchange.models.messages import MessageKind
from exchange.runtime import Exchange
from exchange.transfers import names
from exchange.transfers.views import rfc3339
from roles.policy import Actor

MOST = 2_000
"""Messages of one archive."""
STATEMENT = "A conversation as it stood in the portal. Demonstration software; not a government system."


@dataclass(frozen=True)
class Export:
    """An archive (ZIP, nothing packed) that is made as it is read; `filename` is what to call it."""

    filename: str
    pieces: Iterator[bytes]


@dataclass(frozen=True)
class _Entry:
    """One file of the archive: its name there, and where its bytes come from."""

    name: str
    pieces: Iterable[bytes | memoryview]


def export(exchange: Exchange, actor: Actor, thread_id: UUID, *, notes: bool = False) -> Export:
    """The whole of a thread as the actor's side has it; `notes`: with the notes of its own organization.

    Raises `ThreadNotFoundError`, or `RequestInvalidError` for one of more than `MOST` messages.
    """
    view = _all(exchange, actor, thread_id)
    _fetch_first(exchange, actor, view)
    view = _all(exchange, actor, thread_id)  # with the receipts that this very act left
    shown = [one for one in view.messages if notes or one.kind != MessageKind.NOTE]
    with transaction(exchange.engine) as session:
        side_of(session, mailbox(session, exchange, actor), thread_id)
        journal.append(session, exchange, "thread.exported", actor, thread_id, notes=notes)
    at = max((one.at for one in shown), default=datetime(2000, 1, 1, tzinfo=UTC))
    entries = _entries(exchange, actor, view, shown)
    return Export(f"conversation-{thread_id.hex[:8]}.zip", _zipped(entries, at))


def _all(exchange: Exchange, actor: Actor, thread_id: UUID) -> ThreadView:
    """The thread with all its messages, oldest first."""
    view = reading.opened(exchange, actor, thread_id)
    messages, earlier = view.messages, view.earlier
    while earlier:
        if len(messages) >= MOST:
            raise RequestInvalidError(what=f"an archive holds at most {MOST:,} messages")
        before = reading.opened(exchange, actor, thread_id, earlier)
        messages, earlier = before.messages + messages, before.earlier
    return ThreadView(**(vars(view) | {"messages": messages, "earlier": 0}))


def _fetch_first(exchange: Exchange, actor: Actor, view: ThreadView) -> None:
    """Note that every file is fetched, before the manifest tells who fetched it."""
    for message in view.messages:
        for one in message.attachments:
            files.content(exchange, actor, message.id, one.id).close()


def _entries(
    exchange: Exchange, actor: Actor, view: ThreadView, shown: list[MessageView]
) -> Iterator[_Entry]:
    """The files of the archive; the manifest names all others with their digests."""
    told: list[dict[str, Any]] = []
    sheet = paper.typeset(view, shown)
    yield _entry(told, "conversation.pdf", sheet)
    for place, message in enumerate(shown, 1):
        if message.document is None:
            continue
        yield _entry(told, f"messages/{place:04}.json", documents.written(message.document))
        for order, one in enumerate(message.attachments, 1):
            name = f"attachments/{place:04}-{order:02}-{names.checked(one.name)}"
            told.append({"name": name, "size": one.size, "sha256": one.sha256})
            yield _Entry(name, _content(exchange, actor, message.id, one.id))
    manifest = json.dumps(_manifest(view, shown, told), indent=1, ensure_ascii=False).encode()
    yield _Entry("manifest.json", [manifest])
    yield _Entry("manifest.signed.json", [json.dumps(exchange.receipts.sign(manifest), indent=1).encode()])


def _entry(told: list[dict[str, Any]], name: str, content: bytes) -> _Entry:
    told.append({"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    return _Entry(name, [content])


def _content(exchange: Exchange, actor: Actor, message_id: UUID, attachment_id: UUID) -> Iterator[bytes]:
    """The bytes of a file, opened when its turn comes."""
    content = files.content(exchange, actor, message_id, attachment_id)
    try:
        yield from (bytes(piece) for piece in content.pieces())
    finally:
        content.close()


def _manifest(view: ThreadView, shown: list[MessageView], told: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "statement": STATEMENT,
        "thread": str(view.line.id),
        "topic": view.topic,
        "classification": view.line.classification,
        "messages": [_message(one) for one in shown],
        "files": told,
    }


def _message(view: MessageView) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "kind": view.kind,
        "state": view.state,
        "at": rfc3339(view.at),
        "recalled_at": rfc3339(view.recalled_at) if view.recalled_at else None,
        "receipts": [_receipt(one) for one in view.receipts],
    }


def _receipt(one: ReceiptView) -> dict[str, Any]:
    fetched = str(one.attachment_id) if one.attachment_id else None
    return {
        "person": one.person,
        "did": one.kind,
        "at": rfc3339(one.at),
        "channel": one.channel,
        "attachment": fetched,
    }


def _zipped(entries: Iterable[_Entry], at: datetime) -> Iterator[bytes]:
    """A ZIP as it grows; nothing of it is kept."""
    out = _Outlet()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for entry in entries:
            with archive.open(_info(entry.name, at), "w", force_zip64=True) as into:
                for piece in entry.pieces:
                    into.write(piece)
                    yield out.taken()
            yield out.taken()
    yield out.taken()


def _info(name: str, at: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, at.astimezone(UTC).timetuple()[:6])
    info.external_attr = 0o600 << 16
    return info


class _Outlet(io.RawIOBase):
    """Where a ZIP is written to: what was written is taken away at once, and nobody can go back in it."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        taken, self._held = b"".join(self._held), []
        return taken
