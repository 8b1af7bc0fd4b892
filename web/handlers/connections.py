"""Who is connected by SFTP now, for those who look after the installation; ending a connection."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange import connections
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import form_page
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
