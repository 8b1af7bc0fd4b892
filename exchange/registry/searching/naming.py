"""The forms of a name, without case, accents, blanks, particles and suffixes, and how they sound."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import jellyfish

from exchange.messages.words import folded
from exchange.registry.searching.called import kindred, related

SUFFIXES = {"JR": "JR", "JUNIOR": "JR", "SR": "SR", "SENIOR": "SR", "II": "II", "III": "III", "IV": "IV"}
"""Each written way of a suffix, and the one it counts as."""
_WRITTEN_APART = """
    AL BEN BIN D DA DAS DE DEL DELA DELLA DEN DER DI DOS DU EL IBN LA LAS LE LOS MAC MC O SAN SANTA ST TEN TER
    VAN VON Y ZU
"""
PARTICLES = frozenset(_WRITTEN_APART.split())
"""Parts of last names that are written apart, joined, or not at all."""
MOST_FORMS = 4
"""Of one name: the whole, and up to three parts of it."""
MOST_RELATED = 40
_SPELLED = {"SAINT": "ST", "SAINTE": "ST"}
_HEARD_AS = tuple(
    (re.compile(foreign), plain)
    for foreign, plain in (
        ("OFF$|OW$|OFV$", "OV"),
        ("TSCH|TCH|CZ", "CH"),
        ("PF", "F"),
        ("W", "V"),
        ("ZH|SZ", "SH"),
        ("^YE|^JE", "E"),
    )
)
"""Slavic and German names, as they are put into English letters, and the letters that sound so."""
_LOOKS_LIKE = ("RN", "M"), ("CL", "D"), ("VV", "W"), ("LI", "U"), ("Q", "O"), ("N", "U")
"""Letters that are read as others from paper."""
_LETTERS = re.compile(r"[A-Z]+")
_ALIKE = str.maketrans("CQXZ", "KKSS")


@dataclass(frozen=True)
class Part:
    """A first, middle or last name: its letters in one, its `words`, and those that are no particle."""

    joined: str
    words: tuple[str, ...]
    core: tuple[str, ...]
    suffix: str = ""

    @property
    def forms(self) -> tuple[str, ...]:
        """The whole, and each part by itself that somebody may know the person by."""
        if len(self.words) < 2:
            return (self.joined,) if self.joined else ()
        longer = (word for word in self.core if len(word) > 1)
        return tuple(dict.fromkeys([self.joined, *longer]))[:MOST_FORMS]

    @property
    def bare(self) -> str:
        """Without its particles."""
        return "".join(self.core)

    @property
    def initials(self) -> tuple[str, ...]:
        """How the whole and each part begins, letters that sound alike as one."""
        return tuple(dict.fromkeys(_initial(form) for form in self.forms))


_NONE = Part("", (), ())


@lru_cache(maxsize=20_000)
def part(written: str) -> Part:
    """A name as it stands somewhere, taken apart; a suffix is looked for at its end."""
    words = [_SPELLED.get(word, word) for word in _LETTERS.findall(folded(written).upper())]
    suffix = SUFFIXES[words.pop()] if len(words) > 1 and words[-1] in SUFFIXES else ""
    if not words:
        return _NONE
    core = tuple(word for word in words if word not in PARTICLES) or tuple(words)
    return Part("".join(words), tuple(words), core, suffix)


def _initial(form: str) -> str:
    return "F" if form.startswith("PH") else form[0].translate(_ALIKE)


@lru_cache(maxsize=50_000)
def sound(letters: str) -> str:
    """How a name sounds, more or less (metaphone), whatever its language; or the name itself."""
    for foreign, plain in _HEARD_AS:
        letters = foreign.sub(plain, letters)
    return jellyfish.metaphone(letters) or letters


@lru_cache(maxsize=50_000)
def roughly(letters: str) -> str:
    """How a name begins, and its next consonants by groups (soundex): coarser than `sound`."""
    return jellyfish.soundex(letters)


def sounds(forms: Iterable[str]) -> tuple[str, ...]:
    """The different sounds of some forms."""
    return tuple(dict.fromkeys(sound(form) for form in forms))


def other_names(first: Part) -> tuple[str, ...]:
    """What else somebody with this first name may be called, the closest first."""
    near = [name for form in first.forms for name in sorted(related(form))]
    far = [name for form in first.forms for name in sorted(kindred(form))]
    return tuple(dict.fromkeys([*near, *far]))[:MOST_RELATED]


def misspelt(letters: str) -> tuple[str, ...]:
    """The sounds of a name with one letter more, less or other, two neighbours swapped, or read wrongly.

    Not remembered: how long a search takes is not to tell whether somebody else has asked for the name.
    """
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    cuts = [(letters[:at], letters[at:]) for at in range(len(letters) + 1)]
    fewer = [a + b[1:] for a, b in cuts if b]
    swapped = [a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1]
    other = [a + letter + b[1:] for a, b in cuts if b for letter in alphabet]
    more = [a + letter + b for a, b in cuts for letter in alphabet]
    read = [letters.replace(one, seen) for one, seen in (*_LOOKS_LIKE, *((b, a) for a, b in _LOOKS_LIKE))]
    return sounds(form for form in (*fewer, *swapped, *other, *more, *read) if form)


@lru_cache(maxsize=50_000)
def looks(letters: str) -> str:
    """A name in letters that look alike on a bad copy of it."""
    for several, one in _LOOKS_LIKE:
        letters = letters.replace(several, one)
    return letters
