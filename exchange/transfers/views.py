"""What a reader of a transfer gets to see: finished values for pages, the API and listings."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from exchange.models.base import as_utc
from exchange.models.transfers import Status, Transfer
from exchange.transfers import names
from roles.policy import Channel
from schemas.findings import Finding

Item = TypeVar("Item")

_ANSWERS = frozenset({"result", "findings", "acknowledgement"})


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Part of a list; `next` is the cursor of the following part, or None at the end."""

    items: list[Item]
    next: str | None


@dataclass(frozen=True)
class TransferView:
    """One transfer as its organization sees it. `size` in bytes, times in UTC, `sha256` in hexadecimal."""

    id: UUID
    program: str
    filename: str
    kind: str
    size: int
    sha256: str | None
    status: str
    direction: str
    channel: str
    created_at: datetime
    changed_at: datetime
    modified_at: datetime
    expires_at: datetime | None
    records: int | None
    findings_count: int | None
    answers_to: UUID | None
    scan: str | None
    account_id: UUID | None
    corrects: UUID | None = None

    @property
    def final_name(self) -> str:
        """The name it is handed over under when nobody gives another one.

        An SFTP client that broke off can not rename its `NAME.part` any more; whoever finishes it means NAME.
        """
        renamed_later = self.status == Status.DRAFT and self.channel == Channel.SFTP
        return names.without_draft_suffix(self.filename) if renamed_later else self.filename

    def as_json(self) -> dict[str, Any]:
        """The transfer as the API and `NAME.ack.json` give it."""
        return {
            "id": str(self.id),
            "program": self.program,
            "filename": self.filename,
            "size": self.size,
            "sha256": self.sha256,
            "status": self.status,
            "direction": self.direction,
            "channel": self.channel,
            "created_at": rfc3339(self.created_at),
            "records": self.records,
            "findings_count": self.findings_count,
            "answers_to": str(self.answers_to) if self.answers_to else None,
            "scan": self.scan,
        }


@dataclass(frozen=True)
class FindingView:
    """One finding; `columns` is "first-last" (1-based, inclusive), `found` masked where sensitive."""

    line: int
    columns: str
    field: str
    code: str
    found: str
    expected: str
    message: str


@dataclass(frozen=True)
class LedgerEntry:
    """One thing that was done with a file, by whom and through which door."""

    at: datetime
    what: str
    who: str
    channel: str


@dataclass(frozen=True)
class FolderEntry:
    """A file in a folder: its name there is unique, and a draft is still being sent.

    `message_id`: the message that it is, or came with.
    """

    name: str
    view: TransferView
    message_id: UUID | None = None


def view_of(row: Transfer) -> TransferView:
    """A row as its organization sees it; only our answers tell which transfer they answer."""
    own_answer = row.answers_to if row.kind in _ANSWERS else None
    return TransferView(
        id=row.id,
        program=row.program,
        filename=row.filename,
        kind=row.kind,
        size=row.size,
        sha256=row.sha256,
        status=row.status,
        direction=row.direction,
        channel=row.channel,
        created_at=as_utc(row.created_at),
        changed_at=as_utc(row.changed_at),
        modified_at=as_utc(row.modified_at or row.created_at),
        expires_at=as_utc(row.expires_at) if row.expires_at else None,
        records=row.records,
        findings_count=row.findings_count,
        answers_to=own_answer,
        scan=row.scan,
        account_id=row.account_id,
        corrects=row.corrects,
    )


def finding_view(one: Finding) -> FindingView:
    """A finding as it is shown."""
    return FindingView(one.line, one.span, one.field, one.code, one.found, one.expected, one.message)


def rfc3339(moment: datetime) -> str:
    """UTC with milliseconds, as RFC 3339 writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
