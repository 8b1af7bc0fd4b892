"""Answers of a multistate registration as pages tell them: parts with a heading, each a list of terms."""

from collections.abc import Mapping
from datetime import date

from exchange.accounts.feins import masked
from roles.multistate import Registrant
from schemas.forms.asked import written_zip
from schemas.forms.multistate import CLIENTS, SUBSIDIARIES, MemberWords, members_of
from schemas.tables import STATES
from web.templating import calendar_day, telephone

Part = tuple[str, list[tuple[str, str]]]
_NONE = "Not provided"


def words_of(registrant: Registrant) -> MemberWords:
    """How those are called that a registration lists."""
    return CLIENTS if registrant is Registrant.PROVIDER else SUBSIDIARIES


def parts(registrant: Registrant, fein: str, values: Mapping[str, str]) -> list[Part]:
    """All that was said; `fein` masked, and so are the others'. What is not asked at an end is left out."""
    told = [
        ("Employer", [("FEIN", fein), ("Legal name", values["legal_name"]), ("Address", _address(values))])
    ]
    told.append(("Reporting", _reporting(values)))
    if listed := members_of(values):
        lines = [(f"{one.name}, {masked(one.fein)}", _names(one.states)) for one in listed]
        told.append((words_of(registrant).title, lines))
    return [*told, ("Contact", _contact(values))]


def _reporting(values: Mapping[str, str]) -> list[tuple[str, str]]:
    day = values["effective_on"]
    holds = ("Holds from", calendar_day(date(int(day[:4]), int(day[4:6]), int(day[6:]))))
    if "designated" not in values:
        return [holds]
    states = _names(values["states"].split())
    return [("Designated state", STATES[values["designated"]]), ("States with employees", states), holds]


def _names(states: list[str] | tuple[str, ...]) -> str:
    return ", ".join(STATES[state] for state in states)


def _address(values: Mapping[str, str]) -> str:
    place = f"{values['city']}, {values['state']} {written_zip(values['zip'])}"
    return "\n".join(line for line in (values["street"], values["street2"], place) if line)


def _contact(values: Mapping[str, str]) -> list[tuple[str, str]]:
    numbers = {name: telephone(values[name]) if values[name] else _NONE for name in ("telephone", "fax")}
    return [
        ("Name", values["name"]),
        ("Position", values["title"] or _NONE),
        ("Telephone", numbers["telephone"]),
        ("Fax", numbers["fax"]),
        ("Email", values["email"]),
    ]
