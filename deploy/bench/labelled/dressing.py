"""The look of both sides: capitals in the registry, what a caseworker leaves out or abbreviates."""

from collections.abc import Callable
from dataclasses import replace

from deploy.bench.labelled.facts import Facts, Name, without_accents
from deploy.bench.labelled.stock import Stock

_ASKED_SIDE = 0.75
_SPELLED_OUT = str.maketrans({"ü": "ue", "ö": "oe", "ä": "ae", "ø": "oe", "å": "aa"})


def registered_look(facts: Facts, keeps_accents: bool, spells_out: bool) -> Facts:
    """Capitals; without accents, or umlauts as two letters."""
    return _each_name(facts, lambda name: _plain(name, keeps_accents, spells_out).upper())


def asked_look(facts: Facts, keeps_accents: bool, spells_out: bool, stock: Stock) -> Facts:
    """As typed: mostly with capitals in front, sometimes all capitals or none; the sex at times left out."""
    styles: tuple[Callable[[str], str], ...] = (_as_usual, str.upper, str.lower)
    style = stock.random.choices(styles, (60, 25, 15))[0]
    looked = _each_name(facts, lambda name: style(_plain(name, keeps_accents, spells_out)))
    return replace(looked, sex="" if stock.random.random() < 0.1 else looked.sex)


def _as_usual(name: str) -> str:
    """The names of the synthetic registry are capitals; the others stand as people write them."""
    return name.title() if name.isupper() and len(name) > 1 else name


def _plain(name: str, keeps_accents: bool, spells_out: bool) -> str:
    if keeps_accents:
        return name
    return without_accents(name.translate(_SPELLED_OUT) if spells_out else name)


def _each_name(facts: Facts, change: Callable[[str], str]) -> Facts:
    return replace(
        facts,
        first=change(facts.first),
        middle=change(facts.middle),
        last=change(facts.last),
        other_names=tuple(Name(*map(change, name)) for name in facts.other_names),
    )


def middle_names(asked: Facts, registered: Facts, stock: Stock) -> tuple[Facts, Facts, tuple[str, ...]]:
    """One side, mostly the asking one, has the middle name as an initial or not at all; and which it is."""
    kind = stock.random.choices(("", "middle_missing", "middle_initial"), (40, 32, 28))[0]
    on_record = stock.random.random() >= _ASKED_SIDE
    shortened = registered if on_record else asked
    if not kind or len(shortened.middle) < 2:
        return asked, registered, ()
    shortened = replace(shortened, middle=shortened.middle[0] if kind == "middle_initial" else "")
    return (asked, shortened, (kind,)) if on_record else (shortened, registered, (kind,))
