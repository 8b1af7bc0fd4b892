"""The web application: routes, layers and error table handed to Starlette as data."""

from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.middleware import Middleware

from exchange.accounts.passwords import AT_ONCE
from exchange.runtime import Exchange
from web.assets import read_assets
from web.demonstration import Demonstration
from web.errors import HANDLERS
from web.gate import Gate
from web.live import Live
from web.routes import API, DEMONSTRATION, HEALTH, OPERATIONS, PAGES
from web.shell import RequestLog, SecurityHeaders
from web.strangers import Allowance
from web.templating import environment


def create_app(exchange: Exchange, demonstration: Demonstration | None = None) -> Starlette:
    """The application of the web door, over an open installation.

    `demonstration` lists accounts on the sign-in page; raises `ValueError` when the settings are not a
    demonstration's.
    """
    if demonstration is not None and not exchange.settings.demonstration:
        raise ValueError("accounts may be shown only where the setting `demonstration` is on")
    shown = DEMONSTRATION if demonstration is not None else []
    settings = exchange.settings
    app = Starlette(
        routes=[*PAGES, *shown, *API, *HEALTH],
        middleware=[
            Middleware(SecurityHeaders, settings=settings),
            Middleware(RequestLog, settings=settings),
            Middleware(Gate, settings=settings),
        ],
        exception_handlers=HANDLERS,
    )
    app.router.redirect_slashes = False
    return _with_state(app, exchange, demonstration)


def create_operations_app(exchange: Exchange) -> Starlette:
    """Health and counters, for a listener that only the installation's own network reaches."""
    layers = [Middleware(SecurityHeaders, settings=exchange.settings)]
    app = Starlette(routes=OPERATIONS, middleware=layers, exception_handlers=HANDLERS)
    return _with_state(app, exchange, None)


def _with_state(app: Starlette, exchange: Exchange, demonstration: Demonstration | None) -> Starlette:
    app.state.exchange = exchange
    app.state.demonstration = demonstration
    app.state.assets = read_assets()
    app.state.templates = environment()
    app.state.limiter = CapacityLimiter(exchange.settings.pool_size)
    app.state.hashing = CapacityLimiter(AT_ONCE)
    app.state.printing = CapacityLimiter(1)
    app.state.live = Live()
    app.state.allowance = Allowance(exchange)
    return app
