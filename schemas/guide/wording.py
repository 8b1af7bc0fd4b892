"""What changed between two texts, word by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_LINES = re.compile(r"[^\n]+|\n")
_MOST_WORDS = 4_000
"""Words and gaps of both texts that are compared one by one; longer texts are line by line: it ends soon."""


class Change(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    IN = "in"
    OUT = "out"


class Piece(NamedTuple):
    """Some words that stayed, came in or were taken out."""

    change: Change
    text: str


def differences(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces in reading order; those taken out stand before those that came in for them.

    Changes with nothing but a gap between them are one: a sentence that was written anew reads as two.
    """
    if before == after:
        return (Piece(Change.SAME, before),) if before else ()
    return _differences(before, after)


@lru_cache(512)  # the worst two texts take a second, and whoever reads a history may ask again and again
def _differences(before: str, after: str) -> tuple[Piece, ...]:
    return tuple(_joined(list(_pieces(*_cut(before, after)))))


def _cut(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > _MOST_WORDS:
        return _LINES.findall(before), _LINES.findall(after)
    return old, new


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield Piece(Change.SAME, "".join(old[a:b]))
            continue
        if a < b:
            yield Piece(Change.OUT, "".join(old[a:b]))
        if c < d:
            yield Piece(Change.IN, "".join(new[c:d]))


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    out = into = ""
    for place, (change, text) in enumerate(pieces):
        if change is Change.SAME and not (text.isspace() and 0 < place < len(pieces) - 1):
            yield from _changed(out, into)
            out = into = ""
            yield Piece(change, text)
        else:
            out += text if change is not Change.IN else ""
            into += text if change is not Change.OUT else ""
    yield from _changed(out, into)


def _changed(out: str, into: str) -> Iterator[Piece]:
    if out:
        yield Piece(Change.OUT, out)
    if into:
        yield Piece(Change.IN, into)
