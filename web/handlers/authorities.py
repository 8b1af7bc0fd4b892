"""The certificate authorities of one's organization: who may sign, what came, what was revoked."""

from collections.abc import AsyncIterator, Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.accounts import authorities, authority_pages, keys
from exchange.accounts.authorities import Keeper, New
from exchange.accounts.krl import LARGEST
from roles.policy import may_vouch
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of
from web.menus import ORGANIZATION
from web.multipart import FormReader
from web.receiving import file_of_form, read_to_file

_PAGE = "/organization/authorities"


async def authorities_page(request: Request) -> Response:
    """The authorities, and the form for another one."""
    return await _list(request, {}, {})


async def add_authority(request: Request) -> Response:
    """Add an authority, or the page again with what is wrong."""
    fields = await fields_of(request)
    new = New(**{name: fields.get(name, "") for name in ("public_key", "label", "days", "usernames")})
    if problems := await problems_of(request, authorities.add, exchange_of(request), _keeper(request), new):
        return await _list(request, fields, problems)
    return RedirectResponse(f"{_PAGE}?done=added", 303)


async def authority_page(request: Request) -> Response:
    """One authority, the certificates that came, and what was revoked."""
    return await _one(request, {}, {})


async def take_back_authority(request: Request) -> Response:
    """Take an authority back."""
    given = (exchange_of(request), _keeper(request), record_id_of(request))
    await in_thread(request, authorities.take_back, *given)
    return RedirectResponse(f"{_PAGE}?done=revoked", 303)


async def revoke_certificates(request: Request) -> Response:
    """Revoke certificates of an authority, or the page again with what is wrong."""
    fields = await fields_of(request)
    given = (exchange_of(request), _keeper(request), record_id_of(request), fields.get("revoke", ""))
    if problems := await problems_of(request, authorities.revoke, *given):
        return await _one(request, fields, problems)
    return RedirectResponse(f"{_PAGE}/{record_id_of(request)}?done=certificates-revoked", 303)


async def revoke_listed(request: Request) -> Response:
    """Revoke what an uploaded list names, or the page again with what is wrong with it."""
    form, chunks = FormReader(request.headers.get("content-type")), request.stream()
    await read_to_file(form, chunks)
    content = await _short(file_of_form(form, chunks))
    if not form.filename:
        return await _one(request, {}, {"list": "Choose the list"})
    given = (exchange_of(request), _keeper(request), record_id_of(request), content)
    if problems := await problems_of(request, authorities.revoke_listed, *given):
        return await _one(request, {}, {"list": problems["revoke"]})
    return RedirectResponse(f"{_PAGE}/{record_id_of(request)}?done=certificates-revoked", 303)


async def _short(pieces: AsyncIterator[memoryview]) -> bytes:
    """All bytes of a list, or one more than a list may have; the rest is read and let go."""
    content = bytearray()
    async for piece in pieces:
        content += piece[: LARGEST + 1 - len(content)]
    return bytes(content)


def _keeper(request: Request) -> Keeper:
    return authorities.keeper_of(actor_of(request))


async def _list(request: Request, fields: Mapping[str, str], problems: dict[str, str]) -> Response:
    exchange = exchange_of(request)
    values = {
        "title": "Certificate authorities",
        "authorities": await in_thread(request, authority_pages.all_of, exchange, _keeper(request)),
        "usable": may_vouch(actor_of(request).organization_kind),
        "lifetimes": [(str(days), words) for days, words in keys.LIFETIMES.items()],
        "most_days": exchange.settings.certificate_days,
    }
    return form_page(request, "authorities.html", values, fields, problems, ORGANIZATION)


async def _one(request: Request, fields: Mapping[str, str], problems: dict[str, str]) -> Response:
    given = (exchange_of(request), _keeper(request), record_id_of(request))
    found = await in_thread(request, authority_pages.look, *given)
    values = {"title": found.authority.label, "found": found}
    return form_page(request, "authority.html", values, fields, problems, ORGANIZATION)
