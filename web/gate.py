"""What is refused before any handler runs: strange hosts and paths, packed bodies, writes from other sites.

Pure ASGI; each rule is a function from the request's headers to a refusal or None.
"""

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from exchange.settings import Settings
from web.errors import NOWHERE, Refusal, refusal_response

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ANYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # compared with, not bound to

BAD_HOST = Refusal(400, "host_refused", "This server does not answer to that host name.")
PACKED_BODY = Refusal(415, "content_encoding_refused", "Send the body as it is, without a Content-Encoding.")
FOREIGN_WRITE = Refusal(403, "cross_site_write", "This request came from another site and was refused.")
Rule = Callable[[Scope, Headers], Refusal | None]


def host_names(settings: Settings) -> frozenset[str]:
    """The host names an installation answers to, from its own settings."""
    names = {settings.web_host.lower()}
    if settings.public_url:
        names.add((urlsplit(settings.public_url).hostname or "").lower())
    if names & (_LOOPBACK | _ANYWHERE):
        names |= _LOOPBACK
    return frozenset(names - {""})


def any_address(settings: Settings) -> bool:
    """Bound to every address and told no public name: then an address may stand for the name."""
    return settings.web_host in _ANYWHERE and not settings.public_url


def host_rule(settings: Settings) -> Rule:
    """Refuses a missing, doubled, malformed or unknown Host.

    Taught by Accellion CVE-2021-27101 and Starlette CVE-2026-48710.
    """
    names, addresses_too = host_names(settings), any_address(settings)

    def rule(_scope: Scope, headers: Headers) -> Refusal | None:
        values = headers.getlist("host")
        name = host_of(values[0]) if len(values) == 1 else None
        known = name is not None and (name in names or (addresses_too and _is_address(name)))
        return None if known else BAD_HOST

    return rule


def host_of(value: str) -> str | None:
    """The host name of a Host header, without port and brackets; None when it is not one."""
    if not value or any(c in "/\\@?#%," or c <= " " or c > "~" for c in value):
        return None
    try:
        parts = urlsplit(f"//{value}")
        usable = parts.port != 0
    except ValueError:
        return None
    return parts.hostname if usable else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def encoding_rule(_scope: Scope, headers: Headers) -> Refusal | None:
    """Refuses packed bodies unread (Serv-U CVE-2026-28318)."""
    named = headers.get("content-encoding", "identity").strip().lower()
    return None if named == "identity" else PACKED_BODY


def cross_site_rule(scope: Scope, headers: Headers) -> Refusal | None:
    """Refuses writes that a browser says come from elsewhere; a client that is no browser says nothing."""
    if scope["method"] in _SAFE:
        return None
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return None if site in {"same-origin", "none"} else FOREIGN_WRITE
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return FOREIGN_WRITE
    return None


def path_rule(scope: Scope, _headers: Headers) -> Refusal | None:
    """Refuses control characters in a path: nothing here is named so, and PostgreSQL fails at a NUL."""
    return NOWHERE if any(character < " " or character == "\x7f" for character in scope["path"]) else None


class Gate:
    """Answers a refused request itself, without reading its body; passes every other one on."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Take the installation's host names from its settings."""
        self.app = app
        self.rules: tuple[Rule, ...] = (host_rule(settings), path_rule, encoding_rule, cross_site_rule)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or refuse; there are no web sockets here."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            for rule in self.rules:
                if (refusal := rule(scope, headers)) is not None:
                    await refusal_response(scope, refusal)(scope, receive, send)
                    return
        await self.app(scope, receive, send)
