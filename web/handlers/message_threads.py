"""One thread: reading it, recalling and passing on its messages, closing, reopening and putting it away."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.messages import acts, desk, drafts, reading, templates
from exchange.messages.drafts import DraftView
from exchange.messages.reading import MessageView, ThreadView
from exchange.messages.templates import Template
from exchange.models.messages import MessageKind
from exchange.runtime import Exchange
from roles.correspondence import Classification
from roles.permissions import Permission
from roles.policy import Actor, can
from web import message_words
from web.door import actor_of, exchange_of, in_thread, message_id_of
from web.forms import fields_of, form_page
from web.message_panel import Panel, panel_of
from web.templating import visible

FILES_SHOWN = 20
"""Files of a message that stand in its thread; the others have pages of their own."""
_MOST_DIGITS = 10


@dataclass(frozen=True)
class ShownMessage:
    """A message with what a page says of it. `standing`: of one's own; `gone`: why nothing of it is shown."""

    view: MessageView
    standing: str
    gone: str
    receipts: list[message_words.Told]
    may_forward: bool


@dataclass(frozen=True)
class Opened:
    """A thread as its page shows it; `draft`: the answer that is being written.

    `panel`: what its agency may do with it; `templates`: texts to answer with.
    """

    thread: ThreadView
    draft: DraftView | None
    sending: list[DraftView]
    panel: Panel | None
    templates: list[Template]


async def thread_page(request: Request) -> Response:
    """A thread, its newest messages, and the form to answer."""
    return await show_thread(request, {}, {})


async def show_thread(request: Request, typed: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    """The page of a thread, with what was typed beside it and what is wrong with that."""
    exchange, actor, thread_id = exchange_of(request), actor_of(request), message_id_of(request)
    before = _before(request)
    opened = await in_thread(request, _opened, exchange, actor, (thread_id, before))
    thread = opened.thread
    values = {
        "title": visible(thread.line.subject),
        "thread": thread,
        "line": thread.line,
        "messages": [_shown(one, thread) for one in thread.messages],
        "mark": message_words.mark(thread.line.classification),
        "said": message_words,
        "files_shown": FILES_SHOWN,
        "facts": message_words.facts(thread.line),
        "draft": opened.draft,
        "panel": opened.panel,
        "templates": opened.templates,
        "sending": opened.sending,
        "earlier": f"/messages/{thread_id}?before={thread.earlier}" if thread.earlier else "",
        "newest": f"/messages/{thread_id}" if before else "",
        "limit": exchange.settings.max_file_size,
    }
    fields = {**(opened.draft.fields if opened.draft else {}), **typed}
    return form_page(request, "message_thread.html", values, fields, problems)


async def close(request: Request) -> Response:
    """End the conversation."""
    thread_id = message_id_of(request)
    await in_thread(request, acts.close, exchange_of(request), actor_of(request), thread_id)
    return RedirectResponse(f"/messages/{thread_id}?done=closed", 303)


async def reopen(request: Request) -> Response:
    """Let the conversation go on."""
    thread_id = message_id_of(request)
    await in_thread(request, acts.reopen, exchange_of(request), actor_of(request), thread_id)
    return RedirectResponse(f"/messages/{thread_id}?done=reopened", 303)


async def archive(request: Request) -> Response:
    """Put the thread away, or fetch it back."""
    thread_id, back = message_id_of(request), (await fields_of(request)).get("back") == "yes"
    exchange, actor = exchange_of(request), actor_of(request)
    await in_thread(request, acts.archive, exchange, actor, thread_id, away=not back)
    led = f"/messages/{thread_id}?done=unarchived" if back else "/messages?done=archived"
    return RedirectResponse(led, 303)


async def recall(request: Request) -> Response:
    """Take a message back before anybody read it."""
    message_id = message_id_of(request, "message")
    draft_id = await in_thread(request, acts.recall, exchange_of(request), actor_of(request), message_id)
    return RedirectResponse(f"/messages/drafts/{draft_id}?done=recalled", 303)


async def forward(request: Request) -> Response:
    """Begin a draft that passes a message on; whom to is asked next."""
    message_id = message_id_of(request, "message")
    draft_id = await in_thread(request, drafts.forward, exchange_of(request), actor_of(request), message_id)
    return RedirectResponse(f"/messages/new?draft={draft_id}", 303)


def _before(request: Request) -> int:
    typed = request.query_params.get("before", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < _MOST_DIGITS else 0


def _opened(exchange: Exchange, actor: Actor, which: tuple[UUID, int]) -> Opened:
    thread_id, before = which
    thread = reading.opened(exchange, actor, thread_id, before)
    mine = [one for one in drafts.drafts(exchange, actor, thread_id) if one.forward_of is None]
    editing = next((one for one in mine if not one.sending), None)
    manages, writes = can(actor, Permission.MESSAGE_MANAGE), can(actor, Permission.MESSAGE_SEND)
    return Opened(
        thread,
        editing,
        [one for one in mine if one.sending],
        panel_of(actor, thread, desk.choices(exchange, actor)) if manages else None,
        templates.templates(exchange, actor, thread.topic) if writes else [],
    )


def _shown(message: MessageView, thread: ThreadView) -> ShownMessage:
    gone = message_words.GONE.get(message.state, "") if message.document is None else ""
    sent = message.own and message.document and message.kind == MessageKind.MESSAGE
    tax = thread.line.classification == Classification.FTI
    return ShownMessage(
        view=message,
        standing=message_words.standing(message) if sent else "",
        gone=gone,
        receipts=message_words.receipts(message),
        may_forward=bool(message.document) and message.kind == MessageKind.MESSAGE and not tax,
    )
