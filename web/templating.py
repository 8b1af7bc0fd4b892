"""The template environment: autoescape on, unknown names refused, and the few filters that format values."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import Scope

from exchange.accounts.own import CONFIRM_NOTICE
from exchange.accounts.shared import is_shared
from exchange.messages.live import MOST
from roles.permissions import Permission
from roles.policy import Actor, can
from roles.representation import acts_for_others
from web import wording
from web.menus import FOOT, account_menu, main_menu

_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNITS = ("bytes", "KB", "MB", "GB", "TB")


def size(count: int) -> str:
    """A number of bytes as people read it (1 KB is 1,000 bytes)."""
    amount, unit = float(count), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{count:,} {_UNITS[0]}" if unit == 0 else f"{amount:.3g} {_UNITS[unit]}"


def moment(value: datetime) -> str:
    """A time in UTC, as people read it."""
    value = value.astimezone(UTC)
    return f"{value:%b} {value.day}, {value:%Y, %H:%M} UTC"


def day(value: datetime) -> str:
    """A day in UTC, as people read it."""
    value = value.astimezone(UTC)
    return f"{value:%b} {value.day}, {value:%Y}"


def rfc3339(value: datetime) -> str:
    """A time for programs."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def capitalize_first(text: str) -> str:
    """The first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """The first letter small, the others as they are."""
    return text[:1].lower() + text[1:]


def visible(text: str) -> str:
    """A text of somebody else's with what turns its direction around shown as a mark (Trojan Source)."""
    return _TURNS.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)


def initials(name: str) -> str:
    """The first letters of the first and last name."""
    words = name.split()
    return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words)).upper()


def telephone(digits: str) -> str:
    """Ten digits as people read them."""
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"


def calendar_day(value: date) -> str:
    """A day, as people read it."""
    return f"{value:%B} {value.day}, {value.year}"


def in_fields(name: str, fields: Mapping[str, str]) -> str:
    """What was typed into the field of this name."""
    return fields.get(name, "")


def in_fours(secret: str) -> str:
    """A key in groups of four, as people type it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def lasting(minutes: int) -> str:
    """A number of minutes as people say it."""
    whole, unit = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
    return f"{whole} {unit}{'' if whole == 1 else 's'}"


def few(count: int) -> str:
    """A number that was not counted to its end beyond ninety-nine."""
    return str(count) if count < MOST else f"{MOST - 1}+"


def thousands(value: int | None) -> str:
    """A whole number with separators; a hyphen where there is none."""
    return "-" if value is None else f"{value:,}"


@cache
def environment() -> Environment:
    """The environment over web/templates, one a process: reading templates costs more than filling them.

    A template is read at its first use and does not change until the program is started anew.
    """
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        auto_reload=False,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    formats = (
        capitalize_first,
        calendar_day,
        size,
        moment,
        day,
        rfc3339,
        initials,
        few,
        thousands,
        lasting,
        lower_first,
        visible,
        telephone,
        in_fields,
        in_fours,
    )
    made.filters.update({function.__name__: function for function in formats})
    made.globals.update(words=wording)
    return made


def confirm_soon(scope: Scope) -> datetime | None:
    """The day by which somebody must say that they still need the account, when it is near."""
    due: datetime | None = scope.get("state", {}).get("confirm_by")
    now: datetime = scope["app"].state.exchange.clock()
    return due if due is not None and now < due <= now + CONFIRM_NOTICE else None


def render(scope: Scope, name: str, values: Mapping[str, Any]) -> Markup:
    """A page as text, with what every page needs: who is here, the menu, the addresses of files."""
    state, app = scope.get("state", {}), scope["app"]
    actor: Actor | None = state.get("actor")
    here = scope["path"]
    frame = {
        "actor": actor,
        "asset": app.state.assets.address,
        "can": lambda permission: actor is not None and can(actor, Permission(permission)),
        "demonstration": app.state.demonstration is not None,
        "errors": (),
        "here": here,
        "confirm_soon": confirm_soon(scope),
        "idle_minutes": app.state.exchange.settings.idle_minutes,
        "account_menu": account_menu(actor, here) if actor else [],
        "foot_menu": FOOT,
        "acts": actor is not None and acts_for_others(actor.organization_kind),
        "menu": main_menu(actor, here, {"/locate": state.get("located", 0)}) if actor else [],
        "unread_messages": state.get("unread", 0),
        "shared": actor is not None and is_shared(app.state.exchange, actor.username),
        "title": "",
    }
    return Markup(app.state.templates.get_template(name).render(frame | dict(values)))  # noqa: S704  # autoescaped


def page(request: Request, name: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """An HTML answer."""
    return HTMLResponse(render(request.scope, name, values), status)
