"""Loading a whole guide: what differs from what is published becomes one new edition, in one transaction."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select as sql_select
from sqlalchemy import update
from sqlmodel import Session, col, select

from exchange import journal
from exchange.database import insert_all_now, table_of, transaction
from exchange.errors import RequestInvalidError
from exchange.guide import entries
from exchange.guide.entries import counting_at
from exchange.guide.keys import Key, Said, key_of
from exchange.models.guide import GuideEdition, GuideJurisdiction, GuideQuestionnaire, GuideRevision
from exchange.registry.bulk import chunks
from exchange.runtime import Exchange
from roles.guide import EntrySort
from roles.permissions import Permission
from roles.policy import Actor, authorize
from schemas.guide.checks import problems
from schemas.guide.documents import Guide

NOTE = "loaded from a file"
_AT_ONCE = 500


@dataclass(frozen=True)
class Loaded:
    """What came of loading a guide: entries that are new or changed, taken out, and left as they were."""

    written: int
    taken_out: int
    same: int


def load(exchange: Exchange, guide: Guide, actor: Actor | None = None) -> Loaded:
    """Make `guide` the published one. `actor` is None for whoever has the machine in hand.

    What it does not have is taken out; drafts stay. The same guide again changes nothing. Raises
    `RequestInvalidError` naming the first thing that does not fit together; then nothing is loaded.
    """
    if actor is not None:
        authorize(actor, Permission.GUIDE_MANAGE)
    if wrong := problems(guide):
        raise RequestInvalidError(what=wrong[0])
    with transaction(exchange.engine) as session:
        edition = entries.next_edition(session, exchange)
        asked = _ask(session, guide, edition)
        done = _write(session, guide, edition)
        if not (asked or done.written or done.taken_out):
            session.rollback()  # an edition without a difference is none
            return done
        counts = {"edition": edition.number, "written": done.written, "taken_out": done.taken_out}
        journal.append(session, exchange, "guide.loaded", actor, None, **counts)
    return done


def _ask(session: Session, guide: Guide, edition: GuideEdition) -> bool:
    """Let the guide's questionnaires count from now on; whether they differ from those before."""
    body = guide.model_copy(update={"parts": ()}).canonical()
    running = select(GuideQuestionnaire).where(col(GuideQuestionnaire.until).is_(None))
    before = session.exec(running).first()
    if before is not None and before.body == body:
        return False
    if before is not None:
        before.until = edition.at
        session.add(before)
    session.add(GuideQuestionnaire(edition=edition.number, body=body, since=edition.at))
    return True


def _write(session: Session, guide: Guide, edition: GuideEdition) -> Loaded:
    wanted, standing = dict(_said(guide)), _standing(session)
    changed = [key for key, body in wanted.items() if key not in standing or standing[key].body != body]
    gone = [key for key, row in standing.items() if row.body and key not in wanted]
    _close(session, edition.at, [standing[key].id for key in [*changed, *gone] if key in standing])
    rows = _rows(session, guide)
    now = edition.at
    stamped = {"edition": edition.number, "published_at": now, "reviewed_at": now, "note": NOTE}
    revisions = [
        {
            "jurisdiction_id": rows[key.code].id,
            "sort": key.sort.value,
            "slug": key.slug,
            "number": standing[key].number + 1 if key in standing else 1,
            "body": wanted.get(key, ""),
            **stamped,
        }
        for key in [*changed, *gone]
    ]
    insert_all_now(session, GuideRevision, revisions)
    return Loaded(len(changed), len(gone), len(wanted) - len(changed))


def _said(guide: Guide) -> Iterator[tuple[Key, str]]:
    for part in guide.parts:
        own: tuple[Said, ...] = (part.facts, *part.answers, *part.contacts)
        for said in own:
            yield key_of(part.facts.locator_code, said), said.canonical()


class Standing(NamedTuple):
    """What loading has to know of a revision that counts."""

    id: UUID
    number: int
    body: str


def _standing(session: Session) -> dict[Key, Standing]:
    """The revisions that count now, also those that say that an entry was taken out."""
    codes = {row.id: code for code, row in entries.jurisdictions(session).items()}
    columns = table_of(GuideRevision).c
    wanted = (columns.jurisdiction_id, columns.sort, columns.slug, columns.id, columns.number, columns.body)
    rows = session.connection().execute(sql_select(*wanted).where(counting_at(None)))
    return {Key(codes[row[0]], EntrySort(row[1]), row[2]): Standing(*row[3:]) for row in rows}


def _close(session: Session, now: datetime, ids: list[UUID]) -> None:
    revision = table_of(GuideRevision)
    for some in chunks(ids, _AT_ONCE):
        session.connection().execute(update(revision).where(revision.c.id.in_(some)).values(until=now))


def _rows(session: Session, guide: Guide) -> Mapping[str, GuideJurisdiction]:
    known = entries.jurisdictions(session)
    for part in guide.parts:
        code = part.facts.locator_code
        if code not in known:
            known[code] = entries.add_jurisdiction(session, code, part.facts.kind)
    return known
