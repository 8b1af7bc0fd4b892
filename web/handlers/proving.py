"""Before something dangerous: the second factor once more, and then on to where one was."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import passkeys, second_factor, sessions, sign_in, sign_on
from exchange.errors import PortalError, SignInRefusedError, TooManyAttemptsError
from web.door import actor_of, attempt_of, exchange_of, in_thread
from web.entering import leads_to, session_of
from web.errors import STATUS
from web.forms import fields_of
from web.handlers.sign_in import accounts_of, why_no_code
from web.site import answer_in, passkeys_work
from web.templating import page


async def prove_page(request: Request) -> Response:
    """Asks for the code; people for whom only their state vouches are sent there again."""
    state = await in_thread(request, sign_on.state_of, exchange_of(request), actor_of(request))
    if state is not None:
        then = urlencode({"anew": "", "next": request.query_params.get("next", "")})
        return RedirectResponse(f"/sign-on/{state}?{then}", 303)
    return await _asked(request, request.query_params.get("next", ""))


async def prove(request: Request) -> Response:
    """The code was right: on to the page that was wanted."""
    fields = await fields_of(request)
    try:
        await in_thread(request, _prove, request, fields)
    except (SignInRefusedError, TooManyAttemptsError) as error:
        return await _asked(request, fields.get("next", ""), error)
    return leads_to(fields.get("next", ""))


def _prove(request: Request, fields: dict[str, str]) -> None:
    exchange, actor, attempt = exchange_of(request), actor_of(request), attempt_of(request)
    if "passkey" in fields:
        passkeys.prove_again(exchange, actor, answer_in(request, fields), attempt)
    else:
        sign_in.prove_again(exchange, actor, fields.get("code", ""), attempt)
    sessions.note_proof(exchange, session_of(request))


async def _asked(request: Request, then: str, error: PortalError | None = None) -> Response:
    errors = [{"field": "code", "text": why_no_code(error)}] if error else []
    values = {"title": "Show your second factor", "next": then, "errors": errors}
    shown = {"demonstration_code": await _code_of_visitor(request), "works": passkeys_work(request)}
    return page(request, "prove.html", values | shown, STATUS[type(error)] if error else 200)


async def _code_of_visitor(request: Request) -> str:
    """In a demonstration, what a visitor who came in at a click has no app for."""
    actor = actor_of(request)
    if all(account.username != actor.username for account in accounts_of(request)):
        return ""
    return await in_thread(request, second_factor.next_code, exchange_of(request), actor.account_id)
