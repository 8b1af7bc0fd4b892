"""Taking files in: the one path of every door, from the first byte to the signed receipt.

Nothing is visible to anyone before `finish` returns. The sealed bytes are durable first, then one transaction
writes the row, the journal event, the receipt and the first job. A large upload becomes a draft row early, so
that it can be resumed even after the process was killed.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID

from sqlmodel import Session, col, delete

from exchange import jobs, journal
from exchange.database import reading, transaction
from exchange.errors import (
    BlobBusyError,
    BlobMissingError,
    DigestMismatchError,
    FileTooLargeError,
    PortalError,
    QuotaExceededError,
    RecipientNotFoundError,
    SizeMismatchError,
    TransferAbortedError,
    TransferBusyError,
    TransferNotFoundError,
)
from exchange.models.accounts import ACTIVE, Organization
from exchange.models.transfers import Direction, Receipt, Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import names, repository
from exchange.transfers.receipts import SignedReceipt
from exchange.transfers.views import TransferView, rfc3339, view_of
from exchange.vault import SealedWriter
from roles.permissions import Permission
from roles.policy import Actor, VisibleOrganization, authorize, sendable_program
from roles.programs import PROGRAMS

DRAFT_AFTER = 1024 * 1024
"""Bytes after which an upload gets a draft row; smaller ones cost one transaction, at the end."""

FIRST_JOB = "scan"
_STATEMENT = "This file was handed over to the portal. Demonstration software; not a government system."
_LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True)
class Expected:
    """What the sender announced: size in bytes, SHA-256 in hexadecimal. Either may be unknown."""

    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Handed:
    """A transfer that was handed over, with its receipt."""

    transfer: TransferView
    receipt: SignedReceipt


class Arriving:
    """A transfer in motion. Made by `begin` or `resume`; a failed write ends it for good."""

    def __init__(self, exchange: Exchange, actor: Actor, row: Transfer, writer: SealedWriter) -> None:
        """Take over a writer and its row; the row is in the database only once it is a draft."""
        self._exchange, self._actor, self._row, self._writer = exchange, actor, row, writer
        self._expected = Expected()
        self._is_draft = row.size > 0
        self._ended = False
        self._room = exchange.settings.max_file_size

    @property
    def id(self) -> UUID:
        """The transfer's id, already final."""
        return self._row.id

    @property
    def filename(self) -> str:
        """The checked file name."""
        return self._row.filename

    @property
    def program(self) -> str:
        """The program's slug."""
        return self._row.program

    @property
    def size(self) -> int:
        """Bytes taken so far."""
        return self._writer.size

    def expect(self, expected: Expected, room: int) -> Self:
        """Set what was announced and how many bytes the organization may still store."""
        limit = self._exchange.settings.max_file_size
        if expected.size is not None and expected.size > limit:
            raise self._end(FileTooLargeError(limit=limit))
        if expected.size is not None and expected.size - self._row.size > room:
            raise self._end(QuotaExceededError())
        self._expected, self._room = expected, room + self._row.size
        return self

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, sealing them as they come.

        Raises `FileTooLargeError`, `QuotaExceededError` or `StoreUnavailableError`, each of which ends the
        transfer; `TransferAbortedError` ever after.
        """
        self._still_open()
        total = self._writer.size + len(data)
        if total > self._exchange.settings.max_file_size:
            raise self._end(FileTooLargeError(limit=self._exchange.settings.max_file_size))
        if total > self._room:
            raise self._end(QuotaExceededError())
        try:
            self._writer.write(data)
            if not self._is_draft and total >= DRAFT_AFTER:
                self._save_draft(None)
        except PortalError as error:
            raise self._end(error) from error

    def finish(self) -> Handed:
        """Hand the file over: durable bytes first, then everything else in one transaction.

        Raises `SizeMismatchError` or `DigestMismatchError` when it is not what was announced.
        """
        self._still_open()
        self._compare_size()
        sha256 = self._writer.digest()
        if self._expected.sha256 not in {None, sha256}:
            raise self._end(DigestMismatchError())
        sealed = self._writer.finish()
        self._ended = True
        self._row.size, self._row.sha256 = sealed.size, sealed.sha256
        return _record_hand_over(self._exchange, self._actor, self._row)

    def suspend(self) -> TransferView:
        """Keep what has come as a draft that can be resumed by any door of this organization."""
        self._still_open()
        self._ended = True
        sha256 = self._writer.digest()
        self._writer.suspend()
        self._save_draft(sha256)
        return view_of(self._row)

    def abort(self) -> None:
        """Leave nothing of it. Always safe, also twice."""
        if self._ended:
            return
        self._ended = True
        self._writer.discard()
        if self._is_draft:
            with transaction(self._exchange.engine) as session:
                _delete_draft(session, self._row.id)

    def __enter__(self) -> Self:
        """Use as a context: whatever is not finished or suspended by its end is aborted."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Abort what was neither finished nor suspended."""
        self.abort()

    def _still_open(self) -> None:
        if self._ended:
            raise TransferAbortedError

    def _end(self, error: PortalError) -> PortalError:
        self.abort()
        return error

    def _compare_size(self) -> None:
        expected = self._expected.size
        if expected is not None and expected != self._writer.size:
            raise self._end(SizeMismatchError(expected=expected, found=self._writer.size))

    def _save_draft(self, sha256: str | None) -> None:
        now = self._exchange.clock()
        self._row.size, self._row.sha256, self._row.changed_at = self._writer.size, sha256, now
        with transaction(self._exchange.engine) as session:
            self._row = session.merge(self._row)
        self._is_draft = True


