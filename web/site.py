"""The host name that passkeys of this site belong to."""

import ipaddress

from starlette.requests import Request

from exchange.accounts.passkeys import Answer, Site
from exchange.errors import RequestInvalidError
from web.door import exchange_of
from web.gate import host_of


def site_of(request: Request) -> Site:
    """The name the browser knows us by, which the gate has checked; `RequestInvalidError` for an address."""
    host = request.headers["host"]
    name = host_of(host) or ""
    if not passkeys_work(request):
        raise RequestInvalidError(what="passkeys need a host name; an address of numbers has none")
    secure = exchange_of(request).settings.public_url.startswith("https:")
    return Site(name, f"{'https' if secure else 'http'}://{host}")


def passkeys_work(request: Request) -> bool:
    """Whether this site has a name: a passkey belongs to one."""
    try:
        ipaddress.ip_address(host_of(request.headers["host"]) or "")
    except ValueError:
        return True
    return False


def answer_in(request: Request, fields: dict[str, str]) -> Answer:
    """What the browser made of a challenge, from a form's field."""
    return Answer(site_of(request), fields.get("passkey", ""))
