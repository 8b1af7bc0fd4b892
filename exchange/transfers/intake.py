"""Taking files in: the one path of every door, from the first byte to the signed receipt.

Nothing is visible to anyone before `finish` returns. The sealed bytes are durable first, then one transaction
writes the row, the journal event, the receipt and the first job. A large upload becomes a draft row early, so
that it can be resumed even after the process was killed.
"""

from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from sqlmodel import Session

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
from exchange.models.transfers import Direction, Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import draft_rows, handover, names, repository
from exchange.transfers.bounds import Bounds, Expected, bounds_of
from exchange.transfers.corrections import Corrects
from exchange.transfers.handover import Arrived, Handed
from exchange.transfers.published import PublishedWriter
from exchange.transfers.views import TransferView, view_of
from exchange.vault import SealedWriter
from roles.permissions import Permission
from roles.policy import Actor, VisibleOrganization, authorize, authorize_sending

__all__ = ["Expected", "Handed"]

DRAFT_AFTER = 1024 * 1024
"""Bytes after which an upload gets a draft row; smaller ones cost one transaction, at the end."""

_LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


class Arriving:
    """A transfer in motion. Made by `begin` or `resume`; a failed write ends it for good."""

    def __init__(
        self,
        exchange: Exchange,
        actor: Actor,
        row: Transfer,
        writer: SealedWriter | PublishedWriter,
        bounds: Bounds,
    ) -> None:
        """Take over a writer and its row, which is in the database once it is a draft's."""
        self._exchange, self._actor, self._row, self._writer = exchange, actor, row, writer
        self._bounds = bounds
        self._is_draft = False
        self._ended = False

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

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, sealing them as they come.

        Raises `FileTooLargeError` or `QuotaExceededError`, which leave nothing, or `StoreUnavailableError`,
        which leaves a large upload as a draft. Each ends the transfer: `TransferAbortedError` ever after.
        """
        self._still_open()
        total = self._writer.size + len(data)
        limit = self._exchange.settings.max_file_size
        if total > limit:
            raise self._end(FileTooLargeError(limit=limit))
        if total > self._bounds.room:
            raise self._end(QuotaExceededError())
        try:
            self._writer.write(data)
            if not self._is_draft and total >= DRAFT_AFTER:
                self._save_draft(None)
        except BaseException:
            self._break_off()
            raise

    def finish(
        self, filename: str | None = None, corrects: Corrects | None = None, *, at_once: bool = False
    ) -> Handed:
        """Hand the file over, under another name if given: durable bytes first, then all else in one step.

        Without one, a draft of an SFTP client loses the `.part` that this client would have taken away.
        `at_once`: the caller has it answered itself, by `pipeline.answer`.

        Raises `SizeMismatchError` or `DigestMismatchError` when it is not what was announced.
        """
        self._still_open()
        expected, found = self._bounds.expected, self._writer.size
        if expected.size not in {None, found}:
            raise self._end(SizeMismatchError(expected=expected.size, found=found))
        if expected.sha256 and expected.sha256 != self._writer.digest():
            raise self._end(DigestMismatchError())
        try:
            sealed = self._writer.finish(known=self._is_draft)
        except BaseException:
            self._break_off()
            raise
        self._ended = True
        arrived = Arrived(self._row, sealed, self._is_draft, filename, corrects, at_once)
        handed = handover.record(self._exchange, self._actor, arrived)
        self._count(sealed.size)
        return handed

    def suspend(self) -> TransferView:
        """Keep what has come as a draft that can be resumed by any door of this organization.

        Raises `TransferNotFoundError`, and leaves nothing, when its sender began anew meanwhile.
        """
        self._still_open()
        sha256 = self._writer.digest()
        self._ended = True
        try:
            self._writer.suspend()
        finally:
            self._writer.release()
        self._save_draft(sha256)
        if draft_rows.is_replaced(self._row):
            draft_rows.drop(self._exchange, self.id, self._row.blob_id or "")
            raise TransferNotFoundError
        return view_of(self._row)

    def abort(self) -> None:
        """Leave nothing of it. Does nothing after another end, so it is always safe."""
        if self._ended:
            return
        self._ended = True
        try:
            if self._is_draft:
                draft_rows.remove(self._exchange, self.id, self._writer.discard)
            else:
                self._writer.discard()
        finally:
            self._writer.release()

    def __enter__(self) -> Self:
        """Use as a context: whatever is not finished or suspended by its end is aborted."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Abort what was neither finished nor suspended."""
        self.abort()

    def _count(self, size: int) -> None:
        """What is kept has grown by a new file, or changed by a draft that counted already."""
        if self._is_draft:
            self._exchange.space.forget(self._row.organization_id)
        else:
            self._exchange.space.taken(self._row.organization_id, size)

    def _still_open(self) -> None:
        if self._ended:
            raise TransferAbortedError

    def _end(self, error: PortalError) -> PortalError:
        with suppress(PortalError):  # the refusal is what the sender is told
            self.abort()
        return error

    def _break_off(self) -> None:
        """End after a failure that is not the sender's: a draft stays, to be resumed later."""
        if self._is_draft:
            self._ended = True
            self._writer.release()
        else:
            with suppress(PortalError):  # what the store does not let go of now, retention sweeps
                self.abort()

    def _save_draft(self, sha256: str | None) -> None:
        save = draft_rows.keep if self._is_draft else draft_rows.add
        self._row = save(self._exchange, self._row, self._writer.size, sha256)
        self._is_draft = True
        self._exchange.space.forget(self._row.organization_id)


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
    visible = authorize_sending(actor, program)
    name = names.checked(filename)
    with reading(exchange.engine) as session:
        _check_recipient(session, actor, program, recipient_id)
        bounds = bounds_of(session, exchange, visible, 0, expected)
    now = exchange.clock()
    writer = exchange.vault.create()
    row = Transfer(
        organization_id=visible,
        account_id=actor.account_id,
        recipient_id=recipient_id,
        client_id=actor.client.id if actor.client else None,
        direction=Direction.INBOUND.value,
        channel=actor.channel.value,
        program=program,
        filename=name,
        status=Status.DRAFT.value,
        blob_id=writer.blob_id,
        created_at=now,
        changed_at=now,
    )
    return Arriving(exchange, actor, row, writer, bounds)


