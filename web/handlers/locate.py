"""Locating people: the requests of a worker, a new one, and one of them with what its sources have said."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from exchange.errors import FieldsRefusedError, NotNowError
from exchange.locate import desk, questions, requests, review, searching, standing, viewing
from exchange.locate.requests import NewRequest
from exchange.locate.viewing import Opened
from exchange.runtime import Exchange
from roles.disclosure import Viewer
from roles.locate import PURPOSES, SOURCES, offered
from roles.policy import Actor
from schemas.locate.query import BIRTH, FURTHER, NAMES, SSN_ASKED, WHOLE, Subject, as_fields
from web import locate_words
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of
from web.handlers.locate_review import locate_tabs
from web.menus import LOCATE
from web.templating import lower_first, page

PICKED = "source-"
"""What the boxes of sources are called, before their code."""
_PURPOSES = [(one.value, f"{about.title}: {about.about}") for one, about in PURPOSES.items()]
_TAX_NOT_FOR = " or ".join(lower_first(one.title) for one in PURPOSES.values() if not one.tax)


async def desk_page(request: Request) -> Response:
    """One's requests, and what stands in the way of others; managers may see the whole agency's."""
    asked = request.query_params
    wanted = {"everybody": asked.get("whose") == "agency", "ended": asked.get("which") == "all"}
    found = await in_thread(
        request,
        desk.desk,
        exchange_of(request),
        actor_of(request),
        **wanted,
        after=asked.get("after", ""),
    )
    kept = urlencode({name: asked[name] for name in ("whose", "which") if name in asked})
    values = {
        "title": "Locate",
        "desk": found,
        "tabs": await locate_tabs(request, manager=found.standing.manager),
        "asked_about": await in_thread(request, questions.put_to, exchange_of(request), actor_of(request)),
        "wanted": wanted,
        "first": f"/locate?{kept}" if asked.get("after") else "",
        "next": f"/locate?{kept}&after={found.lines.next}" if found.lines.next else "",
    }
    return _page(request, "locate.html", values)


async def new_page(request: Request) -> Response:
    """The form; every source that may be asked is ticked."""
    return await ask_form(request, {f"{PICKED}{code}": "yes" for code in SOURCES})


async def ask(request: Request) -> Response:
    """Ask, or the form again with all that is wrong."""
    fields = await fields_of(request)
    made: list[UUID] = []

    def act() -> None:
        exchange, actor = exchange_of(request), actor_of(request)
        try:
            made.append(requests.ask(exchange, actor, asked_by(exchange, actor, fields)))
        except NotNowError as refusal:
            raise FieldsRefusedError({"case_number": str(refusal)}) from None

    if problems := await problems_of(request, act):
        return await ask_form(request, fields, problems)
    return RedirectResponse(f"/locate/requests/{made[0]}?done=locate-asked", 303)


async def request_page(request: Request) -> Response:
    """One request, with everything that may be seen of it."""
    return await shown_request(request, {})


async def request_state(request: Request) -> Response:
    """Whether anything would look different, for the page's script; it is no look at the results."""
    found = await in_thread(
        request, viewing.stamp, exchange_of(request), actor_of(request), record_id_of(request)
    )
    return JSONResponse({"stamp": found})


async def request_results(request: Request) -> Response:
    """The results alone, for a page that stays open; a look like any other."""
    return page(request, "locate_results.html", await _results(request))


async def shown_request(
    request: Request, problems: Mapping[str, str], fields: Mapping[str, str] | None = None, number: str = ""
) -> Response:
    """The page of a request: with what is wrong with a form on it, or with the person's number in full."""
    values = await _results(request)
    found = values["found"]
    assert isinstance(found, Opened)
    request.state.located = await in_thread(
        request, desk.new_results, exchange_of(request), actor_of(request)
    )
    given = exchange_of(request), actor_of(request), record_id_of(request)
    values["reviews"] = await in_thread(request, review.reviews, *given)
    title = f"Locate {found.line.person}" if found.subject.last_name else f"Locate {found.line.reference}"
    return _page(
        request, "locate_request.html", {**values, "title": title, "number": number}, fields, problems
    )


async def ask_form(
    request: Request, fields: Mapping[str, str], problems: Mapping[str, str] | None = None
) -> Response:
    """The form of a request, or why nobody may ask just now."""
    exchange, actor = exchange_of(request), actor_of(request)
    found = await in_thread(request, standing.standing, exchange, actor)
    values = {
        "title": "Locate somebody",
        "standing": found,
        "carried": await in_thread(request, _carried, exchange, actor, fields),
        "purposes": _PURPOSES,
        "tax_not_for": _TAX_NOT_FOR,
        "sources": offered(actor.organization_kind, None, tax=found.tax),
        "picked": PICKED,
        "number": SSN_ASKED.question,
        "names": [one.question for one in NAMES],
        "birth": [one.question for one in BIRTH],
        "further": [one.question for one in FURTHER],
    }
    return _page(request, "locate_new.html", values, fields, problems)


def _carried(exchange: Exchange, actor: Actor, fields: Mapping[str, str]) -> Subject | None:
    """Whom a search has found, or was for, as the form shows them; None for one that is too old."""
    try:
        given = searching.carried(exchange, actor, fields["carried"]) if fields.get("carried") else None
    except FieldsRefusedError:
        return None
    return viewing.masked(given.subject) if given else None


def asked_by(exchange: Exchange, actor: Actor, fields: Mapping[str, str]) -> NewRequest:
    """What a form asks, about whom it says or about whom a search has found, or was for."""
    asked = NewRequest(
        fields.get("purpose", ""),
        fields.get("case_number", ""),
        dict(fields),
        tuple(code for code in SOURCES if fields.get(f"{PICKED}{code}") == "yes"),
        fields.get("authority") == "yes",
    )
    if not fields.get("carried"):
        return asked
    given = searching.carried(exchange, actor, fields["carried"])
    nothing = dict.fromkeys((one.name for one in WHOLE), "")
    person = nothing | as_fields(given.subject.as_dict())
    return replace(asked, fields=asked.fields | person, typed=given.typed)


async def _results(request: Request) -> dict[str, object]:
    given = exchange_of(request), actor_of(request), record_id_of(request)
    stamp = await in_thread(request, viewing.stamp, *given)
    found = await in_thread(request, viewing.opened, *given)
    now = exchange_of(request).clock()
    return {
        "found": found,
        "own": found.viewer is Viewer.ASKER,
        "locating_words": locate_words,
        "now": now,
        "since": request.query_params.get("since", "")[:20] or f"{now:{locate_words.SINCE}}",
        "stamp": stamp,
    }


def _page(
    request: Request,
    template: str,
    values: Mapping[str, object],
    fields: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    return form_page(request, template, {"locating_words": locate_words, **values}, fields, problems, LOCATE)
