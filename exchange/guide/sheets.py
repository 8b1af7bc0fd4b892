"""Pages of the guide as tables for spreadsheets: the header, then a line for each entry, as texts."""

from collections.abc import Iterable, Iterator, Sequence

from exchange.guide.comparing import Cell, Row
from exchange.guide.memory import Stamp
from exchange.guide.reading import Reached, Section
from exchange.guide.told import address_lines, lines_of, phone_told
from exchange.guide.topics import Topic
from schemas.guide.documents import Answer, Facts, Part

Line = Sequence[str]
SYNTHETIC = "synthetic, not for use"
_STAMPED = ("published", "looked at", "note")
_CONTACT = ("name", "title", "address", "telephone", "fax", "e-mail", "web", "office hours", "languages")


def of_part(part: Part, sections: Iterable[Section], contacts: Iterable[Reached]) -> Iterator[Line]:
    """One jurisdiction: answers in the order of an edition, then contacts."""
    yield (
        "locator code",
        "jurisdiction",
        "entry",
        "category",
        "number",
        "name",
        "text",
        "law",
        "comments",
        *_STAMPED,
    )
    own = (part.facts.locator_code, part.facts.name)
    for section in sections:
        for one in section.told:
            if one.answer:
                said = (one.answer.value, one.answer.url, one.answer.comment)
                title = (section.title, one.number, one.question.title)
                yield (*own, "answer", *title, *said, *_stamped(one.stamp, synthetic=one.answer.synthetic))
    for reached in contacts:
        contact = reached.contact
        told = "; ".join(f"{label}: {text}" for label, text in lines_of(contact)[1:])
        line = (reached.type.title, "", contact.name, told.replace("\n", ", "), "", contact.comments)
        yield (*own, "contact", *line, *_stamped(reached.stamp, synthetic=contact.synthetic))


def of_comparison(columns: Sequence[Facts], rows: Iterable[Row]) -> Iterator[Line]:
    """A line for each question, a column for each jurisdiction."""
    yield ("question", "text", "answers", *(f"{one.name} ({one.locator_code})" for one in columns), "note")
    for row in rows:
        synthetic = any(cell.answer.synthetic for cell in row.cells if cell.answer)
        values = (cell.value if cell.asked else "not asked" for cell in row.cells)
        note = SYNTHETIC if synthetic else ""
        yield (row.question.title, row.question.text, row.agreement.value, *values, note)


def of_topic(topic: Topic) -> Iterator[Line]:
    """A line for each jurisdiction."""
    yield ("locator code", "jurisdiction", topic.question.title, "law", "comments", *_STAMPED)
    for cell in topic.cells:
        yield (cell.facts.locator_code, cell.facts.name, *_answered(cell))


def _answered(cell: Cell) -> Line:
    answer = cell.answer or Answer(question="none")
    said = (answer.value, answer.url, answer.comment)
    return (*said, *_stamped(cell.stamp, synthetic=answer.synthetic))


def of_contacts(lines: Iterable[tuple[Facts, Sequence[Reached]]]) -> Iterator[Line]:
    """A line for each contact of one purpose."""
    yield ("locator code", "jurisdiction", *_CONTACT, *_STAMPED)
    for facts, mine in lines:
        for one in mine:
            contact = one.contact
            address = ", ".join(address_lines(contact))
            reach = (address, phone_told(contact), contact.fax, contact.email, contact.web)
            more = ("; ".join(contact.hours), ", ".join(contact.languages))
            stamped = _stamped(one.stamp, synthetic=contact.synthetic)
            yield (contact.locator_code, facts.name, contact.name, contact.title, *reach, *more, *stamped)


def _stamped(stamp: Stamp | None, *, synthetic: bool) -> Line:
    days = (stamp.published_at, stamp.reviewed_at) if stamp else ()
    told = tuple(day.date().isoformat() for day in days) or ("", "")
    return (*told, SYNTHETIC if synthetic else "")
