"""Forgotten username or password: the same words whether or not there is such an account."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import recovery
from exchange.errors import PasswordRefusedError, PortalError, SignInRefusedError, TooManyAttemptsError
from web.door import attempt_of, exchange_of, in_thread, in_turn
from web.errors import STATUS
from web.forms import fields_of
from web.site import answer_in, passkeys_work
from web.templating import page

_WRONG = "The username or one of the codes is not right, or a code was used or has lapsed."


async def forgot_page(request: Request) -> Response:
    """Asks what was forgotten."""
    return page(request, "forgot.html", {"title": "Forgotten username or password"})


async def forgot_username(request: Request) -> Response:
    """The usernames of an address go to that address."""
    return await _asked(request, recovery.USERNAME, "email")


async def forgot_password(request: Request) -> Response:
    """A code goes to the address of a username."""
    return await _asked(request, recovery.PASSWORD, "username")


async def reset_page(request: Request) -> Response:
    """Asks for the mailed code, a second factor and a new password."""
    return _reset(request, {})


async def reset(request: Request) -> Response:
    """Set the new password; then one signs in as ever."""
    fields = await fields_of(request)
    if fields.get("new_password", "") != fields.get("new_password_again", ""):
        return _reset(request, fields, "new_password", "The two passwords differ. Type the same one twice.")
    try:
        await in_turn(request, _set, request, fields)
    except PasswordRefusedError as error:
        return _reset(request, fields, "new_password", str(error), error)
    except (SignInRefusedError, TooManyAttemptsError) as error:
        told = str(error) if isinstance(error, TooManyAttemptsError) else _WRONG
        return _reset(request, fields, "mailed", told, error)
    return RedirectResponse("/sign-in", 303)


async def _asked(request: Request, what: str, field: str) -> Response:
    fields = await fields_of(request)
    asked = exchange_of(request), what, fields.get(field, ""), attempt_of(request)
    await in_thread(request, recovery.ask, *asked)
    return page(request, "forgot_sent.html", {"title": "Look into your mail", "what": what})


def _set(request: Request, fields: dict[str, str]) -> None:
    factor = answer_in(request, fields) if fields.get("passkey") else fields.get("code", "")
    given = fields.get("username", ""), (fields.get("mailed", ""), factor), fields.get("new_password", "")
    recovery.reset(exchange_of(request), *given, attempt_of(request))


def _reset(
    request: Request,
    fields: dict[str, str],
    field: str = "",
    problem: str = "",
    error: PortalError | None = None,
) -> Response:
    errors = [{"field": field, "text": problem}] if problem else []
    values = {"title": "Set a new password", "fields": fields, "works": passkeys_work(request)}
    return page(
        request,
        "forgot_reset.html",
        values | {"errors": errors, "problems": {field: problem}},
        STATUS[type(error)] if error else 200,
    )
