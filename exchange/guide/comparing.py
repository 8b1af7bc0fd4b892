"""Two to five jurisdictions side by side on some questions, and where they differ."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from exchange.guide.keys import Key
from exchange.guide.memory import Edition, Stamp
from roles.guide import EntrySort
from schemas.guide.documents import Answer, AnswerType, Facts, Part, Question

LEAST, MOST = 2, 5
"""Jurisdictions in a comparison: as many as can be read beside each other."""
MOST_QUESTIONS = 200
EXACT = frozenset({AnswerType.YESNO, AnswerType.NUMBER, AnswerType.DATE, AnswerType.CHOICE})
"""Answers that are the same or not; of worded ones only a reader can tell whether they agree."""


class Agreement(StrEnum):
    """How the answers of a row stand to each other."""

    SAME = "same"
    DIFFERS = "differs"
    WORDED = "worded"
    """Worded differently."""


@dataclass(frozen=True)
class Cell:
    """What one jurisdiction answers; `asked`: whether its kind is asked the question at all."""

    facts: Facts
    asked: bool
    answer: Answer | None
    stamp: Stamp | None

    @property
    def value(self) -> str:
        """The bare answer."""
        return self.answer.value if self.answer else ""


@dataclass(frozen=True)
class Row:
    """One question."""

    question: Question
    cells: tuple[Cell, ...]
    agreement: Agreement


def compare(
    edition: Edition, codes: Sequence[str], slugs: Sequence[str] = (), *, only_differing: bool = False
) -> list[Row]:
    """A row for each question in the order of the questionnaires; no slugs: for all that any is asked.

    Codes and slugs that the edition does not have are left out.
    """
    parts = [edition.parts[code] for code in codes if code in edition.parts]
    rows = (_row(edition, parts, question) for question in _questions(edition, parts, slugs))
    kept = (row for row in rows if not only_differing or row.agreement is not Agreement.SAME)
    return list(kept)[:MOST_QUESTIONS]


def _questions(edition: Edition, parts: Sequence[Part], slugs: Sequence[str]) -> Iterator[Question]:
    kinds, wanted = {part.facts.kind for part in parts}, frozenset(slugs)
    for question in edition.guide.questions:
        if question.kind in kinds and (not wanted or question.slug in wanted):
            yield question


def _row(edition: Edition, parts: Iterable[Part], question: Question) -> Row:
    cells = tuple(cell_of(edition, part, question) for part in parts)
    return Row(question, cells, _agreement(question, cells))


def cell_of(edition: Edition, part: Part, question: Question) -> Cell:
    """What a jurisdiction answers to a question."""
    facts, slug = part.facts, question.slug
    answer = edition.answer(facts.locator_code, slug)
    stamp = edition.stamps.get(Key(facts.locator_code, EntrySort.ANSWER, slug))
    return Cell(facts, facts.kind is question.kind, answer, stamp)


def _agreement(question: Question, cells: Iterable[Cell]) -> Agreement:
    """Of those that are asked; who has not answered differs from who has."""
    said = {" ".join(cell.value.split()).casefold() for cell in cells if cell.asked}
    if len(said) < LEAST:
        return Agreement.SAME
    return Agreement.DIFFERS if question.answer_type in EXACT or "" in said else Agreement.WORDED
