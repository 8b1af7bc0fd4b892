"""Difficulties with names: each gives what one side knows back changed, or None where it can not."""

import re
from collections.abc import Callable
from dataclasses import replace

from deploy.bench.labelled.facts import Facts, folded, without_accents
from deploy.bench.labelled.stock import SUFFIXES, Stock

Change = Callable[[Facts, Stock], Facts | None]
Slip = Callable[..., str | None]
_PARTICLES = (
    *("de la", "de los", "del", "dela", "delos", "de", "dos", "da", "du", "van der", "van den", "van", "von"),
    *("di", "della", "ter", "bin", "ben", "al", "el", "le", "lo", "la", "mac", "mc", "st.", "san", "saint"),
)
_PARTICLE = re.compile(rf"^({'|'.join(map(re.escape, _PARTICLES))})([ -])(?=\w)", re.IGNORECASE)
_CUT = 10
"""Letters that the older of the systems kept of a name."""


def renamed(facts: Facts, where: str, name: str) -> Facts:
    """Another first name, or another last one."""
    return replace(facts, first=name) if where == "first" else replace(facts, last=name)


def slipping(slip: Slip, first_name: float = 0.45) -> Change:
    """This slip in the first name, with this probability, or else in the last."""

    def change(facts: Facts, stock: Stock) -> Facts | None:
        where = "first" if stock.random.random() < first_name else "last"
        word = slip(getattr(facts, where), stock.random)
        return renamed(facts, where, word) if word else None

    return change


def turned(facts: Facts, _stock: Stock) -> Facts | None:
    """First name and last name in each other's place."""
    return replace(facts, first=facts.last, last=facts.first) if len(facts.first) > 1 else None


def middle_first(facts: Facts, stock: Stock) -> Facts | None:
    """Goes by the middle name; the first one is left out or stands behind."""
    if len(facts.middle) < 3:
        return None
    return replace(facts, first=facts.middle, middle=stock.random.choice(("", facts.first)))


def initial(facts: Facts, _stock: Stock) -> Facts | None:
    """Only the first letter of the first name."""
    return replace(facts, first=facts.first[0]) if len(facts.first) > 1 else None


def half_last(facts: Facts, stock: Stock) -> Facts | None:
    """One part of a double last name."""
    parts = _two_parts(facts.last)
    return replace(facts, last=stock.random.choice(parts)) if parts else None


def halves_turned(facts: Facts, _stock: Stock) -> Facts | None:
    """The parts of a double last name in the other order."""
    parts = _two_parts(facts.last)
    if not parts:
        return None
    between = "-" if "-" in facts.last else " "
    return replace(facts, last=f"{parts[1]}{between}{parts[0]}")


def half_first(facts: Facts, stock: Stock) -> Facts | None:
    """One part of a double first name."""
    parts = re.split("[ -]", facts.first)
    long = [part for part in parts if len(part) >= 3]
    return replace(facts, first=stock.random.choice(long)) if len(parts) == 2 and long else None


def _two_parts(last: str) -> list[str]:
    """The two names in a double last name, each with its particle; none where it is a single one."""
    if _PARTICLE.match(last):
        return []
    parts = re.split("[ -]", last, maxsplit=1)
    return parts if len(parts) == 2 and min(map(len, parts)) >= 3 and parts[1] not in SUFFIXES else []


def joined(facts: Facts, stock: Stock) -> Facts | None:
    """Mary Ann, Maryann; Smith-Jones, Smith Jones: parts joined or parted another way."""
    where = stock.random.choice(("first", "last"))
    name = getattr(facts, where)
    found = re.search("[ -]", name)
    if found is None or (where == "last" and _PARTICLE.match(name)):
        return None
    if found.group() == "-" and stock.random.random() < 0.6:
        return renamed(facts, where, name.replace("-", " "))
    before, after = name[: found.start()], name[found.end() :]
    return renamed(facts, where, before + after.lower())


def particle(facts: Facts, stock: Stock) -> Facts | None:
    """De la Cruz, Delacruz, Cruz; Al-Rashid, Rashid: a particle joined or left out."""
    found = _PARTICLE.match(facts.last)
    if found is None:
        return None
    rest = facts.last[found.end() :]
    if stock.random.random() < 0.4 and len(rest) >= 4:
        return replace(facts, last=rest[:1].upper() + rest[1:])
    joined_up = found.group(1).replace(" ", "").capitalize() + rest.lower()
    return replace(facts, last=joined_up)


def apostrophe(facts: Facts, stock: Stock) -> Facts | None:
    """O'Brien, OBrien, O Brien."""
    where = "last" if "'" in facts.last else "first"
    name = getattr(facts, where)
    return renamed(facts, where, name.replace("'", stock.random.choice(("", " ")))) if "'" in name else None


def suffix(facts: Facts, stock: Stock) -> Facts | None:
    """A suffix behind the last name that the other side lacks."""
    if facts.sex != "M" or facts.last.endswith(SUFFIXES):
        return None
    return replace(facts, last=f"{facts.last} {stock.random.choice(SUFFIXES)}")


def accents(facts: Facts, _stock: Stock) -> Facts | None:
    """Nothing changes here: `dressing` leaves the accents to one side alone."""
    names = facts.first + facts.last
    return facts if without_accents(names) != names else None


def cut(facts: Facts, stock: Stock) -> Facts | None:
    """A long name cut off, as older systems did."""
    where = stock.random.choice(("first", "last"))
    name = getattr(facts, where)
    return renamed(facts, where, name[:_CUT].rstrip(" -'")) if len(name) >= _CUT + 2 else None


def earlier_name(facts: Facts, _stock: Stock) -> Facts | None:
    """Under the maiden name, which the other side lists among the other names."""
    if not facts.other_names or folded(facts.other_names[0].last) == folded(facts.last):
        return None
    return replace(facts, last=facts.other_names[0].last, other_names=())


def new_name(facts: Facts, stock: Stock) -> Facts | None:
    """Married or divorced: another last name, of which the other side knows nothing."""
    if facts.sex != "F" or facts.other_names:
        return None
    last = stock.another("F")[1]
    return replace(facts, last=last) if folded(last) != folded(facts.last) else None


def other_sex(facts: Facts, _stock: Stock) -> Facts:
    """F for M or M for F."""
    return replace(facts, sex="M" if facts.sex == "F" else "F")
