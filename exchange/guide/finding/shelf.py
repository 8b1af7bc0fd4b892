"""What one audience may read of a guide, with everything else left out before anything is looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from schemas.guide.contacts import CONTACT_TYPES, ContactType
from schemas.guide.documents import Answer, Audience, Category, Contact, Facts, Guide, Part, Question, Version


@dataclass(frozen=True)
class Shelf:
    """Questions, versions, types of contacts and parts, each only as far as the audience reads it."""

    questions: tuple[Question, ...]
    versions: tuple[Version, ...]
    types: tuple[ContactType, ...]
    parts: tuple[Part, ...]

    @cached_property
    def contacts(self) -> tuple[tuple[int, Contact], ...]:
        """All contacts, each with the number of its part."""
        return tuple((number, one) for number, part in enumerate(self.parts) for one in part.contacts)

    @cached_property
    def contacts_of(self) -> tuple[tuple[int, ...], ...]:
        """By part: the numbers of its contacts."""
        numbers: list[list[int]] = [[] for _ in self.parts]
        for number, (part, _) in enumerate(self.contacts):
            numbers[part].append(number)
        return tuple(map(tuple, numbers))

    @cached_property
    def answers(self) -> tuple[dict[str, Answer], ...]:
        """By part: its answers by question."""
        return tuple({one.question: one for one in part.answers} for part in self.parts)

    def facts(self, part: int) -> Facts:
        """The jurisdiction itself."""
        return self.parts[part].facts


def shelf_for(guide: Guide, audience: Audience) -> Shelf:
    """All of the guide for workers; for the public nothing that is theirs, nor a trace of it."""
    open_to = set(Audience) if audience is Audience.WORKERS else {Audience.PUBLIC}
    questions = tuple(one for one in guide.questions if one.audience in open_to)
    types = tuple(one for one in CONTACT_TYPES.values() if one.audience in open_to)
    slugs, purposes = {one.slug for one in questions}, {one.slug for one in types}
    return Shelf(
        questions,
        tuple(_version(one, slugs) for one in guide.versions),
        types,
        tuple(_part(one, slugs, purposes) for one in guide.parts),
    )


def _version(version: Version, questions: set[str]) -> Version:
    return version.model_copy(update={"categories": tuple(_categories(version, questions))})


def _categories(version: Version, questions: set[str]) -> Iterator[Category]:
    for category in version.categories:
        places = tuple(place for place in category.places if place.question in questions)
        if places:
            yield category.model_copy(update={"places": places})


def _part(part: Part, questions: set[str], types: set[str]) -> Part:
    answers = tuple(one for one in part.answers if one.question in questions)
    contacts = tuple(one for one in part.contacts if one.type in types)
    return part.model_copy(update={"answers": answers, "contacts": contacts})
