"""What jurisdictions are called: at home, elsewhere, and by what lies in them and who works there."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

from babel import Locale

from exchange.guide.finding.folding import spellings
from exchange.guide.finding.phrases import Phrase
from exchange.guide.finding.shelf import Shelf
from exchange.guide.finding.words_of_filling import FILLING, GENERIC
from exchange.guide.finding.words_of_names import (
    CUSTOMARY,
    CUSTOMARY_OF_COUNTRIES,
    CUSTOMARY_OF_FEDERAL,
    LANGUAGES,
    OUTLYING,
)
from schemas.guide.documents import Facts, JurisdictionKind

_RARE = 3
"""A word of agencies or contacts names one of them if at most so many have it."""


class Relation(Enum):
    """How a name belongs to a jurisdiction: how surely that is meant, and the sentence that says so."""

    NAME = (1.0, "{text}")
    OTHER = (0.98, "{text} is another name of {name}")
    CAPITAL = (0.94, "{text} is the capital of {name}")
    PLACE = (0.93, "{text} is a part of {name}")
    CITY = (0.9, "an office of {name} is in {text}")
    CONTACT = (0.75, "{text} is a contact of {name}")
    AGENCY = (0.72, "{text} is the agency of {name}")

    def __init__(self, quality: float, sentence: str) -> None:
        self.quality = quality
        self.sentence = sentence


@dataclass(frozen=True)
class Naming:
    """One name of a jurisdiction (by its number); `contacts`: the numbers of those that it names besides."""

    part: int
    relation: Relation
    text: str
    contacts: tuple[int, ...] = ()


def namings(shelf: Shelf) -> Iterator[Phrase[Naming]]:
    """All names, as phrases to look for."""
    for number, part in enumerate(shelf.parts):
        for relation, text in _of_facts(part.facts):
            yield from _phrases(Naming(number, relation, text))
    yield from _rare(
        Naming(number, Relation.AGENCY, part.facts.agency) for number, part in enumerate(shelf.parts)
    )
    yield from _of_contacts(shelf)


def _of_facts(facts: Facts) -> Iterator[tuple[Relation, str]]:
    yield Relation.NAME, facts.name
    others = {*facts.other_names, *_customary(facts)} - {facts.name}
    yield from ((Relation.OTHER, name) for name in sorted(others))
    yield from ((Relation.PLACE, name) for name in facts.places)
    yield Relation.CAPITAL, facts.capital


def _customary(facts: Facts) -> Iterator[str]:
    match facts.kind:
        case JurisdictionKind.FEDERAL:
            yield from CUSTOMARY_OF_FEDERAL
        case JurisdictionKind.STATE:
            yield from CUSTOMARY.get(facts.abbreviation, ())
            yield from abroad(facts.abbreviation) if facts.abbreviation in OUTLYING else ()
        case JurisdictionKind.COUNTRY:
            yield from CUSTOMARY_OF_COUNTRIES.get(facts.abbreviation, ())
            yield from abroad(facts.abbreviation)
        case _:
            pass


@cache
def abroad(code: str) -> tuple[str, ...]:
    """What a country is called in other languages."""
    names = (Locale.parse(language).territories.get(code) for language in LANGUAGES)
    return tuple(sorted({name for name in names if name}))


def _phrases(naming: Naming) -> Iterator[Phrase[Naming]]:
    """A name in its spellings, and as one word."""
    for spelling in spellings(naming.text):
        words = tuple(word for word in spelling if word not in FILLING) or tuple(spelling)
        if words:
            yield Phrase(words, naming, naming.part, naming.relation.quality)
        if len(spelling) > 1 and naming.relation in {Relation.NAME, Relation.OTHER}:
            yield Phrase(("".join(spelling),), naming, naming.part, naming.relation.quality)


def _rare(found: Iterable[Naming]) -> Iterator[Phrase[Naming]]:
    """Names of agencies and contacts by those of their words that hardly another has."""
    named = [(naming, _telling(naming.text)) for naming in found]
    frequent = Counter(word for _, words in named for word in words)
    for naming, words in named:
        rare = tuple(word for word in words if frequent[word] <= _RARE)
        if rare:
            yield Phrase(rare, naming, naming.part, naming.relation.quality)


def _telling(text: str) -> tuple[str, ...]:
    spelt = {word: None for spelling in spellings(text) for word in spelling}
    return tuple(word for word in spelt if word not in FILLING | GENERIC and len(word) > 2)


def _of_contacts(shelf: Shelf) -> Iterator[Phrase[Naming]]:
    cities: dict[tuple[int, str], list[int]] = {}
    for number, (part, contact) in enumerate(shelf.contacts):
        if contact.city:
            cities.setdefault((part, contact.city), []).append(number)
    for (part, city), numbers in cities.items():
        yield from _phrases(Naming(part, Relation.CITY, city, tuple(numbers)))
    yield from _rare(
        Naming(part, Relation.CONTACT, contact.name, (number,))
        for number, (part, contact) in enumerate(shelf.contacts)
    )
