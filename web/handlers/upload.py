"""Sending files from the pages: a plain form without scripts; streamed and resumable with them."""

from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from exchange.accounts.addressees import addressees
from exchange.transfers import intake
from exchange.transfers.intake import Handed
from roles.permissions import Permission
from roles.policy import can
from roles.programs import of_files, sendable
from web.door import actor_of, exchange_of, id_of, in_thread
from web.multipart import FormReader
from web.receiving import file_of_form, read_to_file, receive, receive_new, receive_rest, recipient_of
from web.templating import page


async def send_page(request: Request) -> Response:
    """Choose a program and a file."""
    return await _send_form(request, request.query_params.get("program", ""), [])


async def send_form(request: Request) -> Response:
    """Take a file from a plain form; its fields come before it."""
    form, chunks = FormReader(request.headers.get("content-type")), request.stream()
    await read_to_file(form, chunks)
    program, recipient = form.fields.get("program", ""), form.fields.get("recipient")
    if missing := _missing(form.filename, recipient):
        return await _send_form(request, program, missing)
    exchange, actor = exchange_of(request), actor_of(request)
    call = partial(intake.begin, recipient_id=recipient_of(recipient))
    arriving = await in_thread(request, call, exchange, actor, program, form.filename or "")
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


def _missing(filename: str | None, recipient: str | None) -> list[dict[str, str]]:
    missing = {"file": "" if filename else "Choose a file to send"}
    missing["recipient"] = "Choose whom the file is for" if recipient == "" else ""
    return [{"field": name, "text": text} for name, text in missing.items() if text]


async def addressees_of(request: Request) -> list[tuple[str, str]]:
    """Whom the actor may address files to, for a choice; nobody, for all but OCSS."""
    actor = actor_of(request)
    if not can(actor, Permission.FILES_ADDRESS):
        return []
    found = await in_thread(request, addressees, exchange_of(request), actor)
    return [(str(one.id), one.name) for one in found]


async def _send_form(request: Request, chosen: str, errors: list[dict[str, str]]) -> Response:
    values = {
        "title": "Send a file",
        "programs": [(program.slug, program.title) for program in of_files(sendable(actor_of(request).role))],
        "chosen": chosen,
        "addressees": await addressees_of(request),
        "limit": exchange_of(request).settings.max_file_size,
        "errors": errors,
    }
    return page(request, "send.html", values, 422 if errors else 200)
