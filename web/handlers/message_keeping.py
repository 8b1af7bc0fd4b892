"""Keeping a conversation: as an archive at home, and here under a legal hold."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from exchange.messages import export, holds
from roles.permissions import Permission
from roles.policy import can
from web.door import actor_of, exchange_of, in_thread, message_id_of
from web.forms import fields_of
from web.sending import disposition, in_threads


async def archive_file(request: Request) -> Response:
    """The conversation as a ZIP; whoever works in a shared inbox may have its notes in it."""
    exchange, actor = exchange_of(request), actor_of(request)
    notes = request.query_params.get("notes") == "yes" and can(actor, Permission.MESSAGE_MANAGE)
    made = await in_thread(request, export.export, exchange, actor, message_id_of(request), notes=notes)
    headers = {"Content-Disposition": disposition(made.filename)}
    return StreamingResponse(in_threads(request, made.pieces), 200, headers, "application/zip")


async def hold(request: Request) -> Response:
    """Keep the conversation until it is let go, or let go of it."""
    thread_id = message_id_of(request)
    let_go = (await fields_of(request)).get("let_go") == "yes"
    act = holds.release if let_go else holds.hold
    await in_thread(request, act, exchange_of(request), actor_of(request), thread_id)
    return RedirectResponse(f"/messages/{thread_id}?done={'released' if let_go else 'held'}", 303)
