"""Sending files from the pages: a plain form without scripts; streamed and resumable with them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from exchange.transfers import intake
from exchange.transfers.intake import Handed
from roles.programs import sendable
from web.door import actor_of, exchange_of, id_of, in_thread
from web.multipart import FormReader
from web.receiving import file_of_form, read_to_file, receive, receive_new, receive_rest
from web.templating import page


async def send_page(request: Request) -> Response:
    """Choose a program and a file."""
    return _send_form(request, request.query_params.get("program", ""), "")


async def send_form(request: Request) -> Response:
    """Take a file from a plain form; its fields come before it."""
    form, chunks = FormReader(request.headers.get("content-type")), request.stream()
    await read_to_file(form, chunks)
    program = form.fields.get("program", "")
    if not form.filename:
        return _send_form(request, program, "Choose a file to send")
    exchange, actor = exchange_of(request), actor_of(request)
    arriving = await in_thread(request, intake.begin, exchange, actor, program, form.filename)
    handed = await receive(request, arriving, file_of_form(form, chunks))
    return RedirectResponse(f"/files/{handed.transfer.id}", 303)


async def send_raw(request: Request) -> Response:
    """Take a file whose bytes are the body, from the page's script."""
    return _handed(await receive_new(request))


async def send_rest(request: Request) -> Response:
    """Go on with an unfinished upload, from the page's script."""
    outcome = await receive_rest(request)
    if isinstance(outcome, Handed):
        return _handed(outcome)
    return JSONResponse(outcome.as_json(), 202)


async def discard(request: Request) -> Response:
    """Throw an unfinished upload away."""
    await in_thread(request, intake.discard, exchange_of(request), actor_of(request), id_of(request))
    return RedirectResponse("/files", 303)


def _handed(handed: Handed) -> Response:
    address = f"/files/{handed.transfer.id}"
    return JSONResponse(handed.transfer.as_json() | {"href": address}, 201, {"Location": address})


def _send_form(request: Request, chosen: str, error: str) -> Response:
    programs = [(program.slug, program.title) for program in sendable(actor_of(request).role)]
    errors = [{"field": "file", "text": error}] if error else []
    limit = exchange_of(request).settings.max_file_size
    values = {
        "title": "Send a file",
        "programs": programs,
        "chosen": chosen,
        "limit": limit,
        "errors": errors,
    }
    return page(request, "send.html", values, 422 if error else 200)
