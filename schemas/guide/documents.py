"""What the reference guide is made of: questionnaires by version, jurisdictions, answers and contacts.

The model is domain.md 9.5, with the old ids and the new numbering kept apart from the question itself: a
question has one slug for ever; a version of the profile says in which category and under which number.
Every document is immutable and has one canonical JSON form, so that equal documents are equal bytes.
"""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from schemas.guide.hours import OfficeHours, checked_hours, checked_zone

LONGEST_TEXT = 20_000
"""Characters of an answer or of comments."""
_LINE = 120


class JurisdictionKind(StrEnum):
    """Whose part of the guide it is; `federal` is OCSS itself."""

    FEDERAL = "federal"
    STATE = "state"
    TRIBE = "tribe"
    COUNTRY = "country"


class AnswerType(StrEnum):
    """What an answer is (domain.md 9.5)."""

    TEXT = "text"
    YESNO = "yesno"
    NUMBER = "number"
    DATE = "date"
    CITATION = "citation"
    CHOICE = "choice"
    LINK = "link"


class Audience(StrEnum):
    """Who reads it: everybody, or workers of child support agencies here and abroad (ours, P)."""

    PUBLIC = "public"
    WORKERS = "workers"


class ContactClass(StrEnum):
    """The five directories of contacts (domain.md 9.5)."""

    STATE = "state"
    TRIBAL = "tribal"
    OCSS = "ocss"
    INTERNATIONAL = "international"
    EMPLOYER = "employer"


_LOCATOR = re.compile(r"(?:[0-8]\d{4}(?:\d{2})?|90[0-9A-Z]{3}|80[A-Z]{2})")
_URL = re.compile(r"https?://[^\s<>\"\x00-\x1f]{3,1900}")


def _locator(text: str) -> str:
    if not _LOCATOR.fullmatch(text):
        message = "a locator code is five or seven digits, 90 and three characters, or 80 and two letters"
        raise ValueError(message)
    return text


def _url(text: str) -> str:
    if text and not _URL.fullmatch(text):
        message = "an address in the web begins with http:// or https://"
        raise ValueError(message)
    return text


_EMAIL = r"^([^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+)?$"
_ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
Line = Annotated[str, StringConstraints(max_length=_LINE, strip_whitespace=True, pattern=_ONE_LINE)]
Entry = Annotated[
    str, StringConstraints(min_length=1, max_length=_LINE, strip_whitespace=True, pattern=_ONE_LINE)
]
"""A line of a list, which is never empty."""
Entries = Annotated[tuple[Entry, ...], Field(max_length=1000)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Text = Annotated[
    str,
    StringConstraints(
        max_length=LONGEST_TEXT, strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
    ),
]
LocatorCode = Annotated[str, AfterValidator(_locator)]
"""State 2 + county 3 (+ sub-local 2) digits; 90 + BIA code; 80 + ISO country (DCL-07-02; domain.md 9.2)."""
Url = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_url)]
Zone = Annotated[str, AfterValidator(checked_zone)]
Hours = Annotated[OfficeHours, AfterValidator(checked_hours)]


class Document(BaseModel):
    """Immutable, with no members beside those named; the canonical form leaves out what has its default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def canonical(self) -> str:
        """The one JSON text of this document."""
        return self.model_dump_json(exclude_defaults=True)


class Question(Document):
    """One question of a profile.

    `title`: in two or three words, for tables and lists. `words`: other words that people look it up by, in
    any language. `under`: the question it belongs to, which is answered first. `hague`: asked for the Hague
    Convention of 2007.
    """

    slug: Slug
    kind: JurisdictionKind
    title: Line
    text: Text
    answer_type: AnswerType = AnswerType.TEXT
    choices: Entries = ()
    under: Slug | None = None
    hague: bool = False
    required: bool = False
    audience: Audience = Audience.PUBLIC
    words: Entries = ()


class Place(Document):
    """Under which number a question stands in a category."""

    question: Slug
    number: Annotated[str, StringConstraints(pattern=r"^[A-Z]?\d{1,3}(\.\d{1,2})*$")]


class Category(Document):
    """A section of a profile, in the order of its pages."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}$")]
    title: Line
    places: tuple[Place, ...]
    words: Entries = ()


