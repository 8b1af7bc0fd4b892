"""Who may locate people: an administrator clears colleagues, OCSS records the agreements of agencies."""

from collections.abc import Mapping
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import people
from exchange.errors import FieldsRefusedError, RecordNotFoundError
from exchange.locate import sole, standing
from exchange.locate.standing import Clearance
from roles.locate import TRAINING_DAYS
from schemas.forms.asked import past_date
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of
from web.handlers.staff import shown_organization
from web.menus import ORGANIZATION, STAFF

_ABOUT: dict[str, object] = {"days": TRAINING_DAYS, "reasoned": False}
_NO_DAY = "Enter a date of the calendar, such as 3 27 2026"


async def clear_page(request: Request) -> Response:
    """What a colleague may do in locate."""
    return await _clear(request, {}, {})


async def clear(request: Request) -> Response:
    """Say so, or the form again."""
    fields, wanted = await fields_of(request), record_id_of(request)
    exchange, actor = exchange_of(request), actor_of(request)

    def act() -> None:
        standing.clear(exchange, actor, wanted, _said(fields))

    if problems := await problems_of(request, act):
        return await _clear(request, fields, problems)
    return RedirectResponse(f"/organization/people/{wanted}?done=changed", 303)


async def clear_sole_page(request: Request) -> Response:
    """What the only administrator of an agency may do in locate, for OCSS."""
    return await _clear_sole(request, {}, {})


async def clear_sole(request: Request) -> Response:
    """Say so with a reason, or the form again."""
    fields, wanted = await fields_of(request), record_id_of(request)
    exchange, actor = exchange_of(request), actor_of(request)

    def act() -> None:
        sole.clear(exchange, actor, wanted, _said(fields), fields.get("reason", ""))

    if problems := await problems_of(request, act):
        return await _clear_sole(request, fields, problems)
    return RedirectResponse(f"/staff/organizations/{wanted}?done=changed", 303)


async def record_agreement(request: Request) -> Response:
    """An agreement of an agency is on record until a day, or its page again."""
    fields, wanted = await fields_of(request), record_id_of(request)
    exchange, actor = exchange_of(request), actor_of(request)

    def act() -> None:
        until = _day("until", fields)
        if until is None:
            raise FieldsRefusedError({"until": _NO_DAY})
        standing.record_agreement(exchange, actor, wanted, until)

    if problems := await problems_of(request, act):
        return await shown_organization(request, problems, typed=fields)
    return RedirectResponse(f"/staff/organizations/{wanted}?done=changed", 303)


async def _clear(request: Request, fields: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    given = exchange_of(request), actor_of(request), record_id_of(request)
    found = await in_thread(request, people.person, *given)
    clearance = await in_thread(request, standing.clearance_of, *given)
    if clearance is None:
        raise RecordNotFoundError
    values = {"title": f"Locate: {found.name}", "back": (f"/organization/people/{found.id}", found.name)}
    typed = fields or _typed(clearance)
    return form_page(request, "locate_clear.html", _ABOUT | values, typed, problems, ORGANIZATION)


async def _clear_sole(request: Request, fields: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    wanted = record_id_of(request)
    found = await in_thread(request, sole.of_agency, exchange_of(request), actor_of(request), wanted)
    back = (f"/staff/organizations/{wanted}", found.agency)
    values = {"title": f"Locate: {found.name}", "back": back, "reasoned": True}
    typed = fields or _typed(found.clearance)
    return form_page(request, "locate_clear.html", _ABOUT | values, typed, problems, STAFF)


def _said(fields: Mapping[str, str]) -> Clearance:
    boxes = {name: fields.get(name) == "yes" for name in ("tax", "manager")}
    return Clearance(**boxes, trained_on=_day("trained_on", fields))


def _typed(clearance: Clearance) -> dict[str, str]:
    """A clearance as its form would have it."""
    day = clearance.trained_on
    boxes = {name: "yes" for name in ("tax", "manager") if getattr(clearance, name)}
    parts = {"month": day.month, "day": day.day, "year": day.year} if day else {}
    return boxes | {f"trained_on-{part}": str(number) for part, number in parts.items()}


def _day(name: str, fields: Mapping[str, str]) -> date | None:
    """A day typed in three boxes; None where nothing was. Raises `FieldsRefusedError`."""
    parts = [fields.get(f"{name}-{part}", "") for part in ("year", "month", "day")]
    if not any(parts):
        return None
    whole = past_date(f"{parts[0]:0>4}{parts[1]:0>2}{parts[2]:0>2}") if all(map(str.isdigit, parts)) else None
    if whole is None:
        raise FieldsRefusedError({name: _NO_DAY})
    return date(int(whole[:4]), int(whole[4:6]), int(whole[6:]))
