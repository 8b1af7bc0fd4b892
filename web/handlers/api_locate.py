"""Locate by the API: asked, followed and read, by the same use cases as on the pages."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from exchange.errors import FieldsRefusedError, RecordNotFoundError, RequestInvalidError
from exchange.locate import requests, viewing
from exchange.locate.requests import NewRequest
from exchange.locate.viewing import Line, Opened, Result
from roles.permissions import Permission
from schemas.locate.query import as_fields
from web import api_models_locate as models
from web.door import actor_of, exchange_of, in_thread
from web.forms import body_of
from web.listing import PARAMETERS, limit_of
from web.openapi import Operation, Parameter

_LARGEST = 16_384


async def ask_locate(request: Request) -> Response:
    """Look for a person."""
    asked = await _read(request)
    person = asked.person.model_dump(mode="json", exclude={"birth_date"})
    born = {"birth_date": asked.person.birth_date.isoformat()} if asked.person.birth_date else {}
    new = NewRequest(
        asked.purpose, asked.case_number, as_fields(person | born), tuple(asked.sources), asked.authority
    )
    exchange, actor = exchange_of(request), actor_of(request)
    made = await in_thread(request, requests.ask, exchange, actor, new)
    found = await in_thread(request, viewing.opened, exchange, actor, made)
    where = {"Location": f"/api/v1/locate-requests/{made}"}
    return JSONResponse(_whole(found), HTTPStatus.CREATED, where)


async def list_locates(request: Request) -> Response:
    """One's own requests."""
    after, limit = request.query_params.get("cursor", ""), limit_of(request)
    asked = (exchange_of(request), actor_of(request))
    found = await in_thread(request, viewing.lines, *asked, after=after, limit=limit)
    return JSONResponse({"items": [_line(line) for line in found.items], "next": found.next})


async def read_locate(request: Request) -> Response:
    """What the sources have answered so far. Each call stands in the journal as a look."""
    try:
        wanted = UUID(request.path_params["id"])
    except ValueError:
        raise RecordNotFoundError from None
    found = await in_thread(request, viewing.opened, exchange_of(request), actor_of(request), wanted)
    return JSONResponse(_whole(found))


async def _read(request: Request) -> models.NewLocateRequest:
    """The body. What stands in a member that is wrong is never said again: it may be a number."""
    try:
        return models.NewLocateRequest.model_validate_json(await body_of(request, _LARGEST))
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
    if not wrong[0]["loc"]:
        raise RequestInvalidError(what=f"the body: {wrong[0]['msg']}")
    raise FieldsRefusedError({".".join(str(part) for part in one["loc"]): one["msg"] for one in wrong})


def _whole(found: Opened) -> dict[str, Any]:
    return _line(found.line) | {"results": [_result(one) for one in found.results]}


def _line(line: Line) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "reference": line.reference,
        "purpose": line.purpose.value,
        "case_number": line.case_number,
        "status": line.status.value,
        "answered": line.answered,
        "asked": line.asked,
        "created_at": line.created_at.isoformat(),
        "expires_at": line.expires_at.isoformat(),
        "closed_at": line.closed_at.isoformat() if line.closed_at else None,
    }


def _result(one: Result) -> dict[str, Any]:
    return {
        "source": one.source.code,
        "title": one.source.title,
        "status": one.status.value,
        "outcome": one.outcome.value if one.outcome else None,
        "facts": [{"field": s.field.value, "value": s.value, "label": s.label} for s in one.shown],
        "received_at": one.received_at.isoformat(timespec="seconds") if one.received_at else None,
        "corrected": one.corrected,
        "down_since": one.down.isoformat() if one.down else None,
    }


_ID = Parameter("id", "path", "The request.", required=True)
OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/locate-requests",
        ask_locate,
        Permission.LOCATE_QUERY,
        "Look for a person. The sources answer in their own time: read the request again.",
        {201: models.LocateRequest},
        (),
        models.NewLocateRequest,
        (400, 409, 415, 422),
    ),
    Operation(
        "GET",
        "/api/v1/locate-requests",
        list_locates,
        Permission.LOCATE_QUERY,
        "List one's own requests, newest first.",
        {200: models.LocateRequests},
        PARAMETERS,
        None,
        (400,),
    ),
    Operation(
        "GET",
        "/api/v1/locate-requests/{id}",
        read_locate,
        Permission.LOCATE_QUERY,
        "A request with what its sources have answered so far. Each call is noted as a look.",
        {200: models.LocateRequest},
        (_ID,),
        None,
        (404,),
    ),
)
