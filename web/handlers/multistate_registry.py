"""The multistate registry as agencies see it: a list by how it concerns the state, a search, one of them."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from exchange.multistate import agencies
from exchange.multistate.agencies import Concern, Wanted
from schemas.tables import STATES
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, page_of
from web.multistate_told import parts


async def registry_page(request: Request) -> Response:
    """Who reports to the state now; for OCSS, everybody."""
    return await _page(request, {"concern": request.query_params.get("concern", "")})


async def search(request: Request) -> Response:
    """What was searched for. Sent by a form's body: addresses stand in logs."""
    return await _page(request, await fields_of(request))


async def seen_page(request: Request) -> Response:
    """One registration, as the agency sees it."""
    given = (exchange_of(request), actor_of(request), record_id_of(request))
    seen = await in_thread(request, agencies.look, *given)
    found = seen.registration
    values = {
        "title": found.legal_name,
        "seen": seen,
        "found": found,
        "state_name": STATES.get(seen.state, ""),
        "parts_told": parts(found.registrant, found.fein, found.values),
        "versions": [(one, parts(found.registrant, found.fein, one.values)) for one in found.versions],
        "today": exchange_of(request).clock().date(),
    }
    return form_page(request, "multistate_seen.html", values)


async def _page(request: Request, fields: Mapping[str, str]) -> Response:
    wanted = _wanted(fields)
    state, found = await in_thread(request, agencies.search, exchange_of(request), actor_of(request), wanted)
    values = {
        "title": "Multistate registry",
        "state": state,
        "states": STATES,
        "found": found[: agencies.PAGE],
        "further": len(found) > agencies.PAGE,
        "page": wanted.page,
        "today": exchange_of(request).clock().date(),
    }
    return form_page(request, "multistate_registry.html", values, fields)


def _wanted(fields: Mapping[str, str]) -> Wanted:
    concern = fields.get("concern", "")
    way = Concern(concern) if concern in set(Concern) else None
    return Wanted(fields.get("q", "")[:100], way, page_of(fields))
