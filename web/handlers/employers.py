"""Employer search: who sends orders and notices finds where they go."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from exchange.accounts import employers
from exchange.errors import FieldsRefusedError
from roles.organizations import KINDS
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page


async def search_page(request: Request) -> Response:
    """The form alone: nobody is listed unasked."""
    return _page(request, {})


async def search(request: Request) -> Response:
    """What was found, or advice. Sent by a form's body: addresses stand in logs."""
    fields = await fields_of(request)
    wanted = fields.get("q", "")[:100]
    try:
        found = await in_thread(request, employers.search, exchange_of(request), actor_of(request), wanted)
    except FieldsRefusedError as refusal:
        return _page(request, fields, refusal.problems)
    return _page(request, fields, {}, found)


async def employer_page(request: Request) -> Response:
    """What agencies see of one employer."""
    given = (exchange_of(request), actor_of(request), record_id_of(request))
    seen = await in_thread(request, employers.look, *given)
    values = {"title": seen.name, "seen": seen, "kind": KINDS[seen.kind].title}
    return form_page(request, "employer.html", values)


def _page(
    request: Request,
    fields: Mapping[str, str],
    problems: Mapping[str, str] | None = None,
    found: list[employers.Found] | None = None,
) -> Response:
    values = {"title": "Employer search", "found": found, "kinds": KINDS}
    return form_page(request, "employers.html", values, fields, problems)
