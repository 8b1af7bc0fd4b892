"""Signing in through a state's own sign-on: choose the state, go there, come back."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import sign_on
from exchange.accounts.sign_on import Answer
from exchange.errors import SignOnFailedError
from web.door import attempt_of, exchange_of, in_thread
from web.entering import entered, leads_to, remember_step, step_of
from web.errors import STATUS
from web.templating import page

_SECONDS = 600


async def sign_on_page(request: Request) -> Response:
    """The states whose sign-on is known here."""
    return await _chooser(request)


async def sign_on_begin(request: Request) -> Response:
    """Send the browser to the state's sign-on."""
    wanted = request.path_params["jurisdiction"], request.query_params.get("next", "")
    try:
        anew = "anew" in request.query_params
        begun = await in_thread(request, sign_on.begin, exchange_of(request), *wanted, anew=anew)
    except SignOnFailedError as error:
        return await _chooser(request, error)
    if begun is None:
        raise HTTPException(404)
    return remember_step(request, RedirectResponse(begun.address, 303), begun.token, _SECONDS)


async def sign_on_return(request: Request) -> Response:
    """The browser is back from the state's sign-on: in, or a sentence that says what to do."""
    query, cookie = request.query_params, step_of(request)
    answer = Answer(query.get("state", ""), query.get("code", ""), query.get("iss"))
    try:
        actor, then = await in_thread(
            request, sign_on.complete, exchange_of(request), answer, cookie, attempt_of(request)
        )
    except SignOnFailedError as error:
        return await _chooser(request, error)
    return await entered(request, actor, leads_to(then))


async def _chooser(request: Request, error: SignOnFailedError | None = None) -> Response:
    states = await in_thread(request, sign_on.offered, exchange_of(request))
    errors = [{"field": "", "text": str(error)}] if error else []
    values = {"title": "State sign-on", "states": states, "next": request.query_params.get("next", "")}
    return page(request, "sign_on.html", values | {"errors": errors}, STATUS[type(error)] if error else 200)
