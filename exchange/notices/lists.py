"""What came for an agency: newest first, by kind, employer and day, read or not."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from exchange.accounts.feins import FEIN, plain
from exchange.cursors import cursor, place
from exchange.database import reading
from exchange.errors import RequestInvalidError
from exchange.models.accounts import Organization
from exchange.models.base import as_utc
from exchange.models.organizations import Subsidiary
from exchange.models.transfers import Direction, Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers.views import Page
from roles.notices import NOTICE_KINDS
from roles.permissions import Permission
from roles.policy import Actor, VisibleOrganization, authorize

SHOWN = 25
_CAUSE, _EMPLOYER = aliased(Transfer), aliased(Organization)


@dataclass(frozen=True)
class NoticeQuery:
    """Which notices: of one kind (a layout), unread ones only, of an employer, from `since` to `until`.

    `employer`: a part of the name of who reported, or a whole FEIN.
    """

    kind: str = ""
    unread: bool = False
    employer: str = ""
    since: datetime | None = None
    until: datetime | None = None
    cursor: str = ""


@dataclass(frozen=True)
class Notice:
    """A notice in the list; `employer`: who reported what it tells, empty where it tells of several."""

    id: UUID
    kind: str
    filename: str
    employer: str
    records: int | None
    came_at: datetime
    is_new: bool


def notices(exchange: Exchange, actor: Actor, query: NoticeQuery) -> Page[Notice]:
    """A page of what came for the actor's organization. Raises `RequestInvalidError` for what is no kind."""
    visible = authorize(actor, Permission.NOTICE_READ)
    if query.kind and query.kind not in NOTICE_KINDS:
        raise RequestInvalidError(what="there is no such kind of notice")
    wanted = (
        columns(Transfer, col(_EMPLOYER.name))
        .join(_CAUSE, col(_CAUSE.id) == col(Transfer.answers_to), isouter=True)
        .join(_EMPLOYER, col(_EMPLOYER.id) == col(_CAUSE.organization_id), isouter=True)
        .where(*_of(visible), *_conditions(exchange, query))
        .order_by(col(Transfer.created_at).desc(), col(Transfer.id).desc())
    )
    with reading(exchange.engine) as session:
        rows = session.execute(wanted.limit(SHOWN + 1)).all()
    last = rows[SHOWN - 1][0] if len(rows) > SHOWN else None
    following = cursor(last.created_at, last.id) if last else None
    return Page([_notice(row, employer) for row, employer in rows[:SHOWN]], following)


def unread(exchange: Exchange, actor: Actor) -> dict[str, int]:
    """How many notices nobody of the organization has opened or fetched yet, by kind."""
    visible = authorize(actor, Permission.NOTICE_READ)
    counted = columns(col(Transfer.layout), func.count().label("files")).where(*_of(visible), _UNREAD)
    with reading(exchange.engine) as session:
        found = {row.layout: row.files for row in session.execute(counted.group_by(col(Transfer.layout)))}
    return {kind: found.get(kind, 0) for kind in NOTICE_KINDS}


def notice_row(session: Session, visible: VisibleOrganization, transfer_id: UUID) -> Transfer | None:
    """The transfer of a notice; None for what is none, or another's."""
    mine = select(Transfer).where(Transfer.id == transfer_id, *_of(visible))
    return session.exec(mine).first()


_UNREAD = col(Transfer.fetched_at).is_(None)


def _of(visible: VisibleOrganization) -> list[ColumnElement[bool]]:
    """The notices of an organization that are kept."""
    return [
        col(Transfer.organization_id) == visible,
        col(Transfer.direction) == Direction.OUTBOUND.value,
        col(Transfer.status) == Status.COMPLETE.value,
        col(Transfer.layout).in_(list(NOTICE_KINDS)),
    ]


def _conditions(exchange: Exchange, query: NoticeQuery) -> list[ColumnElement[bool]]:
    at = col(Transfer.created_at)
    found: list[ColumnElement[bool]] = [_UNREAD] if query.unread else []
    if query.kind:
        found.append(col(Transfer.layout) == query.kind)
    if query.since:
        found.append(at >= query.since)
    if query.until:
        found.append(at < query.until)
    if query.employer:
        found.append(_of_employer(exchange, query.employer))
    if query.cursor:
        moment, last = place(query.cursor)
        found.append(or_(at < moment, (at == moment) & (col(Transfer.id) < last)))
    return found


def _of_employer(exchange: Exchange, typed: str) -> ColumnElement[bool]:
    """Whose name has this in it, or whose own or verified further FEIN it is."""
    number = plain(typed)
    if not FEIN.fullmatch(number):
        return col(_EMPLOYER.name).icontains(" ".join(typed.split()), autoescape=True)
    hashed = exchange.vault.cells.keyed_hash("fein", number)
    owners = columns(col(Subsidiary.organization_id)).where(
        col(Subsidiary.fein_hash) == hashed, col(Subsidiary.verified_at).is_not(None)
    )
    clients = columns(col(Organization.id)).where(col(Organization.fein_hash) == hashed)
    return or_(
        col(_EMPLOYER.fein_hash) == hashed,
        col(_EMPLOYER.id).in_(owners),
        col(_CAUSE.client_id).in_(clients),
    )


def _notice(row: Transfer, employer: str | None) -> Notice:
    came = as_utc(row.created_at)
    new = row.fetched_at is None
    return Notice(row.id, row.layout or "", row.filename, employer or "", row.records, came, new)
