"""What the API answers about the reference guide, as models: each answer is made as one of these."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from roles.guide import EntrySort
from schemas.guide.documents import AnswerType, ContactClass, JurisdictionKind
from web.api_models import Model

_NEXT = Field(description="The cursor of the next part; null at the end.")
_VALUE = Field(description="In the form that the question's answer_type has; empty: not answered.")
_REVIEWED = Field(description="When its keeper last said that it holds: the age of what it says.")


class Named(Model):
    """Whose part of the guide it is, or is from. `url`: the page of this very entry, for good."""

    locator_code: str
    name: str
    kind: JurisdictionKind
    url: str


class Jurisdiction(Named):
    """A jurisdiction itself, without what it answers."""

    abbreviation: str = Field(description="USPS code, ISO 3166-1 country, or BIA code of a tribe.")
    fips: str
    agency: str
    other_names: list[str]
    region: str
    capital: str
    time_zone: str = Field(description="Of the IANA time zone database, such as America/Chicago.")
    languages: list[str]
    currency: str
    convention: bool | None = Field(description="Whether the Hague Convention of 2007 is in force with it.")
    latitude: float | None
    longitude: float | None
    web: str
    synthetic: bool = Field(description="The program described is invented.")


class Jurisdictions(Model):
    """Part of the jurisdictions, by locator code."""

    items: list[Jurisdiction]
    next: str | None = _NEXT


class Placed(Model):
    """Under which number a question stands in one version of the questionnaire."""

    version: str
    category: str
    category_title: str
    number: str


class GuideQuestion(Model):
    """One question, which keeps its slug from version to version."""

    slug: str
    kind: JurisdictionKind = Field(description="Whom it is asked.")
    title: str
    text: str
    answer_type: AnswerType
    choices: list[str]
    under: str | None = Field(description="The question that it belongs to.")
    hague: bool = Field(description="Asked for the Hague Convention of 2007.")
    required: bool
    restricted: bool = Field(description="For child support workers only.")
    numbers: list[Placed]
    url: str


class GuideVersion(Model):
    """One edition of a questionnaire."""

    slug: str
    kind: JurisdictionKind
    label: str
    effective: date


class GuideQuestions(Model):
    """Part of the questions, by slug, and all versions."""

    items: list[GuideQuestion]
    next: str | None = _NEXT
    versions: list[GuideVersion]


class LawText(Model):
    """A law's text that is attached to an answer; `url`: where its bytes are."""

    id: str
    name: str
    size: int
    sha256: str
    url: str


class Said(Model):
    """What was answered to a question, and how old that is."""

    value: str = _VALUE
    comment: str
    source: str = Field(description="An address in the web, of the law for example.")
    attachments: list[LawText]
    synthetic: bool
    published_at: datetime
    reviewed_at: datetime = _REVIEWED


class GuideAnswer(Said):
    """One answer of a jurisdiction, under its number in the version that was asked for."""

    question: str
    category: str | None = Field(description="null: this version does not ask it.")
    category_title: str | None
    number: str | None
    title: str
    text: str
    answer_type: AnswerType
    hague: bool
    restricted: bool
    url: str


class GuideContact(Named):
    """Whom to write to or ring for one purpose; `locator_code`: the contact's own, where it is an office."""

    jurisdiction: str = Field(description="The locator code of the jurisdiction.")
    slug: str
    type: str
    type_title: str
    contact_class: ContactClass
    restricted: bool
    title: str
    lines: list[str]
    city: str
    region: str
    postal: str
    country: str
    phone: str
    extension: str
    fax: str
    email: str
    web: str
    time_zone: str
    hours: list[str] = Field(description="In local time, such as Mon-Fri 08:00-16:30; none: not known.")
    languages: list[str]
    comments: str
    valid_from: date | None
    valid_to: date | None
    synthetic: bool
    published_at: datetime
    reviewed_at: datetime = _REVIEWED


class JurisdictionPart(Jurisdiction):
    """All that the guide says of one jurisdiction."""

    sovereignty: str
    places: list[str]
    on: date | None = Field(description="The day that was asked for; null: now.")
    version: str | None = Field(description="The questionnaire whose numbers and order the answers have.")
    answers: list[GuideAnswer]
    contacts: list[GuideContact]


class AnswerThere(Named, Said):
    """What one jurisdiction answers to a question."""


class AnswersThere(Model):
    """Part of the answers of all jurisdictions to one question, by locator code."""

    question: GuideQuestion
    items: list[AnswerThere]
    next: str | None = _NEXT


class GuideContacts(Model):
    """Part of the contacts, by jurisdiction."""

    items: list[GuideContact]
    next: str | None = _NEXT


class Compared(Model):
    """One question, and what each jurisdiction answers, in the order they were named in."""

    question: GuideQuestion
    answers: list[AnswerThere | None]


class Comparison(Model):
    """Jurisdictions side by side."""

    jurisdictions: list[Named]
    items: list[Compared]
    next: None = None


class GuideFound(Model):
    """One thing that a search found; without a locator code it is a topic across all jurisdictions."""

    locator_code: str | None
    name: str
    kind: JurisdictionKind | None
    url: str
    title: str
    snippet: str
    why: list[str]
    question: str | None
    contact_type: str | None
    contact: str | None
    office: str | None = Field(description="The contact's own locator code, where it is another.")
    suggestion: bool = Field(description="Nothing was found; this is only near.")


class GuideFindings(Model):
    """What a search found, the likeliest first."""

    items: list[GuideFound]
    next: None = None


class GuideChange(Named):
    """An entry that is not as it was; once, however often it changed."""

    sort: EntrySort
    slug: str
    title: str
    change: Literal["new", "changed", "taken out"]
    published_at: datetime


class GuideChanges(Model):
    """Part of what changed, newest first."""

    items: list[GuideChange]
    next: str | None = _NEXT


class GuideRevision(Model):
    """What an entry said from one moment to another; `said` is null where it was taken out.

    `who`, `approved_by` and `note` are told to its keepers only.
    """

    number: int
    published_at: datetime
    until: datetime | None
    said: dict[str, object] | None
    who: str
    approved_by: str
    note: str


class GuideHistory(Model):
    """Every revision of an entry, newest first."""

    items: list[GuideRevision]
    next: None = None
