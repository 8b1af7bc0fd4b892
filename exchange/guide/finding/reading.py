"""A query as it was read: its words, and which words of the guide each may stand for."""

from dataclasses import dataclass
from itertools import pairwise

from exchange.guide.finding.folding import MOST_WORDS, folded, pieces, shortened
from exchange.guide.finding.vocabulary import PLURAL, Near, Vocabulary
from exchange.guide.finding.words_of_filling import FILLING, ORDINARY
from exchange.guide.finding.words_of_names import SAME_WORDS

_SAME = 0.95
_JOINED = 0.96
_RUN_TOGETHER, _LONGEST = 8, 40


@dataclass(frozen=True)
class Term:
    """One word of a query: as written, folded, and what it may stand for."""

    place: int
    written: str
    word: str
    filling: bool
    near: Near

    @property
    def capital(self) -> bool:
        """Whether it is written like an abbreviation."""
        return self.written.isupper()


@dataclass(frozen=True)
class Reading:
    """A whole query. `joined`: two neighbours that are one word of the guide when put together."""

    terms: tuple[Term, ...]
    joined: tuple[tuple[int, int, float], ...]
    mixed: bool

    @property
    def told(self) -> tuple[Term, ...]:
        """The words that say something."""
        return tuple(term for term in self.terms if not term.filling)


def read(query: str, vocabulary: Vocabulary) -> Reading:
    """Cuts a query into at most sixteen words and looks each up; what is said twice is read once."""
    apart = [part for piece in pieces(shortened(query)) for part in _apart(piece, vocabulary)]
    written = list({folded(piece): piece for piece in reversed(apart)}.values())[::-1][:MOST_WORDS]
    terms = tuple(
        _term(place, piece, vocabulary, last=place == len(written) - 1) for place, piece in enumerate(written)
    )
    mixed = any(piece != piece.upper() for piece in written)
    return Reading(terms, tuple(_joined(terms, vocabulary)), mixed)


def _apart(piece: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """`ageofmajority` and `centralauthority`: words that were run together, if each is known."""
    word = folded(piece)
    if word in vocabulary.numbers or len(word) != len(piece) or not _RUN_TOGETHER <= len(word) <= _LONGEST:
        return (piece,)
    return _parts(piece, word, vocabulary, most=3) or (piece,)


def _parts(piece: str, word: str, vocabulary: Vocabulary, most: int) -> tuple[str, ...]:
    """The fewest known words that it is made of, the first as long as can be; none: it is not."""
    if word in vocabulary.numbers and len(word) > 2:
        return (piece,)
    for cut in range(len(word) - 2, 1, -1) if most > 1 else ():
        if word[:cut] in FILLING or (cut > 2 and word[:cut] in vocabulary.numbers):
            rest = _parts(piece[cut:], word[cut:], vocabulary, most - 1)
            if rest:
                return (piece[:cut], *rest)
    return ()


def _term(place: int, written: str, vocabulary: Vocabulary, *, last: bool) -> Term:
    word = folded(written)
    filling = word in FILLING
    near = () if filling else vocabulary.near(word, last=last)
    same = vocabulary.numbers.get(SAME_WORDS.get(word, ""))
    if same is not None and not filling:
        near = ((same, _SAME), *(one for one in near if one[0] != same))
    if word in ORDINARY:
        near = tuple(one for one in near if one[1] >= PLURAL)
    return Term(place, written, word, filling, near)


def _joined(terms: tuple[Term, ...], vocabulary: Vocabulary) -> list[tuple[int, int, float]]:
    """`kan sas` and `new foundland`: where a word was cut in two."""
    found = []
    for left, right in pairwise(terms):
        number = vocabulary.numbers.get(left.word + right.word)
        if number is not None and len(left.word + right.word) >= 5:
            found.append((left.place, number, _JOINED))
    return found
