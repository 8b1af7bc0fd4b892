"""What the box finds: hits with their age, and of the first one all that it says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from exchange.guide.comparing import Cell, cell_of
from exchange.guide.finding import Hit
from exchange.guide.keys import Key
from exchange.guide.memory import Edition, Stamp
from exchange.guide.reading import Reached, main_office, reached
from exchange.guide.topics import Topic, topic
from roles.guide import EntrySort
from schemas.guide.documents import Audience, Contact, Facts, Question
from schemas.guide.hours import local_time

_MOST = 20


@dataclass(frozen=True)
class Line:
    """One hit: where its page is (a path within the guide), and how old the entry is."""

    hit: Hit
    path: str
    stamp: Stamp | None


@dataclass(frozen=True)
class First:
    """The first hit in full: an answer, a contact, a topic across all, or a jurisdiction alone.

    `there`: the local time; `cell` with `question`; `contact`; `office`: who stands for the jurisdiction.
    """

    path: str
    facts: Facts | None = None
    there: datetime | None = None
    question: Question | None = None
    cell: Cell | None = None
    contact: Reached | None = None
    topic: Topic | None = None
    office: Reached | None = None


@dataclass(frozen=True)
class Looked:
    """All of it. `first` is None where nothing was found; then lines are only near."""

    first: First | None
    lines: list[Line]


def look_up(whole: Edition, reader: Audience, query: str, moment: datetime) -> Looked:
    """What a line means to this reader. `whole`: the edition of now."""
    edition = whole.read_by(reader)
    index = whole.index_on(moment.astimezone(UTC).date())
    hits = [hit for hit in index.search(query, reader, limit=_MOST) if _holds(edition, hit, moment)]
    lines = [_line(edition, hit) for hit in hits]
    if not lines or hits[0].suggestion:
        return Looked(None, lines)
    return Looked(_first(edition, hits[0], moment), lines[1:])


def _line(edition: Edition, hit: Hit) -> Line:
    return Line(hit, path_of(hit), _stamp(edition, hit))


def path_of(hit: Hit) -> str:
    """Where the page of a hit is, within the guide."""
    if hit.locator_code is None:
        return f"topics/{hit.question}" if hit.question else f"contacts/{hit.contact_type}"
    anchor = hit.question or hit.contact
    return f"{hit.locator_code}#{anchor}" if anchor else hit.locator_code


def _holds(edition: Edition, hit: Hit, moment: datetime) -> bool:
    """Whether a contact counts today; all else does."""
    if hit.contact is None or hit.locator_code is None:
        return True
    said = edition.said.get(Key(hit.locator_code, EntrySort.CONTACT, hit.contact))
    zone = edition.parts[hit.locator_code].facts.time_zone
    return isinstance(said, Contact) and said.counts_on(local_time(zone, moment).date())


def _stamp(edition: Edition, hit: Hit) -> Stamp | None:
    keys = _keys(hit) if hit.locator_code else iter(())
    return next((edition.stamps[key] for key in keys if key in edition.stamps), None)


def _keys(hit: Hit) -> Iterator[Key]:
    code = hit.locator_code or ""
    if hit.question:
        yield Key(code, EntrySort.ANSWER, hit.question)
    if hit.contact:
        yield Key(code, EntrySort.CONTACT, hit.contact)


def _first(edition: Edition, hit: Hit, moment: datetime) -> First:
    path = path_of(hit)
    question = edition.questions[hit.question] if hit.question else None
    if hit.locator_code is None:
        return First(path, question=question, topic=topic(edition, question) if question else None)
    part = edition.parts[hit.locator_code]
    contacts = reached(edition, part, moment)
    return First(
        path,
        part.facts,
        local_time(part.facts.time_zone, moment),
        question,
        cell_of(edition, part, question) if question else None,
        next((one for one in contacts if one.contact.slug == hit.contact), None),
        office=main_office(contacts),
    )
