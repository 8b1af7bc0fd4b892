"""What an entry said before, for readers: every revision with what it changed, word by word."""

from dataclasses import dataclass

from exchange.errors import RecordNotFoundError
from exchange.guide import drafts
from exchange.guide.drafts import Revision
from exchange.guide.keys import Key
from exchange.guide.memory import Edition
from exchange.guide.narrowing import is_shown
from exchange.guide.questions import opened_at
from exchange.guide.told import text_of
from exchange.runtime import Exchange
from roles.guide import EntrySort, audience_of, sees
from roles.policy import Actor
from schemas.guide.documents import Audience, Contact
from schemas.guide.wording import Piece, differences

MOST_STEPS = 50
"""Revisions that are shown with their difference."""


@dataclass(frozen=True)
class Step:
    """A revision and how it differs from the one before."""

    revision: Revision
    pieces: tuple[Piece, ...]


def revisions(exchange: Exchange, edition: Edition, key: Key, actor: Actor | None) -> list[Revision]:
    """The revisions of an entry that the actor reads, the newest first. `edition`: the whole one of now.

    Raises `RecordNotFoundError` where there is no entry, or none for this reader: also an answer to a
    question that is not asked any more, and a contact that was of a hidden type once, are for workers only.
    What an answer said while its question was for workers stays with them.
    """
    reader = audience_of(actor)
    if not _may_be_read(edition, key, reader):
        raise RecordNotFoundError
    found = drafts.history(exchange, key, actor)
    if not all(is_shown(one.said, reader) for one in found if isinstance(one.said, Contact)):
        raise RecordNotFoundError
    if key.sort is EntrySort.ANSWER:
        opened = opened_at(exchange, edition, reader).get(key.slug)
        found = [one for one in found if opened is None or one.until is None or one.until > opened]
    return found


def steps(exchange: Exchange, edition: Edition, key: Key, actor: Actor | None) -> list[Step]:
    """The latest of them, each with what it changed. Raises as `revisions`."""
    found = revisions(exchange, edition, key, actor)
    question = edition.questions.get(key.slug) if key.sort is EntrySort.ANSWER else None
    texts = [text_of(one.said, question) for one in found] + [""]
    return [
        Step(one, differences(before, after))
        for one, after, before in zip(found[:MOST_STEPS], texts, texts[1:], strict=False)
    ]


def _may_be_read(edition: Edition, key: Key, reader: Audience) -> bool:
    if key.sort is not EntrySort.ANSWER:
        return True
    question = edition.questions.get(key.slug)
    return sees(reader, question.audience if question else Audience.WORKERS)
