"""Routes as data, each either guarded or public, and how a handler learns who asks.

A guarded route has one way of proving identity (a session or a token, never both) and one permission.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import ParamSpec, TypeVar
from uuid import UUID

import structlog
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from exchange.accounts import sessions
from exchange.accounts.sign_in import Attempt
from exchange.accounts.tokens import actor_of_token
from exchange.errors import (
    ConfirmationDueError,
    NotSignedInError,
    ProofNeededError,
    RecordNotFoundError,
    RepresentationEndedError,
    RulesDueError,
    ThreadNotFoundError,
    TransferNotFoundError,
)
from exchange.locate import desk
from exchange.messages import live
from exchange.runtime import Exchange
from exchange.settings import Settings
from roles.errors import PortalError
from roles.permissions import Permission
from roles.policy import Actor, Channel, authorize

Handler = Callable[[Request], Awaitable[Response]]
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
SIGNED_IN = None
"""What a route needs when being signed in is enough."""
UNCONFIRMED = frozenset({"/account/confirm", "/account/inactivate", "/account/rules", "/prove", "/session"})
"""Pages for somebody who has yet to say that they still need the account."""
UNSEEN = frozenset(
    {
        "/session",
        "/files/drafts",
        "/files/{id}/progress",
        "/live",
        "/messages/sending",
        "/messages/drafts/{id}/files",
        "/locate/requests/{id}/results",
        "/locate/requests/{id}/state",
    }
)
"""What the pages' scripts ask for by themselves: nobody would read there that a client has ended it."""
IDLE = frozenset({"/live", "/locate/requests/{id}/results", "/locate/requests/{id}/state"})
"""What a page asks for as long as it is open: nobody need be there, so the session goes on idling."""
BEFORE_RULES = frozenset({"/account/rules", "/account/confirm", "/account/inactivate", "/prove", "/session"})
"""Pages for somebody who has yet to accept the rules of behavior."""


def exchange_of(request: Request) -> Exchange:
    """The open installation."""
    exchange: Exchange = request.app.state.exchange
    return exchange


def actor_of(request: Request) -> Actor:
    """Who asks; only guarded routes know."""
    actor: Actor = request.state.actor
    return actor


def visitor_of(request: Request) -> Actor | None:
    """Who asks, on a route for everybody; None: nobody who has signed in."""
    return getattr(request.state, "actor", None)


def source_of(request: Request) -> str:
    """The address the request came from."""
    source: str = request.state.source
    return source


def attempt_of(request: Request) -> Attempt:
    """Where somebody is trying to sign in."""
    return Attempt(Channel.WEB, source_of(request))


async def in_thread(
    request: Request,
    function: Callable[Parameters, Result],
    *arguments: Parameters.args,
    **named: Parameters.kwargs,
) -> Result:
    """Call the synchronous domain in a worker thread; as many at once as the database has connections."""
    call = partial(function, *arguments, **named)
    return await to_thread.run_sync(call, limiter=request.app.state.limiter)


async def in_turn(
    request: Request,
    function: Callable[Parameters, Result],
    *arguments: Parameters.args,
    **named: Parameters.kwargs,
) -> Result:
    """As `in_thread`, for what hashes a password: few at once, and whoever waits holds no thread meanwhile.

    However many sign in at the same moment, the pages of those who are in find their threads free.
    """
    call = partial(function, *arguments, **named)
    return await to_thread.run_sync(call, limiter=request.app.state.hashing)


async def one_by_one(
    request: Request,
    function: Callable[Parameters, Result],
    *arguments: Parameters.args,
    **named: Parameters.kwargs,
) -> Result:
    """As `in_thread`, for what anybody may have made and is dear: whoever waits holds no thread meanwhile."""
    call = partial(function, *arguments, **named)
    return await to_thread.run_sync(call, limiter=request.app.state.printing)


def id_of(request: Request) -> UUID:
    """The id of a file in the path; what is no id is nothing anybody has."""
    return _id_of(request, TransferNotFoundError)


def record_id_of(request: Request) -> UUID:
    """The id in the path of a person, an organization, a key, a registration or a request."""
    return _id_of(request, RecordNotFoundError)


def message_id_of(request: Request, name: str = "id", given: str = "") -> UUID:
    """The id of a thread, message, draft or attachment: `given`, or in the path under `name`."""
    return _as_id(given or request.path_params[name], ThreadNotFoundError)


def _id_of(request: Request, missing: type[PortalError]) -> UUID:
    return _as_id(request.path_params["id"], missing)


def _as_id(text: str, missing: type[PortalError]) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise missing from None


def cookie_name(settings: Settings) -> str:
    """The session cookie; with HTTPS its name binds it to this very host."""
    return "__Host-portal" if settings.public_url.startswith("https:") else "portal"


