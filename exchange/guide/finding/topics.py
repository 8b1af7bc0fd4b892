"""What is asked and what people are written to for: questions and types of contacts, by their words."""

import math
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from exchange.guide.finding.folding import spellings
from exchange.guide.finding.phrases import Phrase, Sighting
from exchange.guide.finding.reading import Reading
from exchange.guide.finding.shelf import Shelf
from exchange.guide.finding.vocabulary import Vocabulary
from exchange.guide.finding.words_of_filling import FILLING, VAGUE
from schemas.guide.contacts import ContactType
from schemas.guide.documents import JurisdictionKind, Question

TITLE, OTHER_WORDS, SECTION, TEXT = 1.0, 0.95, 0.55, 0.35
"""How surely a topic is meant by a word of its title, of its other words, of its section, of its text."""
_TABLE = Path(__file__).with_name("words_of_topics.toml")
_LEAST_WEIGHT = 0.2
_UNKNOWN = 0.5
_TRANSLATED = 0.94
_LIKE_ENOUGH = 0.75
"""Words of other languages are not guessed from a common beginning."""


@dataclass(frozen=True)
class Topic:
    """A question or a type of contact, with its texts by how surely their words mean it."""

    subject: Question | ContactType
    kinds: frozenset[JurisdictionKind]
    texts: tuple[tuple[float, str], ...]

    @property
    def is_question(self) -> bool:
        """Whether it is answered, not written to."""
        return isinstance(self.subject, Question)


@dataclass
class Explained:
    """How far a query is explained by something: by places, and how much of that thing's name was said."""

    places: dict[int, float] = field(default_factory=dict)
    share: float = 0.0
    why: dict[int, str] = field(default_factory=dict)

    def by(self, place: int, quality: float, why: str = "") -> None:
        """Keeps the better explanation of a word."""
        if quality > self.places.get(place, 0.0):
            self.places[place] = quality
            self.why[place] = why


def topics_of(shelf: Shelf) -> tuple[Topic, ...]:
    """The topics in the order of the guide: types of contacts first."""
    sections: dict[str, list[str]] = defaultdict(list)
    for version in shelf.versions:
        for category in version.categories:
            for place in category.places:
                sections[place.question] += [category.title, *category.words]
    of_types = (Topic(one, one.kinds, _texts(one.title, one.words)) for one in shelf.types)
    of_questions = (
        Topic(one, frozenset({one.kind}), _of_question(one, sections[one.slug])) for one in shelf.questions
    )
    return (*of_types, *of_questions)


def _texts(title: str, others: Iterable[str]) -> tuple[tuple[float, str], ...]:
    return ((TITLE, title), *((OTHER_WORDS, text) for text in others))


def _of_question(question: Question, sections: list[str]) -> tuple[tuple[float, str], ...]:
    others = tuple((SECTION, text) for text in dict.fromkeys(sections))
    return (*_texts(question.title, question.words), *others, (TEXT, question.text))


def telling(text: str) -> tuple[str, ...]:
    """The words of a text that say something, in its spellings."""
    spelt = {word: None for spelling in spellings(text) for word in spelling}
    return tuple(word for word in spelt if word not in FILLING)


def translations() -> Iterator[Phrase[str]]:
    """What topics are called elsewhere; the meaning is the words of the guide."""
    with _TABLE.open("rb") as table:
        topics: dict[str, list[str]] = tomllib.load(table)
    for number, (meaning, others) in enumerate(topics.items()):
        for other in others:
            said = telling(other)
            if said:
                yield Phrase(said, meaning, number, _TRANSLATED)


