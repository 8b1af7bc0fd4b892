"""A guide without what a reader does not read: questions, their answers and places, contacts."""

from collections.abc import Collection, Iterator
from datetime import date

from exchange.guide.keys import Key, Said, key_of
from roles.guide import sees
from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import Audience, Category, Contact, Guide, Part, Question, Version


def hidden_questions(guide: Guide, reader: Audience) -> frozenset[str]:
    """The slugs of the questions that are not for this reader."""
    return frozenset(one.slug for one in guide.questions if not sees(reader, one.audience))


def is_shown(contact: Contact, reader: Audience) -> bool:
    """Whether a contact is for this reader; one of a type that is not known is for workers."""
    known = CONTACT_TYPES.get(contact.type)
    return sees(reader, known.audience if known else Audience.WORKERS)


def narrowed(guide: Guide, reader: Audience, hidden: frozenset[str]) -> Guide:
    """The guide without the hidden questions and without contacts that are not for this reader."""
    shown = tuple(_question(one, hidden) for one in guide.questions if one.slug not in hidden)
    asked = frozenset(one.slug for one in shown)
    return Guide(
        questions=shown,
        versions=tuple(_version(one, hidden) for one in guide.versions),
        parts=tuple(_part(one, reader, asked) for one in guide.parts),
    )


def _question(question: Question, hidden: frozenset[str]) -> Question:
    """A question that belongs to a hidden one belongs to none."""
    return question.model_copy(update={"under": None}) if question.under in hidden else question


def _version(version: Version, hidden: frozenset[str]) -> Version:
    kept = (_category(one, hidden) for one in version.categories)
    return version.model_copy(update={"categories": tuple(one for one in kept if one.places)})


def _category(category: Category, hidden: frozenset[str]) -> Category:
    places = tuple(one for one in category.places if one.question not in hidden)
    return category.model_copy(update={"places": places})


def _part(part: Part, reader: Audience, asked: frozenset[str]) -> Part:
    """Of answers only those to a question that is asked: for whom any other would be, nothing says."""
    answers = tuple(one for one in part.answers if one.question in asked)
    contacts = tuple(one for one in part.contacts if is_shown(one, reader))
    return part.model_copy(update={"answers": answers, "contacts": contacts})


def entries_of(guide: Guide) -> Iterator[tuple[Key, Said]]:
    """Every entry that stands in a guide."""
    for part in guide.parts:
        own: tuple[Said, ...] = (part.facts, *part.answers, *part.contacts)
        yield from ((key_of(part.facts.locator_code, said), said) for said in own)


def contacts_gone(guide: Guide, day: date) -> frozenset[tuple[str, str]]:
    """The contacts that do not count on a day, each by its jurisdiction's locator code and its slug."""
    return frozenset(
        (part.facts.locator_code, one.slug)
        for part in guide.parts
        for one in part.contacts
        if not one.counts_on(day)
    )


def without_contacts(guide: Guide, gone: Collection[tuple[str, str]]) -> Guide:
    """The guide without these."""
    if not gone:
        return guide
    parts = (
        part.model_copy(
            update={
                "contacts": tuple(
                    one for one in part.contacts if (part.facts.locator_code, one.slug) not in gone
                )
            }
        )
        for part in guide.parts
    )
    return guide.model_copy(update={"parts": tuple(parts)})
