"""What changed in the guide since a moment, with what each entry said then and says now."""

from bisect import bisect_left
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from exchange.database import reading
from exchange.guide import latest
from exchange.guide.entries import counting_at, jurisdictions
from exchange.guide.keys import Key, Said, document
from exchange.guide.memory import Edition
from exchange.guide.narrowing import is_shown
from exchange.guide.questions import opened_at
from exchange.guide.told import text_of
from exchange.models.guide import GuideRevision
from exchange.runtime import Exchange
from roles.guide import EntrySort
from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import Answer, Audience, Contact, Question
from schemas.guide.wording import Piece, differences

SHOWN = 50
"""Entries on one page."""


@dataclass(frozen=True)
class Changed:
    """One entry. `before` or `now` is None where it did not stand in the guide; `title`: its name."""

    key: Key
    jurisdiction: str
    title: str
    published_at: datetime
    before: str | None
    now: str | None

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The difference, word by word."""
        return differences(self.before or "", self.now or "")


@dataclass(frozen=True)
class Changes:
    """One page of them; `more`: whether there is another."""

    items: list[Changed]
    more: bool


def since(exchange: Exchange, whole: Edition, reader: Audience, moment: datetime, page: int = 0) -> Changes:
    """What was published after a moment, the newest first. `whole`: the edition of now, for everybody.

    What says again what it said then is left out; so is what the reader does not read, before it is counted.
    """
    every = latest.changes(exchange, whole, reader)
    newer = bisect_left(every, latest.before(moment), key=lambda one: one.place)
    here = every[:newer][page * SHOWN : (page + 1) * SHOWN]
    with reading(exchange.engine) as session:
        then = _standing(session, [one.key for one in here], moment)
    opened = opened_at(exchange, whole, reader)
    shown = {key: said for key, said in then.items() if _was_read(reader, said, moment, opened)}
    found = [_changed(whole.read_by(reader), one, shown.get(one.key)) for one in here]
    return Changes([one for one in found if one.before != one.now], newer > (page + 1) * SHOWN)


def _standing(session: Session, keys: Collection[Key], moment: datetime) -> dict[Key, Said]:
    """What entries said at a moment; those that did not stand there are left out."""
    rows = jurisdictions(session)
    codes = {rows[code].id: code for code in {key.code for key in keys}}
    then = select(GuideRevision).where(
        counting_at(moment),
        col(GuideRevision.jurisdiction_id).in_(codes),
        col(GuideRevision.slug).in_({key.slug for key in keys}),
        GuideRevision.body != "",
    )
    found = (
        (Key(codes[row.jurisdiction_id], EntrySort(row.sort), row.slug), row) for row in session.exec(then)
    )
    return {key: document(row.sort, row.body) for key, row in found if key in keys}


def _was_read(reader: Audience, then: Said, moment: datetime, opened: Mapping[str, datetime]) -> bool:
    """Whether what an entry said at a moment was for this reader then."""
    if isinstance(then, Contact):
        return is_shown(then, reader)
    return not isinstance(then, Answer) or then.question not in opened or opened[then.question] <= moment


def _changed(view: Edition, one: latest.Change, then: Said | None) -> Changed:
    question = view.questions.get(one.key.slug) if one.key.sort is EntrySort.ANSWER else None
    now = None if one.change == "taken out" else one.said
    return Changed(
        one.key,
        one.facts.name,
        _title(question, one.said),
        one.published_at,
        text_of(then, question) if then else None,
        text_of(now, question) if now else None,
    )


def _title(question: Question | None, said: Said) -> str:
    match said:
        case Answer():
            return question.title if question else said.question
        case Contact():
            known = CONTACT_TYPES.get(said.type)
            return f"{known.title if known else said.type}: {said.name}"
        case _:
            return "The jurisdiction itself"
