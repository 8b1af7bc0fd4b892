"""What a keeper sees: drafts beside what is published, a part as it would be, every revision of an entry."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from exchange.database import reading
from exchange.errors import RecordNotFoundError
from exchange.guide import editions, entries
from exchange.guide.keepers import authorize_entry, kept, sorts_kept
from exchange.guide.keys import Key, Said, document
from exchange.models.accounts import Account
from exchange.models.base import as_utc
from exchange.models.guide import DraftStatus, GuideDraft, GuideJurisdiction, GuideRevision
from exchange.runtime import Exchange
from roles.guide import EntrySort
from roles.policy import Actor
from schemas.guide.documents import Part


@dataclass(frozen=True)
class Draft:
    """One draft; `said` is None where the entry is to be taken out.

    `own`: the asker wrote it, or submitted it last. `overtaken`: somebody published the entry after it began.
    """

    id: UUID
    key: Key
    said: Said | None
    status: DraftStatus
    who: str
    own: bool
    changed_at: datetime
    note: str
    refusal: str
    overtaken: bool = False


@dataclass(frozen=True)
class Revision:
    """What an entry said from one moment to another; `said` is None where it was taken out.

    `who` and `approved_by`: names of people, empty for an import, or where nobody else approved.
    """

    number: int
    said: Said | None
    published_at: datetime
    until: datetime | None
    who: str
    approved_by: str
    note: str


@dataclass(frozen=True)
class Desk:
    """A part as its keeper has it in hand."""

    code: str
    sorts: frozenset[EntrySort]
    second_person: bool
    drafts: list[Draft]
    published: Part


def desk(exchange: Exchange, actor: Actor, code: str) -> Desk:
    """Everything a keeper works with; drafts of those sorts of entries only that the actor keeps.

    Drafts of questions that are asked no more are left out. Raises `NotPermittedError`, and
    `RecordNotFoundError`, also for a jurisdiction that left the guide.
    """
    edition = editions.published(exchange)
    with reading(exchange.engine) as session:
        row = kept(session, exchange, actor, code)
        sorts = sorts_kept(session, exchange, actor, row)
        drafts = [one for one in _drafts(session, actor, row) if one.key.sort in sorts]
    if code not in edition.parts:
        raise RecordNotFoundError
    fitting = [one for one in drafts if edition.has_room(one.key)]
    return Desk(code, sorts, row.second_person, fitting, edition.parts[code])


def history(exchange: Exchange, key: Key, actor: Actor | None) -> list[Revision]:
    """Every revision of an entry, the newest first; names of people only for its keepers.

    Whether the asker reads the entry at all is for whoever calls. Raises `RecordNotFoundError`.
    """
    if not (key.code.isprintable() and key.slug.isprintable()):
        raise RecordNotFoundError  # PostgreSQL takes no NUL, not even to look for it
    with reading(exchange.engine) as session:
        row = entries.jurisdiction(session, key.code)
        named = actor is not None and key.sort in sorts_kept(session, exchange, actor, row)
        found = session.exec(_revisions(row, key)).all()
        if not found:
            raise RecordNotFoundError
        return [_revision(session, one, named=named) for one in found]


def revision(exchange: Exchange, key: Key, number: int) -> Said | None:
    """What an entry said in one of its revisions, None where that took it out; `RecordNotFoundError`."""
    with reading(exchange.engine) as session:
        row = entries.jurisdiction(session, key.code)
        wanted = _revisions(row, key).where(GuideRevision.number == number)
        found = session.exec(wanted).first()
    if found is None:
        raise RecordNotFoundError
    return document(found.sort, found.body) if found.body else None


def _revisions(row: GuideJurisdiction, key: Key) -> SelectOfScalar[GuideRevision]:
    mine = select(GuideRevision).where(
        GuideRevision.jurisdiction_id == row.id,
        GuideRevision.sort == key.sort.value,
        GuideRevision.slug == key.slug,
    )
    return mine.order_by(col(GuideRevision.number).desc())


def _revision(session: Session, row: GuideRevision, *, named: bool) -> Revision:
    return Revision(
        row.number,
        document(row.sort, row.body) if row.body else None,
        as_utc(row.published_at),
        as_utc(row.until) if row.until else None,
        _name(session, row.account_id) if named else "",
        _name(session, row.approved_by) if named else "",
        row.note if named else "",
    )


def draft(exchange: Exchange, actor: Actor, draft_id: UUID) -> Draft:
    """One draft of a part that the actor keeps. Raises `RecordNotFoundError`, `NotPermittedError`."""
    with reading(exchange.engine) as session:
        one = session.get(GuideDraft, draft_id)
        if one is None:
            raise RecordNotFoundError
        row = session.get_one(GuideJurisdiction, one.jurisdiction_id)
        authorize_entry(session, exchange, actor, row.locator_code, EntrySort(one.sort))
        found = [each for each in _drafts(session, actor, row) if each.id == draft_id]
    if not found:  # published or thrown away just now
        raise RecordNotFoundError
    return found[0]


def _drafts(session: Session, actor: Actor, row: GuideJurisdiction) -> list[Draft]:
    numbers = entries.last_numbers(session, row.id)
    theirs = select(GuideDraft).where(GuideDraft.jurisdiction_id == row.id)
    return [
        Draft(
            one.id,
            Key(row.locator_code, EntrySort(one.sort), one.slug),
            document(one.sort, one.body) if one.body else None,
            DraftStatus(one.status),
            _name(session, one.account_id),
            one.account_id == actor.account_id,
            as_utc(one.changed_at),
            one.note,
            one.refusal,
            one.base != numbers.get((one.sort, one.slug), 0),
        )
        for one in session.exec(theirs.order_by(col(GuideDraft.sort), col(GuideDraft.slug)))
    ]


def _name(session: Session, account_id: UUID | None) -> str:
    return session.get_one(Account, account_id).name if account_id else ""
