"""What goes back to a partner: result, findings and acknowledgement, in one transaction with the final state.

Blobs are written first; a crash between leaves blobs that no row names, which `retention` sweeps.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlmodel import Session, select

from exchange import journal, mail
from exchange.database import insert_all_now, reading
from exchange.models.accounts import Organization
from exchange.models.transfers import Direction, Receipt, Status, Transfer
from exchange.runtime import Exchange
from exchange.spreadsheets import csv_line
from exchange.transfers.progress import advance, kept_for
from exchange.transfers.views import view_of
from exchange.vault import Sealed, SealedWriter
from roles.organizations import OrganizationKind
from roles.policy import Channel
from schemas.findings import Finding

RESULT, FINDINGS, ACKNOWLEDGEMENT = "result", "findings", "acknowledgement"
"""Kinds of our answers; with the transfer they answer and whose folder they stand in, each is unique."""

_HEADINGS = ("line", "columns", "field", "code", "found", "expected", "message")


@dataclass(frozen=True)
class Document:
    """An outbound file whose sealed bytes are durable already; `id` is what its transfer will have."""

    organization_id: UUID
    kind: str
    filename: str
    blob: Sealed
    records: int | None = None
    layout: str | None = None
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Outcome:
    """What a program leaves: the files that go out, and what else is written in the same transaction.

    `found`: what our own check found as the program read the file; what of it is new is told, too.
    `refused`: why the program does not take the file after all. `rest`: what the file waits for is not there
    yet; it is taken up again after so long. `told`: further members of the acknowledgement, which a program
    with pages of its own leaves for such files only.
    """

    documents: tuple[Document, ...]
    write: Callable[[Session], None] | None = None
    found: Sequence[Finding] = ()
    refused: Sequence[Finding] = ()
    rest: timedelta | None = None
    told: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Closing:
    """How a transfer ends: its last state, what was counted, and every file that goes out with it."""

    status: Status
    documents: tuple[Document, ...]
    records: int | None = None
    findings_count: int | None = None
    told: Mapping[str, str] = field(default_factory=dict)


def close(session: Session, exchange: Exchange, transfer_id: UUID, closing: Closing) -> None:
    """Write the end of a transfer: its state, outbound files, a journal event each, a notice a partner."""
    row = session.get_one(Transfer, transfer_id)
    row.records, row.findings_count = closing.records, closing.findings_count
    issue_all(session, exchange, closing.documents, row.program, row)
    for organization_id in sorted({one.organization_id for one in closing.documents}):
        own = organization_id == row.organization_id
        event = "transfer.answered" if own else "transfer.waiting"
        theirs = next(one.id for one in closing.documents if one.organization_id == organization_id)
        mail.notify(session, exchange, organization_id, event, row.id if own else theirs)
    advance(session, exchange, row, closing.status)


def issue(
    session: Session, exchange: Exchange, document: Document, program: str, cause: Transfer | None = None
) -> None:
    """Put a document into an outbox; `cause` is the transfer it follows from, if any."""
    issue_all(session, exchange, [document], program, cause)


def issue_all(
    session: Session,
    exchange: Exchange,
    documents: Sequence[Document],
    program: str,
    cause: Transfer | None = None,
) -> None:
    """Put documents into outboxes, as `issue` does with one."""
    now = exchange.clock()
    issued = [_outbound(document, program, cause, now) for document in documents]
    insert_all_now(session, Transfer, issued)
    for document in documents:
        facts = {"program": program, "document": document.kind, "sha256": document.blob.sha256}
        journal.append(session, exchange, "transfer.issued", None, document.id, **facts)


def _outbound(document: Document, program: str, cause: Transfer | None, now: datetime) -> dict[str, object]:
    """The columns of an outbound transfer."""
    return {
        "id": document.id,
        "organization_id": document.organization_id,
        "client_id": cause.client_id if cause and cause.organization_id == document.organization_id else None,
        "sender_id": cause.organization_id if cause and document.kind == "file" else None,
        "direction": Direction.OUTBOUND.value,
        "channel": Channel.PORTAL.value,
        "program": program,
        "filename": document.filename,
        "kind": document.kind,
        "status": Status.COMPLETE.value,
        "size": document.blob.size,
        "sha256": document.blob.sha256,
        "blob_id": document.blob.blob_id,
        "layout": document.layout,
        "scan": cause.scan if cause else None,
        "records": document.records,
        "answers_to": cause.id if cause else None,
        "created_at": now,
        "changed_at": now,
        "expires_at": now + kept_for(program),
    }


def complete(
    exchange: Exchange, row: Transfer, closing: Closing, findings: Iterable[Finding] | None
) -> Closing:
    """The closing with `NAME.ack.json` added, and `NAME.findings.csv` where a file was checked at all."""
    told: Iterable[bytes] = [_acknowledgement(exchange, row, closing)]
    written = [(ACKNOWLEDGEMENT, "ack.json", told)]
    if findings is not None:
        written.append((FINDINGS, "findings.csv", findings_csv(findings)))
    ours = (
        Document(row.organization_id, kind, f"{row.filename}.{suffix}", seal(exchange, pieces))
        for kind, suffix, pieces in written
    )
    return replace(closing, documents=(*closing.documents, *ours))


def _acknowledgement(exchange: Exchange, row: Transfer, closing: Closing) -> bytes:
    """The transfer as the API gives it once it is closed, with its receipt."""
    final = replace(
        view_of(row),
        status=closing.status.value,
        records=closing.records,
        findings_count=closing.findings_count,
    )
    with reading(exchange.engine) as session:
        receipt = json.loads(session.get_one(Receipt, row.id).jws)
    return json.dumps(final.as_json() | {**closing.told, "receipt": receipt}, indent=1).encode() + b"\n"


def findings_csv(findings: Iterable[Finding]) -> Iterator[bytes]:
    """The findings as CSV (RFC 4180) in UTF-8; no cell can be taken for a formula by a spreadsheet."""
    yield csv_line(_HEADINGS)
    for finding in findings:
        said = (finding.field, finding.code, finding.found, finding.expected, finding.message)
        yield csv_line((str(finding.line), finding.span, *said))


def seal(exchange: Exchange, pieces: Iterable[bytes]) -> Sealed:
    """Write a sealed blob from pieces; nothing stays of it when making a piece fails."""
    with sealing(exchange) as writer:
        for piece in pieces:
            writer.write(piece)
        return writer.finish()


@contextmanager
def sealing(exchange: Exchange, *, small: bool = False) -> Iterator[SealedWriter]:
    """A writer that is discarded when the block fails; `small` where many are open at once."""
    writer = exchange.vault.create(small=small)
    try:
        yield writer
    except BaseException:
        writer.discard()
        raise


def ocss(session: Session) -> UUID:
    """The organization of OCSS itself."""
    return session.exec(select(Organization.id).where(Organization.kind == OrganizationKind.OCSS)).one()
