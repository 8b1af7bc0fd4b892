"""Queries over transfers. Whatever a partner asks for takes a `VisibleOrganization`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, update
from sqlmodel import Session, col, select

from exchange import cursors
from exchange.errors import TransferNotFoundError
from exchange.models.journal import JournalEvent
from exchange.models.reports import Reported
from exchange.models.transfers import Direction, Finding, Receipt, Status, Transfer
from exchange.transfers.draft_rows import is_replaced
from exchange.transfers.names import split_distinct
from roles.policy import VisibleOrganization
from roles.programs import BESIDE_FILES, PROGRAMS

ANSWERS = ("result", "findings", "acknowledgement")
"""Kinds of files that tell their reader what they answer."""
GONE = (Status.EXPIRED.value, Status.PURGED.value)
_KEPT = select(func.coalesce(func.sum(Transfer.size), 0)).where(
    col(Transfer.organization_id) == bindparam("organization_id"),
    col(Transfer.direction) == Direction.INBOUND.value,
    col(Transfer.status).not_in(GONE),
)
ROWS_AT_ONCE = 500
"""Rows of a folder that are held at one time."""
RECEIPTS_AT_ONCE = 200
"""Receipts of a program that are held at one time; each is a thousand bytes and more."""
_LISTED_EVENTS = 1_000


@dataclass(frozen=True)
class TransferQuery:
    """Which transfers to list: any of these may be None. Drafts come only when asked for by status.

    `name`: part of the file's name. `since` and `before`: when it was handed over or issued. `among`: these,
    and what answers them. `files_only`: what is exchanged as files, not what came with messages.
    """

    direction: str | None = None
    program: str | None = None
    status: str | None = None
    cursor: str | None = None
    limit: int = 50
    name: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    among: tuple[UUID, ...] | None = None
    files_only: bool = False


def transfer_by_id(session: Session, visible: VisibleOrganization, transfer_id: UUID) -> Transfer:
    """The transfer, or `TransferNotFoundError` when it is not there, replaced, or another's."""
    row = session.get(Transfer, transfer_id)
    if row is None or row.organization_id != visible or is_replaced(row):
        raise TransferNotFoundError
    return row


def _not_replaced() -> ColumnElement[bool]:
    """All but the drafts whose sender began anew; `draft_rows.is_replaced` in the database's words."""
    return (col(Transfer.status) != Status.DRAFT) | col(Transfer.expires_at).is_(None)


def _shared_or_of(account_id: UUID) -> ColumnElement[bool]:
    """All but what others of the organization handed over to go with a message."""
    alone = [slug for slug, program in PROGRAMS.items() if program.page]
    answered = col(Transfer.direction) == Direction.OUTBOUND
    return col(Transfer.program).not_in(alone) | answered | (col(Transfer.account_id) == account_id)


def transfers_page(
    session: Session,
    visible: VisibleOrganization,
    query: TransferQuery,
    account_id: UUID,
    client_id: UUID | None = None,
) -> Sequence[Transfer]:
    """Newest first, one row more than `query.limit` when there is a further page.

    `account_id`: who asks; of files that go with messages there are those of their own only.
    `client_id`: only those that are about this client.
    """
    shown = (Transfer.organization_id == visible, _not_replaced(), _shared_or_of(account_id))
    wanted = select(Transfer).where(*shown, *_conditions(query))
    if client_id is not None:
        wanted = wanted.where(Transfer.client_id == client_id)
    if query.cursor:
        wanted = wanted.where(_after(query.cursor))
    newest = wanted.order_by(col(Transfer.created_at).desc(), col(Transfer.id).desc())
    return session.exec(newest.limit(query.limit + 1)).all()


def cursor_of(row: Transfer) -> str:
    """Where the next page goes on after `row`."""
    return cursors.cursor(row.created_at, row.id)


def _conditions(query: TransferQuery) -> list[ColumnElement[bool]]:
    given = {
        Transfer.direction: query.direction,
        Transfer.program: query.program,
        Transfer.status: query.status,
    }
    conditions = [col(column) == value for column, value in given.items() if value]
    conditions += _searched(query)
    return conditions if query.status else [*conditions, col(Transfer.status) != Status.DRAFT]


