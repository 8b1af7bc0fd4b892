"""The agency's side of a thread: assigning it, its due date, its office, and notes beside it."""

from collections.abc import Callable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.messages import desk, notes
from exchange.messages.fields import id_of
from exchange.runtime import Exchange
from roles.policy import Actor
from web.door import actor_of, exchange_of, in_thread, message_id_of
from web.forms import fields_of, problems_of
from web.handlers.message_threads import show_thread

_MOST_BYTES = 16 * notes.LONGEST
Act = Callable[[Exchange, Actor, UUID, str], object]


async def assign(request: Request) -> Response:
    """Give the thread to somebody, or to nobody."""
    return await _done(request, _assign, "assigned_to", "assigned")


async def take(request: Request) -> Response:
    """Take the thread oneself."""
    thread_id = message_id_of(request)
    await in_thread(request, desk.take, exchange_of(request), actor_of(request), thread_id)
    return RedirectResponse(f"/messages/{thread_id}?done=taken", 303)


async def set_due(request: Request) -> Response:
    """Say by which day the answer is due, if by any."""
    return await _done(request, desk.due, "due_on", "due")


async def move(request: Request) -> Response:
    """Move the thread to an office, or out of any."""
    return await _done(request, _move, "office", "moved")


async def write_note(request: Request) -> Response:
    """Write an internal note."""
    return await _done(request, notes.add, "note", "noted")


async def _done(request: Request, act: Act, field: str, word: str) -> Response:
    """Do it and lead back to the thread; or the thread again, with what is wrong."""
    thread_id, fields = message_id_of(request), await fields_of(request, _MOST_BYTES)
    given = (exchange_of(request), actor_of(request), thread_id, fields.get(field, ""))
    if problems := await problems_of(request, act, *given):
        return await show_thread(request, fields, problems)
    return RedirectResponse(f"/messages/{thread_id}?done={word}", 303)


def _assign(exchange: Exchange, actor: Actor, thread_id: UUID, typed: str) -> None:
    if typed:
        desk.assign(exchange, actor, thread_id, id_of(typed))
    else:
        desk.unassign(exchange, actor, thread_id)


def _move(exchange: Exchange, actor: Actor, thread_id: UUID, typed: str) -> None:
    desk.move(exchange, actor, thread_id, id_of(typed) if typed else None)