def begin(
    exchange: Exchange,
    actor: Actor,
    program: str,
    filename: str,
    expected: Expected | None = None,
    recipient_id: UUID | None = None,
) -> Arriving:
    """Begin a transfer into a program: permission, program, name, recipient and space are decided here, once.

    `recipient_id` addresses a file of OCSS to an organization. Raises `ProgramNotFoundError`,
    `NotPermittedError`, `FileNameRefusedError`, `RecipientNotFoundError`, `QuotaExceededError` or
    `FileTooLargeError`.
    """
    visible = authorize(actor, sendable_program(actor, program).send)
    name = names.checked(filename)
    with reading(exchange.engine) as session:
        _check_recipient(session, actor, program, recipient_id)
        room = _room(session, exchange, visible)
    if room <= 0:
        raise QuotaExceededError
    now = exchange.clock()
    writer = exchange.vault.create()
    row = Transfer(
        organization_id=visible,
        account_id=actor.account_id,
        recipient_id=recipient_id,
        direction=Direction.INBOUND.value,
        channel=actor.channel.value,
        program=program,
        filename=name,
        status=Status.DRAFT.value,
        blob_id=writer.blob_id,
        created_at=now,
        changed_at=now,
    )
    return Arriving(exchange, actor, row, writer).expect(expected or Expected(), room)


def resume(exchange: Exchange, actor: Actor, draft_id: UUID, expected: Expected | None = None) -> Arriving:
    """Go on with a draft of the actor's organization, begun through whichever door.

    What the store holds is verified and counted again; `size` of the result is the next byte's offset.
    Raises `TransferNotFoundError` or `TransferBusyError`.
    """
    with reading(exchange.engine) as session:
        row, visible = _own_draft(session, actor, draft_id)
        room = _room(session, exchange, visible)
    try:
        writer = exchange.vault.resume(row.blob_id or "")
    except BlobBusyError:
        raise TransferBusyError from None
    except BlobMissingError:
        raise TransferNotFoundError from None
    arriving = Arriving(exchange, actor, row, writer)
    arriving._is_draft = True  # noqa: SLF001  # an empty draft has a row as well
    return arriving.expect(expected or Expected(), room)


def hand_over(exchange: Exchange, actor: Actor, draft_id: UUID, filename: str) -> Handed:
    """Hand a complete draft over under its final name, as clients do by renaming `NAME.part`."""
    name = names.checked(filename)
    with resume(exchange, actor, draft_id) as arriving:
        arriving._row.filename = name  # noqa: SLF001  # this module's own class
        return arriving.finish()


