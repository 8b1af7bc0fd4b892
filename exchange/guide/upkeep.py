"""Keeping a part of the guide: drafts that only its keepers see, published by them or by a second person.

A draft says what one entry is to be. It is of the organization, not of a person: colleagues go on with it.
"""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from exchange import journal
from exchange.database import transaction
from exchange.errors import FieldsRefusedError, NotNowError, RecordNotFoundError, SecondPersonError
from exchange.guide import entries, lawtexts, questions
from exchange.guide.entries import Writing
from exchange.guide.keepers import authorize_entry, kept, lock_entry
from exchange.guide.keys import FACTS, Key, Said, document, key_of
from exchange.models.base import as_utc
from exchange.models.guide import DraftStatus, GuideDraft, GuideJurisdiction
from exchange.runtime import Exchange
from roles.guide import EntrySort
from roles.permissions import Permission
from roles.policy import Actor, authorize
from schemas.guide.checks import answer_problem, contact_problem
from schemas.guide.documents import Answer, Contact, Facts

_CHANGED = "somebody published this entry after you began; compare, then save it again"
_UNFIT = "an entry fits its question or its jurisdiction no more; save it again, or throw its draft away"
_REWRITTEN = "it was given back and written anew after you opened it; look at it again"
_NOTHING = "there is nothing to publish"
_WAITING = "it waits for a second person"
_MEANWHILE = "Somebody else changed this entry meanwhile: compare both below, then save yours or take theirs"
MEANWHILE = "somebody else changed this entry meanwhile; look at it again"
OVERTAKEN = "overtaken"
"""The field under which `save` says so."""
LONGEST_NOTE = 500


def save(
    exchange: Exchange, actor: Actor, code: str, said: Said, note: str = "", seen: str | None = None
) -> UUID:
    """Keep what an entry is to say; it is published by nothing but `publish`. The draft's id.

    `seen`: the state of the entry that its writer began with, see `state_of`; None for whichever it is.
    Raises `FieldsRefusedError`, also where that is not its state any more, `NotNowError` while it waits for a
    second person, `NotPermittedError`.
    """
    key = key_of(code, said)
    with transaction(exchange.engine) as session:
        row = lock_entry(session, exchange, actor, code, key.sort)
        if seen is not None and seen != state_of(session, row, key):
            _check(session, row, said)
            raise FieldsRefusedError({OVERTAKEN: _MEANWHILE})
        return keep(session, exchange, actor, row, said, note)


def keep(  # what a draft is made of
    session: Session, exchange: Exchange, actor: Actor, row: GuideJurisdiction, said: Said, note: str
) -> UUID:
    """As `save`, in the transaction of a caller that holds the jurisdiction by `lock_entry`."""
    key = key_of(row.locator_code, said)
    _check(session, row, said)
    draft = _draft(session, exchange, actor, (row, key))
    named = _texts(draft)
    draft.body, draft.note = said.canonical(), note[:LONGEST_NOTE]
    session.add(draft)
    lawtexts.settle(session, exchange, row, key, named)
    _tell(session, exchange, actor, ("drafted", key))
    return draft.id


def drafted(session: Session, row: GuideJurisdiction, key: Key) -> GuideDraft | None:
    """The draft of an entry."""
    return session.exec(_draft_of(row, key)).first()


def note_of(session: Session, row: GuideJurisdiction, key: Key) -> str:
    """Why an entry changes, as far as its draft says so."""
    draft = drafted(session, row, key)
    return draft.note if draft else ""


def _texts(draft: GuideDraft) -> list[UUID]:
    return list(lawtexts.texts_of(draft.body)) if draft.sort == EntrySort.ANSWER else []


def state_of(session: Session, row: GuideJurisdiction, key: Key) -> str:
    """A text that changes with every draft and every revision of an entry."""
    draft = drafted(session, row, key)
    number = entries.last_number(session, row.id, key.sort, key.slug)
    return f"{number}.{as_utc(draft.changed_at).timestamp()}" if draft else f"{number}"


def withdraw(exchange: Exchange, actor: Actor, key: Key, note: str = "", seen: str | None = None) -> UUID:
    """Make a draft that takes an entry out of the guide.

    `seen` as for `save`. Raises `NotNowError` where that is not its state any more, or while it waits for a
    second person, `NotPermittedError`, `RecordNotFoundError`.
    """
    with transaction(exchange.engine) as session:
        row = lock_entry(session, exchange, actor, key.code, key.sort)
        if seen is not None and seen != state_of(session, row, key):
            raise NotNowError(why=MEANWHILE)
        standing = entries.current(session, row.id, key.sort, key.slug)
        if standing is None or not standing.body or key.sort is EntrySort.FACTS:
            raise RecordNotFoundError
        draft = _draft(session, exchange, actor, (row, key))
        named = _texts(draft)
        draft.body, draft.note = "", note[:LONGEST_NOTE]
        session.add(draft)
        lawtexts.settle(session, exchange, row, key, named)
        _tell(session, exchange, actor, ("drafted", key))
        return draft.id


