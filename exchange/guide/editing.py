"""Editing one entry: its form as it stands, and saving what was typed as a draft, so that nothing is lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, select

from exchange.database import reading
from exchange.errors import FieldsRefusedError, NotNowError, RecordNotFoundError
from exchange.guide import drafts, entries, questions, upkeep
from exchange.guide.keepers import authorize_entry
from exchange.guide.keys import Key, Said, document
from exchange.guide.upkeep import MEANWHILE, OVERTAKEN, document_of_facts, state_of
from exchange.models.guide import DraftStatus, GuideDraft, GuideJurisdiction, GuideRevision
from exchange.runtime import Exchange
from roles.guide import EntrySort
from roles.policy import Actor
from schemas.forms.form import Question as Asked
from schemas.guide.asked import (
    NOTE,
    asked_of_answer,
    asked_of_contact,
    asked_of_facts,
    fields_of_document,
)
from schemas.guide.documents import Answer, Contact, Facts, JurisdictionKind, Question
from schemas.guide.forms import Filled, answer_of, contact_of, facts_of

NEW = "new"
"""The slug of a contact that is not there yet; no other has it, see `schemas.guide.contacts`."""
SEEN = "seen"
"""The hidden field with the state of the entry that a form was made from."""
WAITING = "waiting"
_WAITS = "This entry waits for a second person: it can be changed once that person has answered"


@dataclass(frozen=True)
class Editing:
    """One entry with its form.

    `published` and `draft` are None where there is none; `withdraws`: the draft takes it out. `seen` is sent
    back with the form. `fields`: the form as filled in by the draft, or else by what is published.
    """

    key: Key
    facts: Facts
    question: Question | None
    asked: tuple[Asked, ...]
    published: Said | None
    draft: Said | None
    withdraws: bool
    waits: bool
    second_person: bool
    refusal: str
    seen: str
    fields: Mapping[str, str]

    @property
    def now(self) -> Said | None:
        """What stands there: the draft, or else what is published."""
        return None if self.withdraws else self.draft or self.published


def entry(exchange: Exchange, actor: Actor, key: Key) -> Editing:
    """An entry for whoever keeps it. Raises `RecordNotFoundError`, `NotPermittedError`."""
    with reading(exchange.engine) as session:
        row = authorize_entry(session, exchange, actor, key.code, key.sort)
        return _entry(session, row, key)


def save(exchange: Exchange, actor: Actor, key: Key, fields: Mapping[str, str]) -> Key:
    """Save a form as the draft of its entry; which entry that is, also of a new contact.

    Raises `FieldsRefusedError` for whatever keeps it from being saved, and as `upkeep.save`.
    """
    with reading(exchange.engine) as session:
        row = authorize_entry(session, exchange, actor, key.code, key.sort)
        here = _entry(session, row, key)
        filled = _filled(here, fields, _slugs(session, row) if key.slug == NEW else set())
        seen = _seen(session, row, key, filled.said) if key.slug == NEW else fields.get(SEEN, "")
    if here.waits:
        raise FieldsRefusedError({WAITING: _WAITS})
    if filled.said is None:
        raise FieldsRefusedError(filled.problems)
    try:
        upkeep.save(exchange, actor, key.code, filled.said, fields.get(NOTE.name, ""), seen)
    except NotNowError:  # submitted just now
        raise FieldsRefusedError({WAITING: _WAITS}) from None
    except FieldsRefusedError as refusal:
        if key.slug == NEW and OVERTAKEN in refusal.problems:  # somebody added one of that name just now
            return save(exchange, actor, key, fields)
        raise
    return key._replace(slug=filled.said.slug) if isinstance(filled.said, Contact) else key


def _seen(session: Session, row: GuideJurisdiction, key: Key, said: Said | None) -> str:
    """The state of a new contact's entry while nobody else makes a draft of it."""
    slug = said.slug if isinstance(said, Contact) else NEW
    return str(entries.last_number(session, row.id, key.sort, slug))


