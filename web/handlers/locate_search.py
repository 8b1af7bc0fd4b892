"""Searching the case registry before the sources are asked, and going on with somebody who was found."""

from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from exchange.errors import FieldsRefusedError, PersonSearchClosedError, SearchTooBroadError
from exchange.locate import searching
from exchange.locate.searching import Searched
from roles.locate import PURPOSES, SOURCES, Purpose
from schemas.locate.query import as_fields
from web import locate_words
from web.door import actor_of, exchange_of, in_thread
from web.forms import fields_of, form_page, problems_of
from web.handlers.locate import PICKED, ask_form
from web.menus import LOCATE


async def search(request: Request) -> Response:
    """Who of the case registry may be meant; the form again where that cannot be told."""
    fields = await fields_of(request)
    found: list[Searched] = []

    def act() -> None:
        about = fields.get("purpose", ""), fields.get("case_number", "")
        try:
            found.append(searching.search(exchange_of(request), actor_of(request), *about, fields))
        except (SearchTooBroadError, PersonSearchClosedError) as refusal:
            raise FieldsRefusedError({"search": str(refusal)}) from None

    if problems := await problems_of(request, act):
        return await ask_form(request, fields, problems)
    return _found(request, fields, found[0])


async def person(request: Request) -> Response:
    """The form, about somebody who was found, or (`change`) with what was searched for to be changed."""
    fields = await fields_of(request)
    carry = partial(searching.carried, exchange_of(request), actor_of(request), fields.get("carried", ""))
    if problems := await problems_of(request, carry):
        return await ask_form(request, _ticked(fields), problems)
    carried = await in_thread(request, carry)
    if "change" in fields and not carried.found:
        typed = as_fields(carried.subject.as_dict())
        kept = {name: text for name, text in fields.items() if name != "carried"}
        return await ask_form(request, _ticked(kept | typed))
    return await ask_form(request, _ticked(fields))


def _ticked(fields: Mapping[str, str]) -> dict[str, str]:
    return {**fields, **{f"{PICKED}{code}": "yes" for code in SOURCES}}


def _found(request: Request, fields: Mapping[str, str], found: Searched) -> Response:
    values = {
        "title": "Who may be meant",
        "found": found,
        "purpose": PURPOSES[Purpose(fields["purpose"])].title,
        "locating_words": locate_words,
    }
    return form_page(request, "locate_found.html", values, fields, entries=LOCATE)
