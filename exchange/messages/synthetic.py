"""Synthetic correspondence: the number of a block says what is written in it, without a database.

Words are invented; how often each occurs follows Zipf's law, as words of a language do. Besides, each message
names somebody by an invented name that few others have, and a case number.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

BLOCK = 50_000
"""Messages in a block."""
KNOWN_WORDS, NAMES = 5_000, 200_000
LENGTH = 60
"""Words of a message, so that about fifty are different."""
_SUBJECT = 5
_BEGINS = ("b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "v", "w")
_SYLLABLES = tuple(
    f"{begin}{vowel}{end}" for begin, vowel, end in product(_BEGINS, "aeiou", ("", "n", "r", "st"))
)
_SIZES = (1, 1, 2, 2, 3, 5)
"""Messages of threads, one as frequent as the other."""


@dataclass(frozen=True)
class Block:
    """What some messages say, and how many of them, one after the other, are in one thread."""

    subjects: list[str]
    bodies: list[str]
    threads: list[int]


@cache
def vocabulary() -> tuple[str, ...]:
    """All words that messages are made of, the most frequent first."""
    pairs = [first + second for first, second in product(_SYLLABLES, repeat=2)]
    order = np.random.default_rng(7).permutation(len(pairs))
    return tuple(dict.fromkeys(pairs[place] for place in order))[:KNOWN_WORDS]


def name(number: int) -> str:
    """An invented name: `NAMES` of them; the same message number always gives the same one."""
    rest, parts = number % NAMES * 911 % NAMES, []
    for _ in range(3):
        rest, place = divmod(rest, len(_SYLLABLES))
        parts.append(_SYLLABLES[place])
    return "q" + "".join(parts)


def block(number: int, size: int = BLOCK) -> Block:
    """The block of this number, or only its beginning."""
    random = np.random.default_rng([11, number])
    drawn = _drawn(random, size)
    words = np.array(vocabulary(), object)
    subjects = [" ".join(row) for row in words[drawn[:, :_SUBJECT]]]
    told = [" ".join(row) for row in words[drawn[:, _SUBJECT:]]]
    first = number * BLOCK
    bodies = [f"{text} {name(first + place)} {first + place:010}." for place, text in enumerate(told)]
    return Block(subjects, bodies, _threads(random, size))


def _drawn(random: np.random.Generator, size: int) -> NDArray[np.int64]:
    weights = 1 / np.arange(1, KNOWN_WORDS + 1)
    ladder = np.cumsum(weights / weights.sum())
    drawn = np.searchsorted(ladder, random.random((size, LENGTH - 2)))
    return np.minimum(drawn, KNOWN_WORDS - 1)


def _threads(random: np.random.Generator, size: int) -> list[int]:
    sizes = random.choice(_SIZES, size).tolist()
    threads: list[int] = []
    while size:
        threads.append(min(sizes.pop(), size))
        size -= threads[-1]
    return threads
