"""Notices for agencies: what came, by kind, employer and day, and the records of one."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from exchange.notices import lists, reading
from exchange.notices.lists import NoticeQuery
from exchange.notices.reading import OpenedFile
from roles.notices import NOTICE_KINDS
from web.door import actor_of, exchange_of, id_of, in_thread
from web.forms import fields_of, form_page

_MOST_PAGES = 1_000_000
_DAYS = ("since", "until")
_NO_DAY = "Enter a day as year-month-day, such as 2026-03-27"


async def notice_list(request: Request) -> Response:
    """The list by kind; what is asked about employers is sent by a form's body: addresses stand in logs."""
    return await _listed(request, {name: request.query_params.get(name, "") for name in ("kind", "unread")})


async def notice_search(request: Request) -> Response:
    """The list by employer and day, or what is wrong with the days."""
    return await _listed(request, await fields_of(request))


async def notice_page(request: Request) -> Response:
    """Some of the records of one notice."""
    return await _records(request, reading.opened_notice, ("/notices", "Notices"))


async def answer_page(request: Request) -> Response:
    """Some of the records of the answer to a file."""
    return await _records(request, reading.opened_answer, (f"/files/{id_of(request)}", "The file"))


async def _records(request: Request, open_it: Callable[..., OpenedFile], up: tuple[str, str]) -> Response:
    """A page of records; `up` is the address and the name of the page above."""
    typed = request.query_params.get("page", "1")
    number = min(int(typed), _MOST_PAGES) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 1
    given = (exchange_of(request), actor_of(request), id_of(request), number)
    seen = await in_thread(request, open_it, *given)
    here, shown = request.scope["path"], seen.page
    values = {
        "title": f"{seen.kind}, {seen.view.created_at:%B} {seen.view.created_at.day}",
        "seen": seen,
        "shown": shown,
        "up": up,
        "first": here if shown.number > 1 else "",
        "next": f"{here}?page={shown.number + 1}" if shown.number < shown.pages else "",
    }
    return form_page(request, "records.html", values)


async def _listed(request: Request, fields: Mapping[str, str]) -> Response:
    days = {name: _day(fields.get(name, "")) for name in _DAYS}
    problems = {name: _NO_DAY for name in _DAYS if fields.get(name) and days[name] is None}
    cursor = request.query_params.get("cursor", "") or fields.get("cursor", "")
    until = days["until"]
    query = NoticeQuery(
        kind=fields.get("kind", ""),
        unread=fields.get("unread") == "yes",
        employer=fields.get("employer", "")[:100],
        since=days["since"],
        until=until + timedelta(days=1) if until else None,
        cursor=cursor,
    )
    exchange, actor = exchange_of(request), actor_of(request)
    found = await in_thread(request, lists.notices, exchange, actor, query)
    values = {
        "title": "Notices",
        "found": found,
        "unread": await in_thread(request, lists.unread, exchange, actor),
        "kinds": NOTICE_KINDS,
        "searched": request.method == "POST",
        "began": bool(cursor),
        "next": _next(query, found.next),
    }
    return form_page(request, "notices.html", values, fields, problems)


def _next(query: NoticeQuery, following: str | None) -> str:
    """The address of the next page of a list that nothing was searched in."""
    kept = {"kind": query.kind, "unread": "yes" if query.unread else "", "cursor": following or ""}
    return f"/notices?{urlencode({name: text for name, text in kept.items() if text})}" if following else ""


def _day(typed: str) -> datetime | None:
    """The beginning of a day, UTC."""
    try:
        return datetime.combine(date.fromisoformat(typed[:20]), time(), UTC)
    except ValueError:
        return None
