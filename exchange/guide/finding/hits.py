"""What a search answers with."""

from dataclasses import dataclass

from exchange.guide.finding.shelf import Shelf
from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import Answer, AnswerType, Contact, JurisdictionKind, Question

_SNIPPET = 180


@dataclass(frozen=True)
class Hit:
    """One thing that was found.

    `locator_code`, `name`, `kind`: the jurisdiction. For a topic across all jurisdictions the first two are
    None, and `kind` tells whom a question is asked.
    `question`: a slug. `contact_type`: a slug of `CONTACT_TYPES`, also beside `contact`, which is the slug of
    a contact. `office`: the contact's own locator code, where it is another than the jurisdiction's. None of
    these: the jurisdiction itself. `why`: in words. `suggestion`: nothing was found, this is only near.
    """

    title: str
    snippet: str
    score: float
    why: tuple[str, ...] = ()
    locator_code: str | None = None
    name: str | None = None
    kind: JurisdictionKind | None = None
    question: str | None = None
    contact_type: str | None = None
    contact: str | None = None
    office: str | None = None
    suggestion: bool = False


@dataclass(frozen=True)
class Found:
    """The same before it is put in words; jurisdictions and contacts are numbers of the shelf."""

    score: float
    part: int | None = None
    question: Question | None = None
    contact_type: str | None = None
    contact: int | None = None
    why: tuple[str, ...] = ()
    suggestion: bool = False


def in_words(shelf: Shelf, found: Found) -> Hit:
    """What the asker reads."""
    title, snippet = _texts(shelf, found)
    facts = None if found.part is None else shelf.facts(found.part)
    contact = None if found.contact is None else shelf.contacts[found.contact][1]
    apart = contact is not None and facts is not None and contact.locator_code != facts.locator_code
    return Hit(
        title=title,
        snippet=_cut(snippet),
        score=round(found.score, 4),
        why=found.why,
        locator_code=facts.locator_code if facts else None,
        name=facts.name if facts else None,
        kind=facts.kind if facts else found.question.kind if found.question else None,
        question=found.question.slug if found.question else None,
        contact_type=contact.type if contact else found.contact_type,
        contact=contact.slug if contact else None,
        office=contact.locator_code if contact and apart else None,
        suggestion=found.suggestion,
    )


def _texts(shelf: Shelf, found: Found) -> tuple[str, str]:
    if found.question is not None:
        return found.question.title, _of_question(shelf, found.part, found.question)
    if found.contact is not None:
        return _of_contact(shelf.contacts[found.contact][1])
    if found.contact_type is not None:
        return CONTACT_TYPES[found.contact_type].title, "Contacts of this kind, everywhere"
    facts = shelf.facts(found.part or 0)
    return facts.name, facts.agency


def _of_question(shelf: Shelf, part: int | None, question: Question) -> str:
    if part is None:
        return question.text
    answer = shelf.answers[part].get(question.slug)
    return _answered(question, answer) if answer else "Not answered"


def _answered(question: Question, answer: Answer) -> str:
    if question.answer_type is AnswerType.YESNO and answer.value:
        value = answer.value.capitalize()
    else:
        value = answer.value
    return ". ".join(part.rstrip(".") for part in (value, answer.comment) if part) or answer.url


def _of_contact(contact: Contact) -> tuple[str, str]:
    title = CONTACT_TYPES[contact.type].title
    return title, ", ".join(text for text in (contact.name, contact.title, contact.city) if text)


def _cut(text: str) -> str:
    """At most 180 characters, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= _SNIPPET else line[:_SNIPPET].rsplit(" ", 1)[0] + " ..."
