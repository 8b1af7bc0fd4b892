"""Every question of the registration wizard, as data."""

from types import MappingProxyType
from typing import Final

from schemas.forms import asked
from schemas.forms.asked import Asked, Clean
from schemas.forms.form import Question
from schemas.tables import STATES


def _ask(  # noqa: PLR0913, PLR0917  # one row of the table
    name: str,
    label: str,
    clean: Clean = asked.plain,
    message: str = "Use letters, digits and signs of one line only",
    hint: str = "",
    kind: str = "text",
    width: int = 100,
    *,
    autocomplete: str = "off",
    inputmode: str = "text",
    optional: bool = False,
    choices: tuple[tuple[str, str], ...] = (),
    sensitive: bool = False,
) -> Asked:
    shown = Question(name, label, hint, kind, optional, width, autocomplete, inputmode, choices, sensitive)
    return Asked(shown, clean, message)


_STATE_CHOICES = tuple(STATES.items())
_METHODS = (
    ("1", "Method 1: we send all our accounts, and the match is made for us"),
    ("2", "Method 2: we fetch the inquiry file and send the accounts that match"),
)

YOU: Final = (
    _ask("first_name", "First name", autocomplete="given-name", width=40),
    _ask("last_name", "Last name", autocomplete="family-name", width=40),
    _ask("job_title", "Your position", autocomplete="organization-title", width=80),
    _ask(
        "phone", "Work telephone", asked.telephone, "Enter ten digits, such as 785 555 0100",
        kind="tel", width=10, autocomplete="tel", inputmode="tel",
    ),
    _ask(
        "ssn", "Social Security number", asked.ssn, "Enter nine digits, such as 900 01 0001",
        "OCSS holds it against federal records to see that you are you. It is erased when that is done.",
        "ssn", 9, inputmode="numeric", sensitive=True,
    ),
    _ask(
        "birth_date", "Date of birth", asked.past_date, "Enter a date of the calendar, such as 3 27 1980",
        "Month, day and year, for example 3 27 1980.", "date", 8, sensitive=True,
    ),
)  # fmt: skip
EMAIL: Final = (
    _ask(
        "email", "Work email address", asked.email, "Enter an email address, such as name@example.org",
        "We send a code there now, and every letter about your registration later.",
        kind="email", width=254, autocomplete="email", inputmode="email",
    ),
)  # fmt: skip
USERNAME: Final = (
    _ask(
        "username", "Username", asked.username,
        "Use four or more small letters, digits and . _ @ - and begin with a letter or digit",
        "At least four letters or digits. You will sign in with it.",
        width=64, autocomplete="username",
    ),
)  # fmt: skip
NAME: Final = _ask("organization_name", "Legal name of your organization", autocomplete="organization")
ADDRESS: Final = (
    _ask("street", "Street address", autocomplete="address-line1"),
    _ask("street2", "Address, second line", autocomplete="address-line2", optional=True),
    _ask("city", "City", autocomplete="address-level2", width=60),
    _ask(
        "state", "State", asked.one_of(STATES), "Choose a state of the list",
        kind="choice", width=2, autocomplete="address-level1", choices=_STATE_CHOICES,
    ),
    _ask(
        "zip", "ZIP code", asked.zip_code, "Enter a ZIP code of five or nine digits",
        kind="zip", width=9, autocomplete="postal-code", inputmode="numeric",
    ),
)  # fmt: skip

_FACTS = (
    _ask(
        "fein", "Federal employer identification number (FEIN)", asked.fein,
        "Check the FEIN: nine digits, such as 00 1000017, of which the first two are given out",
        "Nine digits. It stands on your tax forms.", "number", 9, inputmode="numeric",
    ),
    _ask(
        "naic", "NAIC company number", asked.naic, "Enter the five digits of your NAIC number",
        "Five digits. Leave it empty if you report for insurers and are none.", "number", 5,
        inputmode="numeric", optional=True,
    ),
    _ask(
        "routing", "Routing number", asked.routing,
        "Check the number: nine digits, as at the foot of your checks",
        "Nine digits, as at the foot of your checks.", "number", 9, inputmode="numeric",
    ),
    _ask(
        "match_method", "How will you take part in the data match?", asked.one_of(("1", "2")),
        "Choose one of the two methods", kind="radio", width=1, choices=_METHODS,
    ),
    _ask(
        "clients", "FEINs of the organizations you act for", asked.feins,
        "Enter FEINs of nine digits, one on each line",
        "One on each line. Each of them is asked before you act for it; you may add others later.",
        "textarea", 4000, optional=True,
    ),
    _ask(
        "locator_code", "Locator code of your tribe", asked.tribe_code,
        "Enter the five characters of the code, such as 90830",
        "Five characters that begin with 90. It stands in the Intergovernmental Reference Guide.",
        "number", 5,
    ),
    _ask(
        "country", "Country", asked.one_of(asked.COUNTRY_CODES),
        "Enter the two letters of the country's ISO 3166 code, such as CA",
        "Two letters, such as CA for Canada.", "number", 2,
    ),
    _ask(
        "jurisdiction", "State or territory", asked.one_of(STATES), "Choose a state of the list",
        kind="choice", width=2, choices=_STATE_CHOICES,
    ),
)  # fmt: skip
FACTS: Final = MappingProxyType({fact.name: fact for fact in _FACTS})
"""What a kind of organization may have to give about itself, by name."""
PLACE: Final = tuple(one for one in ADDRESS if one.name != "street2")
"""The address of an organization as its page keeps it."""
CONTACT: Final = (
    _ask("name", "Name", hint="A person, or a desk such as payroll."),
    _ask("title", "Position", width=80, optional=True),
    _ask(
        "email", "Email address", asked.email, "Enter an email address, such as name@example.org",
        "Notices about it go there, without any content.", kind="email", width=254, inputmode="email",
    ),
    _ask(
        "telephone", "Telephone", asked.telephone, "Enter ten digits, such as 785 555 0100",
        kind="tel", width=10, inputmode="tel", optional=True,
    ),
    _ask(
        "fax", "Fax", asked.telephone, "Enter ten digits, such as 785 555 0101",
        kind="tel", width=10, inputmode="tel", optional=True,
    ),
)  # fmt: skip
"""Whom to reach about something."""
SUBSIDIARY: Final = (_ask("subsidiary", "Name of the subsidiary"), FACTS["fein"])
RECORDED_NAME: Final = _ask("organization_name", "Name of the organization")
EVIDENCE: Final = (
    _ask(
        "evidence", "What was received", hint="For example: agreements of August 3, file 26-114.", width=200
    ),
)  # fmt: skip
"""What staff note when they record that an organization may register, or make it."""
FIRST_PERSON: Final = (
    _ask("name", "Full name"),
    _ask(
        "email", "Work email address", asked.email, "Enter an email address, such as name@example.org",
        "The activation code and later notices go there.", kind="email", width=254, inputmode="email",
    ),
    _ask(
        "username", "Username", asked.username,
        "Use four or more small letters, digits and . _ @ - and begin with a letter or digit",
        "You tell it to the person yourself; it is not in the letter with the code.", width=64,
    ),
)  # fmt: skip
"""Who looks after an organization first that staff make; that person adds the others."""
NOTICES: Final = (
    _ask(
        "email", "Email address for its notices", asked.email,
        "Enter an email address, such as name@example.org", kind="email", width=254, inputmode="email",
    ),
)  # fmt: skip
