"""Income withholding orders: the list of those who sent or got them, one order whole, and orders on paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from exchange.errors import RecordNotFoundError, RequestInvalidError
from exchange.models.orders import WAITING
from exchange.orders import history, lists, paper
from exchange.orders.history import Step
from exchange.orders.lists import Counts, OpenedOrder, OrderLine, OrderQuery
from exchange.runtime import Exchange
from exchange.transfers.views import Page
from roles.permissions import Permission
from roles.policy import Actor, can
from schemas.order_parts import answer_of, parts_of, title_of
from web import order_words
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import form_page
from web.menus import ORDERS
from web.sending import disposition

FILTERS = ("status", "flag", "client")
CHOSEN = "order-"
"""How the box of an order is named; its id follows."""
_SHOWN = 25


@dataclass(frozen=True)
class Desk:
    """All that the list shows: a page of orders, how many wait, and whose may be listed one by one."""

    found: Page[OrderLine]
    counts: Counts
    clients: list[tuple[UUID, str]]


async def order_list(request: Request) -> Response:
    """The list, newest first."""
    return await listed(request, {})


async def listed(request: Request, problems: Mapping[str, str]) -> Response:
    """The list, and what is wrong with what was asked of it."""
    exchange, actor = exchange_of(request), actor_of(request)
    chosen = {name: request.query_params.get(name) or "" for name in FILTERS}
    query = _query(chosen, request.query_params.get("cursor"))
    desk = await in_thread(request, _desk, exchange, actor, query)
    sent = can(actor, Permission.INCOME_WITHHOLDING_SEND)
    values = {
        "title": "Income withholding orders",
        "desk": desk,
        "chosen": chosen,
        "sent": sent,
        "rows": [_row(request, line, sent=sent) for line in desk.found.items],
        "statuses": _statuses(sent=sent),
        "said": order_words,
        "late": order_words.by_flag(desk.counts),
        "many": len(desk.clients) > 1,
    }
    paging = _paging(chosen, desk.found.next, began=query.cursor is not None)
    return form_page(request, "orders.html", values | paging, problems=problems, entries=ORDERS)


async def order_page(request: Request) -> Response:
    """One order whole, its answer, and what became of it."""
    exchange, actor = exchange_of(request), actor_of(request)
    opened, steps = await in_thread(request, _opened, exchange, actor, record_id_of(request))
    sent = can(actor, Permission.INCOME_WITHHOLDING_SEND)
    values = {
        "title": title_of(opened.values),
        "order": opened,
        "line": opened.line,
        "row": _row(request, opened.line, sent=sent),
        "sent": sent,
        "parts": parts_of(opened.values),
        "answered": answer_of(opened.answer) if opened.answer else (),
        "steps": steps,
        "said": order_words,
        "answerable": opened.line.status in WAITING and not sent,
    }
    return form_page(request, "order.html", values)


async def order_paper(request: Request) -> Response:
    """One order as PDF."""
    return await _as_paper(request, [record_id_of(request)], "order.pdf")


async def orders_paper(request: Request) -> Response:
    """The chosen orders as one PDF."""
    try:
        order_ids = chosen_orders(request.query_params)
    except RequestInvalidError:
        return await listed(request, {"choose": "Select at least one order"})
    return await _as_paper(request, order_ids, "orders.pdf")


def chosen_orders(fields: Mapping[str, str]) -> list[UUID]:
    """The orders whose boxes were ticked. Raises `RequestInvalidError` for none, `RecordNotFoundError`."""
    try:
        ids = [UUID(name.removeprefix(CHOSEN)) for name in fields if name.startswith(CHOSEN)]
    except ValueError:
        raise RecordNotFoundError from None
    if not ids:
        raise RequestInvalidError(what="no order was selected")
    return list(dict.fromkeys(ids))


async def _as_paper(request: Request, order_ids: list[UUID], name: str) -> Response:
    made = await in_thread(request, paper.paper, exchange_of(request), actor_of(request), order_ids)
    headers = {"Content-Disposition": disposition(name)}
    return Response(made, 200, headers, "application/pdf")


def _query(chosen: Mapping[str, str], cursor: str | None) -> OrderQuery:
    try:
        client = UUID(chosen["client"]) if chosen["client"] else None
    except ValueError:
        raise RequestInvalidError(what="there is no such client") from None
    return OrderQuery(chosen["status"] or None, chosen["flag"] or None, client, cursor, _SHOWN)


def _desk(exchange: Exchange, actor: Actor, query: OrderQuery) -> Desk:
    answers = can(actor, Permission.INCOME_WITHHOLDING_ACKNOWLEDGE)
    clients = lists.clients(exchange, actor) if answers else []
    counts = lists.counts(exchange, actor, query.employer_id)
    return Desk(lists.orders(exchange, actor, query), counts, clients)


def _opened(exchange: Exchange, actor: Actor, order_id: UUID) -> tuple[OpenedOrder, list[Step]]:
    return lists.order(exchange, actor, order_id), history.history(exchange, actor, order_id)


def _row(request: Request, line: OrderLine, *, sent: bool) -> dict[str, object]:
    """One order as a row shows it; `client`: whose it is, where it is not one's own."""
    exchange, actor = exchange_of(request), actor_of(request)
    own = sent or line.employer_id == actor.organization_id
    return {
        "client": "" if own else line.employer,
        "line": line,
        "status": order_words.status(line, sent=sent),
        "flag": order_words.flag(line, exchange.clock()),
        "action": order_words.action(line),
        "answer": order_words.answer(line),
        "box": f"{CHOSEN}{line.id}" if line.status in WAITING and not sent else "",
    }


def _paging(chosen: Mapping[str, str], following: str | None, *, began: bool) -> dict[str, str]:
    """Addresses of the first and the next page."""
    kept = {name: value for name, value in chosen.items() if value}
    after = f"/orders?{urlencode(kept | {'cursor': following})}" if following else ""
    return {"first": f"/orders?{urlencode(kept)}" if began else "", "next": after}


def _statuses(*, sent: bool) -> list[tuple[str, str]]:
    """Choices of a filter."""
    words = order_words.SENT if sent else order_words.STATUSES
    return [
        (lists.UNANSWERED, "Not answered"),
        *((status.value, text) for status, (text, _) in words.items()),
    ]