def _searched(query: TransferQuery) -> Iterator[ColumnElement[bool]]:
    if query.files_only and not query.program:
        yield col(Transfer.program).not_in(BESIDE_FILES)
    if query.name:
        yield col(Transfer.filename).icontains(query.name, autoescape=True)
    if query.since:
        yield col(Transfer.created_at) >= query.since
    if query.before:
        yield col(Transfer.created_at) < query.before
    if query.among is not None:
        answers = col(Transfer.answers_to).in_(query.among) & col(Transfer.kind).in_(ANSWERS)
        yield col(Transfer.id).in_(query.among) | answers


def _after(cursor: str) -> ColumnElement[bool]:
    return _before(*cursors.place(cursor))


def _before(moment: datetime, last: UUID) -> ColumnElement[bool]:
    """What comes behind the transfer of that moment and id where the newest is first."""
    same = (col(Transfer.created_at) == moment) & (col(Transfer.id) < last)
    return (col(Transfer.created_at) < moment) | same


def note_fetched(session: Session, transfer_id: UUID, moment: datetime) -> None:
    """That a file was fetched, unless it was before."""
    first = (col(Transfer.id) == transfer_id) & col(Transfer.fetched_at).is_(None)
    session.execute(update(Transfer).where(first).values(fetched_at=moment))


def answers_to(session: Session, visible: VisibleOrganization, transfer_id: UUID) -> Sequence[Transfer]:
    """The outbound files that answer a transfer."""
    answers = select(Transfer).where(Transfer.answers_to == transfer_id, Transfer.organization_id == visible)
    return session.exec(answers.order_by(col(Transfer.filename))).all()


def findings_page(session: Session, transfer_id: UUID, after: int, limit: int) -> Sequence[Finding]:
    """Findings with a sequence above `after`, one more than `limit` when there is a further page."""
    mine = select(Finding).where(Finding.transfer_id == transfer_id, col(Finding.sequence) > after)
    return session.exec(mine.order_by(col(Finding.sequence)).limit(limit + 1)).all()


def receipt_of(session: Session, transfer_id: UUID) -> Receipt:
    """The receipt, or `TransferNotFoundError` for a file that was never handed over."""
    row = session.get(Receipt, transfer_id)
    if row is None:
        raise TransferNotFoundError
    return row


class ReceiptRow(NamedTuple):
    """What a listing of receipts needs of a file that was handed over, be the file still kept or not."""

    created_at: datetime
    id: UUID
    filename: str
    jws: str


# Of one program at a time: its index has them in this order already, and a listing of all need not sort them.
_RECEIPTS = (
    select(Transfer.created_at, Transfer.id, Transfer.filename, Receipt.jws)
    .join(Receipt, col(Receipt.transfer_id) == col(Transfer.id))
    .where(
        col(Transfer.organization_id) == bindparam("organization_id"),
        col(Transfer.direction) == Direction.INBOUND.value,
        col(Transfer.program).in_(bindparam("programs", expanding=True)),
    )
    .order_by(col(Transfer.created_at).desc(), col(Transfer.id).desc())
)
_RECEIPTS_NAMED = _RECEIPTS.where(col(Transfer.filename) == bindparam("filename"))
_NEWEST_RECEIPT_NAMED = _RECEIPTS_NAMED.limit(1)


def receipt_rows(
    session: Session, visible: VisibleOrganization, program: str, after: ReceiptRow | None = None
) -> Sequence[ReceiptRow]:
    """Receipts of one program, newest first: at most `RECEIPTS_AT_ONCE`, those that follow on `after`."""
    following = _RECEIPTS if after is None else _RECEIPTS.where(_before(after.created_at, after.id))
    wanted = {"organization_id": visible, "programs": [program]}
    return [ReceiptRow(*row) for row in session.execute(following.limit(RECEIPTS_AT_ONCE), wanted)]


def receipt_row(session: Session, visible: VisibleOrganization, name: str) -> ReceiptRow:
    """The receipt of the newest file of that name, or of the one that a distinct name names.

    Raises `TransferNotFoundError`.
    """
    filename, identifier = split_distinct(name)
    wanted = {"organization_id": visible, "programs": list(PROGRAMS), "filename": filename}
    named = _NEWEST_RECEIPT_NAMED if identifier is None else _RECEIPTS_NAMED
    for row in session.execute(named, wanted):
        if identifier is None or row.id.hex.startswith(identifier):
            return ReceiptRow(*row)
    raise TransferNotFoundError


