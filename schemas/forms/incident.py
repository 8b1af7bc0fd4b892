"""The incident form: a confirmed or suspected loss of sensitive data, as data (domain.md 13.1)."""

import re
from typing import Final

from schemas.forms import asked
from schemas.forms.asked import Asked
from schemas.forms.form import Question

KINDS: Final = {
    "access": "Somebody saw or may have seen what they should not",
    "device": "A device, paper or carrier with data was lost or stolen",
    "misdirected": "Data went to the wrong recipient",
    "credentials": "A password, key, token or code got into other hands",
    "malware": "Harmful software was found",
    "other": "Something else",
}
PEOPLE: Final = {
    "none": "Nobody, as far as we know",
    "few": "1 to 9",
    "some": "10 to 499",
    "many": "500 or more",
}
TAX: Final = {"no": "No", "yes": "Yes", "unknown": "We do not know yet"}
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:.]?([0-5][0-9])")


def clock_time(text: str) -> str | None:
    """Hours and minutes of a day of 24 hours, as HH:MM."""
    found = _CLOCK.fullmatch(text.strip())
    return f"{int(found[1]):02d}:{found[2]}" if found else None


def _lines(text: str) -> str | None:
    """Several lines of any script; no other control characters."""
    return text if text.replace("\r", "").replace("\n", "").replace("\t", "").isprintable() else None


INCIDENT: Final = (
    Asked(
        Question("kind", "What happened?", "", "choice", False, 20, choices=tuple(KINDS.items())),
        asked.one_of(KINDS),
        "Choose what comes nearest",
    ),
    Asked(
        Question(
            "discovered_on", "On which day was it discovered?", "Month, day and year.", "date", False, 8
        ),
        asked.past_date,
        "Enter the day as month, day and year",
    ),
    Asked(
        Question(
            "discovered_at", "At what time, in UTC?", "Hours and minutes, such as 14:05. The hour to report "
            "within counts from then.", "text", False, 5
        ),
        clock_time,
        "Enter hours and minutes, such as 14:05",
    ),
    Asked(
        Question(
            "people", "How many people's data?", "", "choice", False, 10, choices=tuple(PEOPLE.items())
        ),
        asked.one_of(PEOPLE),
        "Choose the nearest number",
    ),
    Asked(
        Question(
            "tax_information", "Is federal tax information among it?", "", "choice", False, 10,
            choices=tuple(TAX.items()),
        ),
        asked.one_of(TAX),
        "Choose yes, no or not known",
    ),
    Asked(
        Question(
            "description", "What is known so far, and what has been done?",
            "Name no person and no number; OCSS asks for them by a safe way.", "textarea", False, 4000,
        ),
        _lines,
        "Use letters, digits and signs",
    ),
    Asked(
        Question(
            "phone", "Telephone number to call back now", "", "tel", False, 10, autocomplete="tel",
            inputmode="tel",
        ),
        asked.telephone,
        "Enter ten digits, such as 785 555 0100",
    ),
)  # fmt: skip
