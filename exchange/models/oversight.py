"""Acts that need two people, and the policies that only two people change."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Text
from sqlmodel import Field

from exchange.models.base import Table, one_of
from roles.oversight import TwoPersonAct

WAITING, AGREED, APPROVED = "waiting", "agreed", "approved"
REFUSED, STOPPED, WITHDRAWN, LAPSED = "refused", "stopped", "withdrawn", "lapsed"
DECISION_STATES = (WAITING, AGREED, APPROVED, REFUSED, STOPPED, WITHDRAWN, LAPSED)
"""`agreed`: two people agreed, and it happens at `due_at`. `approved`: it has happened. `stopped`: by whom it
concerned. `withdrawn`: by whoever asked, agreed or looks after the person, or since it can happen no more.
"""


class DualControl(Table, table=True):
    """One person asks for an act, another one approves it; a request that nobody answers lapses.

    `choice` is what the act needs beside its subject: a policy's new value.
    """

    __tablename__ = "dual_control"
    __table_args__ = (one_of("act", TwoPersonAct), one_of("state", DECISION_STATES))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    act: str
    subject_id: UUID | None = Field(default=None, index=True)
    choice: str = ""
    reason: str = Field(sa_type=Text)
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    asked_by: UUID = Field(foreign_key="account.id")
    asked_at: datetime
    lapses_at: datetime
    state: str = WAITING
    decided_by: UUID | None = Field(default=None, foreign_key="account.id")
    decided_at: datetime | None = None
    due_at: datetime | None = None
    authenticator: bytes = b""


class Policy(Table, table=True):
    """A choice of the installation that only two people change; absent while it is the default."""

    name: str = Field(primary_key=True)
    value: str
    changed_at: datetime
    authenticator: bytes = b""
