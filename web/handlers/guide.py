"""The reference guide as it is read: its first page, a jurisdiction, what an entry said before."""

from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.errors import FieldsRefusedError
from exchange.guide import editions, lookup, past, reaching, reading
from exchange.guide.keys import FACTS, Key
from exchange.guide.memory import Edition
from exchange.guide.told import lines_of
from roles.guide import EntrySort
from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import Part, Version
from schemas.guide.hours import local_time
from web import guide_words
from web.door import exchange_of, in_thread, visitor_of
from web.guide_pages import (
    asked,
    code_of,
    day_asked,
    edition_of,
    edition_on,
    guide_page,
    part_of,
    reader_of,
    today,
)


async def guide_home(request: Request) -> Response:
    """The box, and every jurisdiction by its kind."""
    edition = await edition_of(request)
    values = {"title": "Reference guide", "kinds": reading.listed(edition), "words": reading.KIND_WORDS}
    return guide_page(request, "guide_home.html", edition, values)


async def search_page(request: Request) -> Response:
    """What a line finds; if it asks for one thing, that thing itself."""
    wanted = asked(request, "q")
    if not wanted:
        return RedirectResponse("/guide", 303)
    whole = await in_thread(request, editions.published, exchange_of(request))
    reader, now = reader_of(request), exchange_of(request).clock()
    looked = await in_thread(request, lookup.look_up, whole, reader, wanted, now)
    edition = whole.read_by(reader)
    values = {"title": f"{wanted}: reference guide", "q": wanted, "looked": looked, "now": now}
    values["kinds"] = reading.KIND_WORDS
    return guide_page(request, "guide_found.html", edition, values | {"guide": guide_words})


async def part_page(request: Request) -> Response:
    """All that the guide says of a jurisdiction: now, or as it stood at the end of a day."""
    edition = await edition_of(request)
    try:
        day = day_asked(request, "on")
    except FieldsRefusedError as refusal:
        values: dict[str, object] = {
            "title": "Another day",
            "code": code_of(request),
            "problems": refusal.problems,
        }
        return guide_page(request, "guide_day.html", edition, values)
    if day in {None, today(request)}:
        reach = await _reach(request, edition)
        return guide_page(request, "guide_part.html", edition, _of_now(request, edition) | {"reach": reach})
    then = await edition_on(request, code_of(request), day)
    if code_of(request) not in then.parts:
        part_of(edition, code_of(request))
        values = {"title": f"{code_of(request)} on that day", "code": code_of(request), "on": day}
        return guide_page(request, "guide_day.html", then, values, 404)
    return guide_page(request, "guide_part.html", then, _of_day(request, then, day))


async def _reach(request: Request, edition: Edition) -> reaching.Reach:
    """How the visitor writes to the jurisdiction, or reaches it otherwise."""
    part = part_of(edition, code_of(request))
    asked_by = (exchange_of(request), visitor_of(request), part, today(request))
    return await in_thread(request, reaching.reach, *asked_by)


def _of_now(request: Request, edition: Edition) -> dict[str, object]:
    part, now = part_of(edition, code_of(request)), exchange_of(request).clock()
    contacts = reading.reached(edition, part, now)
    there = local_time(part.facts.time_zone, now)
    more = {"there": there, "office": reading.main_office(contacts), "now": now, "contacts": contacts}
    return _told(request, edition, part, there.date()) | more


def _of_day(request: Request, edition: Edition, day: date) -> dict[str, object]:
    """Nothing of the present: neither the time there nor who is there now, and ages as they were then."""
    part, then = part_of(edition, code_of(request)), editions.end_of(day)
    more = {"on": day, "there": None, "office": None, "now": then, "reach": None}
    return _told(request, edition, part, day) | more | {"contacts": reading.reached(edition, part, then)}


def _told(request: Request, edition: Edition, part: Part, day: date) -> dict[str, object]:
    versions = reading.versions_of(edition, part.facts.kind, day)
    chosen = _chosen(versions, asked(request, "edition"))
    newest = chosen is (versions[0] if versions else None)
    key = Key(part.facts.locator_code, EntrySort.FACTS, FACTS)
    return {
        "title": part.facts.name,
        "facts": part.facts,
        "lines": lines_of(part.facts),
        "facts_stamp": edition.stamps.get(key),
        "versions": versions,
        "version": chosen,
        "newest": newest,
        "sections": reading.sections(edition, part, chosen, newest=newest),
        "guide": guide_words,
    }


def _chosen(versions: tuple[Version, ...], slug: str) -> Version | None:
    """The edition with this slug, else the newest; None where there is none."""
    newest = versions[0] if versions else None
    return next((one for one in versions if one.slug == slug), newest)


async def history_page(request: Request) -> Response:
    """Every revision of an entry and what it changed."""
    exchange, actor, code = exchange_of(request), visitor_of(request), code_of(request)
    whole = await in_thread(request, editions.published, exchange)
    edition = whole.read_by(reader_of(request))
    part, key = part_of(edition, code), Key(code, _sort(request), request.path_params["slug"])
    steps = await in_thread(request, past.steps, exchange, whole, key, actor)
    name = _name(edition, key, steps)
    values = {
        "title": f"{name}: {part.facts.name}",
        "name": name,
        "facts": part.facts,
        "steps": steps,
        "anchor": "" if key.sort is EntrySort.FACTS else key.slug,
        "today": today(request),
    }
    return guide_page(request, "guide_history.html", edition, values)


def _sort(request: Request) -> EntrySort:
    try:
        return EntrySort(request.path_params["sort"])
    except ValueError:
        raise HTTPException(404) from None


def _name(edition: Edition, key: Key, steps: list[past.Step]) -> str:
    """What an entry is called."""
    match key.sort:
        case EntrySort.ANSWER:
            question = edition.questions.get(key.slug)
            return question.title if question else key.slug
        case EntrySort.CONTACT:
            types = (getattr(one.revision.said, "type", "") for one in steps)
            known = next((CONTACT_TYPES[one] for one in types if one in CONTACT_TYPES), None)
            return known.title if known else key.slug
        case EntrySort.FACTS:
            return "The jurisdiction itself"
