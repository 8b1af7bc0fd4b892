"""Which passwords nobody may choose, however long: what others guess first (NIST SP 800-63B, 5.1.1.2).

No rule of composition: only what is common, breached, repeated, in sequence or about the person is refused.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from exchange.accounts import breached
from exchange.accounts.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH
from exchange.errors import PasswordRefusedError
from exchange.runtime import Exchange

_WORDS = Path(__file__).parent / "common_words.txt"
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "1234567890")
_LEET = str.maketrans("013457@$!", "oleastasi")
_LEFT = 6
"""So many characters must be left without the common words, and as many without what is about the person."""
_IN_SEQUENCE = 0.7
_SCORE = 3
_SCORED = 72
"""zxcvbn takes no more characters; how hard the first ones are to guess is enough to know."""


def check(exchange: Exchange, password: str, about: Iterable[str]) -> None:
    """Raise `PasswordRefusedError` with the reason, for a person, why this password cannot be used.

    `about`: the username, the person's and the organization's name.
    """
    if why := next(_reasons(exchange, password, tuple(about)), ""):
        raise PasswordRefusedError(why=why)


def _reasons(exchange: Exchange, password: str, about: tuple[str, ...]) -> Iterator[str]:
    """Everything that speaks against a password, the cheapest to find out first."""
    if len(password) < MINIMUM_LENGTH:
        yield f"it has {len(password)} characters, and {MINIMUM_LENGTH} are needed; a few words do well"
    if len(password) > MAXIMUM_LENGTH:
        yield f"it is longer than {MAXIMUM_LENGTH} characters"
    plain = unicodedata.normalize("NFKC", password).lower()
    if re.fullmatch(r"(.{1,12}?)\1+.{0,11}", plain, re.DOTALL):
        yield "it repeats itself"
    if _in_sequence(plain) > _IN_SEQUENCE:
        yield "it follows the alphabet, the numbers or the keyboard"
    if len(_without(plain, _words_of(about))) < _LEFT:
        yield "it is made of your name, your username or your organization's name"
    if min(len(_without(plain.translate(table), _common())) for table in ({}, _LEET)) < _LEFT:
        yield "it is made of the words that are guessed first"
    if breached.holds(exchange.settings.breached_passwords, password):
        yield "it stands in a list of passwords that were stolen elsewhere"
    if _score(plain, about) < _SCORE:
        yield "it is easy to guess; add a word or two"


def _in_sequence(plain: str) -> float:
    """The share of neighbouring characters that follow each other in some order everybody knows."""
    rows = [row for name in _ROWS for row in (name, name[::-1])]
    steps = list(pairwise(plain))
    known = sum(abs(ord(a) - ord(b)) <= 1 or any(a + b in row for row in rows) for a, b in steps)
    return known / len(steps)


def _without(plain: str, words: Iterable[str]) -> str:
    """What is left of a password without these words, digits and punctuation not counted."""
    left = plain
    for word in words:
        left = left.replace(word, " ")
    return "".join(character for character in left if character.isalpha())


def _words_of(about: tuple[str, ...]) -> list[str]:
    lowered = [unicodedata.normalize("NFKC", name).lower() for name in about]
    words = {word for name in lowered for word in re.split(r"[\W\d_]+", name) if len(word) > 2}
    return sorted(words, key=len, reverse=True)


@cache
def _common() -> tuple[str, ...]:
    return tuple(sorted(_WORDS.read_text().split(), key=len, reverse=True))


def _score(plain: str, about: tuple[str, ...]) -> int:
    from zxcvbn import zxcvbn  # noqa: PLC0415  # its dictionaries are read when somebody chooses a password

    score: int = zxcvbn(plain[:_SCORED], user_inputs=[*about, *_words_of(about)])["score"]
    return score