class Version(Document):
    """One edition of the questionnaire of a kind; the newest that is in effect is the one that is asked."""

    slug: Slug
    kind: JurisdictionKind
    label: Line
    effective: date
    categories: tuple[Category, ...]


class Facts(Document):
    """A jurisdiction itself: what it is called, where it is, which program it runs.

    `abbreviation`: USPS code, ISO 3166-1 country, or BIA code of a tribe. `other_names`: as people elsewhere
    call it, in any language. `places`: what lies in it that people name in its stead: counties, cantons.
    `convention`: whether the Hague Convention of 2007 is in force with it; None where it is no country.
    `synthetic`: the program described is invented, whatever the names and codes are.
    """

    locator_code: LocatorCode
    kind: JurisdictionKind
    name: Line
    abbreviation: Line = ""
    fips: Annotated[str, StringConstraints(pattern=r"^(\d{2})?$")] = ""
    agency: Line = ""
    other_names: Entries = ()
    places: Entries = ()
    region: Line = ""
    capital: Line = ""
    time_zone: Zone = "UTC"
    languages: Entries = ()
    currency: Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")] = ""
    convention: bool | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    sovereignty: Text = ""
    web: Url = ""
    synthetic: bool = False


class LawText(Document):
    """A law's text that was attached to an answer: a file of the vault, by its id."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
    name: Line
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Answer(Document):
    """What a jurisdiction answers to a question; `value` is in the form that the question's type has."""

    question: Slug
    value: Text = ""
    url: Url = ""
    comment: Text = ""
    attachments: Annotated[tuple[LawText, ...], Field(max_length=100)] = ()
    synthetic: bool = False


class Contact(Document):
    """Whom to write to or ring, for one purpose; an office is a contact with its own locator code.

    `slug` is unique in its jurisdiction. `type`: a slug of `schemas.guide.contacts.CONTACT_TYPES`. `hours`
    are local. `valid_from` and `valid_to`: the first and the last day on which it counts.
    """

    slug: Slug
    contact_class: ContactClass
    type: Slug
    locator_code: LocatorCode
    name: Line
    title: Line = ""
    lines: Annotated[tuple[Entry, ...], Field(max_length=4)] = ()
    city: Line = ""
    region: Line = ""
    postal: Annotated[str, StringConstraints(max_length=12, strip_whitespace=True, pattern=_ONE_LINE)] = ""
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "US"
    phone: Annotated[str, StringConstraints(pattern=r"^(\+?[0-9][0-9 ()-]{4,22})?$")] = ""
    extension: Annotated[str, StringConstraints(pattern=r"^\d{0,5}$")] = ""
    fax: Annotated[str, StringConstraints(pattern=r"^(\+?[0-9][0-9 ()-]{4,22})?$")] = ""
    email: Annotated[str, StringConstraints(pattern=_EMAIL, max_length=254)] = ""
    web: Url = ""
    hours: Hours = ()
    languages: Entries = ()
    comments: Text = ""
    valid_from: date | None = None
    valid_to: date | None = None
    synthetic: bool = False

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            message = "the last day is before the first"
            raise ValueError(message)
        return self

    def counts_on(self, day: date) -> bool:
        """Whether it may be used on this day."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


class Part(Document):
    """All that the guide says of one jurisdiction."""

    facts: Facts
    answers: tuple[Answer, ...] = ()
    contacts: tuple[Contact, ...] = ()


class Guide(Document):
    """A whole guide, as it is imported and exported."""

    questions: tuple[Question, ...]
    versions: tuple[Version, ...]
    parts: tuple[Part, ...]
