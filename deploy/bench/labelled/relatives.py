"""People who are near, but two: each gives the one asked for and the one registered."""

from collections.abc import Callable
from dataclasses import replace

from deploy.bench.labelled.dates import LAST_YEAR
from deploy.bench.labelled.facts import Facts, Name
from deploy.bench.labelled.numbers import neighbour, one_digit_wrong, two_digits_turned
from deploy.bench.labelled.slips import (
    heard_alike,
    letter_dropped,
    neighbouring_key,
    nickname,
    spelled_by_ear,
)
from deploy.bench.labelled.stock import SUFFIXES, Stock, lines, listed

_OLDEST_PARENT = 38
Near = Callable[[Stock], tuple[Facts, Facts]]


def twins(stock: Stock) -> tuple[Facts, Facts]:
    """The same last name and birth date, SSNs one apart; other first names."""
    one = _unmarried(stock)
    other = _sibling(one, stock)
    return replace(other, ssn=neighbour(one.ssn, stock)), one


def siblings(stock: Stock) -> tuple[Facts, Facts]:
    """The same last name, born one to nine years apart."""
    one = _unmarried(stock)
    return replace(_sibling(one, stock), birth_date=_years_on(one, stock, 1, 9)), one


def born_the_same_day(stock: Stock) -> tuple[Facts, Facts]:
    """The same last name and birth date by chance."""
    one = _unmarried(stock)
    return _sibling(one, stock), one


def father_and_son(stock: Stock) -> tuple[Facts, Facts]:
    """The same name a generation apart, sometimes with Jr or Sr."""
    father = _grown(_anybody(stock, "M"), stock)
    son = replace(father, ssn=stock.ssn(), birth_date=_years_on(father, stock, 18, _OLDEST_PARENT))
    if stock.random.random() < 0.4:
        son = replace(son, last=f"{son.last} {SUFFIXES[0]}")
    if stock.random.random() < 0.2:
        father = replace(father, last=f"{father.last} {SUFFIXES[1]}")
    return _either(son, father, stock)


def parent_and_child(stock: Stock) -> tuple[Facts, Facts]:
    """The same last name a generation apart; the child's middle name is sometimes the parent's first."""
    parent = _grown(stock.person(), stock)
    child = replace(_sibling(parent, stock), birth_date=_years_on(parent, stock, 17, _OLDEST_PARENT))
    return _either(child, parent, stock)


def frequent_name(stock: Stock) -> tuple[Facts, Facts]:
    """Two people of a name that thousands have, born in the same year."""
    one = _frequent(stock)
    year = int(one.birth_date[:4])
    return replace(_frequent(stock, one), birth_date=stock.birth_date(year, year)), one


def namesakes(stock: Stock) -> tuple[Facts, Facts]:
    """Two people of one name, whatever it is, with nothing else in common."""
    one = _unmarried(stock)
    return replace(_anybody(stock, one.sex), first=one.first, last=one.last), one


def first_name_and_date(stock: Stock) -> tuple[Facts, Facts]:
    """The same first name and birth date, another last name."""
    one = stock.person()
    return replace(_anybody(stock, one.sex), first=one.first, birth_date=one.birth_date), one


def ssn_a_slip_apart(stock: Stock) -> tuple[Facts, Facts]:
    """Two SSNs that one wrong digit or two turned ones tell apart; nothing else in common."""
    one = stock.person()
    ssn = (stock.random.choice((one_digit_wrong, two_digits_turned)))(one.ssn, stock)
    return replace(stock.person(), ssn=ssn or one_digit_wrong(one.ssn, stock)), one


def ssn_of_a_stranger(stock: Stock) -> tuple[Facts, Facts]:
    """An SSN typed from the wrong line: the registry holds somebody else under it."""
    one = stock.person()
    return replace(stock.person(), ssn=one.ssn), one


def spouses(stock: Stock) -> tuple[Facts, Facts]:
    """Asked for with the SSN of the husband or wife, who is registered under the same last name."""
    one = stock.person()
    other = _anybody(stock, "M" if one.sex == "F" else "F")
    born = _years_on(one, stock, -9, 9)
    return replace(other, ssn=one.ssn, last=one.last, birth_date=born), one


def near_names(stock: Stock) -> tuple[Facts, Facts]:
    """First and last names a letter, a sound or a nickname apart; other birth date, other SSN."""
    one = _unmarried(stock)
    chance = stock.random
    first = (nickname(one.first, chance), heard_alike(one.first, chance), letter_dropped(one.first, chance))
    last = (
        heard_alike(one.last, chance),
        spelled_by_ear(one.last, chance),
        neighbouring_key(one.last, chance),
    )
    other = _anybody(stock, one.sex)
    return replace(
        other, first=next(filter(None, first), one.first), last=next(filter(None, last), one.last)
    ), one


def turned_names(stock: Stock) -> tuple[Facts, Facts]:
    """The first name of one is the last name of the other."""
    one = _unmarried(stock)
    return replace(_anybody(stock, one.sex), first=one.last, last=one.first), one


def earlier_name_of_another(stock: Stock) -> tuple[Facts, Facts]:
    """First and last name as the registered woman bore them before she married; other date and SSN."""
    one = _anybody(stock, "F")
    maiden = stock.another("F")[1]
    registered = replace(one, other_names=(Name(one.first, one.middle, maiden),))
    return replace(_anybody(stock, "F"), first=one.first, last=maiden), registered


def _unmarried(stock: Stock) -> Facts:
    return replace(stock.person(), other_names=())


def _anybody(stock: Stock, sex: str) -> Facts:
    """Somebody of this sex, of no other name."""
    return replace(stock.such(lambda person: person.sex == sex), other_names=())


def _grown(one: Facts, stock: Stock) -> Facts:
    """Born early enough to have children in the registry."""
    return replace(one, birth_date=stock.birth_date(1945, LAST_YEAR - _OLDEST_PARENT))


def _sibling(one: Facts, stock: Stock) -> Facts:
    """Somebody else of this last name and birth date; a third have the first letter in common."""
    alike = stock.random.random() < 0.35
    other = stock.such(lambda person: not alike or person.first[0] == one.first[0])
    return replace(other, last=one.last, birth_date=one.birth_date, other_names=())


def _years_on(one: Facts, stock: Stock, least: int, most: int) -> str:
    year = min(int(one.birth_date[:4]) + stock.random.randint(least, most), LAST_YEAR)
    return stock.birth_date(year, year)


def _either(one: Facts, other: Facts, stock: Stock) -> tuple[Facts, Facts]:
    return (one, other) if stock.random.random() < 0.5 else (other, one)


def _frequent(stock: Stock, like: Facts | None = None) -> Facts:
    """Somebody of a frequent name; of the name of `like`, if given."""
    if like is not None:
        return replace(_anybody(stock, like.sex), first=like.first, last=like.last)
    rows = [listed(line.split(":")[1]) for line in lines("common.txt")]
    group = 3 * stock.random.choices(range(len(rows) // 3), (5, 5, 1, 1, 1))[0]
    person = _unmarried(stock)
    first = stock.random.choice(rows[group + (person.sex == "M")])
    return replace(person, first=first, last=stock.random.choice(rows[group + 2]))
