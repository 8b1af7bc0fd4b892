"""Entries of the guide as rows: which there are, what they said at a moment, how a revision is written.

Whoever publishes takes the edition's row first, so that editions are made one after the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from exchange.database import add_if_missing
from exchange.errors import RecordNotFoundError
from exchange.guide.keys import Key
from exchange.models.base import as_utc
from exchange.models.guide import GuideEdition, GuideJurisdiction, GuideRevision
from exchange.runtime import Exchange
from roles.guide import EntrySort
from schemas.guide.documents import JurisdictionKind


@dataclass(frozen=True)
class Writing:
    """A revision that is being published: its body (empty: taken out), and who wrote and approved it."""

    key: Key
    body: str
    account_id: UUID | None = None
    approved_by: UUID | None = None
    note: str = ""


def counting_at(moment: datetime | None) -> ColumnElement[bool]:
    """The revisions that count at a moment; None for now."""
    until = col(GuideRevision.until)
    if moment is None:
        return until.is_(None)
    return (col(GuideRevision.published_at) <= moment) & or_(until.is_(None), until > moment)


def edition_number(session: Session) -> int:
    """How many editions there were; 0 before the first."""
    return session.exec(select(GuideEdition.number).where(GuideEdition.id == 1)).first() or 0


def next_edition(session: Session, exchange: Exchange) -> GuideEdition:
    """Begin another edition, which nobody else does until the transaction ends; its number and its moment.

    Its moment is never before that of the edition before, whatever the clocks of two machines say: else a
    revision would end before it began, and two would count at once.
    """
    add_if_missing(session, GuideEdition(id=1, number=0, at=exchange.clock()))
    row = session.get_one(GuideEdition, 1, with_for_update=True)
    row.number, row.at = row.number + 1, max(exchange.clock(), as_utc(row.at))
    session.add(row)
    return row


def hold_editions(session: Session) -> None:
    """Let nobody else publish until the transaction ends, so that what was looked at is still so."""
    session.get(GuideEdition, 1, with_for_update=True)


def hold_jurisdiction(session: Session, row: GuideJurisdiction) -> None:
    """Let nobody else change drafts of a jurisdiction until the transaction ends.

    Whoever holds the editions as well takes those first; drafts come after both, the journal last.
    """
    session.refresh(row, with_for_update=True)


def jurisdiction(session: Session, code: str) -> GuideJurisdiction:
    """The row of a jurisdiction. Raises `RecordNotFoundError`."""
    row = session.exec(select(GuideJurisdiction).where(GuideJurisdiction.locator_code == code)).first()
    if row is None:
        raise RecordNotFoundError
    return row


def jurisdictions(session: Session) -> dict[str, GuideJurisdiction]:
    """All of them, by locator code."""
    return {row.locator_code: row for row in session.exec(select(GuideJurisdiction))}


def add_jurisdiction(session: Session, code: str, kind: JurisdictionKind) -> GuideJurisdiction:
    """Make room for a jurisdiction that the guide did not have."""
    row = GuideJurisdiction(locator_code=code, kind=kind.value)
    session.add(row)
    session.flush()
    return row


def current(session: Session, jurisdiction_id: UUID, sort: EntrySort, slug: str) -> GuideRevision | None:
    """The revision of an entry that counts now, which may say that it was taken out."""
    mine = select(GuideRevision).where(
        GuideRevision.jurisdiction_id == jurisdiction_id,
        GuideRevision.sort == sort.value,
        GuideRevision.slug == slug,
    )
    return session.exec(mine.where(counting_at(None))).first()


def last_number(session: Session, jurisdiction_id: UUID, sort: EntrySort, slug: str) -> int:
    """The number of the latest revision of an entry; 0 where there is none."""
    found = select(func.max(GuideRevision.number)).where(
        GuideRevision.jurisdiction_id == jurisdiction_id,
        GuideRevision.sort == sort.value,
        GuideRevision.slug == slug,
    )
    return session.exec(found).one() or 0


def last_numbers(session: Session, jurisdiction_id: UUID) -> dict[tuple[str, str], int]:
    """The number of the latest revision of every entry of a jurisdiction, by sort and slug."""
    found = columns(col(GuideRevision.sort), col(GuideRevision.slug), func.max(col(GuideRevision.number)))
    of_it = found.where(col(GuideRevision.jurisdiction_id) == jurisdiction_id)
    rows = session.execute(of_it.group_by(col(GuideRevision.sort), col(GuideRevision.slug)))
    return {(sort, slug): int(number) for sort, slug, number in rows}


def write(
    session: Session, edition: GuideEdition, row: GuideJurisdiction, writings: Iterable[Writing]
) -> None:
    """Publish revisions of one jurisdiction in an edition that was begun in this transaction."""
    for each in writings:
        _, sort, slug = each.key
        before = current(session, row.id, sort, slug)
        if before is not None:
            before.until = edition.at
            session.add(before)
        session.add(_revision(row, each, before.number + 1 if before else 1, edition))


def _revision(row: GuideJurisdiction, each: Writing, number: int, edition: GuideEdition) -> GuideRevision:
    return GuideRevision(
        jurisdiction_id=row.id,
        sort=each.key.sort.value,
        slug=each.key.slug,
        number=number,
        body=each.body,
        edition=edition.number,
        published_at=edition.at,
        reviewed_at=edition.at,
        account_id=each.account_id,
        approved_by=each.approved_by,
        note=each.note,
    )