def discard(exchange: Exchange, actor: Actor, draft_id: UUID) -> Key:
    """Throw a draft away; of which entry it was."""
    with transaction(exchange.engine) as session:
        draft, row = _found(session, exchange, actor, draft_id)
        key, named = _key(row, draft), _texts(draft)
        session.delete(draft)
        lawtexts.settle(session, exchange, row, key, named)
        _tell(session, exchange, actor, ("discarded", key))
        return key


def publish(exchange: Exchange, actor: Actor, code: str, draft_ids: Collection[UUID]) -> bool:
    """Publish drafts of a jurisdiction, all or none; False where they wait for a second person now.

    Raises `NotNowError` when one was overtaken by another edition, or when there is nothing to publish.
    """
    with transaction(exchange.engine) as session:
        row = kept(session, exchange, actor, code)
        entries.hold_editions(session)
        entries.hold_jurisdiction(session, row)
        drafts = _chosen(session, exchange, actor, row, draft_ids)
        _refuse_unfit(session, row, drafts)
        if row.second_person:
            for draft in drafts:
                draft.status, draft.refusal, draft.account_id = (
                    DraftStatus.WAITING.value,
                    "",
                    actor.account_id,
                )
                session.add(draft)
                _tell(session, exchange, actor, ("submitted", _key(row, draft)))
            return False
        _write(session, exchange, actor, (row, drafts), None)
        return True


def approve(exchange: Exchange, actor: Actor, draft_id: UUID, seen: str | None = None) -> Key:
    """Publish what somebody else has submitted; which entry it is. `SecondPersonError` for one's own.

    `seen`: when the draft that the actor looked at was changed; `NotNowError` if it is another by now.
    """
    with transaction(exchange.engine) as session:
        entries.hold_editions(session)
        draft, row = _submitted(session, exchange, actor, draft_id)
        if seen is not None and seen != as_utc(draft.changed_at).isoformat():
            raise NotNowError(why=_REWRITTEN)
        _refuse_unfit(session, row, [draft])
        _write(session, exchange, actor, (row, [draft]), actor.account_id)
        return _key(row, draft)


def refuse(exchange: Exchange, actor: Actor, draft_id: UUID, why: str) -> Key:
    """Give back what somebody else has submitted, with words for them; which entry it is."""
    if not why.strip():
        raise FieldsRefusedError({"why": "Say what is to be changed"})
    with transaction(exchange.engine) as session:
        draft, row = _submitted(session, exchange, actor, draft_id)
        draft.status, draft.refusal = DraftStatus.DRAFT.value, why.strip()[:LONGEST_NOTE]
        session.add(draft)
        _tell(session, exchange, actor, ("refused", _key(row, draft)))
        return _key(row, draft)


def confirm(exchange: Exchange, actor: Actor, keys: Collection[Key]) -> None:
    """Say of entries that they still hold; nothing else of them changes."""
    if not keys:
        raise NotNowError(why="no entry was chosen")
    with transaction(exchange.engine) as session:
        edition = entries.next_edition(session, exchange)
        kept_in = {
            (code, sort): authorize_entry(session, exchange, actor, code, sort)
            for code, sort in dict.fromkeys((key.code, key.sort) for key in keys)
        }
        for key in keys:
            standing = entries.current(session, kept_in[key.code, key.sort].id, key.sort, key.slug)
            if standing is None or not standing.body:
                raise RecordNotFoundError
            standing.reviewed_at, standing.edition = edition.at, edition.number
            session.add(standing)
            _tell(session, exchange, actor, ("confirmed", key))


def ask_second_person(exchange: Exchange, actor: Actor, code: str, *, wanted: bool) -> None:
    """Let everything of a jurisdiction be approved by a second person, or not.

    An administrator of those who keep its contacts says so: of a state or tribe itself, never OCSS.
    """
    authorize(actor, Permission.ORGANIZATION_MANAGE)
    with transaction(exchange.engine) as session:
        row = lock_entry(session, exchange, actor, code, EntrySort.CONTACT)
        if not wanted and _waiting(session, row):
            raise NotNowError(why="something waits for a second person; approve it or give it back first")
        row.second_person = wanted
        session.add(row)
        facts = {"jurisdiction": code, "wanted": wanted}
        journal.append(session, exchange, "guide.second-person", actor, row.id, **facts)


def _waiting(session: Session, row: GuideJurisdiction) -> bool:
    waiting = select(GuideDraft.id).where(
        GuideDraft.jurisdiction_id == row.id, GuideDraft.status == DraftStatus.WAITING.value
    )
    return session.exec(waiting).first() is not None


def _check(session: Session, row: GuideJurisdiction, said: Said) -> None:
    problem = None
    match said:
        case Answer():
            question = questions.asked(session, row.kind, said.question)
            problem = answer_problem(question, said.value)
        case Contact():
            problem = contact_problem(document_of_facts(session, row), said)
        case Facts():
            same = (said.locator_code, said.kind.value) == (row.locator_code, row.kind)
            problem = None if same else "The locator code and the kind stay as they are"
    if problem:
        raise FieldsRefusedError({_MEMBER.get(type(said), "value"): problem})


_MEMBER: dict[type[Said], str] = {Answer: "value", Contact: "type", Facts: "locator_code"}


