"""Attaching texts of laws to an answer, taking them off, and giving them to readers.

They come through the intake of all files, are scanned as all files are, and are given out as they came: as a
download that nothing shows or runs.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel import Session

from exchange.database import reading, transaction
from exchange.errors import (
    ContentNotAvailableError,
    FieldsRefusedError,
    FileNameRefusedError,
    RecordNotFoundError,
)
from exchange.guide import editions, entries, lawtexts, questions, upkeep
from exchange.guide.keepers import authorize_entry, lock_entry, sorts_kept
from exchange.guide.keys import Key, document
from exchange.guide.lawtexts import PROGRAM
from exchange.models.guide import GuideJurisdiction
from exchange.models.transfers import Direction, Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import names
from exchange.transfers.delivery import Content, compare
from exchange.transfers.views import view_of
from roles.guide import EntrySort, audience_of, sees
from roles.policy import Actor
from schemas.guide.documents import Answer, LawText

MOST = 10
"""Texts of one answer."""
MOST_BYTES = 20_000_000
MEDIA_TYPES = {".pdf": "application/pdf", ".txt": "text/plain; charset=utf-8"}
_KINDS = "Choose a PDF, or plain text in a file that ends in .txt"
_NOT_THAT = "This is not what its name says: choose a PDF, or plain text in UTF-8"
_HEAD = 65_536
_UNDER_WAY = frozenset(
    {Status.RECEIVED, Status.SCANNING, Status.VALIDATING, Status.ACCEPTED, Status.PROCESSING}
)


@dataclass(frozen=True)
class Attached:
    """A text of an answer's draft. `waits`: it is being scanned; `refused`: it was set aside."""

    text: LawText
    waits: bool
    refused: bool


def of_entry(exchange: Exchange, actor: Actor, key: Key) -> list[Attached]:
    """The texts of an answer as its draft has it, or else as it is published; for its keepers."""
    with reading(exchange.engine) as session:
        row = authorize_entry(session, exchange, actor, key.code, key.sort)
        found = []
        for one in _standing(session, row, key).attachments:
            file = session.get(Transfer, UUID(one.id))
            status = Status(file.status) if file else Status.PURGED
            refused = status in (Status.QUARANTINED, Status.REJECTED)
            found.append(Attached(one, status in _UNDER_WAY, refused))
        return found


def check_attachable(exchange: Exchange, actor: Actor, key: Key, name: str) -> None:
    """Whether a file of this name could be attached, before its bytes come.

    Raises `FieldsRefusedError`, `NotNowError` while the entry waits for a second person, `NotPermittedError`.
    """
    if not name:
        raise FieldsRefusedError({"file": "Choose a file"})
    try:
        shown = names.checked(name)
    except FileNameRefusedError as refusal:
        raise FieldsRefusedError({"file": str(refusal)}) from None
    if _ending(shown) not in MEDIA_TYPES:
        raise FieldsRefusedError({"file": _KINDS})
    with reading(exchange.engine) as session:
        row = authorize_entry(session, exchange, actor, key.code, key.sort)
        _refuse_more(_standing(session, row, key))


def attach(exchange: Exchange, actor: Actor, key: Key, transfer_id: UUID) -> None:
    """Put a file that was handed over here into the draft of an answer. Raises as `check_attachable`."""
    with reading(exchange.engine) as session:
        file = _own_file(session, actor, transfer_id)
    if file.size > MOST_BYTES:
        raise FieldsRefusedError({"file": f"Choose a file of {MOST_BYTES // 1_000_000} MB or less"})
    if not _is_what_it_says(exchange, file):
        raise FieldsRefusedError({"file": _NOT_THAT})
    text = LawText(id=str(file.id), name=file.filename[:120], size=file.size, sha256=file.sha256 or "")

    def add(answer: Answer) -> Answer:
        _refuse_more(answer)
        return answer.model_copy(update={"attachments": (*answer.attachments, text)})

    with transaction(exchange.engine) as session:
        _change(session, exchange, actor, key, add)
        lawtexts.note_attached(session, exchange, actor, key, _own_file(session, actor, transfer_id))


def detach(exchange: Exchange, actor: Actor, key: Key, text_id: UUID) -> None:
    """Take a text off the draft of an answer; what is published keeps it. Raises `RecordNotFoundError`."""

    def remove(answer: Answer) -> Answer:
        left = tuple(one for one in answer.attachments if one.id != str(text_id))
        if len(left) == len(answer.attachments):
            raise RecordNotFoundError
        return answer.model_copy(update={"attachments": left})

    with transaction(exchange.engine) as session:
        _change(session, exchange, actor, key, remove)


