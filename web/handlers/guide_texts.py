"""Texts of laws that go with answers: attached and taken off by keepers, fetched by readers."""

from collections.abc import AsyncIterator, Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.errors import FileTooLargeError
from exchange.guide import editing, texts
from exchange.guide.keys import Key
from exchange.guide.lawtexts import PROGRAM
from exchange.guide.texts import MOST, MOST_BYTES
from exchange.transfers import intake
from exchange.transfers.intake import Expected
from web import guide_keeping_told
from web.door import actor_of, exchange_of, in_thread, record_id_of, visitor_of
from web.forms import form_page, problems_of
from web.handlers.guide_keeping import ROOT, key_of
from web.menus import GUIDE
from web.multipart import FormReader
from web.receiving import file_of_form, read_to_file, receive
from web.sending import content_response

_INERT = "sandbox; default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


async def texts_page(request: Request) -> Response:
    """The law texts of an answer, with the form to attach one."""
    return await _page(request, {})


async def attach(request: Request) -> Response:
    """Take a file in and put it into the answer's draft, or the page again."""
    key, form, chunks = key_of(request), FormReader(request.headers.get("content-type")), request.stream()
    await read_to_file(form, chunks)
    exchange, actor, name = exchange_of(request), actor_of(request), form.filename or ""
    pieces = _bounded(file_of_form(form, chunks))
    if problems := await problems_of(request, texts.check_attachable, exchange, actor, key, name):
        async for _ in pieces:
            pass
        return await _page(request, problems)
    arriving = await in_thread(request, intake.begin, exchange, actor, PROGRAM, name, Expected(None, None))
    handed = await receive(request, arriving, pieces)
    if problems := await problems_of(request, texts.attach, exchange, actor, key, handed.transfer.id):
        return await _page(request, problems)
    return RedirectResponse(f"{_address(key)}?done=guide-attached", 303)


async def detach(request: Request) -> Response:
    """Take a text off the answer's draft."""
    key = key_of(request)
    given = (exchange_of(request), actor_of(request), key, record_id_of(request))
    await in_thread(request, texts.detach, *given)
    return RedirectResponse(f"{_address(key)}?done=guide-detached", 303)


async def text_content(request: Request) -> Response:
    """A law text as a download that no browser shows or runs."""
    given = (exchange_of(request), visitor_of(request), record_id_of(request))
    opened = await in_thread(request, texts.content, *given)
    answer = content_response(request, opened)
    answer.headers["Content-Security-Policy"] = _INERT
    return answer


def _address(key: Key) -> str:
    return f"{guide_keeping_told.address(key)}/texts"


async def _bounded(pieces: AsyncIterator[memoryview]) -> AsyncIterator[memoryview]:
    """The same pieces. Raises `FileTooLargeError` once they are more than a law text may be."""
    total = 0
    async for piece in pieces:
        total += len(piece)
        if total > MOST_BYTES:
            raise FileTooLargeError(limit=MOST_BYTES)
        yield piece


async def _page(request: Request, problems: Mapping[str, str]) -> Response:
    key = key_of(request)
    given = (exchange_of(request), actor_of(request), key)
    found = await in_thread(request, editing.entry, *given)
    values = {
        "title": f"Law texts: {guide_keeping_told.title_of(found.now, found.question)}",
        "found": found,
        "attached": await in_thread(request, texts.of_entry, *given),
        "here": _address(key),
        "form": guide_keeping_told.address(key),
        "root": f"{ROOT}/{key.code}",
        "most": MOST,
        "megabytes": MOST_BYTES // 1_000_000,
    }
    return form_page(request, "guide_keep_texts.html", values, {}, problems, GUIDE)
