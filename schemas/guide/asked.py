"""What the forms of the reference guide ask: an answer by its question, a contact, what a jurisdiction is."""

from datetime import date

from schemas.forms.form import Question as Asked
from schemas.guide.contacts import CONTACT_TYPES, types_of
from schemas.guide.documents import (
    LONGEST_TEXT,
    Answer,
    AnswerType,
    Contact,
    Document,
    Facts,
    JurisdictionKind,
    Question,
)

LINE = 120
LONGEST_NOTE = 500
_LONGEST_URL = 1_900
_MANY_LINES = 10_000
_HOURS = "One line for each span, in local time, such as Mon-Fri 08:00-16:30"
_DAY = "Month, day and year, such as 4 28 2026"
NOTE = Asked(
    "note",
    "Why it changes",
    "Kept in the history, where only those who keep this part read it",
    "text",
    optional=True,
    width=LONGEST_NOTE,
)
_YES_NO = (("yes", "Yes"), ("no", "No"))
_KINDS = {
    AnswerType.YESNO: ("radio", ""),
    AnswerType.NUMBER: ("text", "A number, such as 21 or 0.75"),
    AnswerType.DATE: ("date", _DAY),
    AnswerType.CHOICE: ("choice", ""),
    AnswerType.LINK: ("text", "The whole address, beginning with https:// or http://"),
    AnswerType.CITATION: ("textarea", "As it is cited there, such as Kan. Stat. Ann. 39-7,139"),
    AnswerType.TEXT: ("textarea", ""),
}


def _line(  # a question of one line
    name: str, label: str, hint: str = "", *, optional: bool = True, width: int = LINE, kind: str = "text"
) -> Asked:
    return Asked(name, label, hint, kind, optional, width)


def _lines(name: str, label: str, hint: str, *, width: int = _MANY_LINES) -> Asked:
    return Asked(name, label, hint, "textarea", optional=True, width=width)


_URL = _line("url", "Address of the source in the web", "Begins with https:// or http://", width=_LONGEST_URL)
_COMMENT = _lines("comment", "Comment", "What a caseworker elsewhere should know besides", width=LONGEST_TEXT)


def asked_of_answer(question: Question) -> tuple[Asked, ...]:
    """The form of an answer, made from its question."""
    kind, hint = _KINDS[question.answer_type]
    width = LONGEST_TEXT if kind == "textarea" else _LONGEST_URL
    optional = not question.required
    choices = tuple((one, one) for one in question.choices)
    if question.answer_type is AnswerType.YESNO:
        choices = _YES_NO if question.required else (*_YES_NO, ("", "Not answered"))
    inputmode = {AnswerType.NUMBER: "decimal", AnswerType.LINK: "url"}.get(question.answer_type, "text")
    value = Asked("value", "Answer", hint, kind, optional, width, inputmode=inputmode, choices=choices)
    return (value, _URL, _COMMENT, NOTE)


_CONTACT = (
    _line("name", "Name of the office or desk", optional=False),
    _line("title", "Person or function", "A function rather than a name, such as Intake supervisor"),
    _lines("lines", "Street or post box", "One line for each line of the address, four at most"),
    _line("city", "City"),
    _line("region", "State or region"),
    _line("postal", "ZIP or postal code", width=12),
    _line("country", "Country", "Two letters, such as US or DE", optional=False, width=2),
    _line("phone", "Telephone", "Such as 785-555-0100 or +49 30 5550100", width=24, kind="tel"),
    _line("extension", "Extension", "Digits only", width=5),
    _line("fax", "Fax", width=24, kind="tel"),
    _line("email", "Email", width=254, kind="email"),
    _line("web", "Web page", "Begins with https:// or http://", width=_LONGEST_URL),
    _lines("hours", "Office hours", _HOURS),
    _lines("languages", "Languages", "One a line"),
    _lines("comments", "Comments", "Such as the area that an office serves", width=LONGEST_TEXT),
    _line(
        "locator_code",
        "Locator code",
        "Only of an office that has one of its own, such as 2017300",
        width=7,
    ),
    Asked("valid_from", "Counts from", _DAY, "date", optional=True, width=10),
    Asked("valid_to", "Counts until", _DAY, "date", optional=True, width=10),
)