def content(exchange: Exchange, actor: Actor | None, text_id: UUID) -> Content:
    """Open a text for whoever reads its answer; close it. `view.filename` is what readers see it called.

    Anything that is not for this reader is not there: `RecordNotFoundError`. `ContentNotAvailableError` where
    it is not scanned yet, was set aside, or is gone.
    """
    with reading(exchange.engine) as session:
        file = session.get(Transfer, text_id)
        readable = any(
            _is_for(session, exchange, actor, key, text_id) for key in lawtexts.entries_with(session, text_id)
        )
    if file is None or file.program != PROGRAM or not readable:
        raise RecordNotFoundError
    if file.status != Status.COMPLETE or file.blob_id is None:
        raise ContentNotAvailableError(why="it has not passed the scan, or it is gone")
    reader = exchange.vault.open(file.blob_id)
    try:
        compare(reader, file)
    except BaseException:
        reader.close()
        raise
    return Content(replace(view_of(file), filename=file.filename), reader)


def media_type(name: str) -> str:
    """What a text is, by its name, which its bytes were held against when it came."""
    return MEDIA_TYPES.get(_ending(name), "application/octet-stream")


def _is_for(session: Session, exchange: Exchange, actor: Actor | None, key: Key, text_id: UUID) -> bool:
    """Whether a published answer names it whose question this reader sees, or a draft of the reader's own."""
    row = entries.jurisdiction(session, key.code)
    edition, reader = editions.published(exchange), audience_of(actor)
    question = edition.questions.get(key.slug)
    if question is not None and sees(reader, question.audience):
        opened = questions.opened_at(exchange, edition, reader).get(key.slug)
        if lawtexts.is_published(session, row, key, text_id, opened):
            return True
    if actor is None or EntrySort.ANSWER not in sorts_kept(session, exchange, actor, row):
        return False
    published = lawtexts.is_published(session, row, key, text_id)
    return published or lawtexts.is_drafted(session, row, key, text_id)


def _change(
    session: Session, exchange: Exchange, actor: Actor, key: Key, change: Callable[[Answer], Answer]
) -> None:
    row = lock_entry(session, exchange, actor, key.code, key.sort)
    note = upkeep.note_of(session, row, key)
    upkeep.keep(session, exchange, actor, row, change(_standing(session, row, key)), note)


def _standing(session: Session, row: GuideJurisdiction, key: Key) -> Answer:
    """The answer as its draft has it, or as it is published, or an empty one to a question that is asked."""
    if key.sort is not EntrySort.ANSWER:
        raise RecordNotFoundError
    questions.asked(session, row.kind, key.slug)
    draft = upkeep.drafted(session, row, key)
    published = entries.current(session, row.id, key.sort, key.slug)
    body = (draft.body if draft else "") or (published.body if published else "")
    said = document(key.sort.value, body) if body else Answer(question=key.slug)
    assert isinstance(said, Answer)
    return said


def _refuse_more(answer: Answer) -> None:
    if len(answer.attachments) >= MOST:
        raise FieldsRefusedError({"file": f"An answer has {MOST} law texts at most: take one off first"})


def _own_file(session: Session, actor: Actor, transfer_id: UUID) -> Transfer:
    file = session.get(Transfer, transfer_id)
    if file is None or (file.account_id, file.organization_id) != (actor.account_id, actor.organization_id):
        raise RecordNotFoundError
    if (file.program, file.direction) != (PROGRAM, Direction.INBOUND) or file.status == Status.DRAFT:
        raise RecordNotFoundError
    return file


def _is_what_it_says(exchange: Exchange, file: Transfer) -> bool:
    """Whether the bytes begin as its name has it: `%PDF-`, or text without control characters."""
    with exchange.vault.open(file.blob_id or "") as reader:
        head = reader.read(0, _HEAD)
    if _ending(file.filename) == ".pdf":
        return head.startswith(b"%PDF-")
    text = head.decode("utf-8", errors="replace")
    whole = text[:-3] if file.size > _HEAD else text  # its last character may be cut
    return bool(whole.strip()) and "�" not in whole and all(c.isprintable() or c in "\n\r\t\f" for c in whole)


def _ending(name: str) -> str:
    return f".{name.rpartition('.')[2].lower()}"
