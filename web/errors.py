"""The web door's one table of errors; a refusal is a page for people and problem+json for programs."""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from exchange import errors
from web.strangers import TooManyRequestsError
from web.templating import render

STATUS: dict[type[errors.PortalError], HTTPStatus] = {
    errors.BlobBusyError: HTTPStatus.CONFLICT,
    errors.BlobMissingError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.CellDamagedError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.ClearanceMissingError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.LocateBlockedError: HTTPStatus.CONFLICT,
    errors.ConfirmationRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ConfirmationDueError: HTTPStatus.FORBIDDEN,
    errors.ContentNotAvailableError: HTTPStatus.CONFLICT,
    errors.DigestMismatchError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.DraftUnfinishedError: HTTPStatus.CONFLICT,
    errors.FieldsRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.RecallTooLateError: HTTPStatus.CONFLICT,
    errors.ThreadClosedError: HTTPStatus.CONFLICT,
    errors.ThreadNotFoundError: HTTPStatus.NOT_FOUND,
    errors.FileNameRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.FileTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.IdentityDamagedError: HTTPStatus.FORBIDDEN,
    errors.IncidentNotFoundError: HTTPStatus.NOT_FOUND,
    errors.KeyringUnusableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.LastAdministratorError: HTTPStatus.CONFLICT,
    errors.LastFactorError: HTTPStatus.CONFLICT,
    errors.LeaseLostError: HTTPStatus.CONFLICT,
    errors.NotNowError: HTTPStatus.CONFLICT,
    errors.NotOneselfError: HTTPStatus.CONFLICT,
    errors.NotPermittedError: HTTPStatus.FORBIDDEN,
    errors.NotSignedInError: HTTPStatus.UNAUTHORIZED,
    errors.OffsetMismatchError: HTTPStatus.CONFLICT,
    errors.PasswordRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.PersonSearchClosedError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ProgramNotFoundError: HTTPStatus.NOT_FOUND,
    errors.ProofNeededError: HTTPStatus.FORBIDDEN,
    errors.QuotaExceededError: HTTPStatus.INSUFFICIENT_STORAGE,
    errors.RecipientNotFoundError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.RecordNotFoundError: HTTPStatus.NOT_FOUND,
    errors.RegistrationNotFoundError: HTTPStatus.NOT_FOUND,
    errors.RegistrationSettledError: HTTPStatus.CONFLICT,
    errors.RegistrationUnfinishedError: HTTPStatus.CONFLICT,
    errors.RegistrySeededError: HTTPStatus.CONFLICT,
    errors.RepresentationEndedError: HTTPStatus.CONFLICT,
    errors.RequestInvalidError: HTTPStatus.BAD_REQUEST,
    errors.SearchTooBroadError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.SecondPersonError: HTTPStatus.CONFLICT,
    errors.RulesDueError: HTTPStatus.FORBIDDEN,
    errors.SharedAccountError: HTTPStatus.CONFLICT,
    errors.SignInRefusedError: HTTPStatus.UNAUTHORIZED,
    errors.SignOnFailedError: HTTPStatus.FORBIDDEN,
    errors.SizeMismatchError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.StoreUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.TooManyAttemptsError: HTTPStatus.TOO_MANY_REQUESTS,
    TooManyRequestsError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.TransferAbortedError: HTTPStatus.CONFLICT,
    errors.TransferBusyError: HTTPStatus.CONFLICT,
    errors.TransferNotFoundError: HTTPStatus.NOT_FOUND,
    errors.UsernameTakenError: HTTPStatus.CONFLICT,
    errors.VaultDamagedError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.VaultLockedError: HTTPStatus.SERVICE_UNAVAILABLE,
}
TITLES = {
    400: "We could not read that request",
    401: "Sign in first",
    403: "This is not part of your role",
    404: "There is nothing here",
    405: "That cannot be done here",
    409: "That cannot be done now",
    413: "The file is too large",
    415: "That kind of body is not taken",
    416: "There is no such part of the file",
    422: "What was sent could not be taken",
    429: "Wait a little",
    500: "Something went wrong on our side",
    503: "Try again in a few minutes",
    507: "There is no space left",
}


