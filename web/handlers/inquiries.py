"""One debt inquiry by the API: a person asked about, the match answer at once."""

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from exchange.errors import RequestInvalidError
from exchange.programs import on_screen
from exchange.programs.on_screen import Answer
from exchange.registry.matching import Match
from exchange.transfers.receipts import SignedReceipt
from schemas.forms import Answers
from schemas.forms.debt_inquiry import DEBT_INQUIRY_FORM
from web import api_models as models
from web.door import actor_of, exchange_of, in_thread
from web.forms import MAXIMUM_BODY, body_of

_RESULTS = {Match.MATCH: "match", Match.NO_MATCH: "no match", Match.REVIEW: "review"}


async def ask_about_debt(request: Request) -> Response:
    """Ask about one person. Raises `RequestInvalidError` naming everything that is wrong."""
    asked = _read(await body_of(request, MAXIMUM_BODY))
    exchange, actor = exchange_of(request), actor_of(request)
    outcome = await in_thread(request, on_screen.ask, exchange, actor, DEBT_INQUIRY_FORM.slug, asked)
    if isinstance(outcome, Answers):
        raise RequestInvalidError(what="; ".join(f"{one.field}: {one.message}" for one in outcome.problems))
    handed, found = outcome
    return JSONResponse(_as_json(found, handed.receipt))


def _as_json(found: Answer, receipt: SignedReceipt) -> dict[str, object]:
    members = models.Agency.model_fields
    return {
        "result": _RESULTS[found.result] if found.result else None,
        "states": [one.state for one in found.agencies],
        "agencies": [{name: getattr(one, name) for name in members} for one in found.agencies],
        "transfer": found.transfer.as_json() | {"receipt": receipt},
    }


def _read(body: bytes) -> dict[str, str]:
    """The answers as the form on the screen has them: a date of the API in three fields."""
    try:
        typed = models.DebtInquiry.model_validate_json(body).model_dump(exclude_none=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RequestInvalidError(what=f"{place or 'the body'}: {first['msg']}") from None
    for question in DEBT_INQUIRY_FORM.questions:
        if question.kind == "date" and (value := typed.pop(question.name, "")):
            year, month, day = [*value.split("-"), "", ""][:3]
            typed |= dict(zip(question.parts, (month, day, year), strict=True))
    return typed
