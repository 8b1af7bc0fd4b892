"""Giving files out: lists, folders, content, findings, receipts and the ledger of who touched a file."""

import heapq
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from exchange import journal
from exchange.cases import blanking, custody
from exchange.database import reading, transaction
from exchange.errors import (
    ContentNotAvailableError,
    ProgramNotFoundError,
    RequestInvalidError,
    TransferNotFoundError,
    VaultDamagedError,
)
from exchange.models.accounts import Account, Organization
from exchange.models.base import as_utc
from exchange.models.journal import JournalEvent
from exchange.models.transfers import Direction, Status, Transfer
from exchange.orders import receipting
from exchange.runtime import Exchange
from exchange.transfers import draft_rows, findings_at_rest, names, repository
from exchange.transfers.receipts import SignedReceipt
from exchange.transfers.repository import ReceiptRow, TransferQuery
from exchange.transfers.space import passed
from exchange.transfers.views import (
    FindingView,
    FolderEntry,
    LedgerEntry,
    Page,
    TransferView,
    finding_view,
    view_of,
)
from exchange.vault import SealedReader
from roles.permissions import Permission
from roles.policy import Actor, Channel, VisibleOrganization, authorize
from roles.programs import PROGRAMS

__all__ = ["TransferQuery"]

MAXIMUM_LIMIT = 1_000
DOWNLOADED = "transfer.downloaded"
_Row = TypeVar("_Row", Transfer, ReceiptRow)

_SEQUENCE = re.compile(r"[0-9]{1,9}")

_WITHHELD = {
    Status.DRAFT: "it is still being sent",
    Status.QUARANTINED: "malware was found in it",
    Status.EXPIRED: "its time of keeping has ended",
    Status.PURGED: "its time of keeping has ended",
}


