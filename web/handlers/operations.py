"""Is it alive, can it serve, what has it counted."""

from traceback import format_exc

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from exchange import connections, health
from web.door import exchange_of, in_thread
from web.metrics import of_gateways

log = structlog.get_logger("web")


async def healthz(_request: Request) -> Response:
    """200 as long as this process answers."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """200 when database and store answer, else 503."""
    try:
        await in_thread(request, health.check, exchange_of(request))
    except Exception:  # noqa: BLE001  # whatever fails there, this process is not ready
        log.warning("not ready", traceback=format_exc())
        return PlainTextResponse("not ready\n", 503)
    return PlainTextResponse("ready\n")


async def metrics(request: Request) -> Response:
    """Counters for Prometheus: this web door's, and those of all SFTP gateways while the database answers."""
    counted = generate_latest()
    try:
        gateways = await in_thread(request, connections.counted, exchange_of(request))
        counted += of_gateways(gateways)
    except Exception:  # noqa: BLE001  # whatever keeps the gateways' counters away, this door's are shown
        log.warning("gateways not counted", traceback=format_exc())
    return Response(counted, media_type=CONTENT_TYPE_LATEST)
