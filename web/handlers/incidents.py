"""Reporting an incident, and OCSS's list of reports."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange import incidents
from exchange.errors import IncidentNotFoundError
from schemas.forms.incident import INCIDENT
from web.door import actor_of, exchange_of, in_thread
from web.forms import fields_of
from web.templating import page


async def incident_form(request: Request) -> Response:
    """The form, with this very minute filled in."""
    now = exchange_of(request).clock()
    parts = {"discovered_on-month": now.month, "discovered_on-day": now.day, "discovered_on-year": now.year}
    fields = {name: str(number) for name, number in parts.items()} | {"discovered_at": f"{now:%H:%M}"}
    return _form(request, fields, {})


async def incident_send(request: Request) -> Response:
    """Take the report, or say what is wrong with it."""
    fields, exchange = await fields_of(request), exchange_of(request)
    answers = incidents.check(exchange, fields)
    if answers.problems:
        return _form(request, fields, {one.field: one.message for one in answers.problems}, 422)
    identifier = await in_thread(request, incidents.report, exchange, actor_of(request), answers.values)
    return RedirectResponse(f"/incidents/{identifier}", 303)


async def incident_list(request: Request) -> Response:
    """The reports of one's organization; for OCSS, of all."""
    found = await in_thread(request, incidents.incidents, exchange_of(request), actor_of(request))
    return page(request, "incidents.html", {"title": "Incidents", "incidents": found})


async def incident_page(request: Request) -> Response:
    """One report."""
    found = await in_thread(
        request, incidents.incident, exchange_of(request), actor_of(request), _id(request)
    )
    return page(request, "incident.html", {"title": f"Incident {found.number}", "incident": found})


async def incident_take(request: Request) -> Response:
    """OCSS has it in hand."""
    await in_thread(request, incidents.take, exchange_of(request), actor_of(request), _id(request))
    return RedirectResponse(f"/incidents/{_id(request)}", 303)


async def incident_close(request: Request) -> Response:
    """OCSS is done with it."""
    await in_thread(request, incidents.close, exchange_of(request), actor_of(request), _id(request))
    return RedirectResponse(f"/incidents/{_id(request)}", 303)


def _form(request: Request, fields: dict[str, str], problems: dict[str, str], status: int = 200) -> Response:
    errors = [{"field": name, "text": text} for name, text in problems.items()]
    questions = [one.question for one in INCIDENT]
    values = {"questions": questions, "fields": fields, "problems": problems, "errors": errors}
    return page(request, "incident_form.html", {"title": "Report an incident"} | values, status)


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise IncidentNotFoundError from None
