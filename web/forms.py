"""Short forms of pages: the body of a sign-in or a report, never a file."""

import re
from collections.abc import Callable, Mapping
from typing import ParamSpec
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from exchange.errors import FieldsRefusedError, RequestInvalidError
from web.door import actor_of, in_thread
from web.menus import Entry, tabs
from web.templating import page

Parameters = ParamSpec("Parameters")

MAXIMUM_BODY = 65_536
MAXIMUM_FIELDS = 200
MOST_PAGES = 1_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_AS_TYPED = frozenset({"password", "new_password", "new_password_again"})
_KIND = "application/x-www-form-urlencoded"


class Texts(dict[str, str]):
    """Texts by field, for a page; what nobody typed, or nobody complained about, is empty."""

    def __missing__(self, name: str) -> str:
        return ""


async def fields_of(
    request: Request, most_bytes: int = MAXIMUM_BODY, most_fields: int = MAXIMUM_FIELDS
) -> dict[str, str]:
    """The fields of a short form, each once, stripped. Raises `RequestInvalidError`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
        raise RequestInvalidError(what="a form is expected")
    body = await body_of(request, most_bytes)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=most_fields, errors="strict"
        )
    except ValueError:
        raise RequestInvalidError(what="the form is malformed") from None
    if any(_CONTROL.search(text) for pair in pairs for text in pair):
        raise RequestInvalidError(what="control characters are not allowed")
    return {name: value if name in _AS_TYPED else value.strip() for name, value in pairs}


async def problems_of(
    request: Request,
    act: Callable[Parameters, object],
    *arguments: Parameters.args,
    **named: Parameters.kwargs,
) -> dict[str, str]:
    """Do what a form asks for; what is wrong with its answers by field, nothing when it is done."""
    try:
        await in_thread(request, act, *arguments, **named)
    except FieldsRefusedError as refusal:
        return refusal.problems
    return {}


def form_page(  # what every page with a form has
    request: Request,
    template: str,
    values: Mapping[str, object],
    fields: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    entries: tuple[Entry, ...] = (),
) -> Response:
    """A page with forms: what was typed, what is wrong with it, what was done before, and its tabs."""
    frame = {
        "done": request.query_params.get("done"),
        "errors": listed(problems or {}),
        "fields": Texts(fields or {}),
        "problems": Texts(problems or {}),
        "tabs": tabs(entries, actor_of(request), request.scope["path"]),
    }
    return page(request, template, {**frame, **values}, 422 if problems else 200)


def page_of(fields: Mapping[str, str]) -> int:
    """Which page of a list is wanted; the first is 0."""
    page = fields.get("page", "")
    return min(int(page), MOST_PAGES) if page.isascii() and page.isdigit() and len(page) < 6 else 0


def listed(problems: Mapping[str, str]) -> list[dict[str, str]]:
    """Problems by field as the summary above a form lists them."""
    return [{"field": field, "text": text} for field, text in problems.items()]


async def body_of(request: Request, limit: int) -> bytes:
    """The whole body, when it is short. Raises `RequestInvalidError` for a longer one."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise RequestInvalidError(what="the request is too long")
    return bytes(body)
