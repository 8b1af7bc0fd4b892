"""Activating an account, page by page: the mailed code, a password, an authenticator app, recovery codes."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import activation
from exchange.errors import (
    NotSignedInError,
    PasswordRefusedError,
    PortalError,
    SignInRefusedError,
    TooManyAttemptsError,
)
from roles.agreements import RULES_OF_BEHAVIOR
from web.door import attempt_of, exchange_of, in_thread, in_turn
from web.entering import entered, remember_step, step_of
from web.errors import STATUS
from web.forms import fields_of
from web.handlers.sign_in import why_no_code
from web.qr import qr_code
from web.templating import page

_REFUSED = "The username or the code is not right, or the code has lapsed. Check both and try again."
_LATE = "That took too long, or the code was used meanwhile. Enter it again."


async def activate_page(request: Request) -> Response:
    """Asks for the username and the mailed code."""
    late = "late" in request.query_params
    return _start(request, "", [{"field": "", "text": _LATE}] if late else [])


async def activate(request: Request) -> Response:
    """On to the password when both are right."""
    fields = await fields_of(request)
    username, code = fields.get("username", ""), fields.get("code", "")
    try:
        token = await in_thread(
            request, activation.begin, exchange_of(request), username, code, attempt_of(request)
        )
    except (SignInRefusedError, TooManyAttemptsError) as error:
        text = str(error) if isinstance(error, TooManyAttemptsError) else _REFUSED
        return _start(request, username, [{"field": "code", "text": text}], error)
    return remember_step(request, RedirectResponse("/activate/password", 303), token, _seconds())


async def activate_password_page(request: Request) -> Response:
    """Asks for a password."""
    return _password(request)


async def activate_password(request: Request) -> Response:
    """On to the app when the password can be used."""
    fields = await fields_of(request)
    if fields.get("new_password", "") != fields.get("new_password_again", ""):
        return _password(request, "The two passwords differ. Type the same one twice.")
    chosen = exchange_of(request), step_of(request), fields.get("new_password", "")
    try:
        await in_turn(request, activation.choose_password, *chosen)
    except PasswordRefusedError as error:
        return _password(request, str(error), error)
    except NotSignedInError:
        return RedirectResponse("/activate?late", 303)
    return RedirectResponse("/activate/second-factor", 303)


async def activate_factor_page(request: Request) -> Response:
    """Shows the QR code, and asks for what the app makes of it."""
    return await _factor(request)


async def activate_factor(request: Request) -> Response:
    """Everything is there: the recovery codes, once, and a session."""
    fields = await fields_of(request)
    given = exchange_of(request), step_of(request), fields.get("code", ""), attempt_of(request)
    try:
        done = await in_thread(request, activation.complete, *given)
    except NotSignedInError:
        return RedirectResponse("/activate?late", 303)
    except SignInRefusedError as error:
        return await _factor(request, error)
    request.state.actor = done.actor
    shown = {"title": "Keep your recovery codes", "codes": done.recovery_codes, "then": "/home"}
    return await entered(request, done.actor, page(request, "recovery_codes.html", shown))


def _seconds() -> int:
    return int(activation.TIME.total_seconds())


def _start(
    request: Request, username: str, errors: list[dict[str, str]], error: PortalError | None = None
) -> Response:
    values = {"title": "Activate your account", "username": username, "errors": errors}
    return page(request, "activate.html", values, STATUS[type(error)] if error else 200)


def _password(request: Request, problem: str = "", error: PortalError | None = None) -> Response:
    errors = [{"field": "new_password", "text": problem}] if problem else []
    values = {"title": "Choose a password", "errors": errors}
    return page(request, "activate_password.html", values, STATUS[type(error)] if error else 200)


async def _factor(request: Request, error: PortalError | None = None) -> Response:
    try:
        offered = await in_thread(request, activation.offered, exchange_of(request), step_of(request))
    except NotSignedInError:
        return RedirectResponse("/activate?late", 303)
    errors = [{"field": "code", "text": why_no_code(error)}] if error else []
    drawn = qr_code(offered.address, "QR code for your authenticator app")
    values = {"title": "Set up your authenticator app", "offered": offered, "qr": drawn, "errors": errors}
    values |= {"agreement": RULES_OF_BEHAVIOR}
    return page(request, "activate_factor.html", values, STATUS[type(error)] if error else 200)
