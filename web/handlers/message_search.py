"""Searching the mailbox. What is looked for is sent in a form's body: addresses stand in logs."""

from collections.abc import Mapping
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from exchange.messages import search
from exchange.messages.inbox import Box, InboxQuery
from exchange.messages.search import SearchQuery
from web import message_words
from web.door import actor_of, exchange_of, in_thread
from web.forms import fields_of, form_page
from web.handlers.messages import topic_choices

_DAYS = ("since", "until")
_KEPT = ("asked", "topic", "box", *_DAYS)
_NO_DAY = "Enter a day as year-month-day, such as 2026-03-27"
_NOTHING_ASKED = "Enter a word to look for"
_LONGEST = 200
_BOXES = (Box.ALL, Box.INBOX, Box.UNREAD, Box.ARCHIVED)


async def search_page(request: Request) -> Response:
    """The form, with nothing looked for yet."""
    return _shown(request, {"box": Box.ALL.value}, {})


async def look(request: Request) -> Response:
    """What was found, newest first; or what is wrong with what was asked."""
    fields = await fields_of(request)
    fields["asked"] = fields.get("asked", "").strip()[:_LONGEST]
    problems = {name: _NO_DAY for name in _DAYS if fields.get(name) and _day(fields[name]) is None}
    if not fields["asked"]:
        problems["asked"] = _NOTHING_ASKED
    if problems:
        return _shown(request, fields, problems)
    exchange, actor, query = exchange_of(request), actor_of(request), _query(fields)
    found = await in_thread(request, search.search, exchange, actor, query)
    return _shown(request, fields, {}, found)


def _query(fields: Mapping[str, str]) -> SearchQuery:
    box, topic = fields.get("box") or Box.ALL.value, fields.get("topic", "")
    within = InboxQuery(box=box, topic=topic, cursor=fields.get("cursor", ""))
    since, until = (_day(fields.get(name, "")) for name in _DAYS)
    return SearchQuery(fields["asked"], within, since, until)


def _shown(
    request: Request, fields: Mapping[str, str], problems: Mapping[str, str], found: object = None
) -> Response:
    values = {
        "title": "Search messages",
        "found": found,
        "said": message_words,
        "boxes": [(box.value, message_words.BOXES[box][0]) for box in _BOXES],
        "topics": topic_choices(actor_of(request)),
        "kept": [(name, fields.get(name, "")) for name in _KEPT],
        "began": bool(fields.get("cursor")),
    }
    return form_page(request, "message_search.html", values, fields, problems)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip()[:10])
    except ValueError:
        return None
