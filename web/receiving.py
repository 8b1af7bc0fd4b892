"""From the request's body into `Arriving`: while one batch is sealed in a thread, the next is received."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import anyio
from starlette.requests import ClientDisconnect, Request

from exchange.errors import (
    OffsetMismatchError,
    RecipientNotFoundError,
    RequestInvalidError,
    TransferNotFoundError,
)
from exchange.transfers import intake
from exchange.transfers.intake import Arriving, Expected, Handed
from exchange.transfers.views import TransferView
from web.door import actor_of, exchange_of, id_of, in_thread
from web.metrics import RECEIVED
from web.multipart import FormReader
from web.ranges import announced

BATCH = 1024 * 1024
"""Bytes that are collected before a thread seals them: fewer hops, and the socket is never waited on."""

Piece = bytes | memoryview
_DIGEST = re.compile(r"\bsha-256=:([A-Za-z0-9+/]{43}=):")
_LONGEST_DIGEST = 1000
_LONGEST_NUMBER = 19


class Receiver:
    """Feeds one transfer, with at most two batches in memory: the one being sealed and the one coming in."""

    def __init__(self, request: Request, arriving: Arriving) -> None:
        """Nothing is written before `take` has a batch."""
        self._request, self._arriving = request, arriving
        self._batch: list[Piece] = []
        self._held = 0
        self._sealing: asyncio.Task[None] | None = None

    async def take(self, data: Piece) -> None:
        """Take the next bytes; raises what sealing an earlier batch raised."""
        if data:
            self._batch.append(data)
            self._held += len(data)
        if self._held >= BATCH:
            await self.flush()

    async def flush(self) -> None:
        """Begin to seal what is held, once the batch before it is sealed."""
        await self.settle()
        batch, self._batch, self._held = self._batch, [], 0
        self._sealing = asyncio.create_task(in_thread(self._request, _write, self._arriving, batch))

    async def settle(self) -> None:
        """Wait until nothing is being sealed."""
        sealing, self._sealing = self._sealing, None
        if sealing is not None:
            await sealing

    async def finish(self) -> Handed:
        """Seal the rest and hand the file over."""
        await self.flush()
        await self.settle()
        return await in_thread(self._request, self._arriving.finish)

    async def suspend(self) -> TransferView:
        """Seal the rest and keep it as a draft."""
        await self.flush()
        await self.settle()
        return await in_thread(self._request, self._arriving.suspend)

    async def stop(self, *, keep: bool) -> None:
        """End without handing over: keep a draft to resume, or leave nothing."""
        with anyio.CancelScope(shield=True):
            try:
                if keep:
                    await self.flush()
                await self.settle()
            except Exception:  # noqa: BLE001  # whatever it was has ended the transfer; the caller reports its own
                keep = False
            with suppress(TransferNotFoundError):  # thrown away, or its file sent anew
                await in_thread(self._request, self._arriving.suspend if keep else self._arriving.abort)


def _write(arriving: Arriving, batch: Sequence[Piece]) -> None:
    for piece in batch:
        arriving.write(piece)
    RECEIVED.inc(sum(len(piece) for piece in batch))


async def receive(request: Request, arriving: Arriving, pieces: AsyncIterator[Piece]) -> Handed:
    """All pieces into the transfer, then hand it over; a lost connection leaves a draft, a refusal none."""
    receiver = Receiver(request, arriving)
    async with _cared_for(receiver):
        async for piece in pieces:
            await receiver.take(piece)
        return await receiver.finish()


async def receive_part(request: Request, arriving: Arriving) -> TransferView:
    """The body into the transfer, which stays a draft."""
    receiver = Receiver(request, arriving)
    async with _cared_for(receiver):
        async for piece in request.stream():
            await receiver.take(piece)
        return await receiver.suspend()


@asynccontextmanager
async def _cared_for(receiver: Receiver) -> AsyncIterator[None]:
    try:
        yield
    except (ClientDisconnect, asyncio.CancelledError):
        await receiver.stop(keep=True)
        raise
    except Exception:
        await receiver.stop(keep=False)
        raise


async def file_of_form(form: FormReader, chunks: AsyncIterator[bytes]) -> AsyncIterator[memoryview]:
    """The bytes of a form's file, from where the form stands to its end."""
    for piece in form.taken():
        yield piece
    async for chunk in chunks:
        form.feed(chunk)
        for piece in form.taken():
            yield piece
    form.close()


async def read_to_file(form: FormReader, chunks: AsyncIterator[bytes]) -> None:
    """Read a form until its file begins, or to its end when it has none."""
    async for chunk in chunks:
        form.feed(chunk)
        if form.filename is not None:
            return
    form.close()


async def receive_new(request: Request) -> Handed:
    """A new transfer whose bytes are the body; program, file name and recipient stand in the query."""
    exchange, actor = exchange_of(request), actor_of(request)
    program, filename = (_query(request, name) for name in ("program", "filename"))
    expected = Expected(announced_size(request), announced_digest(request, "content-digest"))
    recipient = recipient_of(request.query_params.get("recipient"))
    arriving = await in_thread(request, intake.begin, exchange, actor, program, filename, expected, recipient)
    return await receive(request, arriving, request.stream())


async def receive_rest(request: Request) -> Handed | TransferView:
    """The next part of an unfinished transfer; handed over when it is the last, else still a draft.

    `Content-Range` says which part it is; `bytes */SIZE` with no body, that all is there and only the handing
    over is missing. Raises `OffsetMismatchError` when it is not the next one.
    """
    part, length = announced(request.headers.get("content-range")), announced_size(request)
    if part is None or length != part.stop - part.start:
        raise RequestInvalidError(what="a Content-Range that fits the Content-Length is needed")
    expected = Expected(part.size, announced_digest(request, "repr-digest"))
    exchange, actor, identifier = exchange_of(request), actor_of(request), id_of(request)
    arriving = await in_thread(request, intake.resume, exchange, actor, identifier, expected)
    if arriving.size != part.start:
        held = await in_thread(request, arriving.suspend)
        raise OffsetMismatchError(expected=held.size)
    last = part.stop == part.size
    return await (receive(request, arriving, request.stream()) if last else receive_part(request, arriving))


def recipient_of(text: str | None) -> UUID | None:
    """The organization a file is addressed to; None when nobody is named. Raises `RecipientNotFoundError`."""
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise RecipientNotFoundError from None


def announced_size(request: Request) -> int | None:
    """The Content-Length in bytes; None for a body whose length is not told."""
    value = request.headers.get("content-length", "")
    return int(value) if value.isdecimal() and len(value) < _LONGEST_NUMBER else None


def announced_digest(request: Request, header: str) -> str | None:
    """The SHA-256 that a digest header (RFC 9530) announces, in hexadecimal; None without one."""
    value = request.headers.get(header)
    if value is None:
        return None
    match = _DIGEST.search(value) if len(value) < _LONGEST_DIGEST else None
    if match is None:
        raise RequestInvalidError(what=f"{header} must be sha-256=:...:, with the digest in base64")
    return base64.b64decode(match[1]).hex()


def _query(request: Request, name: str) -> str:
    value = request.query_params.get(name)
    if not value:
        raise RequestInvalidError(what=f"the query must name a {name}")
    return value
