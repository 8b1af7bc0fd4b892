"""One's own SFTP keys and API tokens, and taking back those of one's people."""

from collections.abc import Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange import host_keys
from exchange.accounts import keys
from exchange.errors import FieldsRefusedError
from roles.policy import permissions_of
from roles.scopes import SCOPES, scopes_of
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of

_SCOPE = "scope."
"""What the names of the boxes begin with, each followed by a permission."""


async def keys_page(request: Request) -> Response:
    """One's keys, and the form for another one."""
    return await _keys(request, {}, {})


async def add_key(request: Request) -> Response:
    """Add a key, or the page again with what is wrong."""
    fields = await fields_of(request)
    given = (fields.get(name, "") for name in ("public_key", "label", "days"))
    exchange, actor = exchange_of(request), actor_of(request)
    if problems := await problems_of(request, keys.add_key, exchange, actor, *given):
        return await _keys(request, fields, problems)
    return RedirectResponse("/account/keys?done=added", 303)


async def revoke_key(request: Request) -> Response:
    """Take a key back."""
    owner = await in_thread(
        request, keys.revoke_key, exchange_of(request), actor_of(request), record_id_of(request)
    )
    return _back(request, owner, "/account/keys")


async def tokens_page(request: Request) -> Response:
    """One's tokens, and the form for another one."""
    return await _tokens(request, {}, {})


async def issue_token(request: Request) -> Response:
    """Issue a token and show it, this once; or the page again with what is wrong."""
    fields = await fields_of(request)
    scopes = [name.removeprefix(_SCOPE) for name in fields if name.startswith(_SCOPE)]
    given = (fields.get("label", ""), fields.get("days", ""), scopes)
    try:
        issued = await in_thread(request, keys.issue_token, exchange_of(request), actor_of(request), *given)
    except FieldsRefusedError as refusal:
        return await _tokens(request, fields, refusal.problems)
    return await _tokens(request, {}, {}, issued)


async def revoke_token(request: Request) -> Response:
    """Take a token back."""
    owner = await in_thread(
        request, keys.revoke_token, exchange_of(request), actor_of(request), record_id_of(request)
    )
    return _back(request, owner, "/account/tokens")


def _back(request: Request, owner: UUID, own_page: str) -> Response:
    """To where the credential that was taken back is listed."""
    own = owner == actor_of(request).account_id
    return RedirectResponse(f"{own_page if own else f'/organization/people/{owner}'}?done=revoked", 303)


async def _keys(request: Request, fields: dict[str, str], problems: dict[str, str]) -> Response:
    exchange, actor = exchange_of(request), actor_of(request)
    found = await in_thread(request, keys.keys, exchange, actor)
    of_gateway = await in_thread(request, host_keys.published, exchange)
    coming = [key.since for key in of_gateway if key.is_to_come(exchange.clock())]
    values = {
        "title": "SFTP keys",
        "keys": found,
        "usable": keys.may_use_keys(actor),
        "host_keys": of_gateway,
        "change_at": coming[0] if coming else None,
    }
    return _page(request, "keys.html", values, fields, problems)


async def _tokens(
    request: Request, fields: dict[str, str], problems: dict[str, str], issued: str = ""
) -> Response:
    exchange, actor = exchange_of(request), actor_of(request)
    offered = scopes_of(actor.role).items()
    values = {
        "title": "API tokens",
        "tokens": await in_thread(request, keys.tokens, exchange, actor),
        "issued": issued,
        "offered": [(f"{_SCOPE}{one}", words) for one, words in offered if one in permissions_of(actor)],
    }
    return _page(request, "tokens.html", values, fields, problems)


def _page(
    request: Request,
    template: str,
    values: Mapping[str, object],
    fields: dict[str, str],
    problems: dict[str, str],
) -> Response:
    lifetimes = [(str(days), words) for days, words in keys.LIFETIMES.items()]
    frame = {"lifetimes": lifetimes, "scope_words": SCOPES}
    return form_page(request, template, {**frame, **values}, fields, problems)
