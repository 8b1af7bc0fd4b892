"""Registering as a multistate employer: the form, a look at the answers, changing, ending, every version."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.multistate import registrations
from exchange.multistate.registrations import Desk
from exchange.multistate.rows import Registration
from exchange.multistate.statuses import Act, allows
from roles.multistate import Registrant, registrant_of
from schemas.forms.multistate import ENDING, OMB, TERMS, TICKED, WHOLE, as_fields
from schemas.tables import STATES
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of
from web.multistate_told import parts, words_of

BOXES = [(f"{TICKED}{state}", name) for state, name in STATES.items()]


async def desk_page(request: Request) -> Response:
    """The registrations of one's organization."""
    values = {
        "title": "Multistate employer registry",
        "desk": await _desk(request),
        "states": STATES,
        "omb": OMB,
    }
    return form_page(request, "multistate.html", values)


async def new_page(request: Request) -> Response:
    """The form, with what is known already."""
    exchange, actor = exchange_of(request), actor_of(request)
    known = await in_thread(request, registrations.suggested, exchange, actor)
    return await _new_form(request, known)


async def begin(request: Request) -> Response:
    """Fill in a registration, or the form again."""
    fields = await fields_of(request)
    given = (exchange_of(request), actor_of(request), fields.get("number", ""), fields)
    made: list[str] = []

    def act() -> None:
        made.append(str(registrations.begin(*given, later=_later(fields))))

    if problems := await problems_of(request, act):
        return await _new_form(request, fields, problems)
    return _after_form(made[0], fields)


async def one_page(request: Request) -> Response:
    """One registration: what counts, what is being filled in, every version. It prints as a confirmation."""
    found = await _one(request)
    values = {
        "title": f"Multistate registration {found.reference}",
        "found": found,
        "parts_told": parts(found.registrant, found.fein, found.values) if found.values else [],
        "versions": [(one, parts(found.registrant, found.fein, one.values)) for one in found.versions],
        "changes": allows(found.status, Act.CHANGE),
        "cancels": allows(found.status, Act.CANCEL),
        "states": STATES,
        "omb": OMB,
    }
    return form_page(request, "multistate_one.html", values)


async def form_of_one(request: Request) -> Response:
    """The form of a draft, or of a change, as far as it is filled in."""
    found = await _one(request)
    kept = _without_day(found.values) if found.prepared is None else found.prepared
    return _form(request, _about(found), as_fields(kept))


async def amend(request: Request) -> Response:
    """Keep what was filled in, or the form again."""
    fields, wanted = await fields_of(request), record_id_of(request)
    given = (exchange_of(request), actor_of(request), wanted, fields)
    if problems := await problems_of(request, registrations.amend, *given, later=_later(fields)):
        return _form(request, _about(await _one(request)), fields, problems)
    return _after_form(str(wanted), fields)


async def check_page(request: Request) -> Response:
    """The answers, before they are handed in."""
    return await _check(request, {})


async def hand_in(request: Request) -> Response:
    """Submit, or let the change count; what is wrong by now is told."""
    fields, wanted = await fields_of(request), record_id_of(request)
    given = (exchange_of(request), actor_of(request), wanted)
    agreed = fields.get("agreed") == "yes"
    if problems := await problems_of(request, registrations.hand_in, *given, agreed=agreed):
        return await _check(request, problems)
    return RedirectResponse(f"/multistate/{wanted}?done=registered", 303)


async def cancel_page(request: Request) -> Response:
    """No multistate employer any more: what is asked then, with what is known."""
    found = await _one(request)
    return _cancel_form(request, found, _without_day(found.values))


async def cancel(request: Request) -> Response:
    """End it, or the form again."""
    fields, wanted = await fields_of(request), record_id_of(request)
    given = (exchange_of(request), actor_of(request), wanted, fields)
    if problems := await problems_of(request, registrations.cancel, *given):
        return _cancel_form(request, await _one(request), fields, problems)
    return RedirectResponse(f"/multistate/{wanted}?done=cancelled", 303)


async def discard(request: Request) -> Response:
    """Throw away what is being filled in."""
    given = (exchange_of(request), actor_of(request), record_id_of(request))
    await in_thread(request, registrations.discard, *given)
    return RedirectResponse("/multistate?done=discarded", 303)


async def _desk(request: Request) -> Desk:
    return await in_thread(request, registrations.desk, exchange_of(request), actor_of(request))


async def _one(request: Request) -> Registration:
    given = (exchange_of(request), actor_of(request), record_id_of(request))
    return await in_thread(request, registrations.one, *given)


def _without_day(values: Mapping[str, str]) -> dict[str, str]:
    """What was said before; from when something else holds is for whoever changes it to say."""
    return {name: text for name, text in values.items() if name != "effective_on"}


def _later(fields: Mapping[str, str]) -> bool:
    return fields.get("later") == "yes"


def _after_form(wanted: str, fields: Mapping[str, str]) -> Response:
    """To the answers, or away for now."""
    return RedirectResponse("/multistate?done=kept" if _later(fields) else f"/multistate/{wanted}/check", 303)


def _about(found: Registration) -> dict[str, object]:
    """What the form of an existing registration says of it."""
    draft = allows(found.status, Act.SUBMIT)
    title = "Register as a multistate employer" if draft else "Change the registration"
    back = "/multistate" if draft else f"/multistate/{found.id}"
    fixed = f"{found.legal_name}, {found.fein}" if found.legal_name else found.fein
    return {"title": title, "fixed": fixed, "registrant": found.registrant, "back": back, "numbers": []}


async def _new_form(
    request: Request, fields: Mapping[str, str], problems: dict[str, str] | None = None
) -> Response:
    desk, actor = await _desk(request), actor_of(request)
    kind = actor.client.kind if actor.client else actor.organization_kind
    about = {
        "title": "Register as a multistate employer",
        "fixed": "",
        "registrant": registrant_of(kind),
        "back": "/multistate",
        "numbers": [(str(one.id), one.shown) for one in desk.numbers],
    }
    return _form(request, about, fields, problems)


def _form(
    request: Request,
    about: Mapping[str, object],
    fields: Mapping[str, str],
    problems: Mapping[str, str] | None = None,
) -> Response:
    questions = {one.name: one.question for one in WHOLE}
    registrant = about["registrant"]
    assert isinstance(registrant, Registrant)
    values = {"questions": questions, "boxes": BOXES, "members": words_of(registrant), "omb": OMB}
    return form_page(request, "multistate_form.html", {**about, **values}, fields, problems)


async def _check(request: Request, problems: Mapping[str, str]) -> Response:
    found = await _one(request)
    if found.prepared is None or "effective_on" not in found.prepared:
        return RedirectResponse(f"/multistate/{found.id}/form", 303)
    values = {
        "title": "Check your answers",
        "found": found,
        "parts_told": parts(found.registrant, found.fein, found.prepared),
        "terms": TERMS,
        "submits": allows(found.status, Act.SUBMIT),
        "omb": OMB,
    }
    return form_page(request, "multistate_check.html", values, {}, problems)


def _cancel_form(
    request: Request,
    found: Registration,
    fields: Mapping[str, str],
    problems: Mapping[str, str] | None = None,
) -> Response:
    values = {
        "title": "No longer a multistate employer",
        "found": found,
        "questions": [one.question for one in ENDING],
        "omb": OMB,
    }
    return form_page(request, "multistate_cancel.html", values, fields, problems)