def revert(exchange: Exchange, actor: Actor, key: Key, number: int, seen: str | None = None) -> UUID:
    """Make a draft of what an entry said in an earlier revision; the draft's id.

    `seen`: the state that the entry had for the actor, see `upkeep.state_of`; `NotNowError` if it is another
    by now. Raises `RecordNotFoundError`, also for a revision that took the entry out.
    """
    with reading(exchange.engine) as session:
        authorize_entry(session, exchange, actor, key.code, key.sort)
        said = drafts.revision(exchange, key, number)
    if said is None:
        raise RecordNotFoundError
    try:
        return upkeep.save(exchange, actor, key.code, said, f"as in revision {number}", seen)
    except FieldsRefusedError as refusal:
        if OVERTAKEN in refusal.problems:
            raise NotNowError(why=MEANWHILE) from None
        raise


def _entry(session: Session, row: GuideJurisdiction, key: Key) -> Editing:
    facts = document_of_facts(session, row)
    question = questions.asked(session, row.kind, key.slug) if key.sort is EntrySort.ANSWER else None
    standing = entries.current(session, row.id, key.sort, key.slug)
    published = document(standing.sort, standing.body) if standing and standing.body else None
    draft = _draft(session, row, key)
    said = document(draft.sort, draft.body) if draft and draft.body else None
    if key.sort is EntrySort.CONTACT and key.slug != NEW and standing is None and draft is None:
        raise RecordNotFoundError
    asked = _asked(facts, question, key)
    filled_from = said or (published if draft is None or draft.body else None)
    fields = fields_of_document(filled_from, asked) if filled_from else {}
    return Editing(
        key,
        facts,
        question,
        asked,
        published,
        said,
        withdraws=draft is not None and not draft.body,
        waits=draft is not None and draft.status == DraftStatus.WAITING,
        second_person=row.second_person,
        refusal=draft.refusal if draft else "",
        seen=state_of(session, row, key),
        fields={**fields, NOTE.name: draft.note if draft else "", SEEN: state_of(session, row, key)},
    )


def _asked(facts: Facts, question: Question | None, key: Key) -> tuple[Asked, ...]:
    if question is not None:
        return asked_of_answer(question)
    if key.sort is EntrySort.FACTS:
        return asked_of_facts(facts.kind)
    return asked_of_contact(JurisdictionKind(facts.kind), new=key.slug == NEW)


def _filled(
    here: Editing, fields: Mapping[str, str], taken: set[str]
) -> Filled[Answer] | Filled[Contact] | Filled[Facts]:
    standing = here.draft or here.published
    if here.question is not None:
        return answer_of(here.question, fields, standing if isinstance(standing, Answer) else None)
    if here.key.sort is EntrySort.FACTS:
        return facts_of(standing if isinstance(standing, Facts) else here.facts, fields)
    return contact_of(here.facts, fields, standing if isinstance(standing, Contact) else None, taken)


def _slugs(session: Session, row: GuideJurisdiction) -> set[str]:
    """The contacts that are there, or will be."""
    sort = EntrySort.CONTACT.value
    drafted = select(GuideDraft.slug).where(GuideDraft.jurisdiction_id == row.id, GuideDraft.sort == sort)
    standing = select(GuideRevision.slug).where(
        GuideRevision.jurisdiction_id == row.id,
        GuideRevision.sort == sort,
        entries.counting_at(None),
        GuideRevision.body != "",
    )
    found: Iterable[str] = (*session.exec(drafted), *session.exec(standing))
    return set(found)


def _draft(session: Session, row: GuideJurisdiction, key: Key) -> GuideDraft | None:
    mine = select(GuideDraft).where(
        GuideDraft.jurisdiction_id == row.id, GuideDraft.sort == key.sort.value, GuideDraft.slug == key.slug
    )
    return session.exec(mine).first()