def drafts(exchange: Exchange, actor: Actor, program: str | None = None) -> list[TransferView]:
    """The unfinished uploads of the actor's organization, newest first."""
    visible = authorize(actor, Permission.TRANSFER_READ)
    with reading(exchange.engine) as session:
        return [view_of(row) for row in repository.draft_rows(session, visible, program)]


def rename_draft(exchange: Exchange, actor: Actor, draft_id: UUID, filename: str) -> TransferView:
    """Give a draft another draft name."""
    name = names.checked(filename)
    with transaction(exchange.engine) as session:
        row, _ = _own_draft(session, actor, draft_id)
        row.filename = name
        session.add(row)
        return view_of(row)


def discard(exchange: Exchange, actor: Actor, draft_id: UUID) -> None:
    """Throw a draft away. Raises `TransferNotFoundError` or `TransferBusyError`."""
    resume(exchange, actor, draft_id).abort()


def set_modified(exchange: Exchange, actor: Actor, transfer_id: UUID, seconds: float) -> None:
    """Keep the time a client gives its own file (seconds since 1970), as SFTP clients do after a put."""
    visible = authorize(actor, Permission.TRANSFER_READ)
    with transaction(exchange.engine) as session:
        row = repository.transfer_by_id(session, visible, transfer_id)
        row.modified_at = _moment(seconds)
        session.add(row)


def _record_hand_over(exchange: Exchange, actor: Actor, row: Transfer) -> Handed:
    now = exchange.clock()
    row.status, row.channel, row.account_id = Status.RECEIVED.value, actor.channel.value, actor.account_id
    row.created_at = row.changed_at = now
    row.expires_at = now + timedelta(days=PROGRAMS[row.program].retention_days)
    with transaction(exchange.engine) as session:
        row = session.merge(row)
        session.flush()
        jobs.enqueue(session, exchange, FIRST_JOB, row.id)
        receipt = _receipt(session, exchange, actor, row)
        session.add(Receipt(transfer_id=row.id, jws=json.dumps(receipt)))
    return Handed(view_of(row), receipt)


def _receipt(session: Session, exchange: Exchange, actor: Actor, row: Transfer) -> SignedReceipt:
    facts = {"program": row.program, "size": row.size, "sha256": row.sha256}
    event = journal.append(session, exchange, "transfer.received", actor, row.id, **facts)
    claims = {
        "statement": _STATEMENT,
        "transfer": {"id": str(row.id), "program": row.program, "filename": row.filename},
        "size": row.size,
        "sha256": row.sha256,
        "organization": {"id": str(actor.organization_id), "name": actor.organization_name},
        "account": {"id": str(actor.account_id), "username": actor.username},
        "channel": actor.channel.value,
        "received_at": rfc3339(row.created_at),
        "journal": {"digest": event.digest, "event": journal.canonical(event)},
    }
    return exchange.receipts.sign(json.dumps(claims).encode())


def _check_recipient(session: Session, actor: Actor, program: str, recipient_id: UUID | None) -> None:
    if recipient_id is None:
        return
    authorize(actor, Permission.FILES_ADDRESS)
    recipient = session.get(Organization, recipient_id)
    if recipient is None or recipient.status != ACTIVE or program != "files":
        raise RecipientNotFoundError


def _room(session: Session, exchange: Exchange, visible: VisibleOrganization) -> int:
    return exchange.settings.quota - repository.used_space(session, visible)


def _own_draft(session: Session, actor: Actor, draft_id: UUID) -> tuple[Transfer, VisibleOrganization]:
    visible = authorize(actor, Permission.TRANSFER_READ)
    row = repository.transfer_by_id(session, visible, draft_id)
    if row.status != Status.DRAFT:
        raise TransferNotFoundError
    authorize(actor, sendable_program(actor, row.program).send)
    return row, visible


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(min(max(seconds, 0), _LATEST), tz=UTC)


def _delete_draft(session: Session, transfer_id: UUID) -> None:
    mine = (col(Transfer.id) == transfer_id) & (col(Transfer.status) == Status.DRAFT)
    session.execute(delete(Transfer).where(mine))
