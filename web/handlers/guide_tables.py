"""The reference guide across jurisdictions: comparisons, topics, contacts of a kind, the map, changes."""

from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from exchange.errors import FieldsRefusedError
from exchange.guide import changes, comparing, editions, reading, topics, visits
from exchange.guide.memory import Edition
from roles.guide import sees
from schemas.guide.contacts import CONTACT_TYPES, ContactType
from schemas.guide.documents import JurisdictionKind, Question
from web import guide_map, guide_words
from web.door import exchange_of, in_thread, visitor_of
from web.forms import page_of
from web.guide_pages import asked, day_asked, edition_of, guide_page, reader_of, today

_MAPPED = (JurisdictionKind.STATE, JurisdictionKind.COUNTRY, JurisdictionKind.TRIBE)
_USUAL_DAYS = 30
_MOST_CHOSEN = 200


async def compare_page(request: Request) -> Response:
    """Two to five jurisdictions beside each other; the address is a permanent one."""
    edition = await edition_of(request)
    codes, slugs, only = chosen(request, edition)
    shown = codes[: comparing.MOST]
    rows = (
        await in_thread(request, comparing.compare, edition, shown, slugs, only_differing=only)
        if len(shown) >= comparing.LEAST
        else []
    )
    kinds = {edition.parts[code].facts.kind for code in shown}
    values = {
        "title": "Compare",
        "kinds": reading.listed(edition),
        "words": reading.KIND_WORDS,
        "codes": shown,
        "left_out": len(codes) > len(shown),
        "places": range(comparing.MOST),
        "slugs": frozenset(slugs),
        "only": only,
        "asks": [(kind, topics.categories(edition, kind)) for kind in reading.KIND_WORDS if kind in kinds],
        "columns": [edition.parts[code].facts for code in shown],
        "rows": rows,
        "query": urlencode(request.query_params.multi_items()),
        "guide": guide_words,
        "now": exchange_of(request).clock(),
    }
    return guide_page(request, "guide_compare.html", edition, values)


def chosen(request: Request, edition: Edition) -> tuple[list[str], list[str], bool]:
    """What the address chooses: jurisdictions and questions that there are, and whether only differences."""
    query = request.query_params
    codes = dict.fromkeys(code.strip().upper() for code in query.getlist("j")[:_MOST_CHOSEN])
    slugs = dict.fromkeys(query.getlist("q")[:_MOST_CHOSEN])
    return (
        [code for code in codes if code in edition.parts],
        [slug for slug in slugs if slug in edition.questions],
        bool(query.get("differing")),
    )


async def topics_page(request: Request) -> Response:
    """All questions by category, and all purposes of contacts."""
    edition = await edition_of(request)
    kinds = reading.listed(edition)
    asks = [(kind, topics.categories(edition, kind)) for kind in reading.KIND_WORDS if kind in kinds]
    values = {
        "title": "Topics",
        "asks": [(kind, categories) for kind, categories in asks if categories],
        "words": reading.KIND_WORDS,
        "types": topics.contact_types(edition),
        "guide": guide_words,
    }
    return guide_page(request, "guide_topics.html", edition, values)


async def topic_page(request: Request) -> Response:
    """One question across all jurisdictions."""
    edition = await edition_of(request)
    question = question_of(request, edition)
    by_answer = asked(request, "sort") == "answer"
    values = {
        "title": question.title,
        "question": question,
        "topic": topics.topic(edition, question, by_answer=by_answer),
        "by_answer": by_answer,
        "numbers": edition.numbers.get(question.slug, ()),
        "mapped": question.answer_type in comparing.EXACT,
        "guide": guide_words,
        "now": exchange_of(request).clock(),
    }
    return guide_page(request, "guide_topic.html", edition, values)


def question_of(request: Request, edition: Edition) -> Question:
    """The question in the path; what there is none of, or none for this reader, is not there."""
    question = edition.questions.get(request.path_params["slug"])
    if question is None:
        raise HTTPException(404)
    return question


async def contacts_page(request: Request) -> Response:
    """Everybody's contacts for one purpose."""
    edition = await edition_of(request)
    wanted = type_of(request)
    now = exchange_of(request).clock()
    values = {
        "title": wanted.title,
        "type": wanted,
        "lines": topics.contacts(edition, wanted, now),
        "guide": guide_words,
        "now": now,
    }
    return guide_page(request, "guide_contacts.html", edition, values)


def type_of(request: Request) -> ContactType:
    """The purpose in the path; one whose contacts the visitor does not read is not there."""
    wanted = CONTACT_TYPES.get(request.path_params["type"])
    if wanted is None or not sees(reader_of(request), wanted.audience):
        raise HTTPException(404)
    return wanted


async def map_page(request: Request) -> Response:
    """Every jurisdiction near where it lies; colored by an answer if one is chosen."""
    edition = await edition_of(request)
    question = edition.questions.get(asked(request, "q"))
    if question and question.answer_type not in comparing.EXACT:
        question = None
    shades, offered = guide_map.shades_of(edition, question), guide_map.questions_for_maps(edition)
    maps = (guide_map.map_of(edition, kind, question, shades) for kind in _MAPPED)
    values = {
        "title": "Map",
        "maps": [one for one in maps if one is not None],
        "question": question,
        "questions": [(kind, offered[kind]) for kind in _MAPPED if kind in offered],
        "shades": list(shades.values()),
        "words": reading.KIND_WORDS,
    }
    return guide_page(request, "guide_map.html", edition, values)


async def changes_page(request: Request) -> Response:
    """What changed since the last visit, or since a day."""
    whole = await in_thread(request, editions.published, exchange_of(request))
    edition = whole.read_by(reader_of(request))
    values: dict[str, object] = {"title": "What changed", "guide": guide_words, "since": "", "visited": None}
    try:
        day = day_asked(request, "since")
    except FieldsRefusedError as refusal:
        typed = {
            "problems": refusal.problems,
            "since": asked(request, "since"),
            "found": None,
            "moment": None,
        }
        return guide_page(request, "guide_changes.html", edition, values | typed)
    actor, exchange = visitor_of(request), exchange_of(request)
    visited = await in_thread(request, visits.look, exchange, actor) if actor and day is None else None
    usual = today(request) - timedelta(days=_USUAL_DAYS)
    moment = visited or datetime.combine(day or usual, time(), UTC)
    page = page_of(dict(request.query_params))
    found = await in_thread(request, changes.since, exchange, whole, reader_of(request), moment, page)
    values |= {"found": found, "moment": moment, "visited": visited, "page": page}
    values["since"] = moment.date().isoformat()
    return guide_page(request, "guide_changes.html", edition, values)