def document_of_facts(session: Session, row: GuideJurisdiction) -> Facts:
    """What a jurisdiction is, as published."""
    standing = entries.current(session, row.id, EntrySort.FACTS, FACTS)
    if standing is None or not standing.body:
        raise RecordNotFoundError
    facts = document(standing.sort, standing.body)
    assert isinstance(facts, Facts)
    return facts


def _draft(
    session: Session, exchange: Exchange, actor: Actor, entry: tuple[GuideJurisdiction, Key]
) -> GuideDraft:
    """The draft of an entry, or a new one that begins with what is published."""
    row, key = entry
    draft = session.exec(_draft_of(row, key).with_for_update()).first() or GuideDraft(
        jurisdiction_id=row.id,
        sort=key.sort.value,
        slug=key.slug,
        body="",
        base=0,
        account_id=actor.account_id,
        changed_at=exchange.clock(),
    )
    if draft.status == DraftStatus.WAITING:
        raise NotNowError(why=_WAITING)
    draft.base = entries.last_number(session, row.id, key.sort, key.slug)
    draft.account_id, draft.changed_at = actor.account_id, exchange.clock()
    return draft


def _draft_of(row: GuideJurisdiction, key: Key) -> SelectOfScalar[GuideDraft]:
    return select(GuideDraft).where(
        GuideDraft.jurisdiction_id == row.id,
        GuideDraft.sort == key.sort.value,
        GuideDraft.slug == key.slug,
    )


def _found(
    session: Session, exchange: Exchange, actor: Actor, draft_id: UUID
) -> tuple[GuideDraft, GuideJurisdiction]:
    whose = session.exec(select(GuideDraft.jurisdiction_id).where(GuideDraft.id == draft_id)).first()
    if whose is None:
        raise RecordNotFoundError
    row = session.get_one(GuideJurisdiction, whose)
    entries.hold_jurisdiction(session, row)
    draft = session.get(GuideDraft, draft_id)
    if draft is None:
        raise RecordNotFoundError
    authorize_entry(session, exchange, actor, row.locator_code, EntrySort(draft.sort))
    return draft, row


def _submitted(
    session: Session, exchange: Exchange, actor: Actor, draft_id: UUID
) -> tuple[GuideDraft, GuideJurisdiction]:
    """A draft that waits for somebody else than who submitted it, who is this actor."""
    draft, row = _found(session, exchange, actor, draft_id)
    if draft.status != DraftStatus.WAITING:
        raise NotNowError(why="it was not submitted")
    if draft.account_id == actor.account_id:
        raise SecondPersonError
    return draft, row


def _chosen(
    session: Session, exchange: Exchange, actor: Actor, row: GuideJurisdiction, ids: Collection[UUID]
) -> list[GuideDraft]:
    wanted = select(GuideDraft).where(GuideDraft.jurisdiction_id == row.id, col(GuideDraft.id).in_(ids))
    drafts = list(session.exec(wanted.with_for_update()))
    if not drafts or len(drafts) != len(set(ids)):
        raise NotNowError(why=_NOTHING)
    for draft in drafts:
        authorize_entry(session, exchange, actor, row.locator_code, EntrySort(draft.sort))
        if draft.status == DraftStatus.WAITING:
            raise NotNowError(why=_WAITING)
    return drafts


def _refuse_unfit(session: Session, row: GuideJurisdiction, drafts: Collection[GuideDraft]) -> None:
    """Nothing is published that is not ready, was overtaken, or fits no more. Raises `NotNowError`.

    Questions and facts may have changed since a draft was saved.
    """
    lawtexts.refuse_unready(session, drafts)
    for draft in drafts:
        _refuse_overtaken(session, draft)
        try:
            if draft.body:
                _check(session, row, document(draft.sort, draft.body))
        except (FieldsRefusedError, RecordNotFoundError):
            raise NotNowError(why=_UNFIT) from None


def _refuse_overtaken(session: Session, draft: GuideDraft) -> None:
    if draft.base != entries.last_number(session, draft.jurisdiction_id, EntrySort(draft.sort), draft.slug):
        raise NotNowError(why=_CHANGED)


def _write(
    session: Session,
    exchange: Exchange,
    actor: Actor,
    what: tuple[GuideJurisdiction, list[GuideDraft]],
    approved_by: UUID | None,
) -> None:
    row, drafts = what
    edition = entries.next_edition(session, exchange)
    writings = [
        Writing(_key(row, draft), draft.body, draft.account_id, approved_by, draft.note) for draft in drafts
    ]
    entries.write(session, edition, row, writings)
    for draft in drafts:
        session.delete(draft)
        _tell(session, exchange, actor, ("published", _key(row, draft)))


def _key(row: GuideJurisdiction, draft: GuideDraft) -> Key:
    return Key(row.locator_code, EntrySort(draft.sort), draft.slug)


def _tell(session: Session, exchange: Exchange, actor: Actor, what: tuple[str, Key]) -> None:
    event, key = what
    facts = {"jurisdiction": key.code, "sort": key.sort.value, "entry": key.slug}
    journal.append(session, exchange, f"guide.{event}", actor, None, **facts)
