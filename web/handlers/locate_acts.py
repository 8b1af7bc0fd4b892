"""What somebody does with a request: mark what came, end it, print and export it, answer about it."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.errors import FieldsRefusedError, RecordNotFoundError
from exchange.locate import exporting, questions, requests, viewing
from exchange.models.locate import Act, Use
from web import locate_words
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, problems_of
from web.handlers.locate import shown_request
from web.sending import disposition
from web.templating import page


async def mark(request: Request) -> Response:
    """Say what one made of an answer."""
    fields, wanted = await fields_of(request), record_id_of(request)
    query_id, use = _id(fields.get("query", "")), fields.get("use", "")
    if use not in {Use.USED.value, Use.DISCARDED.value}:
        raise RecordNotFoundError
    await in_thread(request, viewing.mark, exchange_of(request), actor_of(request), query_id, Use(use))
    return RedirectResponse(f"/locate/requests/{wanted}?done=locate-marked#source-{query_id}", 303)


async def answer(request: Request) -> Response:
    """Answer a manager's question."""
    fields, wanted = await fields_of(request), record_id_of(request)
    given = exchange_of(request), actor_of(request), _id(fields.get("question", "")), fields.get("answer", "")
    if problems := await problems_of(request, questions.answer, *given):
        return await shown_request(request, problems, fields)
    return RedirectResponse(f"/locate/requests/{wanted}?done=locate-explained#said", 303)


async def withdraw(request: Request) -> Response:
    """End it."""
    wanted = record_id_of(request)
    await in_thread(request, requests.withdraw, exchange_of(request), actor_of(request), wanted)
    return RedirectResponse(f"/locate/requests/{wanted}?done=locate-withdrawn", 303)


async def print_page(request: Request) -> Response:
    """The request on paper, behind a page that says how to handle it."""
    fields = await fields_of(request)
    reason = fields.get("print-reason", "")
    given = exchange_of(request), actor_of(request), record_id_of(request), Act.PRINT, reason
    try:
        found = await in_thread(request, viewing.opened, *given)
    except FieldsRefusedError as refusal:
        return await shown_request(request, {"print-reason": refusal.problems["reason"]}, fields)
    now = exchange_of(request).clock()
    title = f"Print {found.line.reference}"
    values = {"title": title, "found": found, "reason": reason, "now": now, "locating_words": locate_words}
    return page(request, "locate_print.html", values)


async def export(request: Request) -> Response:
    """The values as a file; federal tax information is a file of its own."""
    fields = await fields_of(request)
    given = exchange_of(request), actor_of(request), record_id_of(request), fields.get("export-reason", "")
    try:
        name, content = await in_thread(request, exporting.exported, *given, tax=fields.get("part") == "tax")
    except FieldsRefusedError as refusal:
        return await shown_request(request, {"export-reason": refusal.problems["reason"]}, fields)
    headers = {"Content-Disposition": disposition(name)}
    return Response(content, 200, headers, "text/csv; charset=utf-8")


async def unmask(request: Request) -> Response:
    """Show the number of the person in full, this once."""
    fields = await fields_of(request)
    given = exchange_of(request), actor_of(request), record_id_of(request), fields.get("unmask-reason", "")
    try:
        number = await in_thread(request, viewing.number, *given)
    except FieldsRefusedError as refusal:
        return await shown_request(request, {"unmask-reason": refusal.problems["reason"]}, fields)
    return await shown_request(
        request, {}, number=f"{number[:3]}-{number[3:5]}-{number[5:]}" if number else ""
    )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RecordNotFoundError from None