@dataclass(frozen=True)
class Content:
    """The opened bytes of one file. `read` and `pieces` count from 0; close it when done."""

    view: TransferView
    reader: SealedReader

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.reader.size

    def read(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; empty at the end."""
        return self.reader.read(offset, length)

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[bytes | memoryview]:
        """The bytes from `start` to before `stop`, in pieces of about 1 MiB; each valid until the next."""
        return self.reader.pieces(start, stop)

    def close(self) -> None:
        """Give the file back."""
        self.reader.close()


def transfers(exchange: Exchange, actor: Actor, query: TransferQuery) -> Page[TransferView]:
    """The organization's transfers, newest first; drafts only when their status is asked for.

    Whoever acts for a client sees those that are about the client.
    Raises `RequestInvalidError` or `ProgramNotFoundError` for what can never be found.
    """
    visible = authorize(actor, Permission.TRANSFER_READ)
    _check_query(query)
    limit = min(max(query.limit, 1), MAXIMUM_LIMIT)
    bounded, about = replace(query, limit=limit), actor.client.id if actor.client else None
    with reading(exchange.engine) as session:
        rows = repository.transfers_page(session, visible, bounded, actor.account_id, about)
    following = repository.cursor_of(rows[limit - 1]) if len(rows) > limit else None
    return Page([draft_rows.shown(exchange, row) for row in rows[:limit]], following)


def transfer(exchange: Exchange, actor: Actor, transfer_id: UUID) -> TransferView:
    """One transfer, or `TransferNotFoundError`."""
    with reading(exchange.engine) as session:
        row = _own(session, actor, transfer_id)
    return draft_rows.shown(exchange, row)


def answers(exchange: Exchange, actor: Actor, transfer_id: UUID) -> list[TransferView]:
    """The files that answer a transfer, by name."""
    visible = authorize(actor, Permission.TRANSFER_READ)
    with reading(exchange.engine) as session:
        return [view_of(row) for row in repository.answers_to(session, visible, transfer_id)]


def content(exchange: Exchange, actor: Actor, transfer_id: UUID, event: str = DOWNLOADED) -> Content:
    """Open the bytes of a transfer; the opening is journalled, as a download if nothing else is said.

    Raises `TransferNotFoundError`, `ContentNotAvailableError`, or a vault error when the store is damaged.
    """
    with reading(exchange.engine) as session:
        row = _own(session, actor, transfer_id)
        custody.require(session, exchange, actor, row)
    row = blanking.current(exchange, row)
    why = _WITHHELD.get(Status(row.status))
    if why or row.blob_id is None:
        raise ContentNotAvailableError(why=why or "it has none")
    reader = exchange.vault.open(row.blob_id)
    try:
        compare(reader, row)
        with transaction(exchange.engine) as session:
            note_given(session, exchange, actor, row, event)
        reader.pass_through()
    except BaseException:  # what is not in the journal is not given out
        reader.close()
        raise
    return Content(view_of(row), reader)


def note_given(
    session: Session, exchange: Exchange, actor: Actor, row: Transfer, event: str = DOWNLOADED
) -> None:
    """Note, in the caller's transaction, that a file is given out: before it is, so it is in the journal."""
    receipting.note_fetched(session, exchange, row)
    if row.fetched_at is None:
        repository.note_fetched(session, row.id, exchange.clock())
    custody.note(session, exchange, actor, row)
    journal.append(session, exchange, event, actor, row.id)


def compare(reader: SealedReader, row: Transfer) -> None:
    """Refuse a container, whole in itself, that was put in the place of the one handed over."""
    if reader.sha256 != row.sha256:
        raise VaultDamagedError(chunk=0)


def findings(
    exchange: Exchange, actor: Actor, transfer_id: UUID, cursor: str | None = None, limit: int = 100
) -> Page[FindingView]:
    """What was found in a file, in the order of its lines; `RequestInvalidError` for a wrong cursor."""
    if cursor and not _SEQUENCE.fullmatch(cursor):
        raise RequestInvalidError(what="this cursor was not given by the portal")
    after = int(cursor or 0)
    wanted = min(max(limit, 1), MAXIMUM_LIMIT)
    with reading(exchange.engine) as session:
        row = _own(session, actor, transfer_id)
        found = repository.findings_page(session, row.id, after, wanted)
    following = str(found[wanted - 1].sequence) if len(found) > wanted else None
    opened = (findings_at_rest.opened(exchange, one) for one in found[:wanted])
    return Page([finding_view(one) for one in opened], following)


def receipt(exchange: Exchange, actor: Actor, transfer_id: UUID) -> SignedReceipt:
    """The signed receipt of a file that this organization handed over."""
    with reading(exchange.engine) as session:
        row = _own(session, actor, transfer_id)
        signed: SignedReceipt = json.loads(repository.receipt_of(session, row.id).jws)
    return signed


@dataclass(frozen=True)
class NamedReceipt:
    """A receipt under the name of its file, distinct among all of the organization."""

    name: str
    created_at: datetime
    signed: SignedReceipt


def receipts(exchange: Exchange, actor: Actor) -> Iterator[NamedReceipt]:
    """The receipts of all files that this organization handed over, the newest first, as they are asked for.

    As with `folder`, however many there are, they cost the memory of their names.
    """
    visible = authorize(actor, Permission.TRANSFER_READ)
    of_programs = [_receipt_rows(exchange, visible, program) for program in PROGRAMS]
    newest_first = heapq.merge(*of_programs, key=lambda row: (row.created_at, row.id), reverse=True)
    return (_named_receipt(name, row) for name, row in _distinctly_named(newest_first))


def receipt_named(exchange: Exchange, actor: Actor, name: str) -> NamedReceipt:
    """The one that `receipts` shows under a name, or `TransferNotFoundError`."""
    visible = authorize(actor, Permission.TRANSFER_READ)
    if not names.is_text(name):
        raise TransferNotFoundError  # a database may refuse to look for what cannot be there
    with reading(exchange.engine) as session:
        return _named_receipt(name, repository.receipt_row(session, visible, name))


def _receipt_rows(exchange: Exchange, visible: VisibleOrganization, program: str) -> Iterator[ReceiptRow]:
    last = None
    while True:
        with reading(exchange.engine) as session:
            rows = repository.receipt_rows(session, visible, program, last)
        yield from rows
        if len(rows) < repository.RECEIPTS_AT_ONCE:
            return
        last = rows[-1]


def _named_receipt(name: str, row: ReceiptRow) -> NamedReceipt:
    return NamedReceipt(name, as_utc(row.created_at), json.loads(row.jws))


def ledger(exchange: Exchange, actor: Actor, transfer_id: UUID) -> list[LedgerEntry]:
    """Everything that was done with a file, oldest first, from the journal."""
    with reading(exchange.engine) as session:
        row = _own(session, actor, transfer_id)
        events = repository.events_about(session, row.id)
        known = _names(session, events)
    return [_entry(event, known) for event in events]


def folder(exchange: Exchange, actor: Actor, direction: Direction, program: str) -> Iterator[FolderEntry]:
    """What stands in one folder, newest first; an older file of the same name is shown as `NAME~1a2b3c4d`.

    Rows are read as they are asked for, so that a folder of any size costs the memory of its names only.
    """
    visible = authorize(actor, Permission.TRANSFER_READ)
    rows = _distinctly_named(_folder_rows(exchange, visible, direction, program))
    return (FolderEntry(name, draft_rows.shown(exchange, row)) for name, row in rows)


def _folder_rows(
    exchange: Exchange, visible: VisibleOrganization, direction: Direction, program: str
) -> Iterator[Transfer]:
    last = None
    while True:
        with reading(exchange.engine) as session:
            rows = repository.folder_rows(session, visible, direction, program, last)
        yield from rows
        if len(rows) < repository.ROWS_AT_ONCE:
            return
        last = rows[-1]


def folder_entry(
    exchange: Exchange, actor: Actor, direction: Direction, program: str, name: str
) -> FolderEntry:
    """The file a folder shows under a name, or `TransferNotFoundError`."""
    visible = authorize(actor, Permission.TRANSFER_READ)
    if not names.is_text(name):
        raise TransferNotFoundError  # a database may refuse to look for what cannot be there
    with reading(exchange.engine) as session:
        row = repository.folder_row(session, visible, direction, program, name)
    return FolderEntry(name, draft_rows.shown(exchange, row))


def _check_query(query: TransferQuery) -> None:
    for kind, value in ((Status, query.status), (Direction, query.direction)):
        if value and value not in {one.value for one in kind}:
            raise RequestInvalidError(what=f"there is no such {kind.__name__.lower()}")
    if query.program and query.program not in PROGRAMS:
        raise ProgramNotFoundError


@dataclass(frozen=True)
class Space:
    """What an organization may store and what of it is used, both in bytes."""

    quota: int
    used: int

    @property
    def percent(self) -> int:
        """How much of it is used, in whole percent."""
        return 100 * self.used // self.quota if self.quota else 0

    @property
    def mark(self) -> int:
        """The mark of a warning that is reached; 0 for none."""
        return passed(self.percent)


def space(exchange: Exchange, actor: Actor) -> Space:
    """The organization's space, drafts included."""
    visible = authorize(actor, Permission.TRANSFER_READ)
    with reading(exchange.engine) as session:
        return Space(exchange.settings.quota, repository.used_space(session, visible))


def _own(session: Session, actor: Actor, transfer_id: UUID) -> Transfer:
    visible = authorize(actor, Permission.TRANSFER_READ)
    row = repository.transfer_by_id(session, visible, transfer_id)
    if (
        row.direction == Direction.INBOUND
        and PROGRAMS[row.program].page
        and row.account_id != actor.account_id
    ):
        raise TransferNotFoundError  # what goes with a message is its writer's alone, like the draft
    return row


def _distinctly_named(rows: Iterable[_Row]) -> Iterator[tuple[str, _Row]]:
    seen: set[str] = set()
    for row in rows:
        yield names.distinct(row.filename, row.id.hex) if row.filename in seen else row.filename, row
        seen.add(row.filename)


def _names(session: Session, events: Iterable[JournalEvent]) -> dict[UUID, str]:
    accounts = {event.account_id for event in events if event.account_id}
    named = select(Account.id, Account.name, Organization.name).where(
        col(Account.id).in_(accounts), Organization.id == Account.organization_id
    )
    return {
        identifier: f"{person}, {organization}" for identifier, person, organization in session.exec(named)
    }


def _entry(event: JournalEvent, known: dict[UUID, str]) -> LedgerEntry:
    who = known.get(event.account_id, "a former account") if event.account_id else "The portal"
    status = json.loads(event.facts).get("status")
    what = f"{event.kind}: {status}" if status else event.kind
    return LedgerEntry(datetime.fromisoformat(event.at), what, who, Channel(event.channel).value)
