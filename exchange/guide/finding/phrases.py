"""Names of several words, found in a query in any order, in part and misspelt."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from exchange.guide.finding.reading import Reading, Term
from exchange.guide.finding.vocabulary import Vocabulary
from exchange.guide.finding.words_of_filling import COMMON, GENERIC

Meaning = TypeVar("Meaning")

_GENERIC, _COMMON = 0.1, 0.5
_INITIAL = 0.85
_OWN = 0.8
"""How much of a name a word tells that no other name has."""
_LEAST = 0.3


@dataclass(frozen=True)
class Phrase(Generic[Meaning]):
    """A name and what it means.

    `owner`: whose name it is, by number. `quality`: how surely that is meant, when the name stands in full.
    """

    words: tuple[str, ...]
    meaning: Meaning
    owner: int
    quality: float = 1.0


@dataclass(frozen=True)
class Sighting(Generic[Meaning]):
    """A phrase that was seen in a query: in which words, how surely each, and how much of the phrase."""

    phrase: Phrase[Meaning]
    places: dict[int, float]
    share: float

    @property
    def quality(self) -> float:
        """How surely the phrase is meant, whatever its words are."""
        return self.phrase.quality * math.pow(self.share, 0.6)


Matches = dict[int, dict[int, float]]
"""Of one phrase: by its words (in their order) the places in the query, each with how alike they are."""


class PhraseBook(Generic[Meaning]):
    """Phrases, by the words that tell them apart."""

    def __init__(self, phrases: Iterable[Phrase[Meaning]], vocabulary: Vocabulary) -> None:
        self._phrases = tuple(phrases)
        self._numbers = tuple(
            tuple(vocabulary.numbers[word] for word in phrase.words) for phrase in self._phrases
        )
        self._words = vocabulary.words
        self._telling: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._owners: dict[int, set[int]] = defaultdict(set)
        for number, phrase in enumerate(self._phrases):
            self._enter(number, phrase)

    def _enter(self, number: int, phrase: Phrase[Meaning]) -> None:
        alone = all(word in GENERIC for word in phrase.words)
        for position, word in enumerate(self._numbers[number]):
            if alone or self._words[word] not in GENERIC:
                self._telling[word].append((number, position))
                self._owners[word].add(phrase.owner)

    def __contains__(self, word: int) -> bool:
        """Whether the word tells some phrase."""
        return word in self._telling

    def seen_in(self, reading: Reading) -> Iterator[Sighting[Meaning]]:
        """Every phrase that the query may name, wholly or in part."""
        whole = {term.place: dict(term.near) for term in reading.told}
        for number, matches in self._touched(reading).items():
            found = self._sighting(number, matches, reading, whole)
            if found is not None:
                yield found
        yield from self._joined(reading)

    def _touched(self, reading: Reading) -> dict[int, Matches]:
        touched: dict[int, Matches] = defaultdict(lambda: defaultdict(dict))
        for term in reading.told:
            for word, quality in term.near:
                for number, position in self._telling.get(word, ()):
                    touched[number][position][term.place] = quality
        return touched

    def _joined(self, reading: Reading) -> Iterator[Sighting[Meaning]]:
        for place, word, quality in reading.joined:
            for number, _ in self._telling.get(word, ()):
                if len(self._numbers[number]) == 1:
                    places = {place: quality, place + 1: quality}
                    yield Sighting(self._phrases[number], places, 1.0)

    def _sighting(
        self, number: int, matches: Matches, reading: Reading, whole: dict[int, dict[int, float]]
    ) -> Sighting[Meaning] | None:
        words = self._numbers[number]
        if len(words) == 1:
            return self._of_one_word(number, matches[0])
        taken = _together(_assigned(matches), reading)
        self._complete(words, taken, reading, whole)
        places = dict(taken.values())
        share = self._share(words, taken)
        return Sighting(self._phrases[number], places, share) if share >= _LEAST else None

    def _of_one_word(self, number: int, places: dict[int, float]) -> Sighting[Meaning]:
        """The best place only: a name that is said twice is said once."""
        place = max(places, key=lambda one: (places[one], -one))
        return Sighting(self._phrases[number], {place: places[place]}, 1.0)

    def _complete(
        self,
        words: tuple[int, ...],
        taken: dict[int, tuple[int, float]],
        reading: Reading,
        whole: dict[int, dict[int, float]],
    ) -> None:
        """Adds the general words of a name, and those of which only the first letters are written."""
        last = reading.terms[-1]
        free = {term.place: term for term in (*reading.told, last)} if taken else {}
        for place, _ in taken.values():
            free.pop(place, None)
        for position, word in enumerate(words):
            if position not in taken:
                for place, term in _beside(free, taken):
                    quality = whole.get(place, {}).get(word, 0.0) or _initial(term, self._words[word])
                    if quality:
                        taken[position] = (place, quality)
                        del free[place]
                        break

    def _share(self, words: tuple[int, ...], taken: dict[int, tuple[int, float]]) -> float:
        weights = [self._weight(word) for word in words]
        seen = sum(weights[position] for position in taken)
        share = seen / sum(weights)
        own = any(len(self._owners[words[position]]) == 1 and weights[position] == 1.0 for position in taken)
        return max(share, _OWN) if own else share

    def _weight(self, word: int) -> float:
        written = self._words[word]
        return _GENERIC if written in GENERIC else _COMMON if written in COMMON else 1.0


def _assigned(matches: Matches) -> dict[int, tuple[int, float]]:
    """Each word of the phrase to one place of the query, the likeliest pairs first."""
    pairs = sorted(
        (-quality, abs(place - position), position, place)
        for position, places in matches.items()
        for place, quality in places.items()
    )
    taken: dict[int, tuple[int, float]] = {}
    used: set[int] = set()
    for negative, _, position, place in pairs:
        if position not in taken and place not in used:
            taken[position] = (place, -negative)
            used.add(place)
    return taken


def _together(taken: dict[int, tuple[int, float]], reading: Reading) -> dict[int, tuple[int, float]]:
    """The same if nothing but filling words stand between; else only the likeliest word."""
    places = sorted(place for place, _ in taken.values())
    told = [term.place for term in reading.told if places[0] <= term.place <= places[-1]]
    if len(told) <= len(places) + sum(reading.terms[place].word in GENERIC for place in told):
        return taken
    best = max(taken, key=lambda position: (taken[position][1], -position))
    return {best: taken[best]}


def _beside(free: dict[int, Term], taken: dict[int, tuple[int, float]]) -> list[tuple[int, Term]]:
    used = [place for place, _ in taken.values()]
    return [
        (place, term)
        for place, term in free.items()
        if min((abs(place - one) for one in used), default=99) <= 2
    ]


def _initial(term: Term, word: str) -> float:
    return _INITIAL if len(term.word) <= 2 and word.startswith(term.word) else 0.0