class Topics:
    """All topics of an audience, by the numbers of their words."""

    def __init__(self, topics: tuple[Topic, ...], vocabulary: Vocabulary) -> None:
        self.all: Final = topics
        self._vocabulary = vocabulary
        self._meant_by: dict[int, dict[int, float]] = defaultdict(dict)
        self._names: list[list[tuple[float, tuple[int, ...]]]] = [[] for _ in topics]
        for number, topic in enumerate(topics):
            for quality, text in topic.texts:
                self._enter(number, quality, text)
        self._weights = {word: self._rarity(found) for word, found in self._meant_by.items()}
        self._shares = [[self._weighed(*name) for name in names] for names in self._names]

    def _enter(self, topic: int, quality: float, text: str) -> None:
        numbers = tuple(self._vocabulary.numbers[word] for word in telling(text))
        for number in numbers:
            self._meant_by[number][topic] = max(quality, self._meant_by[number].get(topic, 0.0))
        if quality > TEXT and numbers:
            self._names[topic].append((quality, numbers))

    def _rarity(self, found: dict[int, float]) -> float:
        often = sum(quality > TEXT for quality in found.values())
        return max(_LEAST_WEIGHT, 1.0 - math.log(1 + often) / math.log(2 + len(self.all)))

    def __contains__(self, word: int) -> bool:
        """Whether some topic is named by the word."""
        return word in self._meant_by

    def weight(self, word: int) -> float:
        """How much a word tells: the rarer the more."""
        if self._vocabulary.words[word] in VAGUE:
            return _LEAST_WEIGHT
        return self._weights.get(word, _UNKNOWN)

    def explain(
        self, reading: Reading, translated: Iterable[Sighting[str]], names: frozenset[int]
    ) -> dict[int, Explained]:
        """Topics that explain words of the query. `names`: places that are surely a name, not a topic."""
        meant = _Meant(self, names)
        for term in reading.told:
            sure = any(quality == 1.0 and word in self for word, quality in term.near)
            for word, quality in term.near:
                dimmed = 0.6 if sure and quality < 0.97 else 1.0
                meant.add(term.place, word, quality * dimmed, "")
        for sighting in translated:
            self._add_translated(meant, sighting, reading)
        return {topic: self._with_share(topic, found, meant) for topic, found in meant.explained.items()}

    def _add_translated(self, meant: "_Meant", sighting: Sighting[str], reading: Reading) -> None:
        written = " ".join(reading.terms[place].written for place in sorted(sighting.places))
        targets = [self._vocabulary.numbers[word] for word in telling(sighting.phrase.meaning)]
        for place, quality in sighting.places.items():
            for word in targets if quality >= _LIKE_ENOUGH else ():
                sure = quality * sighting.quality * sighting.share
                meant.add(place, word, sure, f"{written} → {sighting.phrase.meaning}")

    def _with_share(self, topic: int, found: Explained, meant: "_Meant") -> Explained:
        said = meant.words
        for name in self._shares[topic]:
            share = 0.0
            for word, weight in name:
                share += weight * said.get(word, 0.0)
            found.share = max(found.share, share)
        return found

    def _weighed(self, quality: float, numbers: tuple[int, ...]) -> tuple[tuple[int, float], ...]:
        """The words of a name, each with how much of the name it is."""
        weights = [self.weight(word) for word in numbers]
        return tuple(zip(numbers, (quality * weight / sum(weights) for weight in weights), strict=True))

    def topics_by(self, word: int) -> dict[int, float]:
        """The topics that a word means, each with how surely."""
        return self._meant_by.get(word, {})


class _Meant:
    """What the words of one query mean, gathered."""

    def __init__(self, topics: Topics, names: frozenset[int]) -> None:
        self._topics = topics
        self._named = names
        self.words: dict[int, float] = {}
        self.explained: dict[int, Explained] = defaultdict(Explained)

    def add(self, place: int, word: int, quality: float, why: str) -> None:
        """One more word of the guide that a place of the query may stand for."""
        sure = quality * 0.6 if place in self._named and quality < 1.0 else quality
        self.words[word] = max(sure, self.words.get(word, 0.0))
        for topic, meant in self._topics.topics_by(word).items():
            self.explained[topic].by(place, sure * meant, why)
