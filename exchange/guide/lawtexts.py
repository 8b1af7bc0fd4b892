"""Texts of laws that go with answers: which files an answer names, how long they are kept, who may read them.

That a file was attached to an entry stands in the journal with the file as its subject: so a file is found
again by its id alone, and one that was handed over for anything else is never given out here. A file that any
revision names is kept as long as that revision, which is for ever.
"""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, true
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from exchange import journal
from exchange.errors import NotNowError
from exchange.guide.keys import Key
from exchange.models.guide import GuideDraft, GuideJurisdiction, GuideRevision
from exchange.models.journal import JournalEvent
from exchange.models.transfers import Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers.progress import kept_for
from roles.guide import EntrySort
from roles.policy import Actor
from schemas.guide.documents import Answer, LawText

PROGRAM = "guide-texts"
ATTACHED = "guide.text-attached"
_UNREADY = "the law text {name} is still being scanned; try again in a minute"
_REFUSED = "the law text {name} was set aside by the scanner; take it off"


def texts_of(body: str) -> dict[UUID, LawText]:
    """The files that an answer names."""
    answer = Answer.model_validate_json(body) if body else None
    return {UUID(one.id): one for one in answer.attachments} if answer else {}


def note_attached(session: Session, exchange: Exchange, actor: Actor, key: Key, row: Transfer) -> None:
    """Keep a file for as long as something names it, and remember which entry it belongs to."""
    row.expires_at = None
    session.add(row)
    facts = {"jurisdiction": key.code, "entry": key.slug}
    journal.append(session, exchange, ATTACHED, actor, row.id, **facts)


def entries_with(session: Session, text_id: UUID) -> list[Key]:
    """The entries that a file was ever attached to."""
    told = select(JournalEvent.facts).where(JournalEvent.subject_id == text_id, JournalEvent.kind == ATTACHED)
    facts = (json.loads(one) for one in session.exec(told))
    return list(dict.fromkeys(Key(one["jurisdiction"], EntrySort.ANSWER, one["entry"]) for one in facts))


def is_published(
    session: Session, row: GuideJurisdiction, key: Key, text_id: UUID, since: datetime | None = None
) -> bool:
    """Whether a revision of an entry, of now or of the past, names a file; `since`: one that stood later."""
    until = col(GuideRevision.until)
    mine = (
        or_(until.is_(None), until > since) if since else true(),
        GuideRevision.jurisdiction_id == row.id,
        GuideRevision.sort == key.sort.value,
        GuideRevision.slug == key.slug,
        _names(col(GuideRevision.body), text_id),
    )
    return session.exec(select(GuideRevision.id).where(*mine).limit(1)).first() is not None


def is_drafted(session: Session, row: GuideJurisdiction, key: Key, text_id: UUID) -> bool:
    """Whether the draft of an entry names a file."""
    mine = (
        GuideDraft.jurisdiction_id == row.id,
        GuideDraft.sort == key.sort.value,
        GuideDraft.slug == key.slug,
        _names(col(GuideDraft.body), text_id),
    )
    return session.exec(select(GuideDraft.id).where(*mine)).first() is not None


def settle(
    session: Session, exchange: Exchange, row: GuideJurisdiction, key: Key, before: Iterable[UUID]
) -> None:
    """Files that nothing names any more go when the time of their program has passed.

    `before`: those that the entry's draft named until now.
    """
    session.flush()
    for text_id in before:
        if not is_published(session, row, key, text_id) and not is_drafted(session, row, key, text_id):
            file = session.get(Transfer, text_id)
            if file is not None and file.expires_at is None:
                file.expires_at = exchange.clock() + kept_for(PROGRAM)
                session.add(file)


def refuse_unready(session: Session, drafts: Collection[GuideDraft]) -> None:
    """Nothing is published with a file that is not scanned and found clean. Raises `NotNowError`."""
    for draft in drafts:
        named = texts_of(draft.body) if draft.sort == EntrySort.ANSWER else {}
        for text_id, text in named.items():
            file = session.get(Transfer, text_id)
            if file is not None and file.status in (Status.QUARANTINED, Status.REJECTED):
                raise NotNowError(why=_REFUSED.format(name=text.name))
            if file is not None and file.status not in (Status.COMPLETE, Status.PURGED):
                raise NotNowError(why=_UNREADY.format(name=text.name))


def _names(body: Mapped[str], text_id: UUID) -> ColumnElement[bool]:
    return body.contains(f'"id":"{text_id}"', autoescape=True)
