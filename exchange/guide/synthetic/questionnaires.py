"""The questions of every kind of jurisdiction, and under which numbers the editions ask them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from exchange.guide.synthetic.tables import table
from schemas.guide.documents import AnswerType, Audience, Category, JurisdictionKind, Place, Question, Version

_TABLES = {
    JurisdictionKind.FEDERAL: "questions_of_federal",
    JurisdictionKind.STATE: "questions_of_states",
    JurisdictionKind.TRIBE: "questions_of_tribes",
    JurisdictionKind.COUNTRY: "questions_of_countries",
}
_FIRST_EDITION = 2011


@dataclass(frozen=True)
class Asked:
    """A question with the year of the first edition that asks it."""

    question: Question
    since: int


@dataclass(frozen=True)
class Section:
    """A category as the tables have it."""

    code: str
    letter: str
    title: str
    words: tuple[str, ...]
    asks: tuple[Asked, ...]


def questions() -> tuple[Question, ...]:
    """Of all kinds, in the order of the tables."""
    return tuple(asked.question for kind in _TABLES for part in sections(kind) for asked in part.asks)


def versions() -> tuple[Version, ...]:
    """All editions, in the order of their table."""
    return tuple(_version(slug, edition) for slug, edition in table("editions").items())


@cache
def sections(kind: JurisdictionKind) -> tuple[Section, ...]:
    """What a kind is asked, by category."""
    return tuple(_section(kind, code, part) for code, part in table(_TABLES[kind]).items())


def _section(kind: JurisdictionKind, code: str, part: Mapping[str, Any]) -> Section:
    asks = tuple(
        Asked(_question(kind, slug, row), row.get("since", _FIRST_EDITION))
        for slug, row in part["asks"].items()
    )
    return Section(code, part.get("letter", ""), part["title"], tuple(part.get("words", ())), asks)


def _question(kind: JurisdictionKind, slug: str, row: Mapping[str, Any]) -> Question:
    return Question(
        slug=slug,
        kind=kind,
        title=row["title"],
        text=row["text"],
        answer_type=AnswerType(row.get("type", AnswerType.TEXT)),
        choices=tuple(row.get("choices", ())),
        under=row.get("under"),
        hague=row.get("hague", False),
        required=row.get("required", False),
        audience=Audience(row.get("audience", Audience.PUBLIC)),
        words=tuple(row.get("words", ())),
    )


def _version(slug: str, edition: Mapping[str, Any]) -> Version:
    kind, effective = JurisdictionKind(edition["kind"]), edition["effective"]
    make = _lettered if edition.get("lettered") else _named
    found = tuple(one for one in make(kind, effective) if one.places)
    return Version(slug=slug, kind=kind, label=edition["label"], effective=effective, categories=found)


def _lettered(kind: JurisdictionKind, day: date) -> Iterator[Category]:
    """Sections A, B, ...: numbers carry the letter and run on through all categories of it."""
    for letter, title in table("sections")[kind.value].items():
        merged = [part for part in sections(kind) if part.letter == letter]
        words = tuple(word for part in merged for word in part.words)
        asked = [one for part in merged for one in part.asks]
        yield Category(code=letter, title=title, places=_places(asked, day, letter), words=words)


def _named(kind: JurisdictionKind, day: date) -> Iterator[Category]:
    for part in sections(kind):
        yield Category(code=part.code, title=part.title, places=_places(part.asks, day), words=part.words)


def _places(asks: Iterable[Asked], day: date, letter: str = "") -> tuple[Place, ...]:
    """1, 2, 2.1, 2.2, 3: a question that belongs to another is numbered under it."""
    numbers: dict[str, str] = {}
    below: dict[str | None, int] = {}
    for one in (asked.question for asked in asks if asked.since <= day.year):
        below[one.under] = below.get(one.under, 0) + 1
        numbers[one.slug] = f"{numbers[one.under]}.{below[one.under]}" if one.under else str(below[None])
    return tuple(Place(question=slug, number=letter + number) for slug, number in numbers.items())
