"""The communication center by the API: the same mailbox as on the pages and by SFTP."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from exchange.accounts import acting
from exchange.errors import FieldsRefusedError, RequestInvalidError, ThreadNotFoundError
from exchange.messages import acts, addressees, drafts, files, inbox, posting, reading
from exchange.messages.inbox import Box, InboxQuery
from exchange.messages.posting import Posting
from exchange.runtime import Exchange
from exchange.transfers.delivery import Content
from roles.correspondence import TOPICS
from roles.permissions import Permission
from roles.policy import Actor
from web import api_models as models
from web import threads_told
from web.door import Handler, actor_of, exchange_of, in_thread
from web.forms import body_of
from web.listing import PARAMETERS, RANGE, limit_of
from web.openapi import Operation, Parameter
from web.sending import content_response

MAXIMUM_BODY = 2 * 1024 * 1024
"""Bytes: 50,000 characters and 10,000 ids, each written as JSON may write them."""
_LONGEST_NUMBER = 15
_Asked = TypeVar("_Asked", bound=models.Answer)
Result = TypeVar("Result")


async def list_threads(request: Request) -> Response:
    """Part of the mailbox."""
    wanted = request.query_params
    query = InboxQuery(
        box=wanted.get("box", Box.INBOX.value),
        topic=wanted.get("topic", ""),
        cursor=wanted.get("cursor", ""),
        limit=limit_of(request),
    )
    found = await _asked(request, lambda exchange, actor: inbox.threads(exchange, actor, query))
    return JSONResponse({"items": [threads_told.line(line) for line in found.items], "next": found.next})


async def list_addressees(request: Request) -> Response:
    """The agencies, or organizations with a name."""
    name = request.query_params.get("name", "")
    find = addressees.find if name else None
    found = await _asked(
        request,
        lambda exchange, actor: find(exchange, actor, name) if find else addressees.agencies(exchange, actor),
    )
    items = [
        {"id": str(one.id), "name": one.name, "kind": one.kind.value, "topics": [t.slug for t in one.topics]}
        for one in found
    ]
    return JSONResponse({"items": items})


async def begin_thread(request: Request) -> Response:
    """Write to somebody."""
    asked = await _read(request, models.NewThread)
    filled = asked.model_dump(exclude={"attachments"})
    return await _post(request, Posting(filled, None, tuple(asked.attachments)))


async def answer_thread(request: Request) -> Response:
    """Write in a thread."""
    asked = await _read(request, models.Answer)
    return await _post(request, Posting({"body": asked.body}, _id(request), tuple(asked.attachments)))


async def read_posted(request: Request) -> Response:
    """What became of a message that was handed over."""
    wanted = _id(request)
    found = await _asked(request, lambda exchange, actor: posting.became(exchange, actor, wanted))
    return JSONResponse(threads_told.posted(found))


async def discard_draft(request: Request) -> Response:
    """Throw a draft away."""
    wanted = _id(request)
    await _asked(request, lambda exchange, actor: drafts.discard(exchange, actor, wanted))
    return JSONResponse({"id": str(wanted), "draft": None})


async def read_thread(request: Request) -> Response:
    """A thread and what was written in it; what is new counts as read from now on."""
    wanted, before = _id(request), request.query_params.get("before", "0")
    if not (before.isascii() and before.isdecimal() and len(before) <= _LONGEST_NUMBER):
        raise RequestInvalidError(what="before is the number that `earlier` told")
    found = await _asked(
        request, lambda exchange, actor: reading.opened(exchange, actor, wanted, int(before))
    )
    return JSONResponse(threads_told.thread(found))


async def read_message(request: Request) -> Response:
    """The document of one message, byte by byte."""
    wanted, message_id = _id(request), _id(request, "message_id")

    def opened(exchange: Exchange, actor: Actor) -> bytes:
        return reading.opened_message(exchange, actor, posting.within(exchange, actor, wanted, message_id))

    return Response(await _asked(request, opened), media_type="application/json")


async def recall_message(request: Request) -> Response:
    """Take a message back that nobody has read."""
    wanted, message_id = _id(request), _id(request, "message_id")

    def recall(exchange: Exchange, actor: Actor) -> UUID:
        return acts.recall(exchange, actor, posting.within(exchange, actor, wanted, message_id))

    draft_id = await _asked(request, recall)
    return JSONResponse({"id": str(message_id), "draft": str(draft_id)})


async def read_attachment(request: Request) -> Response:
    """The bytes of a file that came with a message, or one range of them."""
    wanted, attachment_id = _id(request), _id(request, "attachment_id")

    def opened(exchange: Exchange, actor: Actor) -> Content:
        message_id = posting.holder(exchange, actor, wanted, attachment_id)
        return files.content(exchange, actor, message_id, attachment_id)

    return content_response(request, await _asked(request, opened))


async def close_thread(request: Request) -> Response:
    """End a conversation."""
    return await _done(request, acts.close)


async def reopen_thread(request: Request) -> Response:
    """Let a conversation go on."""
    return await _done(request, acts.reopen)


async def archive_thread(request: Request) -> Response:
    """Put a thread away."""
    return await _done(request, acts.archive)


async def unarchive_thread(request: Request) -> Response:
    """Fetch a thread back."""
    return await _done(request, lambda *asked: acts.archive(*asked, away=False))


async def _done(request: Request, act: Callable[[Exchange, Actor, UUID], None]) -> Response:
    wanted = _id(request)
    await _asked(request, lambda exchange, actor: act(exchange, actor, wanted))
    return JSONResponse({"id": str(wanted), "draft": None})


async def _asked(request: Request, act: Callable[[Exchange, Actor], Result]) -> Result:
    """Do it as whoever asks, who acts for a client where a header names one."""
    exchange, actor, client = exchange_of(request), actor_of(request), request.headers.get(CLIENT, "")

    def acted() -> Result:
        return act(exchange, acting.on_behalf(exchange, actor, client) if client else actor)

    return await in_thread(request, acted)


async def _post(request: Request, asked: Posting) -> Response:
    key = request.headers.get(posting.KEY, "")
    found = await _asked(request, lambda exchange, actor: posting.post(exchange, actor, asked, key))
    if found.message_id is None:
        where = {"Location": f"/api/v1/threads/drafts/{found.id}"}
        return JSONResponse(threads_told.posted(found), HTTPStatus.ACCEPTED, where)
    where = {"Location": f"/api/v1/threads/{found.thread_id}"}
    return JSONResponse(threads_told.posted(found), HTTPStatus.CREATED, where)


async def _read(request: Request, model: type[_Asked]) -> _Asked:
    """The body as the model has it. Raises `RequestInvalidError`, or `FieldsRefusedError` by member."""
    try:
        return model.model_validate_json(await body_of(request, MAXIMUM_BODY))
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)
    if not wrong[0]["loc"]:
        raise RequestInvalidError(what=f"the body: {wrong[0]['msg']}")
    raise FieldsRefusedError({".".join(str(part) for part in one["loc"]): one["msg"] for one in wrong})


def _id(request: Request, name: str = "id") -> UUID:
    try:
        return UUID(request.path_params[name])
    except ValueError:
        raise ThreadNotFoundError from None


CLIENT = "Acting-For"
_ACTING = Parameter(CLIENT, "header", "The client that is acted for: its id or FEIN.")
_THREAD = Parameter("id", "path", "The thread.", required=True)
_MESSAGE = Parameter("message_id", "path", "The message.", required=True)
_FILE = Parameter("attachment_id", "path", "The file, as its message names it.", required=True)
_DRAFT = Parameter("id", "path", "What the answer to a message that was handed over told.", required=True)
_KEY = Parameter(
    posting.KEY, "header", "Your own name for this message. With the same one again, nothing is sent twice."
)
_BOXES = Parameter(
    "box", "query", f"{', '.join(box.value for box in Box)}; inbox if not given.", schema={"type": "string"}
)
_TOPIC = Parameter("topic", "query", f"{', '.join(TOPICS)}.")
_NAME = Parameter("name", "query", "Part of the name; the agencies if not given.")
_BEFORE = Parameter("before", "query", "`earlier` of the part after.", schema={"type": "integer"})
READ, SEND = Permission.MESSAGE_READ, Permission.MESSAGE_SEND
_POSTED: dict[int, type] = {201: models.Posted, 202: models.Posted}
_CHANGED: dict[int, type] = {200: models.Changed}
_WAITS = "202 while its files are being scanned: follow it at the address in Location."


def _act(what: str, handler: Handler, needs: Permission, summary: str) -> Operation:
    path = f"/api/v1/threads/{{id}}/{what}"
    return Operation("POST", path, handler, needs, summary, _CHANGED, (_THREAD, _ACTING), None, (404,))


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/threads",
        list_threads,
        READ,
        "List the mailbox, newest first.",
        {200: models.Threads},
        (_BOXES, _TOPIC, *PARAMETERS, _ACTING),
        None,
        (400, 404),
    ),
    Operation(
        "POST",
        "/api/v1/threads",
        begin_thread,
        SEND,
        f"Write to somebody: a new thread. {_WAITS}",
        _POSTED,
        (_KEY, _ACTING),
        models.NewThread,
        (400, 404, 409, 422),
    ),
    Operation(
        "GET",
        "/api/v1/threads/addressees",
        list_addressees,
        SEND,
        "Whom one may write to, and about what.",
        {200: models.Addressees},
        (_NAME, _ACTING),
        None,
        (404,),
    ),
    Operation(
        "GET",
        "/api/v1/threads/drafts/{id}",
        read_posted,
        SEND,
        "What became of a message that was handed over, as long as it is kept.",
        {200: models.Posted},
        (_DRAFT, _ACTING),
        None,
        (404,),
    ),
    Operation(
        "DELETE",
        "/api/v1/threads/drafts/{id}",
        discard_draft,
        SEND,
        "Throw away a message that was refused, recalled, or waits for its files.",
        _CHANGED,
        (_DRAFT, _ACTING),
        None,
        (404,),
    ),
    Operation(
        "GET",
        "/api/v1/threads/{id}",
        read_thread,
        READ,
        "A thread with its newest messages. What is new counts as read.",
        {200: models.OpenThread},
        (_THREAD, _BEFORE, _ACTING),
        None,
        (400, 404),
    ),
    Operation(
        "POST",
        "/api/v1/threads/{id}/messages",
        answer_thread,
        SEND,
        f"Answer in a thread. {_WAITS}",
        _POSTED,
        (_THREAD, _KEY, _ACTING),
        models.Answer,
        (400, 404, 409, 422),
    ),
    Operation(
        "GET",
        "/api/v1/threads/{id}/messages/{message_id}",
        read_message,
        READ,
        "One message, byte by byte as SFTP gives it. It counts as read.",
        {200: models.MessageDocument},
        (_THREAD, _MESSAGE, _ACTING),
        None,
        (404,),
    ),
    Operation(
        "POST",
        "/api/v1/threads/{id}/messages/{message_id}/recall",
        recall_message,
        SEND,
        "Take a message back that nobody of the other side has read.",
        _CHANGED,
        (_THREAD, _MESSAGE, _ACTING),
        None,
        (404, 409),
    ),
    Operation(
        "GET",
        "/api/v1/threads/{id}/attachments/{attachment_id}",
        read_attachment,
        READ,
        "The bytes of a file that came with a message, or one range of them. Its writers see who fetched it.",
        {200: bytes, 206: bytes},
        (_THREAD, _FILE, RANGE, _ACTING),
        None,
        (404, 409, 416, 503),
    ),
    _act("close", close_thread, SEND, "End a conversation until one of the two reopens it."),
    _act("reopen", reopen_thread, SEND, "Let a conversation that was closed go on."),
    _act("archive", archive_thread, READ, "Put a thread away for one's own organization."),
    _act("unarchive", unarchive_thread, READ, "Fetch a thread back that was put away."),
)
