"""Short forms of pages: the body of a sign-in or a report, never a file."""

import re
from urllib.parse import parse_qsl

from starlette.requests import Request

from exchange.errors import RequestInvalidError

MAXIMUM_BODY = 65_536
MAXIMUM_FIELDS = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_AS_TYPED = frozenset({"password", "new_password", "new_password_again"})
_KIND = "application/x-www-form-urlencoded"


async def fields_of(request: Request) -> dict[str, str]:
    """The fields of a short form, each once, stripped. Raises `RequestInvalidError`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
        raise RequestInvalidError(what="a form is expected")
    body = await body_of(request, MAXIMUM_BODY)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MAXIMUM_FIELDS, errors="strict"
        )
    except ValueError:
        raise RequestInvalidError(what="the form is malformed") from None
    if any(_CONTROL.search(text) for pair in pairs for text in pair):
        raise RequestInvalidError(what="control characters are not allowed")
    return {name: value if name in _AS_TYPED else value.strip() for name, value in pairs}


async def body_of(request: Request, limit: int) -> bytes:
    """The whole body, when it is short. Raises `RequestInvalidError` for a longer one."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise RequestInvalidError(what="the request is too long")
    return bytes(body)
