"""How text becomes words that can be compared: without case, accents and punctuation, and as it sounds."""

import re
import unicodedata
from functools import lru_cache

from exchange.guide.finding.words_of_sounds import DIGRAPHS, LETTERS, SOUNDS, STROKES

LONGEST_QUERY = 200
"""Characters of a query that are read; the word that is cut there is not."""
MOST_WORDS = 16
"""Words of a query that are read."""

_APOSTROPHES = re.compile(f"[{STROKES}]")
_ELIDED = re.compile(r"\b([dlcjmnst]|qu)'(?=\w)", re.IGNORECASE)
_POSSESSIVE = re.compile(r"(?<=\w)'s\b", re.IGNORECASE)
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?")
_WORD = re.compile(r"[^\W_]+(?:\.\d+)*")
_DOUBLED = re.compile(r"(.)\1+")


def shortened(query: str) -> str:
    """The part of a query that is read: its first 200 characters, without a word that the cut would halve."""
    text = unicodedata.normalize("NFKC", query[: 4 * LONGEST_QUERY])
    if len(text) <= LONGEST_QUERY:
        return text
    return text[: LONGEST_QUERY + 1].rsplit(maxsplit=1)[0][:LONGEST_QUERY]


def pieces(text: str) -> list[str]:
    """Its words as they are written: `N.Y.` is one, `W.Va.` two, `l'âge` two, `Hawai'i` one, `A2.1` one."""
    straight = _APOSTROPHES.sub("'", text)
    straight = _POSSESSIVE.sub("", _ELIDED.sub(r"\1 ", straight)).replace("'", "")
    straight = _INITIALS.sub(lambda found: found[0].replace(".", ""), straight)
    return _WORD.findall(straight)


@lru_cache(maxsize=16_384)
def folded(piece: str) -> str:
    """One word in small letters without accents; `ß` is `ss`, `ø` is `o`."""
    plain = piece.casefold().translate(LETTERS)
    bare = "".join(one for one in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(one))
    return unicodedata.normalize("NFC", bare)


def words(text: str) -> list[str]:
    """The folded words of a text."""
    return [folded(piece) for piece in pieces(text)]


def spellings(text: str) -> list[list[str]]:
    """The words of a name, once with `ü` as `u` and, where that differs, once with `ü` as `ue`."""
    plain, spelt = words(text), words(unicodedata.normalize("NFC", text).translate(DIGRAPHS))
    return [plain] if plain == spelt else [plain, spelt]


@lru_cache(maxsize=16_384)
def sound(word: str) -> str:
    """What a folded word sounds like, roughly to English ears; equal sounds are often one word."""
    heard = word
    for pattern, instead in SOUNDS:
        heard = pattern.sub(instead, heard)
    return _DOUBLED.sub(r"\1", heard)


def skeleton(word: str) -> str:
    """What remains of a word's sound without its vowels, but for the first letter."""
    heard = sound(word)
    return heard[:1] + "".join(letter for letter in heard[1:] if letter not in "aeiou")


def stem(word: str) -> str:
    """A word without the ending of its plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
