"""Who is connected by SFTP now, for those who look after the installation; ending one; how fast they are."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange import bandwidth, connections
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of
from web.handlers.staff import shown_organization
from web.menus import STAFF


async def connections_page(request: Request) -> Response:
    """All connections of all gateways."""
    found = await in_thread(request, connections.overview, exchange_of(request), actor_of(request))
    values = {"title": "SFTP connections", "found": found.connections, "signing_in": found.signing_in}
    return form_page(request, "staff_connections.html", values, entries=STAFF)


async def end_connection(request: Request) -> Response:
    """End one."""
    wanted = record_id_of(request)
    await in_thread(request, connections.end, exchange_of(request), actor_of(request), wanted)
    return RedirectResponse("/staff/connections?done=connection_ended", 303)


async def limit_bandwidth(request: Request) -> Response:
    """Set how fast the connections of one organization may be, or its page again."""
    fields, wanted = await fields_of(request), record_id_of(request)
    given = (exchange_of(request), actor_of(request), wanted, fields.get("kilobytes", ""))
    if problems := await problems_of(request, bandwidth.limit, *given):
        return await shown_organization(request, problems, typed=fields)
    return RedirectResponse(f"/staff/organizations/{wanted}?done=changed", 303)
