"""The load of a shared inbox: what waits, with whom, and how long answers took; as figures and as CSV."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from exchange.messages import load
from web.door import actor_of, exchange_of, in_thread
from web.forms import form_page
from web.menus import MESSAGES
from web.message_load import figures_of
from web.sending import disposition


async def load_page(request: Request) -> Response:
    """The figures."""
    exchange = exchange_of(request)
    found = await in_thread(request, load.load, exchange, actor_of(request))
    figures = figures_of(found, exchange.clock())
    values = {"title": "Load and answer times", "found": found, "figures": figures}
    return form_page(request, "message_load.html", values, entries=MESSAGES)


async def load_csv(request: Request) -> Response:
    """One figure's table."""
    exchange, key = exchange_of(request), request.path_params["figure"]
    found = await in_thread(request, load.load, exchange, actor_of(request))
    for figure in figures_of(found, exchange.clock()):
        if figure.key == key:
            headers = {"Content-Disposition": disposition(f"messages-{key}.csv")}
            return StreamingResponse(figure.as_csv(), 200, headers, "text/csv; charset=utf-8")
    raise HTTPException(404)
