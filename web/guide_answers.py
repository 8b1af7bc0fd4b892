"""Answers of the API about the guide: made for whoever reads, and not again for whoever has them already.

What an answer is made of is told by its mark (an edition's, mostly), so that nothing is made to compare it.
"""

import base64
import hashlib
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from exchange.errors import RequestInvalidError
from exchange.guide import editions
from exchange.guide.memory import Edition
from exchange.mail import address_of
from exchange.runtime import Exchange
from roles.guide import audience_of
from roles.policy import Actor
from schemas.guide.documents import Audience
from web.door import exchange_of, in_thread, visitor_of
from web.guide_told import Telling
from web.listing import limit_of

FORM = "2"
"""Part of every ETag: to be raised when answers are made in another way of the same guide."""
MINUTES = 5
"""How long a cache may give an answer for everybody without asking whether it still is one."""
Item = TypeVar("Item")
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True)
class Asked:
    """Who asks what of the guide of now. `whole`: for everybody, for what makes its own narrow answer."""

    exchange: Exchange
    request: Request
    actor: Actor | None
    reader: Audience
    whole: Edition

    @property
    def edition(self) -> Edition:
        """What this reader has of it."""
        return self.whole.read_by(self.reader)

    @property
    def base(self) -> str:
        """What addresses of pages begin with."""
        return address_of(self.exchange, "")

    @property
    def today(self) -> date:
        """The day in UTC."""
        return self.exchange.clock().astimezone(UTC).date()

    @property
    def telling(self) -> Telling:
        """The guide of now, to be told."""
        return Telling(self.edition, self.base, self.today)

    def given(self, name: str) -> str:
        """A parameter of the query, or nothing."""
        return self.request.query_params.get(name, "").strip()

    def choice(self, name: str, choices: type[Choice]) -> Choice | None:
        """A parameter that has few values; None where it is not given. Raises `RequestInvalidError`."""
        given = self.given(name)
        if given and given not in list(choices):
            raise RequestInvalidError(what=f"{name} is one of {', '.join(choices)}")
        return choices(given) if given else None

    def past_day(self) -> date | None:
        """The day that is asked for, unless it is today. Raises `RequestInvalidError`."""
        if not (given := self.given("on")):
            return None
        try:
            day = date.fromisoformat(given)
        except ValueError:
            raise RequestInvalidError(what="on is a day, such as 2026-02-28") from None
        if day > self.today:
            raise RequestInvalidError(what="on is a day of the past")
        return day if day < self.today else None


def moment_of(text: str) -> datetime:
    """A day (its beginning), or a moment. Raises `RequestInvalidError`."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise RequestInvalidError(what="since is a day or a moment, such as 2026-02-28T12:00:00Z") from None


def paged(asked: Asked, items: Sequence[Item], place: Callable[[Item], str]) -> tuple[list[Item], str | None]:
    """The part of a list that is asked for, and where to go on; `place` sorts its items as they stand."""
    limit, cursor = limit_of(asked.request), asked.request.query_params.get("cursor")
    first = bisect_right(items, cursor, key=place) if cursor is not None else 0
    shown = list(items[first : first + limit])
    return shown, place(shown[-1]) if first + limit < len(items) else None


def by_edition(asked: Asked) -> str:
    """The mark of what is made of the whole guide."""
    return str(asked.whole.number)


def by_day(asked: Asked) -> str:
    """The same, where it matters which contacts and questionnaires count today."""
    return f"{asked.whole.number} {asked.today}"


async def answered(
    request: Request, tell: Callable[[Asked], BaseModel], mark: Callable[[Asked], str] = by_day
) -> Response:
    """What `tell` makes, or 304 where the asker has it. `mark`: what the answer is made of."""

    def made() -> Response:
        asked = asked_by(request)
        headers = headers_of(asked, mark(asked))
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return _sent(request, tell(asked).model_dump_json().encode(), headers)

    return await in_thread(request, made)


def asked_by(request: Request) -> Asked:
    """Who asks, of the guide of now."""
    exchange, actor = exchange_of(request), visitor_of(request)
    return Asked(exchange, request, actor, audience_of(actor), editions.published(exchange))


def headers_of(asked: Asked, mark: str) -> dict[str, str]:
    """How an answer may be kept: by everybody, or by nobody but the program whose token it came for."""
    public = asked.actor is None
    who = "" if asked.actor is None else str(asked.actor.account_id)
    path, query = asked.request.url.path, asked.request.url.query
    made_of = f"{FORM}\n{mark}\n{asked.reader}\n{who}\n{asked.base}\n{path}\n{query}"
    digest = hashlib.sha256(made_of.encode(errors="surrogateescape")).digest()[:15]
    return {
        "ETag": f'W/"{base64.urlsafe_b64encode(digest).decode()}"',
        "Cache-Control": f"public, max-age={MINUTES * 60}" if public else "private, no-store",
        "Vary": "Authorization, Accept-Encoding",
    }


def is_known(request: Request, tag: str) -> bool:
    """Whether the asker has the answer with this tag (RFC 9110, 13.1.2)."""
    named = request.headers.get("if-none-match", "")
    return named.strip() == "*" or tag in {one.strip() for one in named.split(",")}


def _sent(request: Request, body: bytes, headers: dict[str, str]) -> Response:
    length = {"Content-Length": str(len(body))}
    sent = b"" if request.method == "HEAD" else body
    return Response(sent, headers=headers | length, media_type="application/json")
