"""Keeping the reference guide: the parts somebody keeps, one part, its preview, publishing, confirming."""

from collections.abc import Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.errors import RecordNotFoundError
from exchange.guide import standing, upkeep
from exchange.guide.keys import FACTS, Key
from exchange.guide.standing import Keeping, Tally
from roles.guide import REVIEW_EVERY_DAYS, EntrySort
from roles.permissions import Permission
from roles.policy import can
from web import guide_keeping_told
from web.door import actor_of, exchange_of, in_thread
from web.forms import fields_of, form_page
from web.menus import GUIDE

ROOT = "/guide/keep"
_MOST_FIELDS, _MOST_BYTES = 2_000, 262_144
_TICKED = "entry."
_OF_DRAFT = "draft."


async def parts_page(request: Request) -> Response:
    """The parts one keeps, with what waits; whoever keeps one is led there."""
    found = await in_thread(request, standing.tallies, exchange_of(request), actor_of(request))
    if len(found) == 1:
        return RedirectResponse(f"{ROOT}/{found[0].code}", 303)
    wanted = request.query_params.get("q", "").strip()[:100]
    values = {
        "title": "Keep the reference guide",
        "found": sorted((one for one in found if _named(one, wanted.casefold())), key=_most_waiting),
        "wanted": wanted,
        "waiting": guide_keeping_told.in_all(found),
        "kept": len(found),
    }
    return form_page(request, "guide_keep.html", values, entries=GUIDE)


async def part_page(request: Request) -> Response:
    """One part: every question and contact, and what waits."""
    found = await _keeping(request)
    values = {
        "title": f"Keep {found.facts.name}",
        "found": found,
        "figures": guide_keeping_told.figures(found),
        "tag_of": guide_keeping_told.tag_of,
        "address": guide_keeping_told.address,
        "short": guide_keeping_told.short,
        "sorts": guide_keeping_told.SORTS,
        "root": f"{ROOT}/{found.desk.code}",
        "several": EntrySort.FACTS in found.desk.sorts,
        "administers": _administers(request, found),
        "review_days": REVIEW_EVERY_DAYS,
        "facts_title": standing.FACTS_TITLE,
    }
    return form_page(request, "guide_keep_part.html", values, entries=GUIDE)


async def preview_page(request: Request) -> Response:
    """The whole part as readers would see it, and what would change."""
    code = request.path_params["code"]
    given = (exchange_of(request), actor_of(request), code)
    found = await in_thread(request, standing.keeping, *given, whole=True)
    sections = [
        (one.title, [guide_keeping_told.shown(line) for line in one.lines])
        for one in (*found.answers, *found.contacts)
    ]
    own = [("About", [guide_keeping_told.shown(found.own)])] if found.own else []
    values = {
        "title": f"Preview of {found.facts.name}",
        "found": found,
        "sections": [*own, *sections],
        "root": f"{ROOT}/{code}",
        "tag_of": guide_keeping_told.tag_of,
    }
    return form_page(request, "guide_keep_preview.html", values, entries=GUIDE)


async def publish(request: Request) -> Response:
    """Publish the drafts that were ticked, or hand them to a second person."""
    fields = await fields_of(request, _MOST_BYTES, _MOST_FIELDS)
    code = request.path_params["code"]
    given = (exchange_of(request), actor_of(request), code, _drafts(fields))
    done = await in_thread(request, upkeep.publish, *given)
    return RedirectResponse(f"{ROOT}/{code}?done={'guide-published' if done else 'guide-submitted'}", 303)


async def confirm(request: Request) -> Response:
    """Say of entries that they still hold."""
    fields = await fields_of(request, _MOST_BYTES, _MOST_FIELDS)
    code = request.path_params["code"]
    keys = [_key(code, name) for name in fields if name.startswith(_TICKED)]
    await in_thread(request, upkeep.confirm, exchange_of(request), actor_of(request), keys)
    return RedirectResponse(f"{ROOT}/{code}?done=guide-confirmed#{keys[0].slug}", 303)


async def second_person(request: Request) -> Response:
    """Let a second person approve whatever is published of this part, or not."""
    wanted = (await fields_of(request)).get("wanted") == "yes"
    given = (exchange_of(request), actor_of(request), request.path_params["code"])
    await in_thread(request, upkeep.ask_second_person, *given, wanted=wanted)
    return RedirectResponse(f"{ROOT}/{given[2]}?done=changed", 303)


def key_of(request: Request) -> Key:
    """The entry in the path."""
    sort = guide_keeping_told.BY_WORD.get(request.path_params["sort"])
    slug = request.path_params["slug"]
    if sort is None or (sort is EntrySort.FACTS and slug != FACTS):
        raise RecordNotFoundError
    return Key(request.path_params["code"], sort, slug)


async def _keeping(request: Request) -> Keeping:
    given = (exchange_of(request), actor_of(request), request.path_params["code"])
    return await in_thread(request, standing.keeping, *given)


def _administers(request: Request, found: Keeping) -> bool:
    return EntrySort.CONTACT in found.desk.sorts and can(actor_of(request), Permission.ORGANIZATION_MANAGE)


def _most_waiting(one: Tally) -> tuple[int, str]:
    return -one.waits, one.facts.name


def _named(one: Tally, wanted: str) -> bool:
    names = (one.code, one.facts.name, one.facts.abbreviation, *one.facts.other_names)
    return any(wanted in name.casefold() for name in names)


def _drafts(fields: Mapping[str, str]) -> list[UUID]:
    """The drafts that were ticked; what is no id was never one."""
    try:
        return [UUID(name.removeprefix(_OF_DRAFT)) for name in fields if name.startswith(_OF_DRAFT)]
    except ValueError:
        raise RecordNotFoundError from None


def _key(code: str, name: str) -> Key:
    """The entry that a box stands for: `entry.SORT.SLUG`."""
    _, sort, slug = (*name.split(".", 2), "")[:3]
    if sort not in guide_keeping_told.BY_WORD:
        raise RecordNotFoundError
    return Key(code, guide_keeping_told.BY_WORD[sort], slug)