def resume(exchange: Exchange, actor: Actor, draft_id: UUID, expected: Expected | None = None) -> Arriving:
    """Go on with a draft of the actor's organization, begun through whichever door.

    What the store holds is verified and counted again; `size` of the result is the next byte's offset.
    Raises `TransferNotFoundError` or `TransferBusyError`, and the draft stays when `expected` is refused.
    """
    with reading(exchange.engine) as session:
        row, visible = _own_draft(session, actor, draft_id)
        bounds = bounds_of(session, exchange, visible, row.size, expected)
    try:
        row, writer = _reopened(exchange, row)
    except BlobBusyError:
        raise TransferBusyError from None
    arriving = Arriving(exchange, actor, row, writer, bounds)
    arriving._is_draft = True  # noqa: SLF001  # this module's own class
    return arriving


def hand_over(exchange: Exchange, actor: Actor, draft_id: UUID, filename: str) -> Handed:
    """Hand a complete draft over under its final name, as clients do by renaming `NAME.part`.

    Raises `DraftUnfinishedError` for a draft whose process was killed: it must be resumed first, since what
    its sender believes to be there may not be. `TransferBusyError` while it is being written.
    """
    name = names.checked(filename)
    with reading(exchange.engine) as session:
        row, _ = _own_draft(session, actor, draft_id)
    try:
        sealed = exchange.vault.finish_suspended(row.blob_id or "")
    except BlobBusyError:
        raise TransferBusyError from None
    except BlobMissingError:
        sealed = _published(exchange, row).finish()
    return handover.record(exchange, actor, Arrived(row, sealed, is_draft=True, filename=name))


