"""One jurisdiction as it is read: its answers by category of an edition, its contacts, how old each is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from exchange.guide.keys import Key
from exchange.guide.memory import Edition, Stamp
from roles.guide import REVIEW_EVERY_DAYS, EntrySort
from schemas.guide.contacts import CONTACT_TYPES, ContactType
from schemas.guide.documents import Answer, Contact, JurisdictionKind, Part, Question, Version
from schemas.guide.hours import is_open, local_time

KIND_WORDS = {
    JurisdictionKind.STATE: "States and territories",
    JurisdictionKind.TRIBE: "Tribes",
    JurisdictionKind.COUNTRY: "Countries",
    JurisdictionKind.FEDERAL: "Federal office",
}
"""In the order that lists have."""
_ORDER = {slug: place for place, slug in enumerate(CONTACT_TYPES)}


@dataclass(frozen=True)
class Told:
    """A question and what a jurisdiction answers.

    `number`: in the edition that is shown; `elsewhere`: in all of them, each with the edition's year.
    `depth`: 1 where it belongs to the question before.
    """

    question: Question
    number: str
    elsewhere: tuple[tuple[int, str], ...]
    answer: Answer | None
    stamp: Stamp | None
    depth: int


@dataclass(frozen=True)
class Section:
    """A category; without a code: what no edition has a place for."""

    code: str
    title: str
    told: tuple[Told, ...]


@dataclass(frozen=True)
class Reached:
    """A contact that counts. `open`: whether somebody is there now, None where that is not known."""

    contact: Contact
    type: ContactType
    stamp: Stamp | None
    open: bool | None


def listed(edition: Edition) -> dict[JurisdictionKind, list[Part]]:
    """The jurisdictions by kind and name; a kind that has none is left out."""
    parts = sorted(edition.guide.parts, key=lambda part: part.facts.name)
    kinds = {kind: [part for part in parts if part.facts.kind is kind] for kind in KIND_WORDS}
    return {kind: some for kind, some in kinds.items() if some}


def versions_of(edition: Edition, kind: JurisdictionKind, day: date) -> tuple[Version, ...]:
    """The editions of the questionnaire that are in effect for a kind, the newest first."""
    mine = (one for one in edition.guide.versions if one.kind is kind and one.effective <= day)
    return tuple(sorted(mine, key=lambda one: one.effective, reverse=True))


def sections(edition: Edition, part: Part, version: Version | None, *, newest: bool) -> tuple[Section, ...]:
    """Every question of an edition with its answer; of the newest, also what was answered besides."""
    answers = {one.question: one for one in part.answers}
    found = [] if version is None else list(_of_version(edition, part, version, answers))
    placed = {told.question.slug for section in found for told in section.told}
    besides = tuple(
        _told(edition, part, edition.questions[slug], "", answers)
        for slug in answers
        if slug in edition.questions and slug not in placed
    )
    if besides and newest:
        found.append(Section("", "Further questions" if found else "Questions", besides))
    return tuple(found)


def _of_version(
    edition: Edition, part: Part, version: Version, answers: dict[str, Answer]
) -> Iterator[Section]:
    for category in version.categories:
        told = tuple(
            _told(edition, part, edition.questions[place.question], place.number, answers)
            for place in category.places
            if place.question in edition.questions
        )
        yield Section(category.code, category.title, told)


def _told(edition: Edition, part: Part, question: Question, number: str, answers: dict[str, Answer]) -> Told:
    key = Key(part.facts.locator_code, EntrySort.ANSWER, question.slug)
    return Told(
        question,
        number,
        edition.numbers.get(question.slug, ()),
        answers.get(question.slug),
        edition.stamps.get(key),
        1 if "." in number else 0,
    )


def reached(edition: Edition, part: Part, moment: datetime) -> tuple[Reached, ...]:
    """The contacts that count on the day of a moment there, in the order of their types."""
    there = local_time(part.facts.time_zone, moment)
    counting = (one for one in part.contacts if one.counts_on(there.date()) and one.type in CONTACT_TYPES)
    ordered = sorted(counting, key=lambda one: (_ORDER[one.type], one.name, one.slug))
    return tuple(_reached(edition, part, one, moment) for one in ordered)


def _reached(edition: Edition, part: Part, contact: Contact, moment: datetime) -> Reached:
    key = Key(part.facts.locator_code, EntrySort.CONTACT, contact.slug)
    there = is_open(contact.hours, part.facts.time_zone, moment)
    return Reached(contact, CONTACT_TYPES[contact.type], edition.stamps.get(key), there)


def main_office(contacts: tuple[Reached, ...]) -> Reached | None:
    """Whose hours stand for the jurisdiction's: the first contact that says when it is there."""
    return next((one for one in contacts if one.open is not None), None)


def is_old(stamp: Stamp | None, moment: datetime) -> bool:
    """Whether nobody has looked at it for longer than an entry may stand."""
    return stamp is not None and moment - stamp.reviewed_at > timedelta(days=REVIEW_EVERY_DAYS)
