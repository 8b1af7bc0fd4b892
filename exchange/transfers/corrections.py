"""Files that send refused rows of another again: which rows wait, and how such files follow each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, delete, select

from exchange.database import reading
from exchange.errors import RequestInvalidError, TransferNotFoundError
from exchange.models.reports import CorrectedRow
from exchange.models.transfers import Finding, Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import repository
from exchange.transfers.views import TransferView, view_of
from roles.permissions import Permission
from roles.policy import Actor, authorize
from schemas.findings import CODES, Effect

_REFUSED_AS_A_WHOLE = (Status.QUARANTINED, Status.REJECTED)
_REFUSING = [code for code, words in CODES.items() if words.effect is Effect.RECORD]
_LONGEST = 100
"""Files in one chain that are shown."""


@dataclass(frozen=True)
class Corrects:
    """What a file corrects: the lines of another one."""

    transfer_id: UUID
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Link:
    """A file of a chain, and how many rows of another one it sends again."""

    view: TransferView
    rows: int


def waiting(session: Session, transfer_id: UUID) -> int:
    """How many rows of a file were refused and not sent again."""
    lines = select(func.count(col(Finding.line).distinct())).where(*_waiting(transfer_id))
    return session.exec(lines).one()


def waiting_lines(session: Session, transfer_id: UUID, limit: int) -> list[int]:
    """The first of these rows by their lines."""
    lines = select(Finding.line).where(*_waiting(transfer_id)).distinct()
    return list(session.exec(lines.order_by(col(Finding.line)).limit(limit)))


def findings_of(session: Session, transfer_id: UUID, lines: Sequence[int]) -> Sequence[Finding]:
    """What was found in some rows, in order."""
    theirs = select(Finding).where(Finding.transfer_id == transfer_id, col(Finding.line).in_(lines))
    return session.exec(theirs.order_by(col(Finding.sequence))).all()


def link(session: Session, row: Transfer, corrects: Corrects) -> None:
    """Remember which rows of an earlier file a new one, which is there, sends again; part of its hand-over.

    Raises `TransferNotFoundError` for a file of somebody else, `RequestInvalidError` where another correction
    was quicker.
    """
    original = session.get(Transfer, corrects.transfer_id, with_for_update=True)
    if original is None or (original.organization_id, original.program) != (row.organization_id, row.program):
        raise TransferNotFoundError
    lines = col(CorrectedRow.line).in_(corrects.lines) & (CorrectedRow.transfer_id == original.id)
    refused = select(Transfer.id).where(col(Transfer.status).in_(_REFUSED_AS_A_WHOLE))
    session.execute(delete(CorrectedRow).where(lines, col(CorrectedRow.correction_id).in_(refused)))
    if session.exec(select(CorrectedRow.line).where(lines).limit(1)).first() is not None:
        raise RequestInvalidError(what="somebody has corrected some of these rows meanwhile")
    for line in corrects.lines:
        session.add(CorrectedRow(transfer_id=original.id, line=line, correction_id=row.id))


def chain(exchange: Exchange, actor: Actor, transfer_id: UUID) -> list[Link]:
    """The file with all that it corrects and all that correct it, the oldest first; empty where none do.

    Raises `TransferNotFoundError`.
    """
    visible = authorize(actor, Permission.TRANSFER_READ)
    with reading(exchange.engine) as session:
        first = repository.transfer_by_id(session, visible, transfer_id)
        while first.corrects is not None:
            first = repository.transfer_by_id(session, visible, first.corrects)
        rows = _following(session, first)
        counted = _counted(session, [row.id for row in rows])
    return [Link(view_of(row), counted.get(row.id, 0)) for row in rows] if len(rows) > 1 else []


def _following(session: Session, first: Transfer) -> list[Transfer]:
    rows, newest = [first], [first.id]
    while newest and len(rows) < _LONGEST:
        found = session.exec(select(Transfer).where(col(Transfer.corrects).in_(newest))).all()
        rows += found
        newest = [row.id for row in found]
    return sorted(rows, key=lambda row: row.created_at)


def _counted(session: Session, transfer_ids: Sequence[UUID]) -> dict[UUID, int]:
    number = col(CorrectedRow.correction_id)
    counted = select(number, func.count()).where(number.in_(transfer_ids)).group_by(number)
    return dict(session.exec(counted).all())


def _waiting(transfer_id: UUID) -> tuple[ColumnElement[bool], ...]:
    corrected = (
        select(CorrectedRow.line)
        .join(Transfer, col(Transfer.id) == col(CorrectedRow.correction_id))
        .where(CorrectedRow.transfer_id == transfer_id, col(Transfer.status).not_in(_REFUSED_AS_A_WHOLE))
    )
    return (
        col(Finding.transfer_id) == transfer_id,
        col(Finding.line) > 0,
        col(Finding.code).in_(_REFUSING),
        col(Finding.line).not_in(corrected),
    )
