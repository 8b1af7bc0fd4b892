"""What the API asks and answers in locate, as models."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from web.api_models import Model

SSN = r"^\d{3}-?\d{2}-?\d{4}$"


class LocatePerson(Model):
    """What is known of the person; without a number, names, birth date and three further facts are needed."""

    ssn: str = Field("", description="Nine digits.")
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    other_names: str = ""
    birth_date: date | None = None
    sex: Literal["F", "M", ""] = ""
    birth_city: str = ""
    birth_state: str = ""
    father_first: str = ""
    father_last: str = ""
    mother_first: str = ""
    mother_maiden: str = ""


class NewLocateRequest(Model):
    """A person whom one may look for, and why."""

    purpose: Literal["paternity", "support", "custody", "kidnapping", "foster_care"]
    case_number: str
    person: LocatePerson
    sources: list[str] = Field(
        ["ALL"], description="Codes of sources, or ALL that may be asked.", max_length=50
    )
    authority: bool = Field(description="true: you confirm that you have the authority to ask.")


class LocateFact(Model):
    """One value; `label` must stand beside it wherever it is shown, such as `Federal tax information`."""

    field: str
    value: str
    label: str


class LocateResult(Model):
    """One source. `outcome` is null until it has answered; `corrected`: how often it corrected itself."""

    source: str
    title: str
    status: Literal["waiting", "sent", "answered", "silent"]
    outcome: Literal["found", "nothing", "unable"] | None
    facts: list[LocateFact]
    received_at: datetime | None
    corrected: int
    down_since: datetime | None


class LocateRequestLine(Model):
    """A request without what was found."""

    id: str
    reference: str
    purpose: str
    case_number: str
    status: Literal["C", "S", "R", "E"] = Field(description="Created, sent, at least one response, expired.")
    answered: int
    asked: int
    created_at: datetime
    expires_at: datetime
    closed_at: datetime | None


class LocateRequest(LocateRequestLine):
    """A request with what its sources have answered so far."""

    results: list[LocateResult]


class LocateRequests(Model):
    """Part of one's requests, newest first."""

    items: list[LocateRequestLine]
    next: str | None


class LocateMatch(Model):
    """Somebody in a case of your agency stands in a case of another state."""

    id: str
    case_number: str
    participant: Literal["CH", "CP", "NP", "PF"] = Field(description="The person's part in your case.")
    found_at: datetime
    status: Literal["waiting", "taken", "set_aside"]
    worker: str = Field(description="Who took it up, or set it aside; empty while it waits.")


class LocateMatches(Model):
    """Part of the matches, newest first."""

    items: list[LocateMatch]
    next: str | None


class OpenedLocateMatch(LocateMatch):
    """A match that was taken up, with what the case registry says."""

    facts: list[LocateFact]
