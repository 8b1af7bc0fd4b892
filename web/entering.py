"""Cookies of people who come in: the session's, and that of a sign-in between two of its pages."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import devices, sessions
from roles.policy import Actor
from web.door import cookie_name, exchange_of, in_thread

STEP = "portal_step"
DEVICE = "portal_device"
_DEVICE_SECONDS = 365 * 24 * 3600
_STEP_SECONDS = 300


async def entered(request: Request, actor: Actor, answer: Response) -> Response:
    """Open a session for somebody who has passed both factors, and let `answer` carry its cookie."""
    exchange, kept = exchange_of(request), request.cookies.get(DEVICE, "")
    token = await in_thread(request, sessions.open_session, exchange, actor, _agent(request))
    _set(request, answer, cookie_name(exchange.settings), token, None)
    device = await in_thread(request, devices.recognize, exchange, actor, kept)
    _set(request, answer, DEVICE, device, _DEVICE_SECONDS)
    answer.delete_cookie(STEP, path="/", httponly=True, samesite="lax")
    return answer


def leads_to(address: str) -> RedirectResponse:
    """Goes to an address of this site, or to the home page: never to another site's (open redirect)."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return RedirectResponse(address if plain and "\\" not in address else "/home", 303)


def remember_step(request: Request, answer: Response, token: str, seconds: int = _STEP_SECONDS) -> Response:
    """Let the browser keep a token from one page of a sign-in to the next."""
    _set(request, answer, STEP, token, seconds)
    return answer


def step_of(request: Request) -> str:
    """The token that `remember_step` left, or nothing."""
    return request.cookies.get(STEP, "")


def session_of(request: Request) -> str:
    """The token of the session that a guarded route has found."""
    return request.cookies[cookie_name(exchange_of(request).settings)]


def _set(request: Request, answer: Response, name: str, value: str, seconds: int | None) -> None:
    secure = exchange_of(request).settings.public_url.startswith("https:")
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "")
