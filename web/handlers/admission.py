"""Organizations that do not register: staff make them here, and help their first administrator in."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import admission, console
from exchange.errors import FieldsRefusedError
from roles.organizations import KINDS, OrganizationKind, asked_of_staff
from schemas.forms.asked import Asked
from schemas.forms.registration import FIRST_PERSON
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of
from web.handlers.staff import shown_organization
from web.menus import STAFF

_FIRST = {one.name for one in FIRST_PERSON}


async def kinds_page(request: Request) -> Response:
    """Which kind of organization it is."""
    made = [(kind, KINDS[kind]) for kind in admission.kinds_to_make(actor_of(request))]
    registering = [about.title for about in KINDS.values() if about.registers]
    values = {"title": "Add an organization", "made": made, "others": registering}
    return form_page(request, "staff_new.html", values, entries=STAFF)


async def new_page(request: Request) -> Response:
    """The empty form of a kind."""
    return _new(request, _kind(request), {}, {})


async def make(request: Request) -> Response:
    """Make it, or the form again with what is wrong."""
    kind, fields = _kind(request), await fields_of(request)
    given = (exchange_of(request), actor_of(request), kind, fields)
    try:
        made = await in_thread(request, admission.make, *given)
    except FieldsRefusedError as refusal:
        return _new(request, kind, fields, refusal.problems)
    told = "made-state" if KINDS[kind].own_sign_on else "made"
    return RedirectResponse(f"/staff/organizations/{made}?done={told}", 303)


async def administrator_page(request: Request) -> Response:
    """The form to invite somebody to an organization that nobody looks after."""
    return await _administrator(request, {}, {})


async def invite_administrator(request: Request) -> Response:
    """Invite somebody to it, or the form again."""
    wanted, fields = record_id_of(request), await fields_of(request)
    given = (exchange_of(request), actor_of(request), wanted, fields)
    if problems := await problems_of(request, admission.invite_administrator, *given):
        return await _administrator(request, fields, problems)
    return RedirectResponse(f"/staff/organizations/{wanted}?done=invited", 303)


async def send_code(request: Request) -> Response:
    """Mail the first administrator a new code, or the organization's page with what is wrong."""
    wanted, fields = record_id_of(request), await fields_of(request)
    given = (exchange_of(request), actor_of(request), wanted, fields.get("email", ""))
    if problems := await problems_of(request, admission.send_code_again, *given):
        return await shown_organization(request, problems, typed=fields)
    return RedirectResponse(f"/staff/organizations/{wanted}?done=sent", 303)


def _kind(request: Request) -> OrganizationKind:
    """The kind in the path, when staff make organizations of it."""
    made = admission.kinds_to_make(actor_of(request))
    for kind in made:
        if kind.value == request.path_params["kind"]:
            return kind
    raise HTTPException(404)


def _new(
    request: Request, kind: OrganizationKind, fields: Mapping[str, str], problems: Mapping[str, str]
) -> Response:
    values = {
        "title": f"Add: {KINDS[kind].title}",
        "kind": KINDS[kind],
        "back": "/staff/organizations/new",
        "organization": "",
    }
    return _form(request, asked_of_staff(kind), values, fields, problems)


async def _administrator(
    request: Request, fields: Mapping[str, str], problems: Mapping[str, str]
) -> Response:
    wanted = record_id_of(request)
    found = await in_thread(request, console.organization, exchange_of(request), actor_of(request), wanted)
    if not found.lacks_administrator:
        raise HTTPException(404)
    values = {
        "title": "Invite an administrator",
        "kind": KINDS[found.profile.kind],
        "organization": found.profile.name,
        "back": f"/staff/organizations/{wanted}",
    }
    return _form(request, FIRST_PERSON, values, fields, problems)


def _form(
    request: Request,
    asked: tuple[Asked, ...],
    values: dict[str, object],
    fields: Mapping[str, str],
    problems: Mapping[str, str],
) -> Response:
    """One form: about the organization first, then about whoever looks after it."""
    told = {
        "about": [one.question for one in asked if one.name not in _FIRST],
        "first": [one.question for one in asked if one.name in _FIRST],
    }
    return form_page(request, "staff_new_form.html", told | values, fields, problems, STAFF)