def drafts(exchange: Exchange, actor: Actor, program: str | None = None) -> list[TransferView]:
    """The unfinished uploads of the actor's organization, newest first, with the bytes they really hold."""
    visible = authorize(actor, Permission.TRANSFER_READ)
    with reading(exchange.engine) as session:
        rows = repository.draft_rows(session, visible, program)
    return [draft_rows.shown(exchange, row) for row in rows]


def rename_draft(exchange: Exchange, actor: Actor, draft_id: UUID, filename: str) -> TransferView:
    """Give a draft another draft name."""
    name = names.checked(filename)
    with transaction(exchange.engine) as session:
        _own_draft(session, actor, draft_id)
        row = draft_rows.locked(session, draft_id)
        row.filename = name
        session.add(row)
    return draft_rows.shown(exchange, row)


def discard(exchange: Exchange, actor: Actor, draft_id: UUID) -> None:
    """Throw a draft away. Raises `TransferNotFoundError` or `TransferBusyError`."""
    with reading(exchange.engine) as session:
        row, _ = _own_draft(session, actor, draft_id)
    try:
        with exchange.vault.shredding(row.blob_id or "") as shred:
            draft_rows.remove(exchange, row.id, shred)
    except BlobBusyError:
        raise TransferBusyError from None


def replace(exchange: Exchange, actor: Actor, draft_id: UUID) -> None:
    """Throw a draft away whose file is sent anew; one that somebody still holds goes when it is let go.

    Raises `TransferNotFoundError`.
    """
    try:
        discard(exchange, actor, draft_id)
    except TransferBusyError:
        draft_rows.replace_busy(exchange, draft_id)


def set_modified(exchange: Exchange, actor: Actor, transfer_id: UUID, seconds: float) -> None:
    """Keep the time a client gives its own file (seconds since 1970), as SFTP clients do after a put."""
    visible = authorize(actor, Permission.TRANSFER_READ)
    with transaction(exchange.engine) as session:
        row = repository.transfer_by_id(session, visible, transfer_id)
        row.modified_at = _moment(seconds)
        session.add(row)


def _check_recipient(session: Session, actor: Actor, program: str, recipient_id: UUID | None) -> None:
    if recipient_id is None:
        return
    authorize(actor, Permission.FILES_ADDRESS)
    recipient = session.get(Organization, recipient_id)
    if recipient is None or recipient.status != ACTIVE or program != "files":
        raise RecipientNotFoundError


def _reopened(exchange: Exchange, row: Transfer) -> tuple[Transfer, SealedWriter | PublishedWriter]:
    """The writer of a draft, wherever its process died."""
    try:
        return row, exchange.vault.resume(row.blob_id or "")
    except BlobMissingError:
        pass
    with suppress(TransferNotFoundError):
        return row, _published(exchange, row)
    # The machine went down before the container's name was durable: nothing is held, so it begins again.
    writer = exchange.vault.create()
    try:
        return draft_rows.move(exchange, row, writer.blob_id), writer
    except BaseException:
        writer.discard()
        raise


def _published(exchange: Exchange, row: Transfer) -> PublishedWriter:
    try:
        return PublishedWriter(exchange.vault, row.blob_id or "")
    except BlobMissingError:
        raise TransferNotFoundError from None


def _own_draft(session: Session, actor: Actor, draft_id: UUID) -> tuple[Transfer, VisibleOrganization]:
    visible = authorize(actor, Permission.TRANSFER_READ)
    row = repository.transfer_by_id(session, visible, draft_id)
    if row.status != Status.DRAFT:
        raise TransferNotFoundError
    authorize_sending(actor, row.program)
    return row, visible


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(min(max(seconds, 0), _LATEST), tz=UTC)
