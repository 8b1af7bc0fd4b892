"""Passkeys at the pages: what the browser needs to make or show one, signing in by one, adding, removing."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import passkeys
from exchange.errors import SignInRefusedError, TooManyAttemptsError
from web.door import actor_of, attempt_of, exchange_of, in_thread, record_id_of
from web.entering import entered, leads_to
from web.forms import fields_of
from web.site import answer_in, passkeys_work, site_of
from web.templating import page


async def request_options(request: Request) -> Response:
    """What a browser needs to show a passkey. Asking for it changes nothing."""
    made = await in_thread(request, passkeys.request_options, exchange_of(request), site_of(request))
    return Response(made, media_type="application/json")


async def creation_options(request: Request) -> Response:
    """What a browser needs to make one."""
    asked = exchange_of(request), actor_of(request), site_of(request)
    made = await in_thread(request, passkeys.creation_options, *asked)
    return Response(made, media_type="application/json")


async def sign_in_by_passkey(request: Request) -> Response:
    """Enter by a passkey alone."""
    fields = await fields_of(request)
    asked = exchange_of(request), answer_in(request, fields), attempt_of(request)
    try:
        actor = await in_thread(request, passkeys.sign_in_alone, *asked)
    except (SignInRefusedError, TooManyAttemptsError) as error:
        return RedirectResponse(f"/sign-in?refused={error.code}", 303)
    return await entered(request, actor, leads_to(fields.get("next", "")))


async def new_passkey_page(request: Request) -> Response:
    """Asks for a name for it."""
    values = {"title": "Add a passkey", "works": passkeys_work(request)}
    return page(request, "passkey_new.html", values)


async def add_passkey(request: Request) -> Response:
    """Register it."""
    fields = await fields_of(request)
    made = exchange_of(request), actor_of(request), answer_in(request, fields), fields.get("label", "")
    await in_thread(request, passkeys.add, *made)
    return RedirectResponse("/account/security?done=passkey-added", 303)


async def remove_passkey(request: Request) -> Response:
    """Take it away, unless it is the only second factor."""
    await in_thread(request, passkeys.remove, exchange_of(request), actor_of(request), record_id_of(request))
    return RedirectResponse("/account/security?done=passkey-removed", 303)
