"""What is new for somebody, as server-sent events while a page is open, or once as JSON."""

import json
from collections.abc import AsyncIterator
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from exchange.messages import live
from roles.policy import represented
from web.door import actor_of, exchange_of, in_thread, news_of
from web.live import Live

_STREAM = "text/event-stream"


async def news(request: Request) -> Response:
    """How many conversations and locate requests have something new: once, or as a stream of events."""
    if _STREAM not in request.headers.get("accept", ""):
        return JSONResponse(await _told(request))
    return StreamingResponse(_events(request), media_type=_STREAM, headers={"X-Accel-Buffering": "no"})


async def _events(request: Request) -> AsyncIterator[str]:
    """The events of one page (WHATWG HTML, 9.2: server-sent events), a comment where nothing changed."""

    async def look(organizations: set[UUID]) -> dict[UUID, int]:
        return await in_thread(request, live.pulses, exchange_of(request), organizations)

    hub: Live = request.app.state.live
    async for changed in hub.changes(represented(actor_of(request)), look):
        if changed:
            yield f"event: mailbox\ndata: {json.dumps(await _told(request))}\n\n"
        else:
            yield ":\n\n"


async def _told(request: Request) -> dict[str, int]:
    unread, located = await in_thread(request, news_of, exchange_of(request), actor_of(request))
    return {"unread": unread, "located": located}
