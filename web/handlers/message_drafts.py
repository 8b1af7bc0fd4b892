"""Writing: choosing whom to write to, drafts that are kept as one types, answering and sending."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from exchange.errors import FieldsRefusedError
from exchange.messages import addressees, attachments, drafts, templates, writing
from exchange.messages.fields import LONGEST_BODY, LONGEST_SUBJECT, id_of
from exchange.messages.sending import Sent
from exchange.messages.writing import WritingDesk
from exchange.runtime import Exchange
from roles.correspondence import AGENCIES
from roles.organizations import KINDS
from roles.policy import Actor
from schemas.forms import subject
from web import message_words
from web.door import actor_of, exchange_of, in_thread, message_id_of
from web.forms import fields_of, form_page
from web.handlers.message_files import attach_from_form
from web.multipart import FormReader
from web.receiving import read_to_file

MOST_BYTES = 16 * LONGEST_BODY
"""Of a short form: what is too long by half is kept as well, and told."""
_MOST_PARTS = 16
_SHORT = "application/x-www-form-urlencoded"
Keep = Callable[[Mapping[str, str]], Awaitable[UUID]]


async def addressee_page(request: Request) -> Response:
    """Whom to write to."""
    kept = {name: request.query_params.get(name, "") for name in ("draft", "template")}
    return await _addressees(request, kept)


async def addressee_search(request: Request) -> Response:
    """The organizations that a name finds; sent by a form's body: addresses stand in logs."""
    return await _addressees(request, await fields_of(request))


async def start(request: Request) -> Response:
    """Begin a message to somebody."""
    fields = await _with_template(request, await fields_of(request))
    draft_id = await in_thread(request, drafts.start, exchange_of(request), actor_of(request), fields)
    return RedirectResponse(f"/messages/drafts/{draft_id}", 303)


async def readdress(request: Request) -> Response:
    """Have a draft go to somebody else."""
    draft_id, fields = message_id_of(request), await fields_of(request)
    given = (exchange_of(request), actor_of(request), draft_id, fields.get("to", ""))
    await in_thread(request, writing.readdress, *given)
    return RedirectResponse(f"/messages/drafts/{draft_id}", 303)


async def draft_list(request: Request) -> Response:
    """What is being written, newest first."""
    found = await in_thread(request, _listed, exchange_of(request), actor_of(request))
    values = {"title": "Drafts", "found": found, "said": message_words}
    return form_page(request, "message_drafts.html", values)


async def discard(request: Request) -> Response:
    """Throw a draft away."""
    await in_thread(request, drafts.discard, exchange_of(request), actor_of(request), message_id_of(request))
    return RedirectResponse("/messages/drafts?done=discarded", 303)


async def write_page(request: Request) -> Response:
    """A draft, to go on with."""
    return await _write_form(request, message_id_of(request), {}, {})


async def write(request: Request) -> Response:
    """Keep what was typed, and send it if that is wanted; or the form again, with what is wrong."""
    exchange, actor, draft_id = exchange_of(request), actor_of(request), message_id_of(request)

    async def keep(fields: Mapping[str, str]) -> UUID:
        await in_thread(request, drafts.keep, exchange, actor, draft_id, fields)
        return draft_id

    return await _written(request, keep)


async def reply(request: Request) -> Response:
    """Begin an answer in a thread with what was typed, and send it if that is wanted."""
    exchange, actor, thread_id = exchange_of(request), actor_of(request), message_id_of(request)

    async def keep(fields: Mapping[str, str]) -> UUID:
        return await in_thread(request, drafts.start, exchange, actor, fields, thread_id)

    return await _written(request, keep)


async def _written(request: Request, keep: Keep) -> Response:
    """What a form of writing leads to, by the button that sent it."""
    draft_id, fields = await _typed(request, keep)
    exchange, actor = exchange_of(request), actor_of(request)
    if removed := fields.get("remove"):
        given = (exchange, actor, draft_id, message_id_of(request, "", removed))
        await in_thread(request, attachments.detach, *given)
    if "json" in request.headers.get("accept", ""):
        return _saved(request, draft_id, fields)
    if fields.get("act", "") not in {"send", "send-even-so"}:
        place = "#files" if removed or fields.get("act") == "attach" else ""
        return RedirectResponse(f"/messages/drafts/{draft_id}?done=saved{place}", 303)
    even_so = fields["act"] == "send-even-so"
    try:
        sent = await in_thread(request, writing.send, exchange, actor, draft_id, even_so=even_so)
    except FieldsRefusedError as refusal:
        return await _write_form(request, draft_id, fields, refusal.problems)
    return RedirectResponse(_after(sent), 303)


