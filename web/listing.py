"""Lists of the API: how much of one is asked for, and how that is described."""

from starlette.requests import Request

from exchange.errors import RequestInvalidError
from exchange.transfers.delivery import MAXIMUM_LIMIT
from web.openapi import Parameter

_DEFAULT_LIMIT = 50

PARAMETERS = (
    Parameter(
        "limit",
        "query",
        "At most so many.",
        schema={"type": "integer", "minimum": 1, "maximum": MAXIMUM_LIMIT},
    ),
    Parameter("cursor", "query", "Where to go on: `next` of the part before."),
)

RANGE = Parameter("Range", "header", "One range, such as bytes=0-999.")


def limit_of(request: Request) -> int:
    """How many are wanted at most. Raises `RequestInvalidError`."""
    value = request.query_params.get("limit", str(_DEFAULT_LIMIT))
    if not value.isdecimal() or not 1 <= int(value[:9]) <= MAXIMUM_LIMIT:
        raise RequestInvalidError(what=f"limit is a number from 1 to {MAXIMUM_LIMIT}")
    return int(value)
