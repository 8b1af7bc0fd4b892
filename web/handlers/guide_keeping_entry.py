"""Keeping the reference guide, one entry: its form, its drafts, its history."""

from collections.abc import Callable, Mapping
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from exchange.guide import drafts, editing, upkeep
from exchange.guide.drafts import Draft, Revision
from exchange.guide.editing import Editing
from exchange.guide.keys import Key
from exchange.guide.upkeep import LONGEST_NOTE, OVERTAKEN
from exchange.models.guide import DraftStatus
from exchange.runtime import Exchange
from roles.guide import EntrySort
from roles.policy import Actor
from schemas.guide.differences import differences
from schemas.guide.documents import LONGEST_TEXT
from web import guide_keeping_told
from web.door import actor_of, exchange_of, in_thread, record_id_of
from web.forms import fields_of, form_page, problems_of
from web.handlers.guide_keeping import ROOT, key_of
from web.menus import GUIDE

_MOST_BYTES = 32 * LONGEST_TEXT


async def entry_page(request: Request) -> Response:
    """The form of an answer or a contact; of a new contact its type may stand in the address."""
    found = await _entry(request, key_of(request))
    fields = dict(found.fields)
    if found.key.slug == editing.NEW and found.key.sort is EntrySort.CONTACT:
        fields["type"] = request.query_params.get("type", "")[:100]
        fields["country"] = "US" if len(found.key.code) == 5 else found.facts.abbreviation
    return _form(request, found, fields, {})


async def save_entry(request: Request) -> Response:
    """Keep the entry as a draft, or the form again; where somebody was faster, with what they wrote."""
    fields, key = await fields_of(request, _MOST_BYTES), key_of(request)
    given = (exchange_of(request), actor_of(request), key, fields)
    made: list[Key] = []

    def act() -> None:
        made.append(editing.save(*given))

    if problems := await problems_of(request, act):
        found = await _entry(request, key)
        return _form(request, found, {**fields, editing.SEEN: found.seen}, problems)
    if fields.get("onward") == "texts" and key.sort is EntrySort.ANSWER:
        return RedirectResponse(f"{guide_keeping_told.address(key)}/texts?done=guide-kept", 303)
    onward = "/preview" if fields.get("onward") == "preview" else ""
    return RedirectResponse(f"{ROOT}/{key.code}{onward}?done=guide-kept#{made[0].slug}", 303)


async def withdraw(request: Request) -> Response:
    """Make a draft that takes the entry out."""
    key, fields = key_of(request), await fields_of(request)
    said = (fields.get("why", ""), fields.get(editing.SEEN, ""))
    await in_thread(request, upkeep.withdraw, exchange_of(request), actor_of(request), key, *said)
    return RedirectResponse(f"{ROOT}/{key.code}?done=guide-kept", 303)


async def history_page(request: Request) -> Response:
    """Every revision of an entry, and what differs between two of them."""
    key = key_of(request)
    exchange, actor = exchange_of(request), actor_of(request)
    found = await _entry(request, key)
    revisions = await in_thread(request, drafts.history, exchange, key, actor)
    older, newer = _two(request, revisions)
    values = {
        "title": f"History: {guide_keeping_told.title_of(revisions[-1].said or found.now, found.question)}",
        "found": found,
        "revisions": revisions,
        "older": older,
        "newer": newer,
        "rows": differences(older.said if older else None, newer.said, found.question),
        "here": guide_keeping_told.address(key),
        "root": f"{ROOT}/{key.code}",
    }
    return form_page(request, "guide_keep_history.html", values, entries=GUIDE)


async def revert(request: Request) -> Response:
    """Make a draft of an earlier revision."""
    key, fields = key_of(request), await fields_of(request)
    number = fields.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) < 7):
        raise HTTPException(404)
    given = (exchange_of(request), actor_of(request), key, int(number), fields.get(editing.SEEN, ""))
    made = await in_thread(request, editing.revert, *given)
    return RedirectResponse(f"{ROOT}/drafts/{made}?done=guide-kept", 303)


async def draft_page(request: Request) -> Response:
    """One draft: what differs, who wrote it, and what can be done with it."""
    return await _draft_page(request, {}, {})


