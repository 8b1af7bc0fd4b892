"""The last change of every entry of the guide, as one reader may know of it, the newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from exchange.database import reading_one_state
from exchange.guide import entries
from exchange.guide.entries import counting_at
from exchange.guide.keys import Key, Said, document
from exchange.guide.memory import Edition
from exchange.guide.narrowing import entries_of, is_shown
from exchange.models.base import as_utc
from exchange.models.guide import GuideRevision
from exchange.runtime import Exchange
from roles.guide import EntrySort
from schemas.guide.documents import Audience, Contact, Facts

Sort = Literal["new", "changed", "taken out"]
_LAST = 10**17
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Change:
    """An entry that is not as it was. `facts`: of its jurisdiction. `said`: now or, taken out, at last."""

    key: Key
    facts: Facts
    said: Said
    change: Sort
    published_at: datetime

    @property
    def place(self) -> str:
        """Where it stands in the list: a word that sorts the newest first."""
        return f"{before(self.published_at)}.{self.key.code}.{self.key.sort.value}.{self.key.slug}"


@dataclass(frozen=True)
class _TakenOut:
    key: Key
    said: Said
    published_at: datetime


def before(moment: datetime) -> str:
    """The places of all that was published later sort before this word."""
    return f"{_LAST - (moment - _EPOCH) // timedelta(microseconds=1):018d}"


def changes(exchange: Exchange, edition: Edition, reader: Audience) -> list[Change]:
    """Every entry that this reader reads or could read once, the newest change first.

    `edition`: the published one, for everybody. Made once of an edition and kept with it.
    """
    made: list[Change] = edition.kept.get(("changes", reader), lambda: _made(exchange, edition, reader))
    return made


def _made(exchange: Exchange, edition: Edition, reader: Audience) -> list[Change]:
    with reading_one_state(exchange.engine) as session:
        gone = list(_taken_out(session))
    view = edition.read_by(reader)
    found = [*_standing(view), *_gone(view, reader, gone)]
    return sorted(found, key=lambda one: one.place)


def _standing(view: Edition) -> Iterator[Change]:
    for key, said in entries_of(view.guide):
        stamp = view.stamps[key]
        what: Sort = "new" if stamp.number == 1 else "changed"
        yield Change(key, view.parts[key.code].facts, said, what, stamp.published_at)


def _gone(view: Edition, reader: Audience, gone: list[_TakenOut]) -> Iterator[Change]:
    left = {one.key.code: one.said for one in gone if isinstance(one.said, Facts)}
    for one in gone:
        part = view.parts.get(one.key.code)
        facts = part.facts if part else left.get(one.key.code)
        if facts is not None and _was_shown(view, reader, one):
            yield Change(one.key, facts, one.said, "taken out", one.published_at)


def _was_shown(view: Edition, reader: Audience, one: _TakenOut) -> bool:
    """Whether this reader may know of it; a question that is asked no more is nobody's but workers'."""
    if isinstance(one.said, Contact):
        return is_shown(one.said, reader)
    return one.key.sort is EntrySort.FACTS or one.key.slug in view.questions or reader is Audience.WORKERS


def _taken_out(session: Session) -> Iterator[_TakenOut]:
    """What is in the guide no more, with what it said at last."""
    codes = {row.id: code for code, row in entries.jurisdictions(session).items()}
    last = aliased(GuideRevision)
    gone = (
        select(GuideRevision, last.body)
        .join(
            last,
            (col(last.jurisdiction_id) == GuideRevision.jurisdiction_id)
            & (col(last.sort) == GuideRevision.sort)
            & (col(last.slug) == GuideRevision.slug)
            & (col(last.number) == col(GuideRevision.number) - 1),
        )
        .where(counting_at(None), GuideRevision.body == "", last.body != "")
    )
    for row, body in session.exec(gone):
        key = Key(codes[row.jurisdiction_id], EntrySort(row.sort), row.slug)
        yield _TakenOut(key, document(row.sort, body), as_utc(row.published_at))
