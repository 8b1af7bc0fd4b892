"""A person who is protected, whom the registry knows, and one nobody knows with a name of the same length."""

from dataclasses import dataclass

from exchange.database import transaction
from exchange.models.registry import OWES, Participant, Person, SupportCase
from exchange.registry.keys import PERSON, name_hashes, ssn_hashes
from exchange.registry.searching import filling
from exchange.registry.searching.facts import Facts, FullName
from exchange.runtime import Exchange
from schemas.locate.query import as_fields

CASE = "QX7734190"
BORN = "19610723"


@dataclass(frozen=True)
class Somebody:
    """Whom a worker types into a form. `case`: of the worker."""

    ssn: str
    last: str
    first: str

    def asked(self, *, by_number: bool = True) -> dict[str, str]:
        """By number and last name, or by everything but the number."""
        named = {"last_name": self.last, "first_name": self.first, "birth_date": BORN}
        further = {"birth_city": "Topeka", "father_last": self.last, "mother_first": "Ida"}
        number = {"ssn": self.ssn, "last_name": self.last}
        return as_fields(number if by_number else named | further)

    @property
    def about(self) -> dict[str, str]:
        """What a source repeats of a question by number."""
        return {"ssn": self.ssn, "last_name": self.last}

    @property
    def about_by_file(self) -> dict[str, str]:
        """The same of one that came by file, in capitals."""
        return {"ssn": self.ssn, "last_name": self.last.upper()}


FLAGGED = Somebody("900017717", "Zanquillary", "Xenobia")
ABSENT = Somebody("900017718", "Vanquollery", "Yenobio")
HIDDEN = {
    "A01": {"facts": {"address": "17 Quoxfeather Lane, Topeka KS 66601", "birth_date": "07/23/1961"}},
    "E02": {"facts": {"ssn": "900017719"}},
    "H98": {"facts": {"employer": "Wixxonby Mills", "address": "4 Wixxonby Road", "wage": "7,771 dollars"}},
}
"""What sources say of the protected person, by their code."""
NOTHING: dict[str, object] = {"outcome": "nothing"}
SPELLINGS = (
    "Quoxfeather", "Wixxonby", "7,771", CASE, "900017719", "900-01-7719", "900 01 7719", "***-**-7719",
    "1961-07-23", "07/23/1961", "7/23/1961", "19610723", "July 23, 1961", "Xenobia",
)  # fmt: skip
"""What nobody may read who asked by number and last name."""


def found(code: str, number: int = 1) -> dict[str, object]:
    """A source found the protected person."""
    return {"outcome": "found", "number": number, **HIDDEN[code]}


def register(exchange: Exchange, who: Somebody = FLAGGED) -> None:
    """The case registry knows somebody, in a case of another state."""
    cells, facts = exchange.vault.cells, Facts(who.ssn, FullName(who.last, who.first), BORN)
    ssns, lasts = [who.ssn.encode()], [who.last.encode()]
    with transaction(exchange.engine) as session:
        session.add(SupportCase(id=1, state="NE", number=CASE))
        session.add(
            Person(
                id=1,
                ssn_hash=ssn_hashes(cells, ssns)[0],
                name_hash=name_hashes(cells, ssns, lasts)[0],
                sealed=cells.seal(PERSON, facts.cell),
            )
        )
        session.flush()
        session.add(Participant(person_id=1, case_id=1, part=OWES))
    filling.fill(exchange)