async def _typed(request: Request, keep: Keep) -> tuple[UUID, Mapping[str, str]]:
    """What was typed, kept in a draft; a file that came with it is attached."""
    if request.headers.get("content-type", "").startswith(_SHORT):
        short = await _put_in(request, await fields_of(request, MOST_BYTES))
        return await keep(short), short
    form = FormReader(request.headers.get("content-type"), _MOST_PARTS, MOST_BYTES)
    chunks = request.stream()
    await read_to_file(form, chunks)
    fields = await _put_in(request, form.fields)
    draft_id = await keep(fields)
    await attach_from_form(request, draft_id, form, chunks)
    return draft_id, fields


async def _put_in(request: Request, fields: Mapping[str, str]) -> Mapping[str, str]:
    """What was typed, with a template where its writer pressed that button; else it is only chosen."""
    return await _with_template(request, fields) if fields.get("act") == "template" else fields


async def _with_template(request: Request, fields: Mapping[str, str]) -> Mapping[str, str]:
    """What was typed, with the chosen template: below the text, elsewhere where nothing stands."""
    chosen = fields.get("template", "")
    if not chosen:
        return fields
    given = (exchange_of(request), actor_of(request), id_of(chosen))
    text = await in_thread(request, templates.filled, *given)
    typed = {name: fields.get(name, "") for name in text}
    body = "\n\n".join(filter(None, (typed["body"].rstrip(), text["body"])))
    return {**fields, **text, **{name: old for name, old in typed.items() if old}, "body": body}


def _saved(request: Request, draft_id: UUID, fields: Mapping[str, str]) -> Response:
    """For the page's script: where the draft is kept, when it was, and what its subject gives away."""
    told = subject.warnings(fields.get("subject", ""))
    saved = f"Saved {exchange_of(request).clock():%H:%M} UTC"
    warning = " ".join((*told, subject.WHY)) if told else ""
    return JSONResponse({"draft": f"/messages/drafts/{draft_id}", "saved": saved, "warning": warning})


def _after(sent: Sent) -> str:
    if sent.message_id is None:
        return "/messages?done=queued"
    return f"/messages/{sent.thread_id}?done=sent#message-{sent.message_id}"


async def _addressees(request: Request, fields: Mapping[str, str]) -> Response:
    exchange, actor, typed = exchange_of(request), actor_of(request), fields.get("q", "").strip()[:100]
    draft = fields.get("draft", "")
    found = await in_thread(request, _found, exchange, actor, typed)
    kind = actor.client.kind if actor.client else actor.organization_kind
    values = {
        "title": "Whom do you want to write to?",
        "found": found,
        "kinds": KINDS,
        "searched": bool(typed),
        "searches": kind in AGENCIES,
        "shown": addressees.SHOWN,
        "action": f"/messages/drafts/{message_id_of(request, '', draft)}/to" if draft else "/messages/drafts",
    }
    return form_page(request, "message_new.html", values, fields)


def _found(exchange: Exchange, actor: Actor, typed: str) -> list[addressees.Addressee]:
    return addressees.find(exchange, actor, typed) if typed else addressees.agencies(exchange, actor)


def _listed(exchange: Exchange, actor: Actor) -> list[WritingDesk]:
    return [writing.desk(exchange, actor, one.id) for one in drafts.drafts(exchange, actor)]


async def _write_form(
    request: Request, draft_id: UUID, fields: Mapping[str, str], problems: Mapping[str, str]
) -> Response:
    """The form of a draft, with what was typed."""
    exchange, actor = exchange_of(request), actor_of(request)
    desk = await in_thread(request, writing.desk, exchange, actor, draft_id)
    fitting = desk.draft.fields["topic"]
    values = {
        "title": "Your answer" if desk.thread else "Write a message",
        "desk": desk,
        "draft": desk.draft,
        "templates": await in_thread(request, templates.templates, exchange, actor, fitting),
        "said": message_words,
        "limit": exchange.settings.max_file_size,
        "longest_subject": LONGEST_SUBJECT,
        "even_so": bool(problems) and bool(subject.warnings(desk.draft.fields["subject"])),
    }
    return form_page(request, "message_write.html", values, {**desk.draft.fields, **fields}, problems)