def events_about(session: Session, transfer_id: UUID) -> Sequence[JournalEvent]:
    """The journal's events about one transfer, oldest first, at most a thousand."""
    about = select(JournalEvent).where(JournalEvent.subject_id == transfer_id)
    return session.exec(about.order_by(col(JournalEvent.position)).limit(_LISTED_EVENTS)).all()


# Built once: an SFTP client asks for them with every file, and to build one takes longer than to run it.
_IN_FOLDER = (
    select(Transfer)
    .where(
        col(Transfer.organization_id) == bindparam("organization_id"),
        col(Transfer.direction) == bindparam("direction"),
        col(Transfer.program) == bindparam("program"),
        col(Transfer.status).not_in(GONE),
        _not_replaced(),
    )
    .order_by(col(Transfer.created_at).desc(), col(Transfer.id).desc())
)
_NAMED_IN_FOLDER = _IN_FOLDER.where(col(Transfer.filename) == bindparam("filename"))
_NEWEST_NAMED = _NAMED_IN_FOLDER.limit(1)


def _folder_of(visible: VisibleOrganization, direction: Direction, program: str) -> dict[str, object]:
    """The parameters of the statements above."""
    return {"organization_id": visible, "direction": str(direction), "program": program}


def folder_rows(
    session: Session,
    visible: VisibleOrganization,
    direction: Direction,
    program: str,
    after: Transfer | None = None,
) -> Sequence[Transfer]:
    """What stands in a folder, newest first: at most `ROWS_AT_ONCE`, those that follow on `after`."""
    following = _IN_FOLDER if after is None else _IN_FOLDER.where(_after(cursor_of(after)))
    folder = _folder_of(visible, direction, program)
    return session.exec(following.limit(ROWS_AT_ONCE), params=folder).all()


def folder_row(
    session: Session, visible: VisibleOrganization, direction: Direction, program: str, name: str
) -> Transfer:
    """The newest file of that name, or the one that a distinct name names; else `TransferNotFoundError`."""
    filename, identifier = split_distinct(name)
    wanted = _folder_of(visible, direction, program) | {"filename": filename}
    named = _NEWEST_NAMED if identifier is None else _NAMED_IN_FOLDER
    for row in session.exec(named, params=wanted):
        if identifier is None or row.id.hex.startswith(identifier):
            return row
    raise TransferNotFoundError


def draft_rows(session: Session, visible: VisibleOrganization, program: str | None) -> Sequence[Transfer]:
    """Unfinished uploads, newest first."""
    mine = select(Transfer).where(
        Transfer.organization_id == visible, Transfer.status == Status.DRAFT, _not_replaced()
    )
    if program:
        mine = mine.where(Transfer.program == program)
    return session.exec(mine.order_by(col(Transfer.created_at).desc())).all()


def used_space(session: Session, organization_id: UUID) -> int:
    """Bytes an organization has handed over or is handing over, as far as they are still kept."""
    return int(session.execute(_KEPT, {"organization_id": organization_id}).scalar_one())


def used_space_of_all(session: Session, at_least: int) -> dict[UUID, int]:
    """As `used_space`, of every organization that uses so much."""
    size, owner = func.sum(Transfer.size), col(Transfer.organization_id)
    kept = (col(Transfer.direction) == Direction.INBOUND.value, col(Transfer.status).not_in(GONE))
    large = select(owner, size).where(*kept).group_by(owner).having(size >= at_least)
    return {organization_id: int(used) for organization_id, used in session.execute(large)}


def blobs_in_use(session: Session, blob_ids: set[str]) -> set[str]:
    """Those of the blobs that a transfer which is not gone still names, for its file or its reports."""
    named = select(Transfer.blob_id).where(
        col(Transfer.blob_id).in_(blob_ids), col(Transfer.status).not_in(GONE)
    )
    told = select(Reported.blob_id).where(col(Reported.blob_id).in_(blob_ids))
    return {blob_id for blob_id in (*session.exec(named), *session.exec(told)) if blob_id}
