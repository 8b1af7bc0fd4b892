"""What all pages of the reference guide have in common: who reads, the guide of which day, the frame."""

from collections.abc import Mapping
from datetime import UTC, date

from starlette.requests import Request
from starlette.responses import Response

from exchange.errors import FieldsRefusedError, RecordNotFoundError
from exchange.guide import editions
from exchange.guide.memory import Edition
from exchange.mail import address_of
from roles.guide import audience_of
from schemas.guide.documents import Audience, Part
from web.door import exchange_of, in_thread, visitor_of
from web.menus import GUIDE, tabs
from web.templating import page

_LONGEST = 200


def reader_of(request: Request) -> Audience:
    """What the visitor reads: whoever has not signed in, the public part."""
    return audience_of(visitor_of(request))


async def edition_of(request: Request) -> Edition:
    """The guide of now, with nothing in it that the visitor does not read."""
    found = await in_thread(request, editions.published, exchange_of(request))
    return found.read_by(reader_of(request))


async def edition_on(request: Request, code: str, day: date) -> Edition:
    """One jurisdiction as it stood at the end of a past day (UTC), for this visitor."""
    exchange, reader = exchange_of(request), reader_of(request)
    now = await in_thread(request, editions.published, exchange)
    return await in_thread(request, editions.on_day, exchange, now, reader, code, day)


def today(request: Request) -> date:
    """The day it is, in UTC."""
    return exchange_of(request).clock().astimezone(UTC).date()


def day_asked(request: Request, name: str) -> date | None:
    """A day in the address, up to today; None for none. Raises `FieldsRefusedError`."""
    text = asked(request, name)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise FieldsRefusedError({name: "Enter a day as year-month-day, such as 2025-06-01"}) from None
    if not date(1970, 1, 1) <= day <= today(request):
        raise FieldsRefusedError({name: "Enter a day of the past"})
    return day


def asked(request: Request, name: str) -> str:
    """What the address says, shortened."""
    return request.query_params.get(name, "").strip()[:_LONGEST]


def code_of(request: Request) -> str:
    """The locator code in the path; letters may be small."""
    code: str = request.path_params["code"]
    return code.upper()


def part_of(edition: Edition, code: str) -> Part:
    """What the guide says of a jurisdiction. Raises `RecordNotFoundError`."""
    part = edition.parts.get(code)
    if part is None:
        raise RecordNotFoundError
    return part


def guide_page(
    request: Request, template: str, edition: Edition, values: Mapping[str, object], status: int = 200
) -> Response:
    """A page of the guide in its frame."""
    url = request.url
    address = address_of(exchange_of(request), url.path)
    problems: Mapping[str, str] = values.get("problems") or {}  # type: ignore[assignment]  # a mapping of texts
    frame = {
        "tabs": tabs(GUIDE, visitor_of(request), url.path),
        "synthetic": edition.synthetic,
        "address": f"{address}?{url.query}" if url.query else address,
        "printed_at": exchange_of(request).clock(),
        "problems": problems,
        "errors": [{"field": field, "text": text} for field, text in problems.items()],
        "q": "",
        "on": None,
    }
    return page(request, template, {**frame, **values}, 422 if problems else status)
