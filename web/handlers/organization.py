"""The page of one's own organization, its networks, and who acts for whom."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange import digests
from exchange.accounts import clients, details, employers, organizations
from exchange.accounts.organizations import Profile
from exchange.runtime import Exchange
from roles.employers_seen import LOOKED_UP
from roles.organizations import KINDS
from roles.policy import Actor, represented
from roles.purposes import ADDRESSES, CONTACTS, RHYTHMS, Purpose, PurposeWords, shown_to
from roles.representation import acts_for_others, may_have_agents
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, page_of, problems_of
from web.menus import tabs_of

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


async def choose_mail(request: Request) -> Response:
    """Choose how often mail comes, or the page again."""
    fields = await fields_of(request)
    given = (exchange_of(request), actor_of(request), fields.get("rhythm", ""))
    if problems := await problems_of(request, digests.choose, *given):
        return await _overview(request, fields, problems)
    return RedirectResponse("/organization?done=changed", 303)


async def detail_page(request: Request) -> Response:
    """The form of one contact or address."""
    _detail(request)
    found = await in_thread(request, organizations.own, exchange_of(request), actor_of(request))
    return _detail_form(request, _kept(request, found), {})


async def save_detail(request: Request) -> Response:
    """Save one contact or address, or the form again."""
    sort, purpose = _detail(request)
    fields = await fields_of(request)
    given = (exchange_of(request), actor_of(request), sort, purpose, fields)
    if problems := await problems_of(request, details.save, *given):
        return _detail_form(request, fields, problems)
    return RedirectResponse("/organization?done=changed", 303)


async def earlier_page(request: Request) -> Response:
    """Contacts and addresses as they stood on a day, and every change of them."""
    exchange, actor = exchange_of(request), actor_of(request)
    typed = request.query_params.get("day", "")[:20]
    day = _day(typed)
    wrong = {"day": "Enter a day as year-month-day, such as 2026-03-27"} if typed and not day else {}
    then = await in_thread(request, details.on, exchange, actor, day) if day else None
    changes = await in_thread(request, details.history, exchange, actor)
    values = {"title": "Earlier details", "changes": changes, "then": then, "sorts": details.SORTS}
    return form_page(
        request, "organization_earlier.html", values, {"day": typed}, wrong, tabs_of(actor_of(request))
    )


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
    """Ask to act for a client; or the page again, also with the clients that were searched for."""
    fields = await fields_of(request)
    if "q" in fields:
        return await _clients(request, fields, {})
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


def _detail(request: Request) -> tuple[str, str]:
    """The sort of detail and the purpose in the path; what is none is not there."""
    sort, purpose = request.path_params["detail"], request.path_params["purpose"]
    if sort not in details.SORTS or purpose not in details.SORTS[sort].purposes:
        raise HTTPException(404)
    if actor_of(request).client and purpose not in details.SEEN[sort]:
        raise HTTPException(404)
    return sort, purpose


def _kept(request: Request, found: Profile) -> dict[str, str]:
    """The fields of the form as they were saved: another purpose's row counts where it is the same."""
    sort, purpose = _detail(request)
    row = (found.contacts if sort == "contact" else found.addresses).get(purpose)
    if row is None:
        return {}
    names = (one.name for one in details.SORTS[sort].asked)
    return {name: getattr(row, name) for name in names} if row.purpose == purpose else {"follows": "yes"}


def _day(typed: str) -> datetime | None:
    """The end of a day, UTC."""
    try:
        return datetime.combine(date.fromisoformat(typed) + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError):
        return None


def _detail_form(request: Request, fields: Mapping[str, str], problems: dict[str, str]) -> Response:
    sort, purpose = _detail(request)
    about = details.SORTS[sort]
    words = about.purposes[purpose]
    followed = about.purposes.get(words.may_follow)
    values = {
        "title": f"{about.title}: {words.title}",
        "words_of": words,
        "same_as": f"The same as for {followed.title.lower()}" if followed else "",
        "questions": [one.question for one in about.asked],
        "whose": represented(actor_of(request)),
    }
    return form_page(
        request, "organization_detail.html", values, fields, problems, tabs_of(actor_of(request))
    )


async def _overview(request: Request, fields: dict[str, str], problems: dict[str, str]) -> Response:
    found = await in_thread(request, organizations.own, exchange_of(request), actor_of(request))
    acting = actor_of(request).client is not None
    values = {
        "title": found.name if acting else "Your organization",
        "acting": acting,
        "profile": found,
        "kind": KINDS[found.kind].title,
        "contacts": _shown(CONTACTS, found, "contact", acting=acting),
        "addresses": _shown(ADDRESSES, found, "address", acting=acting),
        "rhythm": (await in_thread(request, digests.rhythm, exchange_of(request), actor_of(request))).value,
        "rhythms": RHYTHMS,
        "rhythm_choices": [(key, f"{name}: {what}") for key, (name, what) in RHYTHMS.items()],
        "seen": employers.as_seen(found) if found.kind in LOOKED_UP else None,
    }
    return form_page(request, "organization.html", values, fields, problems, tabs_of(actor_of(request)))


def _shown(
    purposes: Mapping[Purpose, PurposeWords], found: Profile, sort: str, *, acting: bool
) -> dict[Purpose, PurposeWords]:
    """The purposes of an organization's page; on a client's, those that agencies see."""
    filled = found.contacts if sort == "contact" else found.addresses
    shown = shown_to(purposes, found.kind, filled)
    return {key: words for key, words in shown.items() if not acting or key.value in details.SEEN[sort]}


def _networks(request: Request, fields: dict[str, str], problems: dict[str, str]) -> Response:
    values = {"title": "Networks", "source": actor_of(request).source}
    return form_page(request, "networks.html", values, fields, problems, tabs_of(actor_of(request)))


async def _clients(request: Request, fields: dict[str, str], problems: dict[str, str]) -> Response:
    actor, wanted, at = actor_of(request), fields.get("q", "")[:100], page_of(fields)
    found = await in_thread(request, clients.relations, exchange_of(request), actor, wanted, at)
    kind = actor.organization_kind
    values = {
        "title": "Who acts for whom",
        "found": found,
        "asks": acts_for_others(kind),
        "answers": may_have_agents(kind),
        "shown": found.clients[: clients.PAGE],
        "further": len(found.clients) > clients.PAGE,
        "page": at,
    }
    return form_page(request, "clients.html", values, fields, problems, tabs_of(actor_of(request)))
