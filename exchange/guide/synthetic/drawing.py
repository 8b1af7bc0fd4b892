"""Choosing among variants, and filling in texts: the same for the same names, everywhere and in any order."""

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import TypeVar
from zlib import crc32

_T = TypeVar("_T")
_EDITIONS_OF_AN_ENTRY = 12
"""Of so many entries one changes in an edition."""


def number(limit: int, *names: str) -> int:
    """From 0 up to `limit`, which is left out; nothing but the names decides."""
    return crc32("/".join(names).encode()) % limit


def draw(pool: Sequence[_T], *names: str) -> _T:
    """One of a pool."""
    return pool[number(len(pool), *names)]


def names_of(code: str, slug: str, before: int) -> tuple[str, ...]:
    """What decides over an entry as it stood so many editions ago; few entries are another in each."""
    changed = number(_EDITIONS_OF_AN_ENTRY, code, slug, "changed") < before
    return (code, slug, "formerly") if changed else (code, slug)


def filled(text: str, words: Mapping[str, str], pools: Mapping[str, Sequence[str]], *names: str) -> str:
    """A text in which braces name a word, or a pool that one is taken from. KeyError for neither."""
    asked = {name for _, name, _, _ in Formatter().parse(text) if name}
    told = {name: words[name] if name in words else draw(pools[name], *names, name) for name in asked}
    return text.format_map(told)


def slug_of(text: str) -> str:
    """A name as part of a slug or an address of mail."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text.lower())
    return "-".join(part for part in plain.split("-") if part)
