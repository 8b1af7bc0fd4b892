"""How a synthetic source answers: drawn by its code and the person, so that it says the same again.

Nothing of it is true of any real source; the shares are made up.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

Person = dict[str, str]
Answer = dict[str, Any]

_STREETS = ("Synthetic Lane", "Invented Road", "Sample Street", "Made-up Avenue", "Placeholder Court")
_TOWNS = (
    ("Topeka", "KS", "66601"),
    ("Lincoln", "NE", "68501"),
    ("Salem", "OR", "97301"),
    ("Augusta", "ME", "04330"),
    ("Santa Fe", "NM", "87501"),
)
_EMPLOYERS = ("Lindenhall Furniture Works", "Cedar Quay Logistics", "Sample Mills", "Invented Foods")


@dataclass(frozen=True)
class Manner:
    """Shares, in percent, of questions that a source treats so; `slowest` and `quickest` in seconds.

    `finds`: somebody; `silent`: never answers; `corrects`: says something else afterwards; `repeats`: answers
    twice; `mistakes`: answers about another person; `fails`: refuses the question at first; `news`: says
    something else when it is asked again after it has answered.
    """

    finds: int = 60
    silent: int = 3
    corrects: int = 10
    repeats: int = 10
    mistakes: int = 2
    fails: int = 5
    news: int = 0
    quickest: float = 0.5
    slowest: float = 15.0


MANNERS = {
    "A01": Manner(finds=25),
    "A02": Manner(finds=3),
    "A03": Manner(finds=2),
    "C01": Manner(finds=70, slowest=30.0),
    "E07": Manner(finds=5),
    "H97": Manner(quickest=0.3, slowest=3.0, silent=0, news=20),
    "H98": Manner(quickest=0.3, slowest=3.0, silent=0, news=20),
    "H99": Manner(quickest=0.3, slowest=3.0, silent=0, news=20),
}
"""Those that differ from the usual manner."""


def manner_of(code: str) -> Manner:
    """How a source behaves."""
    return MANNERS.get(code, Manner())


def draw(code: str, person: Person, what: str, sides: int) -> int:
    """A number from 0 to `sides` - 1, the same for the same source, person and thing."""
    known = "|".join(
        (code, what, person.get("ssn", ""), person.get("last_name", ""), person.get("birth_date", ""))
    )
    return int.from_bytes(hashlib.sha256(known.encode()).digest()[:8]) % sides


def happens(code: str, person: Person, what: str, percent: int) -> bool:
    """Whether something that happens so often happens for this person."""
    return draw(code, person, what, 100) < percent


def delay(code: str, person: Person, what: str) -> float:
    """Seconds until an answer: whatever it says, so that waiting tells nothing."""
    manner = manner_of(code)
    return manner.quickest + (manner.slowest - manner.quickest) * draw(code, person, what, 1_000) / 1_000


def answer(code: str, person: Person, number: int = 1) -> Answer:
    """What the source says of a person; with another number, what it says instead."""
    if not happens(code, person, "finds", manner_of(code).finds):
        return {"outcome": "nothing", "number": number}
    facts = _FACTS.get(code, _address)(f"{code}{number}", person)
    return {"outcome": "found", "number": number, **facts}


def _place(code: str, person: Person) -> str:
    town, state, postal = _TOWNS[draw(code[:1], person, "town", len(_TOWNS))]
    street = _STREETS[draw(code, person, "street", len(_STREETS))]
    return f"{1 + draw(code, person, 'house', 899)} {street}, {town} {state} {postal}"


def _name(person: Person) -> str:
    return f"{person.get('last_name', '')} {person.get('first_name', '')}".strip().upper() or "NAME NOT KNOWN"


def _address(code: str, person: Person) -> Answer:
    facts = {"name": _name(person), "address": _place(code, person)}
    return {"facts": facts, "address_of": "person", "as_of": _day(code, person)}


def _day(code: str, person: Person) -> str:
    return f"2026-{1 + draw(code, person, 'month', 10):02d}-{1 + draw(code, person, 'day', 28):02d}"


def _job(code: str, person: Person) -> Answer:
    employer = _EMPLOYERS[draw(code, person, "employer", len(_EMPLOYERS))]
    facts = {
        "name": _name(person),
        "employer": employer,
        "address": _place(code, person),
        "employment": "Active",
    }
    return {"facts": facts, "address_of": "employer", "as_of": _day(code, person)}


def _own_address_and_job(code: str, person: Person) -> Answer:
    job = _job(code, person)
    return job | {"address_of": "person"}


def _wages(code: str, person: Person) -> Answer:
    job = _job(code, person)
    return job | {
        "facts": job["facts"] | {"wage": f"{4 + draw(code, person, 'wage', 20)},000 dollars a quarter"}
    }


def _service(code: str, person: Person) -> Answer:
    found = _address(code, person)
    more = {"military": "Active, Army", "military_pay": "Pay grade E-5", "health_cover": "Eligible"}
    return found | {"facts": found["facts"] | more}


def _tax(code: str, person: Person) -> Answer:
    facts = {
        "tax_address": _place(code, person),
        "tax_income": f"{20 + draw(code, person, 'income', 80)},000 dollars",
    }
    return {"facts": facts, "as_of": "2025-12-31"}


def _number(_code: str, person: Person) -> Answer:
    return {"facts": {"ssn": person.get("ssn") or f"97{draw('SSN', person, 'number', 10**7):07d}"}}


def _benefit(code: str, person: Person) -> Answer:
    found = _address(code, person)
    return found | {
        "facts": found["facts"] | {"benefit": f"{600 + draw(code, person, 'benefit', 900)} dollars a month"}
    }


def _confinement(_code: str, person: Person) -> Answer:
    return {"facts": {"name": _name(person), "confinement": "State facility, release in 2028"}}


def _employment(_code: str, _person: Person) -> Answer:
    return {"facts": {"employment": "Separated"}}


_FACTS = {
    "A01": _service,
    "A02": _job,
    "A03": _job,
    "B01": _wages,
    "C01": _tax,
    "C02": _number,
    "D01": _employment,
    "E01": _job,
    "E02": _number,
    "E03": _benefit,
    "E07": _confinement,
    "F01": _benefit,
    "H97": _own_address_and_job,
    "H98": _wages,
    "H99": _job,
}
CODES = (*_FACTS, "G01")
"""The sources that there is a process for."""
