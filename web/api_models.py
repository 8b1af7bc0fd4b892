"""What the API answers, as models: the OpenAPI document is made from them, tests check answers by them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

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
