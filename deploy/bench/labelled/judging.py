"""Which pairs a knowledgeable caseworker can decide; the rest is left out of the set.

**The same person**: each of SSN, first name, last name and birth date counts 2 where the two sides agree, 1
where a difficulty altered it but it still shows, 0 where it was lost (missing, an initial, another last
name without a trace, only the year, the spouse's SSN, or altered twice). At most one may be lost. Together
they must count 5; where the SSN is missing, the other three must count 4; where it is the spouse's, 5.

**Different people**: a first name, a last name or a birth date that can not be the other's, the more of
them the nearer the SSNs are: see `are_others`.
"""

import re
from itertools import product

from rapidfuzz.distance import OSA

from deploy.bench.labelled.facts import Facts, folded
from deploy.bench.labelled.stock import called, spelled

FACTS = ("ssn", "first", "last", "birth_date")
_GENERATION = 14
_SMALL_WORDS = frozenset(
    re.findall(r"\w+", "DE LA LOS DEL DOS DA DU VAN DER DEN VON DI BIN BEN AL EL LE LO JR SR II III")
)


def is_recognizable(damage: dict[str, int], spouse: bool) -> bool:
    """Whether a true pair with so much damage to its facts is to be decided."""
    left = {fact: max(0, 2 - damage.get(fact, 0)) for fact in FACTS}
    if sum(not each for each in left.values()) > 1:
        return False
    return sum(left.values()) >= (4 if not left["ssn"] and not spouse else 5)


def altered(before: Facts, after: Facts) -> list[str]:
    """The facts that differ by more than blanks, punctuation, capitals and accents."""
    return [fact for fact in FACTS if _differ(fact, getattr(before, fact), getattr(after, fact))]


def _differ(fact: str, before: str, after: str) -> bool:
    if before == after or fact in {"ssn", "birth_date"}:
        return before != after
    return folded(before).replace(" ", "") != folded(after).replace(" ", "")


def are_others(asked: Facts, registered: Facts, frequent: bool) -> bool:
    """Whether two near but different people are told apart by these facts.

    - The same SSN: first name and birth date both contradict (a spouse's, or a stranger's by mistake).
    - SSNs a slip apart: the first name contradicts (twins; neighbours in the numbering).
    - No SSN asked: the first name contradicts; or the birth date does, with the last name, a generation, or
      a name so `frequent` that it says little.
    - Quite different SSNs: any one of the three contradicts.
    """
    first, last = not _first_alike(asked, registered), not _last_alike(asked, registered)
    date = not dates_alike(asked.birth_date, registered.birth_date)
    if asked.ssn == registered.ssn:
        return first and date
    if not asked.ssn:
        return first or (date and (last or frequent or _years_apart(asked, registered) >= _GENERATION))
    digits = sum(a != b for a, b in zip(asked.ssn, registered.ssn, strict=True))
    return first if digits <= 3 else first or last or date


def _years_apart(one: Facts, other: Facts) -> int:
    return abs(int(one.birth_date[:4]) - int(other.birth_date[:4]))


def words_alike(one: str, other: str) -> bool:
    """Whether one folded word may be a slip, nickname, spelling, beginning or initial of the other."""
    short, long = sorted((one, other), key=len)
    if _also(one) & _also(other) or (short and long.startswith(short)):
        return True
    return OSA.distance(one, other) <= (1 if len(short) <= 5 else 2)


def _also(word: str) -> set[str]:
    """The word and what else stands for it in our own lists."""
    others = (*called().get(word, ()), *spelled().get(word, ()))
    return {word, *(folded(other) for other in others)}


def _any_alike(ones: list[str], others: list[str]) -> bool:
    return any(words_alike(one, other) for one, other in product(ones, others))


def _words(*names: str) -> list[str]:
    """Each name whole and in its words, particles and suffixes left out."""
    whole = [folded(name) for name in names if name]
    return whole + [word for name in whole for word in name.split() if word not in _SMALL_WORDS]


def _first_alike(one: Facts, other: Facts) -> bool:
    """First names, and either's first name with the other's middle name."""
    return _any_alike(_words(one.first), _words(other.first, other.middle)) or _any_alike(
        _words(one.first, one.middle), _words(other.first)
    )


def _last_alike(one: Facts, other: Facts) -> bool:
    earlier, others = ([name.last for name in facts.other_names] for facts in (one, other))
    return _any_alike(_words(one.last, *earlier), _words(other.last, *others))


def dates_alike(one: str, other: str) -> bool:
    """Whether two dates may be one with slips: equal in two of year, month and day, or turned."""
    if not one or not other:
        return True
    parts = [(born[:4], born[4:6], born[6:]) for born in (one, other)]
    equal = sum(a == b for a, b in zip(*parts, strict=True))
    turned = parts[0][0] == parts[1][0] and parts[0][1:] == parts[1][:0:-1]
    return equal >= 2 or turned or OSA.distance(one, other) <= 1
