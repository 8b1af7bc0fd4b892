"""What a source answers about a person: typed fields, and nothing else.

The fields are those of the locate response record (domain.md 8.6), named as people name them. A source that
sends more than its fields, or a field in another form, has sent nothing that can be used.
"""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator


class FactField(StrEnum):
    """One thing that may be known about a person; the values stand in answers and in `roles.disclosure`."""

    NAME = "name"
    SSN = "ssn"
    BIRTH_DATE = "birth_date"
    DEATH_DATE = "death_date"
    ADDRESS = "address"
    EMPLOYER = "employer"
    EMPLOYER_ADDRESS = "employer_address"
    EMPLOYMENT = "employment"
    WAGE = "wage"
    HEALTH_COVER = "health_cover"
    MILITARY = "military"
    MILITARY_PAY = "military_pay"
    BENEFIT = "benefit"
    CONFINEMENT = "confinement"
    CASES = "cases"
    TAX_ADDRESS = "tax_address"
    TAX_INCOME = "tax_income"


class Outcome(StrEnum):
    """What came of a source's search."""

    FOUND = "found"
    NOTHING = "nothing"
    UNABLE = "unable"


LONGEST_FACT = 240
"""Characters of one fact."""
MOST_VERSIONS = 99
"""Of one source's answer to one question."""
_SEEN = r"^[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*$"
"""Signs that show: none that turns the text around, ends the line or hides in it (Unicode UAX 9, UTS 39)."""
_LINE = Annotated[str, StringConstraints(max_length=LONGEST_FACT, pattern=_SEEN, strip_whitespace=True)]
_SSN = re.compile(r"\d{9}")


class SourceAnswer(BaseModel):
    """One answer of one source. `number`: 1, and higher for each correction of what was said before.

    `address_of`: whose the address is, as indicators 1 and 3 (employer) and 2 (person) of 8.6 say.
    `as_of`: the day that the facts are of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Outcome
    number: Annotated[int, Field(ge=1, le=MOST_VERSIONS)] = 1
    facts: dict[FactField, _LINE] = {}
    address_of: Literal["person", "employer", ""] = ""
    as_of: date | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.outcome is Outcome.FOUND) != bool(self.facts):
            message = "facts stand in an answer that found something, and in no other"
            raise ValueError(message)
        ssn = self.facts.get(FactField.SSN)
        if ssn is not None and not _SSN.fullmatch(ssn):
            message = "a Social Security number has nine digits"
            raise ValueError(message)
        return self


NOTHING = SourceAnswer(outcome=Outcome.NOTHING)
