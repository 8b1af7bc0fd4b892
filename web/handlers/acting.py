"""Acting for a client: choosing one of many, and going back to one's own organization."""

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from exchange.accounts import acting, sessions
from exchange.runtime import Exchange
from roles.organizations import KINDS
from roles.policy import Actor
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.entering import leads_to, session_of
from web.forms import fields_of, form_page, page_of

_ABOUT_ONE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
"""In the address of a page about one thing, which another client does not have."""


async def choose_page(request: Request) -> Response:
    """The first clients by name, and the search."""
    return await _page(request, {"next": request.query_params.get("next", "")})


async def search(request: Request) -> Response:
    """What was searched for. Sent by a form's body: addresses stand in logs."""
    return await _page(request, await fields_of(request))


async def choose(request: Request) -> Response:
    """Act for a client from now on, on the page that this was chosen from."""
    exchange, actor, wanted = exchange_of(request), actor_of(request), record_id_of(request)
    fields = await fields_of(request)

    def act() -> None:
        sessions.act_for(exchange, actor, session_of(request), acting.chosen(exchange, actor, wanted))

    await in_thread(request, act)
    return _back(fields)


async def leave(request: Request) -> Response:
    """Act for one's own organization again."""
    fields = await fields_of(request)
    await in_thread(request, _leave, exchange_of(request), actor_of(request), session_of(request))
    return _back(fields)


def _leave(exchange: Exchange, actor: Actor, token: str) -> None:
    sessions.act_for(exchange, actor, token, None)


def _back(fields: Mapping[str, str]) -> Response:
    wanted = fields.get("next", "")
    return leads_to("/home" if _ABOUT_ONE.search(wanted) else wanted)


async def _page(request: Request, fields: Mapping[str, str]) -> Response:
    exchange, actor, at = exchange_of(request), actor_of(request), page_of(fields)
    found = await in_thread(request, acting.find, exchange, actor, fields.get("q", "")[:100], at)
    values = {
        "title": "Whom do you act for?",
        "found": found[: acting.PAGE],
        "further": len(found) > acting.PAGE,
        "page": at,
        "kinds": KINDS,
    }
    return form_page(request, "acting.html", values, fields)
