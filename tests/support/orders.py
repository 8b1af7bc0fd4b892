"""Orders that a test puts into the tables without a file."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from exchange.database import transaction
from exchange.models.orders import OrderAnswer, OrderStatus, WithholdingOrder
from exchange.models.transfers import Transfer
from exchange.orders import records
from exchange.registry import keys
from exchange.runtime import Exchange
from schemas.layouts.income_withholding import ORDER
from schemas.layouts.income_withholding_ack import ACKNOWLEDGEMENT
from schemas.record import Record
from tests.schemas import orders
from tests.support.partners import Partner

ORIGIN = records.Origin("FILE1", "BATCH1", "001234567")


def stored_transfer(exchange: Exchange, of: Partner) -> Transfer:
    """A file that was taken in once, as a row."""
    now = exchange.clock()
    row = Transfer(
        organization_id=of.organization.id,
        direction="inbound",
        channel="web",
        program="income-withholding",
        filename="orders.txt",
        status="COMPLETE",
        created_at=now,
        changed_at=now,
    )
    with transaction(exchange.engine) as session:
        session.add(row)
    return row


def stored_order(
    exchange: Exchange, state: Partner, employer: Partner | None, *, days: float = 0, **values: Any
) -> WithholdingOrder:
    """An order that came so many days ago; without an employer it is an error."""
    whole = orders.ORDER | values
    transfer, cells = stored_transfer(exchange, state), exchange.vault.cells
    row = WithholdingOrder(
        id=uuid4(),
        transfer_id=transfer.id,
        line=3,
        state_id=state.organization.id,
        state_fips="20000",
        employer_id=employer.organization.id if employer else None,
        delivered_id=transfer.id if employer else None,
        action_code=whole["action_code"],
        tracking_hash=records.tracking_hashes(cells, [whole["document_tracking_number"].encode()])[0],
        case_hash=records.case_hashes(cells, [whole["case_id"].encode()])[0],
        ssn_hash=keys.ssn_hashes(cells, [whole["employee_ssn"].encode()])[0],
        sealed=b"",
        status=OrderStatus.SUBMITTED if employer else OrderStatus.ERROR,
        received_at=exchange.clock() - timedelta(days=days),
    )
    row.sealed = records.sealed(cells, records.order_purpose(row.id), ORIGIN, texts(ORDER, whole))
    with transaction(exchange.engine) as session:
        session.add(row)
    return row


def stored_answer(exchange: Exchange, order: WithholdingOrder, employer: Partner, **values: Any) -> None:
    """The answer to an order."""
    whole = orders.ACK | values
    row = OrderAnswer(
        id=uuid4(),
        order_id=order.id,
        transfer_id=stored_transfer(exchange, employer).id,
        line=3,
        employer_id=employer.organization.id,
        state_id=order.state_id,
        state_fips=order.state_fips,
        disposition=whole["disposition_status"],
        reason=whole.get("disposition_reason", ""),
        sealed=b"",
        answered_at=exchange.clock(),
    )
    purpose, cells = records.answer_purpose(row.id), exchange.vault.cells
    row.sealed = records.sealed(cells, purpose, ORIGIN, texts(ACKNOWLEDGEMENT, whole))
    with transaction(exchange.engine) as session:
        status = OrderStatus.ACCEPTED if row.disposition == "A" else OrderStatus.REJECTED
        session.get_one(WithholdingOrder, order.id).status = status
        session.add(row)


def texts(record: Record, values: dict[str, Any]) -> list[str]:
    line = record.render(values).decode()
    return [line[each.first - 1 : each.last].rstrip() for each in record.by_name.values()]
