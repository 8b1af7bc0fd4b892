"""The words of a text, as a search knows them: the same cut for what is written and for what is asked.

Letters of any script without case and accents, numbers as they stand. Scripts that put no spaces between
words are cut into pairs of characters, since only a dictionary would know their words.
"""

import re
import unicodedata
from functools import cache

LONGEST = 32
"""Characters of a word that count: what is longer agrees with all that begin alike."""
COMMON = frozenset(
    re.findall(
        r"\w+",
        "the and or of to in on at for from by with is are was be been this that it as an not no we you our "
        "your have has had will would can if re",
    )
)
"""Words that stand in nearly every message and tell none from another."""
_ACCENT = 10
"""Combining class from which marks are accents, points and tones; those below (nukta, the voicing of kana,
virama) make other letters of a letter."""
_STROKES = {
    ord(letter): plain
    for letter, plain in (
        ("\u0142", "l"),
        ("\u00f8", "o"),
        ("\u0111", "d"),
        ("\u00f0", "d"),
        ("\u0127", "h"),
        ("\u0131", "i"),
        ("\u00e6", "ae"),
        ("\u0153", "oe"),
        ("\u00fe", "th"),
    )
}
"""Letters that no table of Unicode takes apart."""
_LEFT_OUT = dict.fromkeys(map(ord, "'\u2019\u02bc\u00ad\u200c\u200d"))
"""Taken out, with soft hyphens and joiners, so that O'Brien and obrien are one word."""
_PLAIN = re.compile(r"[a-z0-9]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Thai, Lao, Burmese, Khmer, kana and Han."""


def words_of(*texts: str) -> set[str]:
    """The distinct words of texts, without those that are too short or too common to tell anything."""
    found = {word for text in texts for word in _cut(text)}
    return {word for word in found if _tells(word)}


def asked_for(asked: str) -> tuple[str, ...]:
    """What is looked for, each to begin a word; common words only where there are no others."""
    found = set(_cut(asked, whole=False))
    return tuple(sorted({word for word in found if _tells(word)} or found))


def folded(text: str) -> str:
    """Without case, accents and forms of presentation (wide letters, ligatures)."""
    if text.isascii():
        return text.lower().translate(_LEFT_OUT)
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(sign for sign in apart if unicodedata.combining(sign) < _ACCENT)
    return unicodedata.normalize("NFC", kept).casefold().translate(_STROKES).translate(_LEFT_OUT)


def _cut(text: str, *, whole: bool = True) -> list[str]:
    plain = folded(text)
    if plain.isascii():
        return [word[:LONGEST] for word in _PLAIN.findall(plain)]
    cut: list[str] = []
    for run in _any_script().findall(plain):
        place = 0
        for unspaced in _UNSPACED.finditer(run):
            cut += [run[place : unspaced.start()][:LONGEST], *_pairs(unspaced.group(), whole=whole)]
            place = unspaced.end()
        cut.append(run[place:][:LONGEST])
    return [word for word in cut if word]


def _pairs(run: str, *, whole: bool) -> list[str]:
    """Each two neighbours; of a text also the last one alone, for whoever asks for that one."""
    pairs = [run[place : place + 2] for place in range(len(run) - 1)]
    return [*pairs, run[-1]] if whole or not pairs else pairs


def _tells(word: str) -> bool:
    return word not in COMMON and (len(word) > 1 or not word.isascii())


@cache
def _any_script() -> re.Pattern[str]:
    """Letters, digits, and the marks that are part of a letter, which are looked up when first needed."""
    marks = [sign for sign in map(chr, range(0x300, 0x1F000)) if unicodedata.category(sign) in {"Mn", "Mc"}]
    return re.compile(rf"(?:[^\W_]|[{''.join(marks)}])+")
