"""One's own account: profile, sessions, what happened with it, confirming that it is needed, closing it."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import own, resets, rules, sessions
from exchange.errors import ConfirmationRefusedError, RequestInvalidError
from roles.agreements import RULES_OF_BEHAVIOR
from roles.permissions import ROLES
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.entering import leads_to, session_of
from web.errors import STATUS
from web.forms import fields_of
from web.templating import page


async def account_page(request: Request) -> Response:
    """Who one is here, and where letters go."""
    return await _account(request)


async def ask_address(request: Request) -> Response:
    """Letters are to go elsewhere: a code goes there first."""
    fields = await fields_of(request)
    try:
        await in_thread(
            request, own.ask_address, exchange_of(request), actor_of(request), fields.get("email", "")
        )
    except RequestInvalidError:
        text = "Enter an email address, such as name@example.org"
        return await _account(request, [{"field": "email", "text": text}], fields.get("email", ""))
    return RedirectResponse("/account/address", 303)


async def address_page(request: Request) -> Response:
    """Asks for the code that went to the new address."""
    return _address(request)


async def confirm_address(request: Request) -> Response:
    """The code was entered: letters go there from now on."""
    code = (await fields_of(request)).get("code", "")
    try:
        await in_thread(request, own.confirm_address, exchange_of(request), actor_of(request), code)
    except ConfirmationRefusedError as error:
        return _address(request, error)
    return RedirectResponse("/account?done", 303)


async def sessions_page(request: Request) -> Response:
    """Where one is signed in."""
    asked = exchange_of(request), actor_of(request), session_of(request)
    found = await in_thread(request, sessions.open_sessions, *asked)
    return page(request, "account_sessions.html", {"title": "Where you are signed in", "sessions": found})


async def revoke_session(request: Request) -> Response:
    """End one session, or with `others` all but this one."""
    fields = await fields_of(request)
    asked = exchange_of(request), actor_of(request)
    found = await in_thread(request, sessions.open_sessions, *asked, session_of(request))
    others = [one.name for one in found if not one.current]
    await in_thread(
        request, sessions.revoke, *asked, others if "others" in fields else [fields.get("name", "")]
    )
    return RedirectResponse("/account/sessions", 303)


async def history_page(request: Request) -> Response:
    """Who signed in with the account, and who was refused."""
    told = await in_thread(request, own.history, exchange_of(request), actor_of(request))
    return page(request, "account_history.html", {"title": "What happened with your account", "told": told})


async def stop_reset(request: Request) -> Response:
    """The reset of one's second factor is not wanted."""
    await in_thread(request, resets.stop, exchange_of(request), actor_of(request), record_id_of(request))
    return RedirectResponse("/account/security?done=reset-stopped", 303)


async def confirm_page(request: Request) -> Response:
    """Asks whether the account is still needed."""
    return page(request, "account_confirm.html", {"title": "Do you still need this account?"})


async def confirm(request: Request) -> Response:
    """It is."""
    await in_thread(request, own.confirm, exchange_of(request), actor_of(request))
    return RedirectResponse("/home", 303)


async def rules_page(request: Request) -> Response:
    """The rules of behavior, to be accepted, or when they were."""
    exchange = exchange_of(request)
    account = await in_thread(request, own.account_of, exchange, actor_of(request))
    values = {
        "agreement": RULES_OF_BEHAVIOR,
        "next": request.query_params.get("next", ""),
        "accepted_at": None if rules.are_due(account, exchange.clock()) else account.rules_accepted_at,
    }
    return page(request, "rules.html", {"title": RULES_OF_BEHAVIOR.title} | values)


async def accept_rules(request: Request) -> Response:
    """They are accepted: on to the page that was wanted."""
    fields, actor = await fields_of(request), actor_of(request)
    await in_thread(request, rules.accept, exchange_of(request), actor.account_id, actor)
    return leads_to(fields.get("next", ""))


async def inactivate_page(request: Request) -> Response:
    """Asks whether one is sure."""
    return page(request, "account_inactivate.html", {"title": "Close your account"})


async def inactivate(request: Request) -> Response:
    """Close it; the session ends with it."""
    await in_thread(request, own.inactivate, exchange_of(request), actor_of(request))
    request.state.actor = None
    return page(request, "account_closed.html", {"title": "Your account is closed"})


def _address(request: Request, error: ConfirmationRefusedError | None = None) -> Response:
    errors = [{"field": "code", "text": str(error)}] if error else []
    values = {"title": "Confirm your new address", "errors": errors}
    return page(request, "account_address.html", values, STATUS[type(error)] if error else 200)


async def _account(request: Request, errors: list[dict[str, str]] | None = None, typed: str = "") -> Response:
    account = await in_thread(request, own.account_of, exchange_of(request), actor_of(request))
    values = {
        "title": "Your account",
        "email": typed or account.email or "",
        "role": ROLES[actor_of(request).role].title,
        "confirm_by": own.confirm_by(account),
        "done": "done" in request.query_params,
        "errors": errors or (),
    }
    return page(request, "account.html", values, 422 if errors else 200)
