"""One question, or one purpose of contacts, across all jurisdictions."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from exchange.guide.comparing import EXACT, Cell, cell_of
from exchange.guide.memory import Edition
from exchange.guide.reading import Reached, reached
from exchange.guide.told import value_told
from schemas.guide.contacts import CONTACT_TYPES, ContactType
from schemas.guide.documents import AnswerType, Category, Facts, JurisdictionKind, Question


@dataclass(frozen=True)
class Topic:
    """What everybody answers; `summary`: answers with how many give them, the most frequent first.

    The summary is empty where answers are worded, and counts those who have not answered as ''.
    """

    question: Question
    cells: tuple[Cell, ...]
    summary: tuple[tuple[str, int], ...]


def topic(edition: Edition, question: Question, *, by_answer: bool = False) -> Topic:
    """All jurisdictions that are asked a question, by name, or by what they answer."""
    parts = sorted(edition.guide.parts, key=lambda part: part.facts.name)
    cells = [cell_of(edition, part, question) for part in parts if part.facts.kind is question.kind]
    if by_answer:
        cells.sort(key=lambda cell: _order(question, cell.value))
    return Topic(question, tuple(cells), _summary(question, cells))


def _order(question: Question, value: str) -> tuple[bool, float, str]:
    """Numbers by their size, all else by its letters; who has not answered comes last."""
    number = float(value) if value and question.answer_type is AnswerType.NUMBER else 0.0
    return (not value, number, value.casefold())


def _summary(question: Question, cells: list[Cell]) -> tuple[tuple[str, int], ...]:
    if question.answer_type not in EXACT:
        return ()
    counted = Counter(cell.value for cell in cells)
    ordered = sorted(counted.items(), key=lambda one: (not one[0], -one[1], one[0]))
    return tuple((value_told(question, value), count) for value, count in ordered)


def categories(edition: Edition, kind: JurisdictionKind) -> list[tuple[Category | None, list[Question]]]:
    """The questions of a kind by category of the newest questionnaire; None: those it has no place for."""
    versions = [one for one in edition.guide.versions if one.kind is kind]
    newest = max(versions, key=lambda one: one.effective, default=None)
    found: list[tuple[Category | None, list[Question]]] = []
    placed: set[str] = set()
    for category in newest.categories if newest else ():
        asked = [edition.questions[place.question] for place in category.places]
        placed.update(one.slug for one in asked)
        found.append((category, asked))
    rest = [one for one in edition.guide.questions if one.kind is kind and one.slug not in placed]
    return [*found, (None, rest)] if rest else found


def contact_types(edition: Edition) -> list[ContactType]:
    """The purposes for which there is any contact."""
    used = {contact.type for part in edition.guide.parts for contact in part.contacts}
    return [one for one in CONTACT_TYPES.values() if one.slug in used]


def contacts(edition: Edition, wanted: ContactType, moment: datetime) -> list[tuple[Facts, list[Reached]]]:
    """The jurisdictions that have contacts for a purpose, by name, with those that count at a moment."""
    found = []
    for part in sorted(edition.guide.parts, key=lambda part: part.facts.name):
        mine = [one for one in reached(edition, part, moment) if one.type is wanted]
        if mine:
            found.append((part.facts, mine))
    return found