async def by_session(request: Request) -> Actor:
    """Who a browser's cookie belongs to; `NotSignedInError` without a session."""
    exchange = exchange_of(request)
    token = request.cookies.get(cookie_name(exchange.settings))
    if not token:
        raise NotSignedInError
    keeps = request.scope["route"].path not in IDLE
    visit = await in_thread(request, sessions.visit, exchange, token, source_of(request), keeps=keeps)
    request.state.proven_at, request.state.confirm_by = visit.proven_at, visit.confirm_by
    request.state.rules_are_due = visit.rules_are_due
    request.state.client_ended = visit.client_ended
    return visit.actor


def proven_lately(request: Request) -> bool:
    """Whether a second factor was shown in this session within the last ten minutes."""
    proven_at: datetime | None = getattr(request.state, "proven_at", None)
    return proven_at is not None and exchange_of(request).clock() < proven_at + sessions.FRESH_FOR


def _confirmation_is_due(request: Request) -> bool:
    """Whether half a year has passed since its owner said that the account is still needed; pages only."""
    due: datetime | None = getattr(request.state, "confirm_by", None)
    return due is not None and exchange_of(request).clock() >= due


async def _leave_lost_client(request: Request, actor: Actor) -> None:
    """Tell once that a client has ended it, and do nothing else; from then on the session acts for nobody."""
    if getattr(request.state, "client_ended", False):
        exchange = exchange_of(request)
        token = request.cookies[cookie_name(exchange.settings)]
        await in_thread(request, sessions.act_for, exchange, actor, token, None)
        raise RepresentationEndedError


async def by_token(request: Request) -> Actor:
    """Who a bearer token belongs to; `NotSignedInError` without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedInError
    return await in_thread(request, actor_of_token, exchange_of(request), token.strip(), source_of(request))


def guarded(
    path: str,
    handler: Handler,
    methods: Sequence[str],
    *,
    needs: Permission | None,
    proof: Callable[[Request], Awaitable[Actor]] = by_session,
    fresh: bool = False,
) -> Route:
    """A route for somebody who has proven who they are and whose role holds `needs`.

    `fresh`: for dangerous acts, which need a second factor that was shown within the last ten minutes; else a
    page asks for it and leads back. Guard the page with the form as well, so that nobody types in vain.
    """

    async def endpoint(request: Request) -> Response:
        actor = request.state.actor = await proof(request)
        structlog.contextvars.bind_contextvars(
            account_id=str(actor.account_id), organization_id=str(actor.organization_id)
        )
        if path not in UNSEEN:
            await _leave_lost_client(request, actor)
        if needs is not None:
            authorize(actor, needs)
        if path not in BEFORE_RULES and getattr(request.state, "rules_are_due", False):
            raise RulesDueError
        if path not in UNCONFIRMED and _confirmation_is_due(request):
            raise ConfirmationDueError
        if fresh and not proven_lately(request):
            raise ProofNeededError
        if proof is by_session and path not in UNSEEN and request.method in {"GET", "HEAD"}:
            news = await in_thread(request, news_of, exchange_of(request), actor)
            request.state.unread, request.state.located = news
        return await handler(request)

    route = Route(path, endpoint, methods=list(methods), name=handler.__name__)
    route.needs, route.proof, route.fresh = needs, proof.__name__, fresh  # type: ignore[attr-defined]  # read by the tests of all routes
    return route


def news_of(exchange: Exchange, actor: Actor) -> tuple[int, int]:
    """What every page tells: conversations with something unread, and locate requests with something new."""
    return live.unread(exchange, actor), desk.new_results(exchange, actor)


def public(path: str, handler: Handler, methods: Sequence[str]) -> Route:
    """A route for everybody; a test holds all of these against a short list."""
    return Route(path, handler, methods=list(methods), name=handler.__name__)


def open_to_programs(path: str, handler: Handler, methods: Sequence[str]) -> Route:
    """A route for everybody, on which a program with a token is known; a wrong token is refused.

    The handler asks `visitor_of`, never `actor_of`.
    """
    known: Handler = guarded(path, handler, methods, needs=SIGNED_IN, proof=by_token).endpoint

    async def endpoint(request: Request) -> Response:
        if "authorization" in request.headers:
            return await known(request)
        return await _for_strangers(request, handler)

    return Route(path, endpoint, methods=list(methods), name=handler.__name__)


def open_to_all(path: str, handler: Handler, methods: Sequence[str]) -> Route:
    """A route for everybody, on which whoever is signed in is known, by the rules of a guarded route.

    The handler asks `visitor_of`, never `actor_of`.
    """
    known: Handler = guarded(path, handler, methods, needs=SIGNED_IN).endpoint

    async def endpoint(request: Request) -> Response:
        with suppress(NotSignedInError):
            return await known(request)
        return await _for_strangers(request, handler)

    route = Route(path, endpoint, methods=list(methods), name=handler.__name__)
    route.needs = None  # type: ignore[attr-defined]  # read by the tests of the menus
    return route


async def _for_strangers(request: Request, handler: Handler) -> Response:
    """Answer somebody who has not signed in, as long as enough is left to their address."""
    request.app.state.allowance.spend(source_of(request), request.scope["route"].path)
    return await handler(request)
