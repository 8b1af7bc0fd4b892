"""The page of one's own organization, its networks, and who acts for whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import clients, organizations
from exchange.accounts.organizations import Profile
from exchange.models.organizations import Address, Contact
from exchange.runtime import Exchange
from roles.organizations import KINDS
from roles.policy import Actor
from roles.purposes import ADDRESSES, CONTACTS, PurposeWords, shown_to
from roles.representation import acts_for_others, may_have_agents
from schemas.forms.asked import Asked
from schemas.forms.registration import CONTACT, PLACE
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of
from web.menus import ORGANIZATION


@dataclass(frozen=True)
class Detail:
    """One sort of detail that an organization keeps for several purposes, by the purpose's name."""

    title: str
    asked: tuple[Asked, ...]
    purposes: Mapping[str, PurposeWords]
    save: Callable[[Exchange, Actor, str, Mapping[str, str]], None]
    kept: Callable[[Profile], Mapping[str, Contact] | Mapping[str, Address]]


_DETAILS = {
    "contact": Detail(
        "Contact",
        CONTACT,
        {purpose.value: words for purpose, words in CONTACTS.items()},
        organizations.save_contact,
        lambda profile: profile.contacts,
    ),
    "address": Detail(
        "Address",
        PLACE,
        {purpose.value: words for purpose, words in ADDRESSES.items()},
        organizations.save_address,
        lambda profile: profile.addresses,
    ),
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
    detail, purpose = _detail(request)
    found = await in_thread(request, organizations.own, exchange_of(request), actor_of(request))
    kept = detail.kept(found).get(purpose)
    return _detail_form(request, kept.model_dump() if kept else {}, {})


async def save_detail(request: Request) -> Response:
    """Save one contact or address, or the form again."""
    detail, purpose = _detail(request)
    fields = await fields_of(request)
    given = (exchange_of(request), actor_of(request), purpose, fields)
    if problems := await problems_of(request, detail.save, *given):
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


def _detail(request: Request) -> tuple[Detail, str]:
    """The sort of detail and the purpose in the path; what is none is not there."""
    detail, purpose = _DETAILS.get(request.path_params["detail"]), request.path_params["purpose"]
    if detail is None or purpose not in detail.purposes:
        raise HTTPException(404)
    return detail, purpose


def _detail_form(request: Request, fields: Mapping[str, str], problems: dict[str, str]) -> Response:
    detail, purpose = _detail(request)
    words = detail.purposes[purpose]
    values = {
        "title": f"{detail.title}: {words.title}",
        "words_of": words,
        "questions": [one.question for one in detail.asked],
    }
    return form_page(request, "organization_detail.html", values, fields, problems, ORGANIZATION)


async def _overview(request: Request, fields: dict[str, str], problems: dict[str, str]) -> Response:
    found = await in_thread(request, organizations.own, exchange_of(request), actor_of(request))
    values = {
        "title": "Your organization",
        "profile": found,
        "kind": KINDS[found.kind].title,
        "contacts": shown_to(CONTACTS, found.kind, found.contacts),
        "addresses": shown_to(ADDRESSES, found.kind, found.addresses),
    }
    return form_page(request, "organization.html", values, fields, problems, ORGANIZATION)


def _networks(request: Request, fields: dict[str, str], problems: dict[str, str]) -> Response:
    values = {"title": "Networks", "source": actor_of(request).source}
    return form_page(request, "networks.html", values, fields, problems, ORGANIZATION)


async def _clients(request: Request, fields: dict[str, str], problems: dict[str, str]) -> Response:
    actor = actor_of(request)
    found = await in_thread(request, clients.relations, exchange_of(request), actor)
    kind = actor.organization_kind
    values = {"title": "Who acts for whom", "found": found, "asks": acts_for_others(kind)}
    return form_page(
        request, "clients.html", values | {"answers": may_have_agents(kind)}, fields, problems, ORGANIZATION
    )
