"""Difficulties with birth dates; each gives a date that exists, or None."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from deploy.bench.labelled.facts import Facts
from deploy.bench.labelled.naming import Change
from deploy.bench.labelled.stock import Stock

FIRST_YEAR, LAST_YEAR = 1930, 2015
Redate = Callable[[str, Stock], str]
_LOOKALIKES = {
    "1": "7",
    "7": "1",
    "3": "8",
    "8": "3",
    "0": "6",
    "6": "05",
    "5": "6",
    "9": "4",
    "4": "9",
    "2": "3",
}


def dating(redate: Redate) -> Change:
    """The birth date changed by `redate`, where what comes out is another date that can be."""

    def change(facts: Facts, stock: Stock) -> Facts | None:
        if not facts.birth_date:
            return None
        born = redate(facts.birth_date, stock)
        if born == facts.birth_date or (born and not exists(born)):
            return None
        return replace(facts, birth_date=born)

    return change


def exists(born: str) -> bool:
    """Whether CCYYMMDD is a day on which somebody here can have been born."""
    try:
        day = date.fromisoformat(f"{born[:4]}-{born[4:6]}-{born[6:]}")
    except ValueError:
        return False
    return FIRST_YEAR <= day.year <= LAST_YEAR


def day_and_month_turned(born: str, _stock: Stock) -> str:
    """4 December, 12 April."""
    return born[:4] + born[6:] + born[4:6]


def year_digits_turned(born: str, _stock: Stock) -> str:
    """1978, 1987."""
    return born[:2] + born[3] + born[2] + born[4:]


def day_digits_turned(born: str, _stock: Stock) -> str:
    """The 12th, the 21st."""
    return born[:6] + born[7] + born[6]


def day_off_by_one(born: str, stock: Stock) -> str:
    """The day before or after."""
    day = date(int(born[:4]), int(born[4:6]), int(born[6:])) + timedelta(days=stock.random.choice((-1, 1)))
    return day.isoformat().replace("-", "")


def year_off_by_one(born: str, stock: Stock) -> str:
    """The same day of the year before or after."""
    return f"{int(born[:4]) + stock.random.choice((-1, 1))}{born[4:]}"


def digit_misread(born: str, stock: Stock) -> str:
    """One digit taken for another that looks like it."""
    return _misread(born, stock.random.randrange(3, 8), stock)


def decade_misread(born: str, stock: Stock) -> str:
    """Another decade: 1980 for 1930."""
    return _misread(born, 2, stock)


def _misread(born: str, place: int, stock: Stock) -> str:
    return born[:place] + stock.random.choice(_LOOKALIKES[born[place]]) + born[place + 1 :]


def only_the_year(born: str, stock: Stock) -> str:
    """The year is known; 1 January stands in for the day, or some other day."""
    return (
        f"{born[:4]}0101" if stock.random.random() < 0.7 else stock.birth_date(int(born[:4]), int(born[:4]))
    )


def unknown(_born: str, _stock: Stock) -> str:
    """Asked without a birth date."""
    return ""
