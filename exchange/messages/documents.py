"""The document of a message: what was written, by whom, to whom and what was attached, as one JSON text.

It is made once, when the message is delivered, and never changes: pages show it, SFTP and API give it out
byte by byte, an export holds it. At rest it is one sealed cell.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from exchange.errors import CellDamagedError
from exchange.runtime import Exchange
from exchange.transfers.views import rfc3339

DOCUMENT, SUBJECT = "message.document", "thread.subject"
_CLASS = 512
"""Bytes: documents are filled up to a multiple of this, so that a sealed one tells little of its length."""


@dataclass(frozen=True)
class Party:
    """One end of a message: an organization, and who of it. `agent`: who wrote in its name, a processor."""

    organization_id: UUID
    organization: str
    person: str = ""
    office: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Attached:
    """A file that came with a message: what it is called, its bytes and their digest in hexadecimal."""

    id: UUID
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Document:
    """What a message says. `note`: only its own organization reads it."""

    id: UUID
    thread_id: UUID
    topic: str
    classification: str
    subject: str
    author: Party
    addressee: Party
    sent_at: datetime
    body: str
    attachments: tuple[Attached, ...] = ()
    note: bool = False


def written(document: Document) -> bytes:
    """The document as JSON in UTF-8, filled up with spaces (RFC 8259, section 2, lets them stand there)."""
    text = json.dumps(as_json(document), indent=1, ensure_ascii=False).encode()
    return text + b" " * (-(len(text) + 1) % _CLASS) + b"\n"


def read(text: bytes) -> Document:
    """The document that `written` made."""
    given = json.loads(text)
    return Document(
        id=UUID(given["id"]),
        thread_id=UUID(given["thread"]),
        topic=given["topic"],
        classification=given["classification"],
        subject=given["subject"],
        author=_party(given["from"]),
        addressee=_party(given["to"]),
        sent_at=datetime.fromisoformat(given["sent_at"]),
        body=given["body"],
        attachments=tuple(
            Attached(UUID(one["id"]), one["name"], one["size"], one["sha256"]) for one in given["attachments"]
        ),
        note=given["note"],
    )


def seal(exchange: Exchange, text: bytes) -> bytes:
    """A document as it stands in its row."""
    return exchange.vault.cells.seal(DOCUMENT, text.decode())


def opened(exchange: Exchange, sealed: bytes, message_id: UUID) -> bytes:
    """The bytes of a document. Raises `CellDamagedError` for one that was put into another message's row."""
    text = exchange.vault.cells.open(DOCUMENT, sealed).encode()
    if json.loads(text)["id"] != str(message_id):
        raise CellDamagedError
    return text


def as_json(document: Document) -> dict[str, Any]:
    """The members of a document."""
    return {
        "id": str(document.id),
        "thread": str(document.thread_id),
        "topic": document.topic,
        "classification": document.classification,
        "subject": document.subject,
        "from": _party_json(document.author),
        "to": _party_json(document.addressee),
        "sent_at": rfc3339(document.sent_at),
        "body": document.body,
        "attachments": [
            {"id": str(one.id), "name": one.name, "size": one.size, "sha256": one.sha256}
            for one in document.attachments
        ],
        "note": document.note,
    }


def _party_json(party: Party) -> dict[str, str]:
    return {
        "organization_id": str(party.organization_id),
        "organization": party.organization,
        "person": party.person,
        "office": party.office,
        "agent": party.agent,
    }


def _party(given: dict[str, str]) -> Party:
    return Party(
        UUID(given["organization_id"]),
        given["organization"],
        given["person"],
        given["office"],
        given["agent"],
    )
