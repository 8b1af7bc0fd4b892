"""The outermost layers of the application: security headers on every answer, one log line per request.

Both are pure ASGI. Nothing that fails inside leaves without headers, a log line and a plain answer.
"""

import time
from traceback import format_exc
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from exchange.settings import Settings
from web.errors import BROKEN, refusal_response
from web.metrics import REQUESTS, SECONDS

log = structlog.get_logger("web")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class SecurityHeaders:
    """Adds the headers to every answer that has not stricter ones; browsers keep none unless it says so."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Take from the settings whether users come by HTTPS."""
        self.app = app
        self.headers = HEADERS | (_HTTPS_ONLY if settings.public_url.startswith("https:") else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to the start of its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class RequestLog:
    """One line per request, with its id, status and time; a failure nobody named is logged and becomes a 500.

    The line carries the path but never the query: queries may hold what people typed.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Take from the settings which proxies are believed about the client's address."""
        self.app = app
        self.trusted = frozenset(settings.trusted_proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, watching its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, began, status = uuid4().hex[:16], time.perf_counter(), 0
        scope.setdefault("state", {}).update(request_id=request_id, source=source_of(scope, self.trusted))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:  # noqa: BLE001  # whatever it was, it becomes a 500 and a line
            # As text: a renderer that shows local variables would show what files hold.
            log.error("failure", method=scope["method"], path=scope["path"], traceback=format_exc())  # noqa: TRY400
            if not status:
                await refusal_response(scope, BROKEN)(scope, receive, watch)
        finally:
            _report(scope, status, time.perf_counter() - began)


def source_of(scope: Scope, trusted: frozenset[str]) -> str:
    """The client's address; a forwarded one only when a configured proxy says so."""
    peer = scope["client"][0] if scope.get("client") else ""
    if peer not in trusted:
        return peer
    forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    hops = [hop.strip() for hop in forwarded.decode("latin-1").split(",") if hop.strip()]
    return next((hop for hop in reversed(hops) if hop not in trusted), peer)[:45]


def _report(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "other")
    REQUESTS.labels(scope["method"], route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)
    path = scope["path"].encode("unicode_escape").decode()
    log.info("request", method=scope["method"], path=path, status=status, seconds=round(seconds, 4))
