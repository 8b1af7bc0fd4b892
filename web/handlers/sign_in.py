"""Signing in by password and code, signing out, and the demonstration's one-click entry."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import passkeys, second_factor, sessions, sign_in
from exchange.errors import NotSignedInError, PortalError, SignInRefusedError, TooManyAttemptsError
from roles.permissions import ROLES, Role
from roles.policy import Actor
from web.demonstration import Demonstration, DemonstrationAccount
from web.door import attempt_of, cookie_name, exchange_of, in_thread, in_turn, source_of
from web.entering import entered, leads_to, remember_step, step_of
from web.errors import STATUS
from web.forms import fields_of
from web.site import answer_in, passkeys_work
from web.templating import page


async def sign_in_page(request: Request) -> Response:
    """The form; in a demonstration also its accounts."""
    refused = "That passkey is not known here." if "refused" in request.query_params else None
    return _form(request, {}, request.query_params.get("next", ""), refused)


async def sign_in_password(request: Request) -> Response:
    """Username and password, then the code; a program may send all three at once."""
    fields = await fields_of(request)
    if ("code" in fields or "passkey" in fields) and "username" not in fields:
        return await _second_step(request, fields)
    try:
        token = await in_turn(request, _begin, request, fields)
    except (SignInRefusedError, TooManyAttemptsError) as error:
        return _form(request, fields, fields.get("next", ""), error)
    if fields.get("code"):
        return await _enter_with(request, token, fields)
    return _code_form(request, token, fields)


async def sign_in_demonstration(request: Request) -> Response:
    """Fill in name, password and the current code of a demonstration account, and enter."""
    fields = await fields_of(request)
    account = next((a for a in accounts_of(request) if a.username == fields.get("username")), None)
    if account is None:
        raise HTTPException(404)
    try:
        actor = await in_turn(request, _enter_as, request, account)
    except (SignInRefusedError, TooManyAttemptsError):
        return page(request, "sign_in_wait.html", {"title": "One moment", "account": account}, 429)
    return await entered(request, actor, leads_to(""))


async def keep_session(_request: Request) -> Response:
    """Somebody is still here; the guard before this handler has kept the session."""
    return Response(status_code=204)


async def sign_out(request: Request) -> Response:
    """End the session; harmless without one."""
    exchange = exchange_of(request)
    name = cookie_name(exchange.settings)
    if token := request.cookies.get(name):
        await in_thread(request, sessions.end_session, exchange, token)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(name, path="/", secure=name.startswith("__Host-"), httponly=True, samesite="lax")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def accounts_of(request: Request) -> list[DemonstrationAccount]:
    """The demonstration's accounts; none under any other settings."""
    demonstration: Demonstration | None = request.app.state.demonstration
    return list(demonstration.accounts()) if demonstration else []


async def _second_step(request: Request, fields: dict[str, str]) -> Response:
    try:
        return await _enter_with(request, step_of(request), fields)
    except NotSignedInError:
        return _form(request, {}, fields.get("next", ""), "Your sign-in took too long. Start again.")


async def _enter_with(request: Request, challenge: str, fields: dict[str, str]) -> Response:
    try:
        actor = await in_thread(request, _complete, request, challenge, fields)
    except (SignInRefusedError, TooManyAttemptsError) as error:
        return _code_form(request, challenge, fields, error)
    return await entered(request, actor, leads_to(fields.get("next", "")))


def _code_form(
    request: Request, challenge: str, fields: dict[str, str], error: PortalError | None = None
) -> Response:
    errors = [{"field": "code", "text": why_no_code(error)}] if error else []
    values = {"title": "Enter your code", "next": fields.get("next", ""), "works": passkeys_work(request)}
    shown = page(
        request, "sign_in_code.html", values | {"errors": errors}, STATUS[type(error)] if error else 200
    )
    return remember_step(request, shown, challenge)


def why_no_code(error: Exception) -> str:
    """What is told beside the field of a code that was refused."""
    wrong = "The code is not right. Use the newest one; each works once."
    return str(error) if isinstance(error, TooManyAttemptsError) else wrong


def _begin(request: Request, fields: dict[str, str]) -> str:
    exchange = exchange_of(request)
    names = fields.get("username", ""), fields.get("password", "")
    passed = sign_in.check_password(exchange, *names, attempt_of(request))
    return sessions.begin_challenge(exchange, passed, source_of(request))


def _complete(request: Request, challenge: str, fields: dict[str, str]) -> Actor:
    exchange = exchange_of(request)
    passed = sessions.passed_of_challenge(exchange, challenge)
    if "passkey" in fields:
        answer = answer_in(request, fields)
        actor = passkeys.sign_in_after_password(exchange, passed, answer, attempt_of(request))
    else:
        actor = sign_in.check_code(exchange, passed, fields.get("code", ""), attempt_of(request))
    sessions.end_session(exchange, challenge)
    return actor


def _enter_as(request: Request, account: DemonstrationAccount) -> Actor:
    exchange, attempt = exchange_of(request), attempt_of(request)
    passed = sign_in.check_password(exchange, account.username, account.password, attempt)
    code = second_factor.next_code(exchange, passed.account_id)
    return sign_in.check_code(exchange, passed, code, attempt)


def _form(
    request: Request, fields: dict[str, str], then: str, error: Exception | str | None = None
) -> Response:
    status = STATUS[type(error)] if isinstance(error, SignInRefusedError | TooManyAttemptsError) else 200
    errors = [{"field": "username", "text": str(error)}] if error else []
    people = [(ROLES[Role(account.role)].title, account) for account in accounts_of(request)]
    shown = {"title": "Sign in", "username": fields.get("username", ""), "next": then}
    more = {"people": people, "errors": errors, "works": passkeys_work(request)}
    return page(request, "sign_in.html", shown | more, status)
