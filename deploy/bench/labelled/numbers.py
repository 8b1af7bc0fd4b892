"""Difficulties with Social Security numbers; what comes out is of the never-issued range again."""

from dataclasses import replace

from deploy.bench.labelled.facts import Facts
from deploy.bench.labelled.stock import Stock


def never_issued(ssn: str) -> bool:
    """900-00-0001 to 999-49-9999, without the serial 0000."""
    return len(ssn) == 9 and ssn[0] == "9" and ssn[3] <= "4" and ssn[5:] != "0000"


def one_digit_wrong(ssn: str, stock: Stock) -> str:
    """One of the nine digits is another."""
    while True:
        place = stock.random.randrange(1, 9)
        changed = ssn[:place] + stock.random.choice("0123456789") + ssn[place + 1 :]
        if never_issued(changed) and changed not in stock.given:
            return changed


def two_digits_turned(ssn: str, stock: Stock) -> str | None:
    """Two neighbouring digits in the wrong order."""
    places = [place for place in range(1, 8) if ssn[place] != ssn[place + 1]]
    place = stock.random.choice(places or [1])
    changed = ssn[:place] + ssn[place + 1] + ssn[place] + ssn[place + 2 :]
    return changed if changed != ssn and never_issued(changed) and changed not in stock.given else None


def neighbour(ssn: str, stock: Stock) -> str:
    """The number before or after, as twins are given them; nobody else has it."""
    while (number := str(int(ssn) + stock.random.choice((-1, 1, 2)))) in stock.given or not never_issued(
        number
    ):
        ssn = number
    stock.given.add(number)
    return number


def misread(facts: Facts, stock: Stock) -> Facts:
    """The SSN with one wrong digit."""
    return replace(facts, ssn=one_digit_wrong(facts.ssn, stock))


def mistyped(facts: Facts, stock: Stock) -> Facts | None:
    """The SSN with two digits turned."""
    ssn = two_digits_turned(facts.ssn, stock)
    return replace(facts, ssn=ssn) if ssn else None


def missing(facts: Facts, _stock: Stock) -> Facts:
    """Asked without an SSN."""
    return replace(facts, ssn="")


def of_the_spouse(facts: Facts, stock: Stock) -> Facts:
    """The husband's or wife's SSN, under which one worked or filed."""
    return replace(facts, ssn=stock.ssn())