def asked_of_contact(kind: JurisdictionKind, *, new: bool) -> tuple[Asked, ...]:
    """The form of a contact; of a new one the type as well, which stays as it is afterwards."""
    types = tuple((one.slug, one.title) for one in types_of(kind))
    what = Asked("type", "What it is for", "", "choice", optional=False, width=LINE, choices=types)
    return (*((what,) if new else ()), *_CONTACT, NOTE)


_FACTS = (
    _line("name", "Name", optional=False),
    _line("agency", "Agency"),
    _line("abbreviation", "Abbreviation", "USPS code, ISO code of a country, or BIA code", width=8),
    _lines("other_names", "Other names", "As people elsewhere call it, in any language, one a line"),
    _lines("places", "Places in it", "Counties or cantons that people name in its stead, one a line"),
    _line("region", "Region"),
    _line("capital", "Capital"),
    _line("time_zone", "Time zone", "As in the IANA database, such as America/Chicago", optional=False),
    _lines("languages", "Languages", "One a line"),
    _line("currency", "Currency", "Three letters, such as USD", width=3),
    _line("latitude", "Latitude", "Degrees, such as 38.5", width=12),
    _line("longitude", "Longitude", "Degrees, such as -98.4", width=12),
    _line("web", "Web page", "Begins with https:// or http://", width=_LONGEST_URL),
)
_CONVENTION = Asked(
    "convention",
    "Is the Hague Convention of 2007 in force with it?",
    "",
    "radio",
    optional=True,
    width=3,
    choices=(*_YES_NO, ("", "Not known")),
)
_SOVEREIGNTY = _lines("sovereignty", "Tribal sovereignty", "", width=LONGEST_TEXT)
_MORE = {JurisdictionKind.COUNTRY: (_CONVENTION,), JurisdictionKind.TRIBE: (_SOVEREIGNTY,)}


def asked_of_facts(kind: JurisdictionKind) -> tuple[Asked, ...]:
    """The form of what a jurisdiction is; its code, kind and FIPS stay as they are."""
    return (*_FACTS, *_MORE.get(kind, ()), NOTE)


def fields_of_document(said: Document, asked: tuple[Asked, ...]) -> dict[str, str]:
    """A document as the fields of its form have it; a day in three fields."""
    fields: dict[str, str] = {"type": said.type} if isinstance(said, Contact) else {}
    for one in asked:
        if one.name in type(said).model_fields:
            fields.update(_typed(one, getattr(said, one.name)))
    return fields


def _typed(one: Asked, held: object) -> dict[str, str]:
    if one.kind == "date":
        day = held if isinstance(held, date) else _as_day(str(held or ""))
        numbers = (day.month, day.day, day.year) if day else ("", "", "")
        return {name: str(number) for name, number in zip(one.parts, numbers, strict=True)}
    return {one.name: as_text(held)}


def _as_day(text: str) -> date | None:
    """The day that a text is; None for a draft that is older than its question and says no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def as_text(held: object) -> str:
    """A member of a document as people write it: several as lines, no value as nothing."""
    match held:
        case None:
            return ""
        case bool():
            return "yes" if held else "no"
        case tuple():
            return "\n".join(str(each) for each in held)
        case _:
            return str(held)


def rows_of(said: Answer | Contact | Facts, question: Question | None = None) -> list[tuple[str, str]]:
    """A document as label and text, in the order of its form, without what is empty."""
    match said:
        case Answer():
            asked = asked_of_answer(question) if question else (_URL, _COMMENT)
            files = [("Law text", one.name) for one in said.attachments]
            value = [] if question else [("Answer", said.value)]
        case Contact():
            known = CONTACT_TYPES.get(said.type)
            asked, files = _CONTACT, []
            value = [("What it is for", known.title if known else said.type)]
        case Facts():
            asked, files, value = asked_of_facts(said.kind), [], []
    told = [(one.label, _told(one, getattr(said, one.name))) for one in asked if one.name != NOTE.name]
    return [(label, text) for label, text in (*value, *told, *files) if text]


def _told(one: Asked, held: object) -> str:
    text = as_text(held)
    if one.kind == "radio":
        return dict(one.choices).get(text, text) if text else ""
    return text
