"""What one signs in with: password, authenticator app, recovery codes, passkeys."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import credentials, resets, sessions
from exchange.errors import (
    NotSignedInError,
    PasswordRefusedError,
    PortalError,
    SignInRefusedError,
    TooManyAttemptsError,
)
from web.door import actor_of, attempt_of, exchange_of, in_thread, in_turn
from web.entering import remember_step, session_of, step_of
from web.errors import STATUS
from web.forms import fields_of
from web.handlers.sign_in import why_no_code
from web.qr import qr_code
from web.site import passkeys_work
from web.templating import page

_DONE = {
    "app-removed": "The authenticator app was removed.",
    "app-replaced": "The new authenticator app is set up. The earlier one works no more.",
    "passkey-added": "The passkey was added.",
    "passkey-removed": "The passkey was removed.",
    "password": "Your password was changed. You were signed out everywhere else.",
    "reset-stopped": "The reset is stopped, and those who wanted it are told. Everything stays as it is.",
}


async def security_page(request: Request) -> Response:
    """What stands between the account and somebody else."""
    found = await in_thread(request, credentials.standing, exchange_of(request), actor_of(request))
    done = _DONE.get(request.query_params.get("done", ""), "")
    reset = await in_thread(request, resets.about, exchange_of(request), actor_of(request))
    values = {"title": "Sign-in and security", "standing": found, "works": passkeys_work(request)}
    return page(request, "account_security.html", values | {"done": done, "reset": reset})


async def password_page(request: Request) -> Response:
    """Asks for the old password and a new one."""
    return _password(request)


async def change_password(request: Request) -> Response:
    """Keep the new password and end every other session."""
    fields = await fields_of(request)
    if fields.get("new_password", "") != fields.get("new_password_again", ""):
        return _password(request, "new_password", "The two passwords differ. Type the same one twice.")
    try:
        await in_turn(request, _change, request, fields)
    except PasswordRefusedError as error:
        return _password(request, "new_password", str(error), error)
    except (SignInRefusedError, TooManyAttemptsError) as error:
        wrong = "This is not your present password."
        told = str(error) if isinstance(error, TooManyAttemptsError) else wrong
        return _password(request, "password", told, error)
    return RedirectResponse("/account/security?done=password", 303)


async def new_app_page(request: Request) -> Response:
    """Shows the QR code of a new secret."""
    token, offered = await in_thread(request, credentials.offer_app, exchange_of(request), actor_of(request))
    return remember_step(request, _app(request, offered), token, 600)


async def take_app(request: Request) -> Response:
    """The app has shown a code: it takes the earlier one's place."""
    fields = await fields_of(request)
    asked = exchange_of(request), actor_of(request), step_of(request)
    try:
        await in_thread(request, credentials.take_app, *asked, fields.get("code", ""))
    except NotSignedInError:
        return RedirectResponse("/account/security/app", 303)
    except SignInRefusedError as error:
        offered = await in_thread(request, credentials.offered_app, *asked)
        return _app(request, offered, error)
    return RedirectResponse("/account/security?done=app-replaced", 303)


async def remove_app(request: Request) -> Response:
    """Take the app away, unless it is the only second factor."""
    await in_thread(request, credentials.remove_app, exchange_of(request), actor_of(request))
    return RedirectResponse("/account/security?done=app-removed", 303)


async def renew_recovery_codes(request: Request) -> Response:
    """Ten new ones, shown once."""
    codes = await in_thread(
        request, credentials.renew_recovery_codes, exchange_of(request), actor_of(request)
    )
    shown = {"title": "Keep your recovery codes", "codes": codes, "then": "/account/security"}
    return page(request, "recovery_codes.html", shown)


def _change(request: Request, fields: dict[str, str]) -> None:
    exchange, actor, token = exchange_of(request), actor_of(request), session_of(request)
    given = fields.get("password", ""), fields.get("new_password", "")
    credentials.change_password(exchange, actor, attempt_of(request), *given)
    others = (one.name for one in sessions.open_sessions(exchange, actor, token) if not one.current)
    sessions.revoke(exchange, actor, others)


def _password(
    request: Request, field: str = "", problem: str = "", error: PortalError | None = None
) -> Response:
    errors = [{"field": field, "text": problem}] if problem else []
    values = {"title": "Change your password", "errors": errors, "problems": {field: problem}}
    return page(request, "account_password.html", values, STATUS[type(error)] if error else 200)


def _app(request: Request, offered: credentials.Offered, error: PortalError | None = None) -> Response:
    errors = [{"field": "code", "text": why_no_code(error)}] if error else []
    drawn = qr_code(offered.address, "QR code for your authenticator app")
    values = {"title": "Set up an authenticator app", "offered": offered, "qr": drawn, "errors": errors}
    return page(request, "account_app.html", values, STATUS[type(error)] if error else 200)
