"""What an organization settles about its messages: its offices, and who of it receives which topic."""

from collections.abc import Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.errors import FieldsRefusedError, RecordNotFoundError
from exchange.messages import offices, receivers
from exchange.messages.receivers import Receivers
from exchange.runtime import Exchange
from roles.permissions import Permission
from roles.policy import Actor, can
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of
from web.menus import MESSAGES

_OFFICES, _RECEIVERS = "/messages/offices", "/messages/receivers"
_MOST_PEOPLE, _MOST_BYTES = 5_000, 300_000
"""Ticks of a form, and its bytes."""


async def office_list(request: Request) -> Response:
    """The offices, and which topics go to them."""
    return await _offices(request, {}, {})


async def make_office(request: Request) -> Response:
    """Make an office, or the page again."""
    fields = await fields_of(request)
    given = (exchange_of(request), actor_of(request), fields.get("name", ""))
    if problems := await problems_of(request, offices.make, *given):
        return await _offices(request, fields, problems)
    return RedirectResponse(f"{_OFFICES}?done=added", 303)


async def route_topics(request: Request) -> Response:
    """Say where topics go, or the page again."""
    fields = await fields_of(request)
    if problems := await problems_of(request, offices.route, exchange_of(request), actor_of(request), fields):
        return await _offices(request, fields, problems)
    return RedirectResponse(f"{_OFFICES}?done=changed", 303)


async def office_page(request: Request) -> Response:
    """One office, to rename or close it."""
    return await _office(request, {}, {})


async def rename_office(request: Request) -> Response:
    """Give an office another name, or the form again."""
    fields = await fields_of(request)
    given = (exchange_of(request), actor_of(request), record_id_of(request), fields.get("name", ""))
    if problems := await problems_of(request, offices.rename, *given):
        return await _office(request, fields, problems)
    return RedirectResponse(f"{_OFFICES}?done=changed", 303)


async def close_office(request: Request) -> Response:
    """Close an office."""
    given = (exchange_of(request), actor_of(request), record_id_of(request))
    await in_thread(request, offices.close, *given)
    return RedirectResponse(f"{_OFFICES}?done=changed", 303)


async def receiver_list(request: Request) -> Response:
    """Who receives which topic."""
    found = await in_thread(request, receivers.receivers, exchange_of(request), actor_of(request))
    values = {"title": "Who receives what", "found": found}
    return form_page(request, "message_receivers.html", values, entries=MESSAGES)


async def receivers_page(request: Request) -> Response:
    """Who receives one topic, as boxes to tick."""
    one = await _topic(request)
    return await _choice(request, one, {str(account): "yes" for account, _ in one.people}, {})


async def choose_receivers(request: Request) -> Response:
    """Say who receives a topic, or the form again."""
    fields = await fields_of(request, _MOST_BYTES, _MOST_PEOPLE)
    topic = request.path_params["topic"]
    given = (exchange_of(request), actor_of(request), topic, fields)
    if problems := await problems_of(request, _choose, *given):
        return await _choice(request, await _topic(request), fields, problems)
    return RedirectResponse(f"{_RECEIVERS}?done=changed", 303)


def _choose(exchange: Exchange, actor: Actor, topic: str, ticked: Mapping[str, str]) -> None:
    try:
        chosen = [UUID(one) for one in ticked]
    except ValueError:
        raise FieldsRefusedError({"people": "Choose from those on the list"}) from None
    receivers.choose(exchange, actor, topic, chosen)


async def _offices(request: Request, fields: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    actor = actor_of(request)
    found = await in_thread(request, offices.offices, exchange_of(request), actor)
    values = {
        "title": "Offices",
        "found": found,
        "open": [("", "No office")] + [(str(one.id), one.name) for one in found.offices if not one.closed],
        "may_change": can(actor, Permission.ORGANIZATION_MANAGE),
    }
    return form_page(request, "message_offices.html", values, fields, problems, MESSAGES)


async def _office(request: Request, fields: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    given = (exchange_of(request), actor_of(request), record_id_of(request))
    one = await in_thread(request, offices.office, *given)
    values = {"title": one.name, "office": one}
    return form_page(request, "message_office.html", values, {"name": one.name, **fields}, problems)


async def _topic(request: Request) -> Receivers:
    """The topic of the path. Raises `RecordNotFoundError`."""
    found = await in_thread(request, receivers.receivers, exchange_of(request), actor_of(request))
    for one in found:
        if one.topic.slug == request.path_params["topic"]:
            return one
    raise RecordNotFoundError


async def _choice(
    request: Request, one: Receivers, fields: Mapping[str, str], problems: Mapping[str, str]
) -> Response:
    people = await in_thread(request, receivers.people, exchange_of(request), actor_of(request))
    values = {
        "title": one.topic.title,
        "one": one,
        "people": [(str(account), name) for account, name in people],
    }
    return form_page(request, "message_receivers_of.html", values, fields, problems)
