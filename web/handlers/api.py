"""The API, version 1: the same use cases as the pages, as JSON, with a token."""

from dataclasses import asdict
from http import HTTPStatus
from typing import get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from exchange.errors import RequestInvalidError
from exchange.transfers import delivery
from exchange.transfers.intake import Handed
from exchange.transfers.repository import TransferQuery
from roles.permissions import Permission
from roles.programs import PROGRAMS
from web import api_models as models
from web.door import actor_of, exchange_of, id_of, in_thread
from web.handlers import api_guide, api_locate, api_locate_matches, api_threads
from web.handlers.inquiries import ask_about_debt
from web.listing import PARAMETERS, RANGE, limit_of
from web.openapi import Operation, Parameter, document
from web.receiving import receive_new, receive_rest
from web.sending import content_response

_ALLOWED = {"direction": {"inbound", "outbound"}, "status": set(get_args(models.Status))}


async def send_transfer(request: Request) -> Response:
    """Take a file and answer with its transfer and receipt."""
    return _handed_over(await receive_new(request))


async def send_transfer_rest(request: Request) -> Response:
    """Go on with a draft."""
    outcome = await receive_rest(request)
    if isinstance(outcome, Handed):
        return _handed_over(outcome)
    return JSONResponse(outcome.as_json(), HTTPStatus.ACCEPTED)


async def list_transfers(request: Request) -> Response:
    """Part of the list of transfers."""
    wanted = {name: request.query_params.get(name) for name in ("direction", "program", "status", "cursor")}
    for name, allowed in _ALLOWED.items():
        if wanted[name] is not None and wanted[name] not in allowed:
            raise RequestInvalidError(what=f"{name} is one of {', '.join(sorted(allowed))}")
    query = TransferQuery(
        wanted["direction"], wanted["program"], wanted["status"], wanted["cursor"], limit_of(request)
    )
    found = await in_thread(request, delivery.transfers, exchange_of(request), actor_of(request), query)
    return JSONResponse({"items": [view.as_json() for view in found.items], "next": found.next})


async def read_transfer(request: Request) -> Response:
    """One transfer."""
    view = await in_thread(
        request, delivery.transfer, exchange_of(request), actor_of(request), id_of(request)
    )
    return JSONResponse(view.as_json())


async def read_content(request: Request) -> Response:
    """The bytes of a transfer, or one range of them."""
    opened = await in_thread(
        request, delivery.content, exchange_of(request), actor_of(request), id_of(request)
    )
    return content_response(request, opened)


async def list_findings(request: Request) -> Response:
    """Part of the findings of a transfer."""
    cursor = request.query_params.get("cursor")
    if cursor is not None and not cursor.isdecimal():
        raise RequestInvalidError(what="this cursor was not given by the portal")
    asked = (exchange_of(request), actor_of(request), id_of(request), cursor, limit_of(request))
    found = await in_thread(request, delivery.findings, *asked)
    return JSONResponse({"items": [asdict(finding) for finding in found.items], "next": found.next})


async def read_receipt(request: Request) -> Response:
    """The receipt of a file this organization handed over."""
    signed = await in_thread(
        request, delivery.receipt, exchange_of(request), actor_of(request), id_of(request)
    )
    return JSONResponse(signed)


async def describe(request: Request) -> Response:
    """This API in OpenAPI."""
    settings = exchange_of(request).settings
    return JSONResponse(document(OPERATIONS, settings.public_url or "/"))


def _handed_over(handed: Handed) -> Response:
    answer = handed.transfer.as_json() | {"receipt": handed.receipt}
    return JSONResponse(answer, HTTPStatus.CREATED, {"Location": f"/api/v1/transfers/{handed.transfer.id}"})


_ID = Parameter("id", "path", "The transfer.", required=True)
_DIGEST = Parameter("Content-Digest", "header", "sha-256=:...: (RFC 9530); a file that differs is refused.")
_PART = (
    Parameter(
        "Content-Range",
        "header",
        "bytes first-last/size: the part that the body is; bytes */size: all is there.",
        required=True,
    ),
    Parameter("Repr-Digest", "header", "sha-256=:...: of the whole file; checked with the last part."),
)
OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/transfers",
        send_transfer,
        Permission.TRANSFER_READ,
        "Hand a file over. An upload that breaks off stays as a draft (status DRAFT) and can be resumed.",
        {201: models.HandedOver},
        (
            Parameter("program", "query", f"The program's slug: {', '.join(PROGRAMS)}.", required=True),
            Parameter("filename", "query", "The name the file shall have.", required=True),
            Parameter("recipient", "query", "The organization it is for; only OCSS addresses files."),
            _DIGEST,
        ),
        bytes,
        (400, 404, 413, 415, 422, 503, 507),
    ),
    Operation(
        "GET",
        "/api/v1/transfers",
        list_transfers,
        Permission.TRANSFER_READ,
        "List transfers, newest first.",
        {200: models.Transfers},
        (
            Parameter("direction", "query", "inbound or outbound"),
            Parameter("program", "query", "The program's slug."),
            Parameter("status", "query", "Drafts are listed only when asked for: status=DRAFT."),
            *PARAMETERS,
        ),
        None,
        (400,),
    ),
    Operation(
        "GET",
        "/api/v1/transfers/{id}",
        read_transfer,
        Permission.TRANSFER_READ,
        "One transfer.",
        {200: models.Transfer},
        (_ID,),
        None,
        (404,),
    ),
    Operation(
        "GET",
        "/api/v1/transfers/{id}/content",
        read_content,
        Permission.TRANSFER_READ,
        "The bytes of a file, or one range of them.",
        {200: bytes, 206: bytes},
        (_ID, RANGE),
        None,
        (404, 409, 416, 503),
    ),
    Operation(
        "PUT",
        "/api/v1/transfers/{id}/content",
        send_transfer_rest,
        Permission.TRANSFER_READ,
        "Go on with a draft. With the last part the file is handed over; before that it stays a draft.",
        {201: models.HandedOver, 202: models.Transfer},
        (_ID, *_PART),
        bytes,
        (400, 404, 409, 413, 415, 422, 503, 507),
    ),
    Operation(
        "GET",
        "/api/v1/transfers/{id}/findings",
        list_findings,
        Permission.TRANSFER_READ,
        "What was found in a file.",
        {200: models.Findings},
        (_ID, *PARAMETERS),
        None,
        (400, 404),
    ),
    Operation(
        "GET",
        "/api/v1/transfers/{id}/receipt",
        read_receipt,
        Permission.TRANSFER_READ,
        "The signed receipt of a file that was handed over.",
        {200: models.Receipt},
        (_ID,),
        None,
        (404,),
    ),
    Operation(
        "POST",
        "/api/v1/debt-inquiries",
        ask_about_debt,
        Permission.DEBT_INQUIRY_SEND,
        "Ask about one person, and get the match answer at once.",
        {200: models.InquiryAnswer},
        (),
        models.DebtInquiry,
        (400, 415, 503),
    ),
    *api_threads.OPERATIONS,
    *api_guide.OPERATIONS,
    *api_locate.OPERATIONS,
    *api_locate_matches.OPERATIONS,
)
