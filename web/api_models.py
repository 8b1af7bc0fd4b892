"""What the API answers, as models: the OpenAPI document is made from them, tests check answers by them."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.config import JsonDict

from schemas.forms import Question
from schemas.forms.debt_inquiry import DEBT_INQUIRY_FORM

Status = Literal[
    "DRAFT",
    "RECEIVED",
    "SCANNING",
    "QUARANTINED",
    "VALIDATING",
    "REJECTED",
    "ACCEPTED",
    "ACCEPTED_WITH_ERRORS",
    "PROCESSING",
    "COMPLETE",
    "EXPIRED",
    "PURGED",
]

_LONGEST = 200


class Model(BaseModel):
    """Answers have exactly these members."""

    model_config = ConfigDict(extra="forbid")


class Receipt(Model):
    """A signed receipt: a JSON Web Signature (RFC 7515, flattened) that `portal verify` checks offline."""

    protected: str
    payload: str
    signature: str


class Transfer(Model):
    """One file, handed over by or meant for the asker's organization."""

    id: str
    program: str
    filename: str
    size: int = Field(description="Bytes; of a draft, the bytes held so far.")
    sha256: str | None = Field(description="Of the whole content, in hexadecimal.")
    status: Status
    direction: Literal["inbound", "outbound"] = Field(description="Inbound: handed over to the portal.")
    channel: Literal["web", "sftp", "api", "portal"]
    created_at: datetime
    records: int | None
    findings_count: int | None
    answers_to: str | None = Field(description="The transfer that this one answers.")
    scan: str | None = Field(description="clean, infected or not scanned; null until the scanner was asked.")


class HandedOver(Transfer):
    """A transfer just handed over, with its receipt."""

    receipt: Receipt


class Transfers(Model):
    """Part of a list of transfers, newest first."""

    items: list[Transfer]
    next: str | None = Field(description="The cursor of the next part; null at the end.")


class Finding(Model):
    """One thing wrong in a file."""

    line: int
    columns: str = Field(description="First and last column, 1-based and inclusive; empty for a whole line.")
    field: str
    code: str
    found: str = Field(description="What stands there; masked where it is sensitive.")
    expected: str
    message: str


class Findings(Model):
    """Part of the findings of one file, in the order of its lines."""

    items: list[Finding]
    next: str | None


class Problem(BaseModel):
    """Why something was refused (RFC 9457). `code` is stable; further members may complete it."""

    type: str
    title: str
    status: int
    code: str
    detail: str


class Addressee(Model):
    """An organization that may be written to, and about what."""

    id: str
    name: str
    kind: str
    topics: list[str]


class Addressees(Model):
    """Whom one may write to."""

    items: list[Addressee]


class Thread(Model):
    """A correspondence with one other organization, as one's own has it."""

    id: str
    subject: str
    topic: str
    classification: Literal["none", "pii", "fti"]
    other: str = Field(description="The other organization's name.")
    other_id: str
    unread: int
    message_count: int
    last_at: datetime
    waiting_since: datetime | None = Field(description="Since when the other side waits for an answer.")
    due_on: date | None
    overdue: bool
    assigned_to: str
    office: str
    closed: bool
    archived: bool


class Threads(Model):
    """Part of a mailbox, newest first."""

    items: list[Thread]
    next: str | None


class Party(Model):
    """One end of a message. `agent`: the processor that wrote in its name."""

    organization_id: str
    organization: str
    person: str
    office: str
    agent: str


class Attached(Model):
    """A file that came with a message."""

    id: str
    name: str
    size: int
    sha256: str


class MessageDocument(Model):
    """What a message says: the same bytes from every door."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    id: str
    thread: str
    topic: str
    classification: str
    subject: str
    sender: Party = Field(alias="from")
    to: Party
    sent_at: datetime
    body: str
    attachments: list[Attached]
    note: bool = Field(description="Read by the people of its own organization only.")


class ReadReceipt(Model):
    """Who did what with a message, and when."""

    person: str
    kind: Literal["read", "downloaded"]
    at: datetime
    channel: str
    attachment_id: str | None


class Message(Model):
    """A message or note; `document` is null once it was recalled or its time of keeping has ended."""

    id: str
    kind: Literal["message", "note"]
    state: Literal["SENT", "RECALLED", "PURGED"]
    own: bool
    at: datetime
    recalled_at: datetime | None
    may_recall: bool
    document: MessageDocument | None
    receipts: list[ReadReceipt]


class OpenThread(Thread):
    """A thread with its newest messages, the oldest of them first."""

    held: bool = Field(description="Under a legal hold.")
    messages: list[Message]
    earlier: int | None = Field(description="What to ask `before` for the messages before these.")


class Posted(Model):
    """A message that was handed over: where it stands. `id` is that of the draft, and of the message."""

    id: str
    state: Literal["draft", "sending", "refused", "sent", "recalled", "purged"]
    thread: str | None
    message: str | None
    refusal: str


class Answer(Model):
    """An answer in a thread."""

    body: str
    attachments: list[UUID] = Field(
        default=[], description="Transfers handed over before under the program `messages`."
    )


class NewThread(Answer):
    """A message that begins a thread."""

    to: str = Field(description="The organization's id, or an agency's code: KS, OCSS.")
    office: str = Field(default="", description="Its id or name.")
    person: str = Field(default="", description="Somebody's name, as messages show it, or id.")
    topic: str
    classification: Literal["none", "pii", "fti"]
    subject: str


class Changed(Model):
    """That something was done with a thread or message; `draft`: what a recalled message is now."""

    id: str
    draft: str | None = None


class Agency(Model):
    """Whom to contact in a state that is owed support."""

    state: str
    name: str
    contact: str
    phone: str
    fax: str
    email: str


class InquiryAnswer(Model):
    """What came of a debt inquiry. `review`: number or name alone were not enough to tell."""

    result: Literal["match", "no match", "review"] | None = Field(description="null: not answered yet.")
    states: list[str] = Field(description="The states that are owed support, by postal code.")
    agencies: list[Agency]
    transfer: HandedOver


def _member(question: Question) -> tuple[Any, Any]:
    is_date = question.kind == "date"
    kind: Any = Literal[tuple(key for key, _ in question.choices)] if question.choices else str
    about = f"{question.label}. {'YYYY-MM-DD.' if is_date else question.hint}".strip()
    extra: JsonDict | None = {"format": "date"} if is_date else None
    default = None if question.optional else ...
    longest = None if question.choices else _LONGEST
    told = Field(default, description=about, max_length=longest, json_schema_extra=extra)
    return (kind | None if question.optional else kind), told


def _inquiry() -> type[BaseModel]:
    members: dict[str, Any] = {one.name: _member(one) for one in DEBT_INQUIRY_FORM.questions}
    about = "FEIN of the employer, when a third party asks."
    members["client_fein"] = (str | None, Field(None, description=about, max_length=_LONGEST))
    return create_model("DebtInquiry", __base__=Model, **members)


DebtInquiry: type[BaseModel] = _inquiry()
"""One person asked about: the questions of the form on the screen, dates as YYYY-MM-DD."""