async def answer_draft(request: Request) -> Response:
    """Throw a draft away, approve it, or give it back."""
    exchange, actor, wanted = exchange_of(request), actor_of(request), record_id_of(request)
    fields = await fields_of(request)
    call = _ANSWERS.get(request.path_params["answer"])
    if call is None:
        raise HTTPException(404)
    answered: list[Key] = []

    def act() -> None:
        answered.append(call[0](exchange, actor, wanted, fields))

    if problems := await problems_of(request, act):
        return await _draft_page(request, fields, problems)
    return RedirectResponse(f"{ROOT}/{answered[0].code}?done={call[1]}", 303)


def _refuse(exchange: Exchange, actor: Actor, wanted: UUID, fields: Mapping[str, str]) -> Key:
    return upkeep.refuse(exchange, actor, wanted, fields.get("why", ""))


def _approve(exchange: Exchange, actor: Actor, wanted: UUID, fields: Mapping[str, str]) -> Key:
    return upkeep.approve(exchange, actor, wanted, fields.get(editing.SEEN))


def _discard(exchange: Exchange, actor: Actor, wanted: UUID, _fields: Mapping[str, str]) -> Key:
    return upkeep.discard(exchange, actor, wanted)


_ANSWERS: Mapping[str, tuple[Callable[[Exchange, Actor, UUID, Mapping[str, str]], Key], str]] = {
    "approve": (_approve, "guide-published"),
    "discard": (_discard, "discarded"),
    "refuse": (_refuse, "guide-given-back"),
}


async def _draft_page(request: Request, fields: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    draft = await in_thread(
        request, drafts.draft, exchange_of(request), actor_of(request), record_id_of(request)
    )
    found = await _entry(request, draft.key)
    values = {
        "title": f"Draft: {guide_keeping_told.title_of(draft.said or found.published, found.question)}",
        "found": found,
        "draft": draft,
        "tag": guide_keeping_told.tag_of(draft),
        "rows": differences(found.published, draft.said, found.question),
        "here": guide_keeping_told.address(draft.key),
        "root": f"{ROOT}/{draft.key.code}",
        "may": _may(draft),
        "longest": LONGEST_NOTE,
    }
    return form_page(request, "guide_keep_draft.html", values, fields, problems, GUIDE)


def _may(draft: Draft) -> str:
    """What the reader may do with it: `decide` or `wait` where it waits, else `publish` or `edit`."""
    if draft.status is DraftStatus.WAITING:
        return "wait" if draft.own else "decide"
    return "edit" if draft.overtaken else "publish"


async def _entry(request: Request, key: Key) -> Editing:
    return await in_thread(request, editing.entry, exchange_of(request), actor_of(request), key)


def _form(
    request: Request, found: Editing, fields: Mapping[str, str], problems: Mapping[str, str]
) -> Response:
    new = found.now is None and not found.withdraws
    title = guide_keeping_told.title_of(found.now or found.published, found.question)
    if found.key.slug == editing.NEW and found.key.sort is EntrySort.CONTACT:
        title = "New contact"
    values = {
        "title": title,
        "found": found,
        "new": new,
        "here": guide_keeping_told.address(found.key),
        "root": f"{ROOT}/{found.key.code}",
        "theirs": _theirs(found) if OVERTAKEN in problems else (),
    }
    return form_page(request, "guide_keep_form.html", values, fields, problems, GUIDE)


def _theirs(found: Editing) -> list[tuple[str, str]]:
    """What stands there by now, for somebody who began with something else."""
    rows = differences(found.now, found.now, found.question)
    return [(row.label, "".join(piece.text for piece in row.pieces)) for row in rows]


def _two(request: Request, revisions: list[Revision]) -> tuple[Revision | None, Revision]:
    """The revisions to be compared: those in the address, or else the newest and the one before it."""
    by_number = {str(one.number): one for one in revisions}
    newer = by_number.get(request.query_params.get("to", ""), revisions[0])
    before = by_number.get(str(newer.number - 1))
    return by_number.get(request.query_params.get("from", ""), before), newer
