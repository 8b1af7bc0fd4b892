"""What is known of one person, as typed or as registered, and two of them with the answer."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

GIVEN_LENGTH, LAST_LENGTH = 16, 30
"""Characters that the case registry keeps of a first or middle and of a last name (domain.md 8.3)."""
_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ß": "ss"})


class Name(NamedTuple):
    """A further name somebody goes by or once had."""

    first: str
    middle: str
    last: str


@dataclass(frozen=True)
class Facts:
    """`ssn` has nine digits, `birth_date` is CCYYMMDD, `sex` is F or M; what is unknown is empty."""

    ssn: str
    first: str
    middle: str
    last: str
    other_names: tuple[Name, ...]
    birth_date: str
    sex: str


@dataclass(frozen=True)
class Pair:
    """What a caseworker asks and what the registry holds, and whether both are the same person.

    `kinds` are those of `deploy.bench.labelled_pairs`, the one that made the pair first.
    """

    asked: Facts
    registered: Facts
    same: bool
    kinds: tuple[str, ...]


@lru_cache(100_000)
def without_accents(text: str) -> str:
    """The same in letters of ASCII, as a file of the case registry carries it."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@lru_cache(100_000)
def folded(text: str) -> str:
    """Capital ASCII letters and single blanks alone: two ways of writing one name become one."""
    kept = without_accents(text).upper().replace("'", "").replace(".", "")
    return " ".join("".join(letter if letter.isalpha() else " " for letter in kept).split())
