"""The page of one's own organization, its networks, and who acts for whom."""

from collections.abc import Callable, Mapping
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import clients, organizations
from exchange.runtime import Exchange
from roles.organizations import KINDS
from roles.policy import Actor
from roles.purposes import ADDRESSES, CONTACTS, PurposeWords, shown_to
from roles.representation import acts_for_others, may_have_agents
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import Texts, fields_of, listed, problems_of
from web.menus import ORGANIZATION, tabs
from web.templating import page

_SAVED = {
    "contact": (organizations.save_contact, CONTACTS, "Contact"),
    "address": (organizations.save_address, ADDRESSES, "Address"),
}
_ANSWERS: dict[str, tuple[Callable[[Exchange, Actor, UUID], None], str]] = {
    "agree": (clients.agree, "agreed"),
    "decline": (clients.decline, "declined"),
    "end": (clients.withdraw, "ended"),
    "take-back": (clients.take_back, "revoked"),
}


async def organization_page(request: Request) -> Response:
    """What the organization says of itself, and what happened."""
    return await _overview(request, {}, {})


async def confirm(request: Request) -> Response:
    """Everything is right."""
    await in_thread(request, organizations.confirm, exchange_of(request), actor_of(request))
    return RedirectResponse("/organization?done=confirmed", 303)


async def detail_page(request: Request) -> Response:
    """The form of one contact or address."""
    _, purposes, _ = _detail(request)
    purpose = request.path_params["purpose"]
    if purpose not in purposes:
        raise HTTPException(404)
    found = await in_thread(request, organizations.own, exchange_of(request), actor_of(request))
    kept = found.contacts if purposes is CONTACTS else found.addresses
    return _detail_form(request, kept[purpose].model_dump() if purpose in kept else {}, {})


async def save_detail(request: Request) -> Response:
    """Save one contact or address, or the form again."""
    save, _, _ = _detail(request)
    fields = await fields_of(request)
    given = (exchange_of(request), actor_of(request), request.path_params["purpose"], fields)
    if problems := await problems_of(request, save, *given):
        return _detail_form(request, fields, problems)
    return RedirectResponse("/organization?done=changed", 303)


async def add_subsidiary(request: Request) -> Response:
    """Add a further FEIN, or the page again."""
    fields = await fields_of(request)
    given = (exchange_of(request), actor_of(request), fields.get("subsidiary", ""), fields.get("fein", ""))
    if problems := await problems_of(request, organizations.add_subsidiary, *given):
        return await _overview(request, fields, problems)
    return RedirectResponse("/organization?done=added", 303)


async def remove_subsidiary(request: Request) -> Response:
    """Take a further FEIN off the list."""
    await in_thread(
        request,
        organizations.remove_subsidiary,
        exchange_of(request),
        actor_of(request),
        record_id_of(request),
    )
    return RedirectResponse("/organization?done=revoked", 303)


async def networks_page(request: Request) -> Response:
    """The networks people may come from."""
    found = await in_thread(request, organizations.own, exchange_of(request), actor_of(request))
    return _networks(request, {"networks": "\n".join(found.networks)}, {})


async def save_networks(request: Request) -> Response:
    """Change them, or the form again; shutting oneself out takes a tick."""
    fields = await fields_of(request)
    exchange, actor, typed = exchange_of(request), actor_of(request), fields.get("networks", "")
    sure = fields.get("even_if_out") == "yes"
    if problems := await problems_of(
        request, organizations.restrict, exchange, actor, typed, even_if_out=sure
    ):
        return _networks(request, fields, problems)
    return RedirectResponse("/organization/networks?done=changed", 303)


async def clients_page(request: Request) -> Response:
    """Who acts for whom."""
    return await _clients(request, {}, {})


async def ask_client(request: Request) -> Response:
    """Ask to act for a client, or the page again."""
    fields = await fields_of(request)
    given = (exchange_of(request), actor_of(request), fields.get("fein", ""))
    if problems := await problems_of(request, clients.ask, *given):
        return await _clients(request, fields, problems)
    return RedirectResponse("/organization/clients?done=asked", 303)


async def answer_client(request: Request) -> Response:
    """Agree, decline, take back or end."""
    if request.path_params["answer"] not in _ANSWERS:
        raise HTTPException(404)
    call, done = _ANSWERS[request.path_params["answer"]]
    await in_thread(request, call, exchange_of(request), actor_of(request), record_id_of(request))
    return RedirectResponse(f"/organization/clients?done={done}", 303)


def _detail(request: Request) -> tuple[Callable[..., None], Mapping[str, PurposeWords], str]:
    if request.path_params["detail"] not in _SAVED:
        raise HTTPException(404)
    save, purposes, title = _SAVED[request.path_params["detail"]]
    return save, purposes, title  # type: ignore[return-value]  # their keys are strings


def _detail_form(request: Request, fields: Mapping[str, str], problems: dict[str, str]) -> Response:
    _, purposes, title = _detail(request)
    words = purposes[request.path_params["purpose"]]
    values = {"title": f"{title}: {words.title}", "words_of": words}
    return _page(request, f"organization_{request.path_params['detail']}.html", values, fields, problems)


async def _overview(request: Request, fields: dict[str, str], problems: dict[str, str]) -> Response:
    found = await in_thread(request, organizations.own, exchange_of(request), actor_of(request))
    values = {
        "title": "Your organization",
        "profile": found,
        "kind": KINDS[found.kind].title,
        "contacts": shown_to(CONTACTS, found.kind, found.contacts),
        "addresses": shown_to(ADDRESSES, found.kind, found.addresses),
    }
    return _page(request, "organization.html", values, fields, problems)


def _networks(request: Request, fields: dict[str, str], problems: dict[str, str]) -> Response:
    values = {"title": "Networks", "source": actor_of(request).source}
    return _page(request, "networks.html", values, fields, problems)


async def _clients(request: Request, fields: dict[str, str], problems: dict[str, str]) -> Response:
    actor = actor_of(request)
    found = await in_thread(request, clients.relations, exchange_of(request), actor)
    kind = actor.organization_kind
    values = {"title": "Who acts for whom", "found": found, "asks": acts_for_others(kind)}
    return _page(request, "clients.html", values | {"answers": may_have_agents(kind)}, fields, problems)


def _page(
    request: Request,
    template: str,
    values: Mapping[str, object],
    fields: Mapping[str, str],
    problems: dict[str, str],
) -> Response:
    frame = {
        "done": request.query_params.get("done"),
        "errors": listed(problems),
        "fields": Texts(fields),
        "problems": Texts(problems),
        "tabs": tabs(ORGANIZATION, actor_of(request), request.scope["path"]),
    }
    return page(request, template, {**frame, **values}, 422 if problems else 200)
