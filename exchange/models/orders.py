"""Income withholding orders, and what employers answered: found by keyed hashes, the records sealed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Index
from sqlmodel import Field

from exchange.models.base import Table, one_of
from schemas.tables import DISPOSITION_STATUSES, ORDER_ACTIONS


class OrderStatus(StrEnum):
    """Where an order stands, as states see it (domain.md 6.8)."""

    SUBMITTED = "submitted"
    RECEIPTED = "receipted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ERROR = "error"


WAITING = (OrderStatus.SUBMITTED, OrderStatus.RECEIPTED)
"""Orders that wait for their employer's answer."""


class WithholdingOrder(Table, table=True):
    """One order of one state, from `line` of its file, for one employer.

    `state_fips`: the locator code its issuer goes by. `employer_id` and `delivered_id` (its file)
    are None for an order whose employer takes no part here: it is an error. `sealed` holds the record and its
    control numbers (`exchange.orders.records`); answers are matched by `tracking_hash` and `case_hash`.
    """

    __tablename__ = "withholding_order"
    __table_args__ = (
        one_of("status", OrderStatus),
        one_of("action_code", ORDER_ACTIONS),
        Index("ix_withholding_order_of_state", "state_id", "received_at", "id"),
        Index("ix_withholding_order_of_employer", "employer_id", "received_at", "id"),
        Index("ix_withholding_order_tracking", "tracking_hash", "employer_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    transfer_id: UUID = Field(foreign_key="transfer.id", index=True)
    line: int
    state_id: UUID = Field(foreign_key="organization.id")
    state_fips: str
    employer_id: UUID | None = Field(default=None, foreign_key="organization.id")
    delivered_id: UUID | None = Field(default=None, foreign_key="transfer.id", index=True)
    action_code: str
    tracking_hash: bytes
    case_hash: bytes
    ssn_hash: bytes = Field(index=True)
    sealed: bytes
    status: str = OrderStatus.SUBMITTED
    received_at: datetime
    receipted_at: datetime | None = None


class OrderAnswer(Table, table=True):
    """What an employer said, from `line` of its file: an order's one answer; without `order_id` a report.

    `state_id` is None where the state has no organization here. `sealed` holds the record.
    """

    __tablename__ = "order_answer"
    __table_args__ = (
        one_of("disposition", DISPOSITION_STATUSES),
        Index("ix_order_answer_of_state", "state_id", "answered_at", "id"),
        Index("ix_order_answer_of_employer", "employer_id", "answered_at", "id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    order_id: UUID | None = Field(default=None, foreign_key="withholding_order.id", unique=True)
    transfer_id: UUID = Field(foreign_key="transfer.id", index=True)
    line: int
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    employer_id: UUID = Field(foreign_key="organization.id")
    state_id: UUID | None = Field(default=None, foreign_key="organization.id")
    state_fips: str
    disposition: str
    reason: str = ""
    sealed: bytes
    answered_at: datetime
