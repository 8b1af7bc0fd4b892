"""Orders and their acknowledgements by OpenSSH's sftp: put, fetched and answered with nothing but files."""

from pathlib import Path

import pytest

from exchange.orders import lists
from exchange.orders.lists import OrderQuery
from exchange.runtime import Exchange
from exchange.transfers import pipeline
from roles.permissions import Role
from tests.sftp_gateway.conftest import NUMBERS, Gateway, User, make_user
from tests.sftp_gateway.tools import Sftp
from tests.support.order_files import PROGRAM, ack_file, order_file, read
from tests.support.partners import Partner, make_partner

pytestmark = [pytest.mark.clients, pytest.mark.usefixtures("ocss")]
INBOX, OUTBOX = f"/inbox/{PROGRAM}", f"/outbox/{PROGRAM}"
NEBRASKA = "31000"
TRACKING = "document_tracking_number"


def test_orders_reach_their_employer_and_its_answers_the_state_by_sftp(  # a journey
    gateway: Gateway, exchange: Exchange, user: User, stranger: User, tmp_path: Path
) -> None:
    state = make_partner(exchange, Role.STATE, next(NUMBERS), jurisdiction="NE")
    agency = Sftp(gateway, make_user(exchange, state, tmp_path), tmp_path)
    employer, other = Sftp(gateway, user, tmp_path), Sftp(gateway, stranger, tmp_path)
    tracked = [{TRACKING: "T1"}, {TRACKING: "T2"}, {TRACKING: "T3", "case_id": "A*"}]
    orders = order_file("SFTP", (user.partner.fein, tracked), state_fips=NEBRASKA)
    (tmp_path / "orders.txt").write_bytes(orders)
    agency.put(tmp_path / "orders.txt", f"{INBOX}/orders.txt.part")
    work(exchange)
    assert "orders.txt.res" not in agency.names(OUTBOX), "a draft was not handed over"
    agency.rename(f"{INBOX}/orders.txt.part", f"{INBOX}/orders.txt")
    work(exchange)
    wrong = read(f"{PROGRAM}-result", fetched(agency, tmp_path, "orders.txt.res"))
    assert wrong.each(TRACKING, "first_error_field_name") == [("T3", "CASE_ID")]

    assert statuses(state) == {"T1": "submitted", "T2": "submitted"}, "a wrong one is no order"
    assert other.names(OUTBOX) == set()
    (name,) = (one for one in employer.names(OUTBOX) if one.startswith(f"{PROGRAM}-orders-"))
    assert read(PROGRAM, fetched(employer, tmp_path, name)).each(TRACKING) == [("T1",), ("T2",)]
    assert statuses(state)["T1"] == "receipted", "who fetched the file has received its orders"

    said = [{TRACKING: "T1"}, {TRACKING: "T2", "disposition_status": "R", "disposition_reason": "U"}]
    batch = (user.partner.fein, said)
    (tmp_path / "answers.txt").write_bytes(ack_file("SFTP", batch, batch={"state_fips": NEBRASKA}))
    employer.put(tmp_path / "answers.txt", f"{INBOX}/answers.txt")
    work(exchange)
    assert read(f"{PROGRAM}-ack-result", fetched(employer, tmp_path, "answers.txt.res")).details == []
    (name,) = (one for one in agency.names(OUTBOX) if one.startswith(f"{PROGRAM}-acknowledgements-"))
    told = read(f"{PROGRAM}-ack", fetched(agency, tmp_path, name))
    assert told.each(TRACKING, "disposition_status") == [("T1", "A"), ("T2", "R")]
    assert statuses(state) == {"T1": "accepted", "T2": "rejected"}


def work(exchange: Exchange) -> None:
    while pipeline.run_next(exchange, "test"):
        pass


def fetched(tool: Sftp, folder: Path, name: str) -> bytes:
    """A file of the outbox."""
    tool.get(f"{OUTBOX}/{name}", folder / name)
    return (folder / name).read_bytes()


def statuses(of: Partner) -> dict[str, str]:
    found = lists.orders(of.exchange, of.actor, OrderQuery()).items
    return {one.tracking_number: one.status.value for one in found}
