"""What is known of the person who is looked for, and whether it is enough (domain.md 8.3 and 8.10)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Final

from schemas.forms import asked
from schemas.forms.asked import Asked, parse_asked
from schemas.forms.form import Answers, Problem, Question
from schemas.tables import STATES

YOUNGEST, OLDEST = 14, 99
"""Years of age of a person who can be located (8.3)."""
FURTHER_NEEDED = 3
_LETTERS = "Use letters, digits and signs of one line only"


def _text(name: str, label: str, hint: str = "", width: int = 30) -> Asked:
    return Asked(Question(name, label, hint, "text", True, width), asked.plain, _LETTERS)


SSN_ASKED: Final = Asked(
    Question(
        "ssn", "Social Security number", "Nine digits.", "ssn", True, 9, inputmode="numeric", sensitive=True
    ),
    asked.ssn,
    "Enter nine digits, such as 900 01 0001",
)
NAMES: Final = (
    _text("first_name", "First name", width=16),
    _text("middle_name", "Middle name", width=16),
    _text("last_name", "Last name"),
    _text("other_names", "Other names", "Maiden name, nickname or another spelling.", 60),
)
BIRTH: Final = (
    Asked(
        Question("birth_date", "Birth date", "Month, day and year.", "date", True, 8),
        asked.past_date,
        "Enter a date of the calendar, such as 3 27 1987",
    ),
    Asked(
        Question("sex", "Sex", "", "radio", True, 1, choices=(("F", "Female"), ("M", "Male"))),
        asked.one_of(("F", "M")),
        "Choose one of the two, or none",
    ),
)
FURTHER: Final = (
    _text("birth_city", "City of birth", width=16),
    Asked(
        Question("birth_state", "State of birth", "", "choice", True, 2, choices=tuple(STATES.items())),
        asked.one_of(STATES),
        "Choose a state of the list",
    ),
    _text("father_first", "Father's first name", width=16),
    _text("father_last", "Father's last name"),
    _text("mother_first", "Mother's first name", width=16),
    _text("mother_maiden", "Mother's maiden name", width=16),
)
"""The birthplace and the parents, of which three are needed where no number is known (8.3)."""
WHOLE: Final = (SSN_ASKED, *NAMES, *BIRTH, *FURTHER)


@dataclass(frozen=True)
class Subject:
    """Whom one looks for: `ssn` nine digits, `birth_date` CCYYMMDD; empty where not known."""

    ssn: str = ""
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    other_names: str = ""
    birth_date: str = ""
    sex: str = ""
    birth_city: str = ""
    birth_state: str = ""
    father_first: str = ""
    father_last: str = ""
    mother_first: str = ""
    mother_maiden: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Subject":
        """From checked answers, or from what was stored; what is not of a subject is left aside."""
        return cls(**{one.name: values.get(one.name, "") for one in fields(cls)})

    def as_dict(self) -> dict[str, str]:
        """What is known, by name."""
        return {name: value for name, value in asdict(self).items() if value}

    def same_person(self) -> str:
        """What makes two requests be about the same person: the number, or else name and birth date."""
        named = f"{self.last_name.upper()}|{self.first_name.upper()}|{self.birth_date}"
        return self.ssn or named


def as_fields(known: Mapping[str, str]) -> dict[str, str]:
    """What a program says of a person, as a form submits it: `birth_date` is CCYYMMDD or CCYY-MM-DD."""
    fields_ = {name: value for name, value in known.items() if name != BIRTH[0].name}
    day = known.get(BIRTH[0].name, "").replace("-", "")
    parts = (day[4:6], day[6:], day[:4])
    return fields_ | (dict(zip(BIRTH[0].question.parts, parts, strict=True)) if day else {})


def parse_subject(submitted: Mapping[str, str], today: date) -> Answers:
    """The answers in their one spelling, and all that is wrong with them or missing."""
    parsed = parse_asked(WHOLE, submitted)
    return Answers(parsed.values, (*parsed.problems, *_missing(parsed, today)))


def _missing(parsed: Answers, today: date) -> tuple[Problem, ...]:
    wrong = {one.field for one in parsed.problems}
    given = {name for name, value in parsed.values.items() if value} | wrong
    found = []
    if "birth_date" not in wrong and (problem := _age_problem(parsed.values["birth_date"], today)):
        found.append(Problem("birth_date", problem))
    if "ssn" in given:
        return (*found, *_second_fact(given))
    for name, label in (
        ("last_name", "last name"),
        ("first_name", "first name"),
        ("birth_date", "birth date"),
    ):
        if name not in given:
            found.append(Problem(name, f"Without a Social Security number, give the {label}"))
    if sum(one.name in given for one in FURTHER) < FURTHER_NEEDED:
        words = "Without a Social Security number, give three of: birthplace, state of birth, parents' names"
        found.append(Problem(FURTHER[0].name, words))
    return tuple(found)


def _second_fact(given: set[str]) -> tuple[Problem, ...]:
    """Two of name, number and birth date are the least a person needs (8.10)."""
    if given & {"last_name", "birth_date"}:
        return ()
    return (Problem("last_name", "Give the last name or the birth date, too"),)


def _age_problem(born: str, today: date) -> str:
    if not born:
        return ""
    day = date(int(born[:4]), int(born[4:6]), int(born[6:]))
    age = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    return "" if YOUNGEST <= age <= OLDEST else f"Only people of {YOUNGEST} to {OLDEST} years can be located"
