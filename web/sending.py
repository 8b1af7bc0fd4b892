"""The content of a transfer as an answer: opened in a thread, one piece ahead of the socket."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import islice
from urllib.parse import quote

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from exchange.transfers.delivery import Content
from web.door import in_thread
from web.errors import NO_SUCH_RANGE, refusal_response
from web.metrics import SENT
from web.ranges import RangeNotSatisfiableError, Span, wanted

BATCH = 2
"""Pieces (of 1 MiB) that one thread opens at a time; twice as many are in memory."""

_INERT = "application/octet-stream"


class ContentResponse(Response):
    """Sends a span of an opened file; closes the file whatever happens."""

    def __init__(
        self, request: Request, content: Content, span: Span, status: int, headers: dict[str, str]
    ) -> None:
        """Take over the opened content."""
        super().__init__(None, status, headers | {"Content-Length": str(span.stop - span.start)}, _INERT)
        self._request, self._content, self._span = request, content, span

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, until its end or until the client is gone."""
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            if scope["method"] != "HEAD":
                await self._send_pieces(send, gone)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            with anyio.CancelScope(shield=True):
                await in_thread(self._request, self._content.close)

    async def _send_pieces(self, send: Send, gone: "asyncio.Future[None]") -> None:
        pieces = self._content.pieces(self._span.start, self._span.stop)
        following = self._open_next(pieces)
        try:
            while (batch := await following) and not gone.done():
                following = self._open_next(pieces)
                for piece in batch:
                    SENT.inc(len(piece))
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            with anyio.CancelScope(shield=True):
                await asyncio.wait([following])  # a thread may still be reading; only then the file is closed

    def _open_next(self, pieces: Iterator[bytes | memoryview]) -> "asyncio.Task[list[bytes]]":
        return asyncio.create_task(in_thread(self._request, _next_batch, pieces))


def _next_batch(pieces: Iterator[bytes | memoryview]) -> list[bytes]:
    """The next pieces, or none at the end. A piece is valid only until the next; the socket is slower."""
    return [bytes(piece) for piece in islice(pieces, BATCH)]


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def in_threads(request: Request, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, each made in a worker thread."""
    while (some := await in_thread(request, next, pieces, None)) is not None:
        yield some


def disposition(filename: str) -> str:
    """A download under the given name (RFC 6266); never shown in the browser."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def content_response(request: Request, content: Content) -> Response:
    """The whole file, or the one range that was asked for."""
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": disposition(content.view.filename),
        "ETag": f'"{content.view.sha256}"',
        "Cache-Control": "private, no-store",
    }
    asked = request.headers.get("range")
    if request.headers.get("if-range", headers["ETag"]) != headers["ETag"]:
        asked = None
    try:
        span = wanted(asked, content.size)
    except RangeNotSatisfiableError:
        content.close()
        beyond = replace(NO_SUCH_RANGE, headers={"Content-Range": f"bytes */{content.size}"})
        return refusal_response(request.scope, beyond)
    if span is None:
        return ContentResponse(request, content, Span(0, content.size), 200, headers)
    headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{content.size}"
    return ContentResponse(request, content, span, 206, headers)
