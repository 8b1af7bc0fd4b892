"""From the fields of a form to an entry of the guide, with a sentence for people about every mistake."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from schemas.forms.form import Question as Asked
from schemas.forms.form import typed
from schemas.guide.asked import NOTE, asked_of_answer, asked_of_contact, asked_of_facts
from schemas.guide.checks import answer_problem, contact_problem
from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import Answer, AnswerType, Contact, Document, Facts, Question

Said = TypeVar("Said", bound=Document)
_AS_LINES = frozenset({"lines", "hours", "languages", "other_names", "places"})
_UPPER = frozenset({"country", "currency", "locator_code"})
_DASHES = re.compile("[‐‑‒–—−]")  # noqa: RUF001 -- what word processors make of a hyphen
_HOURS = "Write office hours like Mon-Fri 08:00-16:30, one line for each span, the earlier time first"
_WEB = "Enter the whole address, beginning with https:// or http://"
_TELEPHONE = "Enter a telephone number with digits, spaces and hyphens, such as 785-555-0100"
_WORDS = {
    "phone": _TELEPHONE,
    "fax": _TELEPHONE,
    "extension": "Enter the extension as one to five digits",
    "email": "Enter an email address, such as intake@example.org",
    "country": "Enter the country as two letters, such as US or DE",
    "currency": "Enter the currency as three letters, such as USD",
    "time_zone": "Enter a time zone of the IANA database, such as America/Chicago",
    "locator_code": "Enter five or seven digits, or 90 and three characters, or 80 and two letters",
    "latitude": "Enter the latitude in degrees from -90 to 90, such as 38.5",
    "longitude": "Enter the longitude in degrees from -180 to 180, such as -98.4",
    "hours": _HOURS,
    "url": _WEB,
    "web": _WEB,
    "lines": "Enter the address in four lines at most, each 120 characters or fewer",
    "languages": "Enter one language a line, each 120 characters or fewer",
}
_NO_DAY = "Enter a date of the calendar, such as 4 28 2026"
_DAYS = "Choose a last day that is not before the first day"


@dataclass(frozen=True)
class Filled(Generic[Said]):
    """What a form came to: the document, or what is wrong by field."""

    said: Said | None
    problems: Mapping[str, str]


def answer_of(question: Question, fields: Mapping[str, str], before: Answer | None = None) -> Filled[Answer]:
    """The answer in a form; law texts and marks of `before` stay."""
    values, problems = _values(asked_of_answer(question), fields)
    if "value" not in problems and (wrong := answer_problem(question, values["value"])):
        problems["value"] = _NO_DAY if question.answer_type is AnswerType.DATE and values["value"] else wrong
    standing = before or Answer(question=question.slug)
    if not (values["value"] or values["comment"] or values["url"] or standing.attachments or problems):
        problems["value"] = "Enter an answer, or take the entry out instead"
    kept = standing.model_dump(include={"attachments", "synthetic"})
    return _filled(Answer, {**kept, **values, "question": question.slug}, problems)


def contact_of(
    facts: Facts, fields: Mapping[str, str], before: Contact | None, taken: Collection[str]
) -> Filled[Contact]:
    """The contact in a form. `before`: as it was, None for a new one; `taken`: slugs that others have."""
    values, problems = _values(asked_of_contact(facts.kind, new=before is None), fields)
    known = CONTACT_TYPES.get(before.type if before else values["type"])
    if known is None or facts.kind not in known.kinds:
        return Filled(None, {"type": "Choose what the contact is for", **problems})
    slug = before.slug if before else _free(known.slug, taken, many=known.many)
    if slug is None:
        problems["type"] = f"There is a contact for this already: {known.title}. Change that one"
    whole = {
        **values,
        "slug": slug or known.slug,
        "type": known.slug,
        "contact_class": known.contact_class,
        "locator_code": values["locator_code"] or facts.locator_code,
        "synthetic": before.synthetic if before else facts.synthetic,
    }
    filled = _filled(Contact, whole, problems)
    if filled.said is not None and (wrong := contact_problem(facts, filled.said)):
        return Filled(None, {"locator_code": f"Check the locator code: {wrong}"})
    return filled


def facts_of(before: Facts, fields: Mapping[str, str]) -> Filled[Facts]:
    """What a jurisdiction is, in a form; its code, kind, FIPS and marks stay as they were."""
    values, problems = _values(asked_of_facts(before.kind), fields)
    if "convention" in values:
        values["convention"] = {"yes": True, "no": False}.get(values["convention"])
    for name in ("latitude", "longitude"):
        values[name] = values[name] or None
    return _filled(Facts, {**before.model_dump(), **values}, problems)


def _free(slug: str, taken: Collection[str], *, many: bool) -> str | None:
    """The name of another contact of a type; None where there may be no other."""
    if slug not in taken:
        return slug
    numbered = (f"{slug}-{number}" for number in range(2, len(taken) + 3))
    return next(one for one in numbered if one not in taken) if many else None


def _values(asked: tuple[Asked, ...], fields: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed, in the form that a document has it, and what cannot be read or is missing."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for one in asked:
        if one.name == NOTE.name:
            continue
        text, message = typed(one, fields)
        text = text.replace("\r\n", "\n")
        if not text and not message and not one.optional and one.name != "value":
            message = f"{'Choose' if one.choices else 'Fill in'}: {one.label}"
        if message:
            problems[one.name] = message
        values[one.name] = _value(one, text)
    return values, problems


def _value(one: Asked, text: str) -> Any:
    if one.name in _AS_LINES:
        plain = _DASHES.sub("-", text) if one.name == "hours" else text
        return tuple(line.strip() for line in plain.split("\n") if line.strip())
    if one.kind == "date":
        day = f"{text[:4]}-{text[4:6]}-{text[6:]}" if text else ""
        return day if one.name == "value" else day or None
    return text.upper() if one.name in _UPPER else text


def _filled(kind: type[Said], values: Mapping[str, Any], problems: dict[str, str]) -> Filled[Said]:
    try:
        said = kind.model_validate(values)
    except ValidationError as refusal:
        for each in refusal.errors():
            name = str(each["loc"][0]) if each["loc"] else "valid_to"
            problems.setdefault(name, _sentence(name, each["type"], each.get("ctx", {})))
        return Filled(None, problems)
    return Filled(None if problems else said, problems)


def _sentence(name: str, kind: str, facts: Mapping[str, Any]) -> str:
    if name in ("valid_from", "valid_to"):
        return _DAYS if kind == "value_error" else _NO_DAY
    if kind == "string_too_long" and name not in _AS_LINES:
        return f"Shorten it to {facts['max_length']:,} characters or fewer"
    return _WORDS.get(name, "Write it in one line, without line breaks or tabs")
