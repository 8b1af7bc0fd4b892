"""Slips within one word: of fingers, eye or ear. Each gives the word back changed, or None."""

import random
import re
from collections.abc import Callable

from deploy.bench.labelled.facts import folded
from deploy.bench.labelled.stock import called, sounds, spelled

SHORTEST = 4
"""A slip in a shorter word makes another name of it, and nobody could tell."""
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LOOKALIKES = (
    *(("rn", "m"), ("m", "rn"), ("cl", "d"), ("d", "cl"), ("vv", "w"), ("w", "vv"), ("nn", "m"), ("ri", "n")),
    *(("i", "l"), ("l", "i"), ("n", "u"), ("u", "n"), ("e", "c"), ("c", "e"), ("o", "c"), ("f", "t")),
    *(("t", "f"), ("v", "y"), ("g", "q"), ("q", "g"), ("h", "b"), ("b", "h"), ("u", "v"), ("a", "o")),
)


def _neighbours() -> dict[str, str]:
    """Which keys touch each key: beside it, above it and below it."""
    places = {key: (row, column) for row, keys in enumerate(_ROWS) for column, key in enumerate(keys)}
    return {
        key: "".join(
            other
            for other, (r, c) in places.items()
            if other != key and abs(r - row) <= 1 and (c - column) in ((-1, 1) if r == row else (0, row - r))
        )
        for key, (row, column) in places.items()
    }


_KEYS = _neighbours()


def neighbouring_key(word: str, chance: random.Random) -> str | None:
    """Smith, Smuth: the key beside the one meant."""
    place = _place(word, chance, lambda letter: letter.lower() in _KEYS)
    return None if place is None else _put(word, place, 1, chance.choice(_KEYS[word[place].lower()]))


def letter_dropped(word: str, chance: random.Random) -> str | None:
    """Thompson, Thomson."""
    place = _place(word, chance, str.isalpha)
    return None if place is None else _put(word, place, 1, "")


def letter_doubled(word: str, chance: random.Random) -> str | None:
    """Martin, Marttin."""
    place = _place(word, chance, str.isalpha)
    return None if place is None else _put(word, place, 1, word[place] + word[place].lower())


def letters_turned(word: str, chance: random.Random) -> str | None:
    """Brian, Brain: two neighbours in the wrong order."""
    place = _place(word[:-1], chance, str.isalpha) if len(word) >= SHORTEST else None
    if place is None or not word[place + 1].isalpha() or word[place].lower() == word[place + 1].lower():
        return None
    return _put(word, place, 2, word[place + 1] + word[place].lower())


def read_wrongly(word: str, chance: random.Random) -> str | None:
    """Burns, Bums: letters that look alike on a scanned page."""
    return _substituted(word, chance, [pair for pair in _LOOKALIKES if pair[0] in word[1:].lower()])


def _substituted(word: str, chance: random.Random, pairs: list[tuple[str, str]]) -> str | None:
    if len(word) < SHORTEST or not pairs:
        return None
    seen, put = chance.choice(pairs)
    places = [found.start() for found in re.finditer(re.escape(seen), word.lower()) if found.start()]
    return _put(word, chance.choice(places), len(seen), put)


def heard_alike(word: str, chance: random.Random) -> str | None:
    """Catherine, Kathryn; Meyer, Maier; Aleksandr, Alexander: another usual spelling."""
    others = spelled().get(folded(word))
    return chance.choice(others) if others else None


def spelled_by_ear(word: str, chance: random.Random) -> str | None:
    """Philbert, Filbert: letters as another ear would write them."""
    if len(word) < SHORTEST + 1:
        return None
    framed = f"^{word.lower()}$"
    fitting = [(seen, put) for seen, put in sounds() if len(seen.strip("^$")) and seen in framed]
    if not fitting:
        return None
    seen, put = chance.choice(fitting)
    written = framed.replace(seen, put, 1).strip("^$")
    return written.title() if word[0].isupper() else written


def nickname(word: str, chance: random.Random) -> str | None:
    """Robert, Bob; Lupe, Guadalupe: either way round."""
    others = called().get(folded(word))
    return chance.choice(others) if others else None


def _place(word: str, chance: random.Random, suits: Callable[[str], bool]) -> int | None:
    """A place for a slip; the first letter, at which everybody looks, a quarter as often as another."""
    if len(word) < SHORTEST:
        return None
    places = [place for place, letter in enumerate(word) if suits(letter)]
    weights = [4 if place else 1 for place in places]
    return chance.choices(places, weights)[0] if places else None


def _put(word: str, place: int, length: int, text: str) -> str:
    """`text` instead of `length` letters at `place`, in capitals where those were."""
    capital = word[place].isupper() and (place == 0 or word.isupper())
    changed = word[:place] + (text[:1].upper() + text[1:] if capital else text) + word[place + length :]
    return changed[:1].upper() + changed[1:] if word[:1].isupper() else changed
