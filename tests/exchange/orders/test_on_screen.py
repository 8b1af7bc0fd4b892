"""Orders answered on the screen, and reports of an employer's own: they travel as files."""

from uuid import UUID, uuid4

import pytest

from exchange.accounts.enrolment import represent
from exchange.errors import FieldsRefusedError, NotPermittedError, RecordNotFoundError
from exchange.models.transfers import Status
from exchange.orders import lists, on_screen
from exchange.orders.lists import OrderQuery
from exchange.runtime import Exchange
from exchange.transfers import delivery
from roles.organizations import OrganizationKind
from roles.permissions import Role
from tests.support.order_files import PROGRAM, delivered, hand_in, order_file, read
from tests.support.partners import Partner, make_partner


@pytest.fixture
def orders(exchange: Exchange, state: Partner, firm: Partner) -> dict[str, UUID]:
    """Three orders that wait, by tracking number; one is of another state."""
    nebraska = make_partner(exchange, Role.STATE, 2, jurisdiction="NE")
    for of, code, numbers in ((state, "20000", ("T1", "T2")), (nebraska, "31000", ("N1",))):
        details = [{"document_tracking_number": number, "order_identifier": "O'7"} for number in numbers]
        assert hand_in(of, order_file("A", (firm.fein, details), state_fips=code)).codes == []
    lines = lists.orders(exchange, firm.actor, OrderQuery()).items
    return {line.tracking_number: line.id for line in lines}


def told(state: Partner, *names: str) -> list[tuple[object, ...]]:
    files = [read(f"{PROGRAM}-ack", file) for file in delivered(state, "acknowledgements")]
    return [each for file in files for each in file.each(*names)]


def test_orders_of_several_states_are_answered_with_one_choice(
    exchange: Exchange, state: Partner, firm: Partner, orders: dict[str, UUID]
) -> None:
    handed = on_screen.acknowledge(
        exchange, firm.actor, list(orders.values()), "R", "N", {"termination_date": "Jan 2, 2026"}
    )
    view = delivery.transfer(exchange, firm.actor, handed.transfer.id)
    assert (view.status, view.records, view.findings_count) == (Status.COMPLETE, 3, 0)
    lines = lists.orders(exchange, firm.actor, OrderQuery()).items
    assert {(line.status.value, line.disposition, line.reason) for line in lines} == {("rejected", "R", "N")}
    names = ("document_tracking_number", "order_identifier", "employee_ssn", "termination_date")
    assert [(one[0], one[1], one[2], str(one[3])) for one in told(state, *names)] == [
        (number, "O'7", "900010001", "2026-01-02") for number in ("T1", "T2")
    ]
    with pytest.raises(FieldsRefusedError, match="no answer yet"):
        on_screen.acknowledge(exchange, firm.actor, [orders["T1"]], "A")


REFUSED: tuple[tuple[str, str, dict[str, str], str, str], ...] = (
    ("A", "Z", {}, "disposition_reason", r"with status A the reason is blank, B \("),
    ("Q", "", {}, "disposition_status", "A accepted, R rejected"),
    ("R", "Z", {}, "action_code", r"the action code is TRM"),
    ("L", "", {}, "action_code", "the action code is blank"),
    ("R", "N", {}, "termination_date", "fill this in"),
    ("R", "W", {"corrected_fein": "12"}, "corrected_fein", "9 digits"),
    ("A", "", {"last_known_city": "X" * 30}, "last_known_city", "at most 22"),
)
"""Status, reason, what else was typed; the field that is wrong, and words about it."""


def test_an_answer_that_is_not_allowed_is_told_what_is(
    exchange: Exchange, firm: Partner, orders: dict[str, UUID]
) -> None:
    for disposition, reason, more, field, words in REFUSED:
        with pytest.raises(FieldsRefusedError, match=words) as refusal:
            on_screen.acknowledge(exchange, firm.actor, list(orders.values()), disposition, reason, more)
        assert field in refusal.value.problems
    lines = lists.orders(exchange, firm.actor, OrderQuery()).items
    assert {one.status.value for one in lines} == {"submitted"}


def test_only_who_has_an_order_answers_it_or_who_acts_for_that(
    exchange: Exchange, state: Partner, firm: Partner, orders: dict[str, UUID]
) -> None:
    agent = make_partner(exchange, Role.EMPLOYER, 3, kind=OrganizationKind.PROCESSOR)
    for chosen in ([orders["T1"]], [uuid4()]):
        with pytest.raises(RecordNotFoundError):
            on_screen.acknowledge(exchange, agent.actor, chosen, "A")
    with pytest.raises(FieldsRefusedError, match="at least one"):
        on_screen.acknowledge(exchange, agent.actor, [], "A")
    with pytest.raises(NotPermittedError):
        on_screen.acknowledge(exchange, state.actor, [orders["T1"]], "A")
    represent(exchange, agent.organization.id, firm.organization.id)
    on_screen.acknowledge(exchange, agent.actor, [orders["T1"]], "A")
    assert told(state, "document_tracking_number", "disposition_status") == [("T1", "A")]


def test_an_employer_reports_to_a_state_without_an_order(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    gone = {"disposition_status": "T", "employee_ssn": "900-01-0001", "termination_date": "2026-01-02"}
    handed = on_screen.report(exchange, firm.actor, "KS", gone)
    assert delivery.transfer(exchange, firm.actor, handed.transfer.id).status == Status.COMPLETE
    assert told(state, "disposition_status", "employee_ssn", "action_code") == [("T", "900010001", None)]
    for more, of_state, fein, field in (
        ({"employee_ssn": ""}, "KS", "", "employee_ssn"),
        ({}, "ZZ", "", "state"),
        ({}, "KS", "001999999", "ein"),
        ({"disposition_status": "A"}, "KS", "", "document_tracking_number"),
    ):
        with pytest.raises(FieldsRefusedError) as refusal:
            on_screen.report(exchange, firm.actor, of_state, gone | more, fein)
        assert field in refusal.value.problems
