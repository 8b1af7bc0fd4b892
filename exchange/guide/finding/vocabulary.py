"""All words of a guide, and which of them a typed word may stand for."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from exchange.guide.finding.folding import skeleton, sound, stem

Near = tuple[tuple[int, float], ...]
"""Numbers of words with how likely they are meant, from 0 to 1; the likeliest first."""

EXACT, PLURAL, ALIKE, SWAPPED = 1.0, 0.97, 0.92, 0.85
_ALIKE_IF_SHORT = 0.8
_LETTER_MISSING = 0.68
_SLIPS = (0, 0, 0, 0, 1, 1, 2, 2, 2, 3)
"""How many letters may be missing, doubled, wrong or swapped in a word of that many letters."""
_MOST = 60
"""Meanings of one word that are followed."""
_REMEMBERED = 4_096


class Vocabulary:
    """Words in their order, by number; what was asked for lately is remembered."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(sorted(set(words)))
        self.numbers = {word: number for number, word in enumerate(self.words)}
        self._by_stem = _grouped(map(stem, self.words))
        self._by_sound = _grouped(map(sound, self.words))
        self._by_skeleton = _grouped(map(skeleton, self.words))
        self._spelt = _Shapes(self.words)
        self._heard = _Shapes(tuple(self._by_sound))
        self.near = lru_cache(maxsize=_REMEMBERED)(self._near)

    def _near(self, word: str, *, last: bool) -> Near:
        """What a folded word may stand for; the last of a query may be unfinished at any letter."""
        best: dict[int, float] = {}
        if word in self.numbers:
            best[self.numbers[word]] = EXACT
        if not any(letter.isdigit() for letter in word):
            for number, quality in self._guesses(word, last=last):
                best[number] = max(best.get(number, 0.0), quality)
        ranked = sorted(best.items(), key=lambda one: (-one[1], one[0]))
        return tuple(islice(ranked, _MOST))

    def _guesses(self, word: str, *, last: bool) -> Iterator[tuple[int, float]]:
        yield from ((number, PLURAL) for number in self._by_stem.get(stem(word), ()))
        yield from self._begun(word, last=last)
        if len(word) == 3:
            yield from self._one_of_four(word)
        if len(word) >= 4:
            yield from self._sounding_just_like(word)
            yield from self._sounding(sound(word))
            yield from self._misspelt(word)
            yield from self._alike_without_vowels(word)
            yield from self._related(word)
        if last and len(word) >= 4:
            yield from self._begun_and_misspelt(word)

    def _sounding_just_like(self, word: str) -> Iterator[tuple[int, float]]:
        for number in self._by_sound.get(sound(word), ()):
            if abs(len(self.words[number]) - len(word)) <= 3:
                yield number, ALIKE if len(word) > 4 else _ALIKE_IF_SHORT

    def _range(self, beginning: str) -> range:
        """The numbers of the words that begin so."""
        return range(bisect_left(self.words, beginning), bisect_left(self.words, beginning + "\U0010ffff"))

    def _begun(self, word: str, *, last: bool) -> Iterator[tuple[int, float]]:
        if len(word) >= (1 if last else 3):
            sure = 0.5 if len(word) == 1 else 0.6 if len(word) == 2 else 0.8
            for number in self._range(word):
                yield number, sure + 0.15 * len(word) / len(self.words[number])

    def _sounding(self, heard: str) -> Iterator[tuple[int, float]]:
        for number, slips in self._heard.within(heard, _slips(heard)):
            other = self._heard.words[number]
            quality = _likeness(slips, len(heard)) * 0.95 - _otherwise_begun(heard, other)
            yield from ((word, quality) for word in self._by_sound[other])

    def _one_of_four(self, word: str) -> Iterator[tuple[int, float]]:
        """Of a word of three letters only two that changed places, or a fourth that is missing."""
        if word not in self.numbers:
            for number in self._range(word[0]):
                if len(self.words[number]) == 4 and OSA.distance(word, self.words[number]) == 1:
                    yield number, _LETTER_MISSING
        for other in (word[1] + word[0] + word[2], word[0] + word[2] + word[1]):
            if other in self.numbers:
                yield self.numbers[other], SWAPPED

    def _alike_without_vowels(self, word: str) -> Iterator[tuple[int, float]]:
        bones = skeleton(word)
        if len(bones) >= 3:
            for number in self._by_skeleton.get(bones, ()):
                if abs(len(self.words[number]) - len(word)) <= 2:
                    yield number, 0.78

    def _misspelt(self, word: str) -> Iterator[tuple[int, float]]:
        for number, slips in self._spelt.within(word, _slips(word)):
            yield number, _likeness(slips, len(word)) - _otherwise_begun(word, self.words[number])

    def _related(self, word: str) -> Iterator[tuple[int, float]]:
        """Of one stem by a rule of thumb: `modify` and `modification`, `reciprocal` and `reciprocity`."""
        kept = max(5, -(-2 * len(word) // 3))
        if len(word) > 5:
            for number in self._range(word[:kept]):
                if abs(len(self.words[number]) - len(word)) <= 6:
                    yield number, 0.72

    def _begun_and_misspelt(self, word: str) -> Iterator[tuple[int, float]]:
        allowed = 1 if len(word) < 8 else 2
        for number in self._range(word[0]):
            begun = self.words[number][: len(word)]
            if OSA.distance(word, begun, score_cutoff=allowed) <= allowed:
                yield number, 0.66

    def nearest(self, word: str, among: Sequence[str]) -> list[str]:
        """Some words in the order of their likeness, however far away."""
        return sorted(among, key=lambda one: (-OSA.normalized_similarity(word, one), one))


def _grouped(keys: Iterable[str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for number, key in enumerate(keys):
        groups[key].append(number)
    return dict(groups)


def _slips(word: str) -> int:
    return _SLIPS[min(len(word), len(_SLIPS) - 1)]


def _otherwise_begun(word: str, other: str) -> float:
    """First letters are seldom wrong."""
    return 0.0 if word[0] == other[0] else 0.08


def _likeness(slips: int, length: int) -> float:
    return 1.0 - 1.2 * slips / max(length, 1)


class _Shapes:
    """Words by length and letters, which tell without comparing what is too far from another."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words
        self._lengths = np.array([len(word) for word in words], dtype=np.int16)
        self._letters = np.array([_letters(word) for word in words], dtype=np.uint32)

    def within(self, word: str, slips: int) -> Iterator[tuple[int, int]]:
        """The words within so many slips, with how many; a slip changes at most two letters of the set."""
        if slips:
            for number in self._possible(word, slips).tolist():
                distance = OSA.distance(word, self.words[number], score_cutoff=slips)
                if distance <= slips:
                    yield number, distance

    def _possible(self, word: str, slips: int) -> NDArray[np.intp]:
        differing = np.bitwise_count(self._letters ^ np.uint32(_letters(word)))
        near = (differing <= 2 * slips) & (np.abs(self._lengths - len(word)) <= slips)
        return np.flatnonzero(near)


def _letters(word: str) -> int:
    """The set of letters of a word, as bits."""
    return sum({1 << (ord(letter) % 32) for letter in word})
