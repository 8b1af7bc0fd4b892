"""An entry of the guide in words, line by line: what pages, differences, tables and paper have in common."""

from collections.abc import Iterator
from datetime import date

from exchange.guide.keys import Said
from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import Answer, AnswerType, Contact, Facts, Question

Line = tuple[str, str]
"""What it is, and what it says."""
_YESNO = {"yes": "Yes", "no": "No"}


def value_told(question: Question | None, value: str) -> str:
    """An answer's value as people read it; days as `January 1, 1998`. It may be older than its question."""
    match question.answer_type if question else AnswerType.TEXT:
        case AnswerType.YESNO:
            return _YESNO.get(value, value)
        case AnswerType.DATE if value:
            return _day_told(value)
        case _:
            return value


def _day_told(value: str) -> str:
    try:
        return day_told(date.fromisoformat(value))
    except ValueError:
        return value


def day_told(day: date) -> str:
    """A day in words."""
    return f"{day:%B} {day.day}, {day.year}"


def lines_of(said: Said, question: Question | None = None) -> tuple[Line, ...]:
    """All that an entry says; what it does not say is left out. `question`: of an answer."""
    match said:
        case Answer():
            lines = _answer(said, question)
        case Contact():
            lines = _contact(said)
        case Facts():
            lines = _facts(said)
    return tuple((label, text) for label, text in lines if text)


def text_of(said: Said | None, question: Question | None = None) -> str:
    """All that an entry says as one text; empty where it was taken out."""
    return "\n".join(f"{label}: {text}" for label, text in lines_of(said, question)) if said else ""


def address_lines(contact: Contact) -> tuple[str, ...]:
    """As they stand on an envelope, the name not among them."""
    place = " ".join(filter(None, (contact.region, contact.postal)))
    town = ", ".join(filter(None, (contact.city, place)))
    country = "" if contact.country == "US" else contact.country
    return tuple(filter(None, (*contact.lines, town, country)))


def phone_told(contact: Contact) -> str:
    """The number with its extension."""
    return f"{contact.phone}, extension {contact.extension}" if contact.extension else contact.phone


def _answer(said: Answer, question: Question | None) -> Iterator[Line]:
    yield "Answer", value_told(question, said.value)
    yield "Law or source", said.url
    yield "Comments", said.comment
    yield "Law texts", ", ".join(one.name for one in said.attachments)


def _contact(said: Contact) -> Iterator[Line]:
    known = CONTACT_TYPES.get(said.type)
    yield "For", known.title if known else said.type
    yield "Name", said.name
    yield "Title", said.title
    yield "Address", "\n".join(address_lines(said))
    yield "Telephone", phone_told(said)
    yield "Fax", said.fax
    yield "E-mail", said.email
    yield "Web", said.web
    yield "Office hours", "; ".join(said.hours)
    yield "Languages", ", ".join(said.languages)
    yield "Comments", said.comments
    yield "Locator code", said.locator_code
    yield "Valid from", day_told(said.valid_from) if said.valid_from else ""
    yield "Valid until", day_told(said.valid_to) if said.valid_to else ""


def _facts(said: Facts) -> Iterator[Line]:
    yield "Name", said.name
    yield "Agency", said.agency
    yield "Also called", ", ".join(said.other_names)
    yield "Locator code", said.locator_code
    yield "State number (FIPS)", said.fips
    yield "Abbreviation", said.abbreviation
    yield "Region", said.region
    yield "Capital", said.capital
    yield "Time zone", said.time_zone.replace("_", " ")
    yield "Languages", ", ".join(said.languages)
    yield "Currency", said.currency
    yield "Hague Convention of 2007", _convention(said)
    yield "Sovereignty", said.sovereignty
    yield "Places in it", ", ".join(said.places)
    yield "Web", said.web


def _convention(said: Facts) -> str:
    return "" if said.convention is None else "In force" if said.convention else "Not in force"
