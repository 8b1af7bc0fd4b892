"""Files of messages: attached while one writes, listed, and given out."""

from collections.abc import AsyncIterator
from urllib.parse import unquote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from exchange.errors import RequestInvalidError, ThreadNotFoundError
from exchange.messages import attachments, drafts, files, previews
from exchange.messages.attachments import PROGRAM
from exchange.runtime import Exchange
from exchange.transfers import intake
from exchange.transfers.intake import Arriving, Expected, Handed
from roles.policy import Actor
from web.door import actor_of, exchange_of, in_thread, message_id_of
from web.forms import form_page, page_of
from web.multipart import FormReader
from web.receiving import announced_size, file_of_form, receive, receive_rest
from web.sending import content_response
from web.shell import POLICY
from web.templating import page

SHOWN = 100
"""Files on one page of a list."""
SANDBOX = {
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'self'"
    ),
    "Content-Disposition": "inline",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Of a preview: an origin of its own that runs and loads nothing; browsers style a lone picture."""
_LONGEST_NUMBER = 10


async def attached(request: Request) -> Response:
    """The files of a draft, for the page's script: a fragment, and whether any is still being scanned."""
    exchange, actor = exchange_of(request), actor_of(request)
    draft = await in_thread(request, drafts.draft, exchange, actor, message_id_of(request))
    answer = page(request, "message_attached.html", {"draft": draft})
    answer.headers["X-Under-Way"] = "yes" if any(one.waits for one in draft.attachments) else "no"
    return answer


async def attach_new(request: Request) -> Response:
    """A file whose bytes are the body, from the page's script; its name stands in a header, not in a log."""
    exchange, actor, draft_id = exchange_of(request), actor_of(request), message_id_of(request)
    arriving = await in_thread(
        request, _begin, exchange, actor, (draft_id, *_named(request)), announced_size(request)
    )
    handed = await receive(request, arriving, request.stream())
    return await _attach(request, draft_id, handed)


async def attach_rest(request: Request) -> Response:
    """Go on with a file that broke off, from the page's script."""
    outcome = await receive_rest(request)
    if isinstance(outcome, Handed):
        return await _attach(request, message_id_of(request, "draft"), outcome)
    return JSONResponse(outcome.as_json(), 202)


async def attach_from_form(
    request: Request, draft_id: UUID, form: FormReader, chunks: AsyncIterator[bytes]
) -> None:
    """Attach the file of a plain form, and read the form to its end; nothing where none was chosen."""
    pieces, name = file_of_form(form, chunks), form.filename
    if not name:
        if name is not None:
            async for _ in pieces:
                pass
        return
    exchange, actor = exchange_of(request), actor_of(request)
    arriving = await in_thread(request, _begin, exchange, actor, (draft_id, name, 1), None)
    handed = await receive(request, arriving, pieces)
    await in_thread(request, attachments.attach, exchange, actor, draft_id, handed.transfer.id, name)


async def file_list(request: Request) -> Response:
    """All files of a message, page by page."""
    message_id = message_id_of(request, "message")
    found = await in_thread(request, files.listed, exchange_of(request), actor_of(request), message_id)
    at, here = page_of(request.query_params), request.scope["path"]
    values = {
        "title": "Files of a message",
        "found": found,
        "message_id": message_id,
        "shown": found.files[at * SHOWN : (at + 1) * SHOWN],
        "total": sum(one.size for one in found.files),
        "first": here if at else "",
        "next": f"{here}?page={at + 1}" if len(found.files) > (at + 1) * SHOWN else "",
    }
    return form_page(request, "message_files.html", values)


async def file_content(request: Request) -> Response:
    """The bytes of a file of a message, or one range of them."""
    given = (message_id_of(request, "message"), message_id_of(request))
    opened = await in_thread(request, files.content, exchange_of(request), actor_of(request), *given)
    return content_response(request, opened)


async def preview_page(request: Request) -> Response:
    """The page around a preview, which comes by an address of its own into a frame that runs nothing."""
    message_id, wanted = message_id_of(request, "message"), message_id_of(request)
    found = await in_thread(request, files.listed, exchange_of(request), actor_of(request), message_id)
    file = next((one for one in found.files if one.id == wanted), None)
    if file is None:
        raise ThreadNotFoundError
    values = {"title": file.name, "file": file, "found": found, "message_id": message_id}
    answer = form_page(request, "message_preview.html", values)
    answer.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return answer


async def preview_content(request: Request) -> Response:
    """What can be shown of a file, where nothing of it can run: a picture, or text."""
    given = (message_id_of(request, "message"), message_id_of(request))
    seen = await in_thread(request, previews.preview, exchange_of(request), actor_of(request), *given)
    return Response(seen.body, 200, SANDBOX, seen.media_type)


def _begin(exchange: Exchange, actor: Actor, named: tuple[UUID, str, int], size: int | None) -> Arriving:
    """Take in a file under a name that tells nothing of it, once it is sure that it can be attached."""
    draft_id, name, number = named
    attachments.check_attachable(exchange, actor, draft_id, name)
    return intake.begin(exchange, actor, PROGRAM, attachments.neutral(name, number), Expected(size, None))


async def _attach(request: Request, draft_id: UUID, handed: Handed) -> Response:
    exchange, actor, name = exchange_of(request), actor_of(request), _named(request)[0]
    await in_thread(request, attachments.attach, exchange, actor, draft_id, handed.transfer.id, name)
    return JSONResponse({"transfer": str(handed.transfer.id)}, 201)


def _named(request: Request) -> tuple[str, int]:
    """What a file is called, and the number that its writer's page gave it."""
    name, number = unquote(request.headers.get("x-file-name", "")), request.query_params.get("number", "")
    if not name or not (number.isascii() and number.isdigit() and len(number) < _LONGEST_NUMBER):
        raise RequestInvalidError(what="a file needs a name and a number")
    return name, int(number)