@dataclass(frozen=True)
class Refusal:
    """A refusal as HTTP knows it: status, code for programs, sentence for people, further members."""

    status: int
    code: str
    sentence: str
    headers: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


BROKEN = Refusal(500, "internal_error", "The portal could not do this. Nothing you sent was lost; try again.")
NO_SUCH_RANGE = Refusal(416, "range_not_satisfiable", "The range begins behind the end of the file.")
NOWHERE = Refusal(404, "not_found", "There is no such page, or it is not yours.")
_ROUTING = {
    404: NOWHERE,
    405: Refusal(405, "method_not_allowed", "This address does not take that method."),
}


def refusal_of(error: Exception) -> Refusal:
    """The refusal that an error becomes; `KeyError` for one the table does not know, which is a bug."""
    if isinstance(error, errors.PortalError):
        facts: dict[str, Any] = {
            name: value if isinstance(value, int) else str(value) for name, value in error.facts.items()
        }
        if isinstance(error, errors.FieldsRefusedError):
            facts = {"fields": error.problems}
        return Refusal(STATUS[type(error)], error.code, str(error), _headers(error), facts)
    if isinstance(error, HTTPException) and error.status_code in _ROUTING:
        return _ROUTING[error.status_code]
    return BROKEN


def _headers(error: errors.PortalError) -> dict[str, str]:
    if isinstance(error, errors.TooManyAttemptsError):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, errors.NotSignedInError):
        return {"WWW-Authenticate": "Bearer"}
    return {}


def wants_json(scope: Scope) -> bool:
    """Programs, and the pages' own scripts, get problem+json; people get a page."""
    if scope["path"].startswith("/api/"):
        return True
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return b"json" in accept and b"text/html" not in accept


def refusal_response(scope: Scope, refusal: Refusal) -> Response:
    """The refusal in the form its reader understands (RFC 9457 for programs)."""
    title = TITLES.get(refusal.status, "This was refused")
    if wants_json(scope):
        problem = {"type": "about:blank", "title": title, "status": refusal.status}
        members = refusal.facts | problem | {"code": refusal.code, "detail": refusal.sentence}
        body = json.dumps(members).encode()
        return Response(body, refusal.status, refusal.headers, "application/problem+json")
    page = render(scope, "refusal.html", {"title": title, "refusal": refusal})
    return Response(page, refusal.status, refusal.headers, "text/html; charset=utf-8")


async def answer_error(request: Request, error: Exception) -> Response:
    """The exception handler of the application: the table is the handler."""
    refusal = refusal_of(error)
    if isinstance(error, errors.NotSignedInError) and not wants_json(request.scope):
        return RedirectResponse(sign_in_address(request), 303)
    if isinstance(error, errors.RulesDueError) and not wants_json(request.scope):
        return RedirectResponse("/account/rules?" + urlencode({"next": _page_of(request)}), 303)
    if isinstance(error, errors.ConfirmationDueError) and not wants_json(request.scope):
        return RedirectResponse("/account/confirm", 303)
    if isinstance(error, errors.ProofNeededError) and not wants_json(request.scope):
        return RedirectResponse("/prove?" + urlencode({"next": _page_of(request)}), 303)
    return refusal_response(request.scope, refusal)


def _page_of(request: Request) -> str:
    """The page somebody was on: the one asked for, or the one with the form that was sent."""
    if request.method == "GET":
        return f"{request.scope['path']}?{request.scope['query_string'].decode('latin-1')}".rstrip("?")
    came_from = urlsplit(request.headers.get("referer", ""))
    return f"{came_from.path}?{came_from.query}".rstrip("?") or "/home"


async def answer_disconnect(_request: Request, _error: Exception) -> Response:
    """The client left before its request was complete; nobody reads this answer."""
    return Response(status_code=499)


def sign_in_address(request: Request) -> str:
    """The sign-in page, which leads back to a page somebody wanted to read."""
    path: str = request.scope["path"]
    if request.method != "GET" or path == "/home":
        return "/sign-in"
    return "/sign-in?" + urlencode({"next": path})


HANDLERS: dict[Any, Any] = {
    errors.PortalError: answer_error,
    HTTPException: answer_error,
    ClientDisconnect: answer_disconnect,
}
