"""What employers reported without an order: the list of those who sent or got it, and one report whole."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from exchange.orders import reports
from roles.permissions import Permission
from roles.policy import can
from schemas.order_parts import report_of
from web import order_words
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import form_page
from web.menus import ORDERS

_SHOWN = 25


async def report_list(request: Request) -> Response:
    """The list, newest first."""
    actor, cursor = actor_of(request), request.query_params.get("cursor") or None
    found = await in_thread(request, reports.reports, exchange_of(request), actor, cursor, _SHOWN)
    values = {
        "title": "Reports without an order",
        "sent": can(actor, Permission.INCOME_WITHHOLDING_SEND),
        "rows": [(line, order_words.disposition(line.disposition)) for line in found.items],
        "first": "/orders/reports" if cursor else "",
        "next": f"/orders/reports?{urlencode({'cursor': found.next})}" if found.next else "",
    }
    return form_page(request, "order_reports.html", values, entries=ORDERS)


async def reported_page(request: Request) -> Response:
    """One report whole."""
    opened = await in_thread(
        request, reports.report, exchange_of(request), actor_of(request), record_id_of(request)
    )
    said = order_words.disposition(opened.line.disposition)
    values = {"title": said, "line": opened.line, "rows": report_of(opened.values)}
    return form_page(request, "order_reported.html", values)
