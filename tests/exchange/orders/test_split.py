"""Hundreds of orders of two states to many employers, and their answers, against a split by a plain loop.

In `make soak` there are 20,000 orders of each state to 500 employers, twenty of which answer.
"""

import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from sqlmodel import func, select

from exchange import journal
from exchange.database import reading
from exchange.models.orders import OrderAnswer, WithholdingOrder
from exchange.models.transfers import Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import pipeline
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.children import die_at, fork, outcome
from tests.support.order_files import PROGRAM, Values, ack_file, delivered, hand_in, order_file, read
from tests.support.partners import Partner, make_partner
from tests.support.record_files import hand_over

SOAK = bool(os.environ.get("SOAK"))
ORDERS, FIRMS = (20_000, 500) if SOAK else (240, 3)
ANSWERING = 20
SIGKILL = -9
EIN, DETAIL = slice(30, 39), b"DTL"
BAD_CASE = b"BAD*CASE"


def some_orders(dice: random.Random, firms: list[Partner], prefix: str) -> list[tuple[str, list[Values]]]:
    """Batches by EIN: of these firms and of two that nobody knows, a firm may come again; some are wrong."""
    feins = [firm.fein for firm in firms] + ["009999991", "009999992"]
    dice.shuffle(feins)
    feins += feins[:3]
    size = -(-ORDERS // len(feins))
    numbers = iter(range(ORDERS + size * len(feins)))

    def one() -> Values:
        number = next(numbers)
        case = BAD_CASE.decode() if dice.random() < 0.05 else f"CASE{number}"
        ssn = f"900{number % 100:02d}{number % 10_000:04d}"
        return {"document_tracking_number": f"{prefix}{number}", "case_id": case, "employee_ssn": ssn}

    return [(fein, [one() for _ in range(dice.randint(1, 2 * size - 1))]) for fein in feins]


def split(file: bytes) -> dict[str, list[bytes]]:
    """By EIN the orders that are right, in the order of the file: one loop, one if."""
    wanted: dict[str, list[bytes]] = defaultdict(list)
    ein = ""
    for line in file.splitlines():
        if line.startswith(b"BHI"):
            ein = line[EIN].decode()
        elif line.startswith(DETAIL) and BAD_CASE not in line:
            wanted[ein].append(line)
    return wanted


def lines_of(file: bytes, mark: bytes) -> list[bytes]:
    return [line for line in file.splitlines() if line.startswith(mark)]


def answers_to(dice: random.Random, file: bytes) -> Iterator[Values]:
    """An answer to each order of a file, now and then with another case, which refuses it."""
    for one in read(PROGRAM, file).details:
        said = dice.choice([("A", None), ("A", "S"), ("R", "U"), ("R", "O")])
        yield {
            "action_code": one["action_code"],
            "case_id": "OTHER" if dice.random() < 0.05 else one["case_id"],
            "employee_ssn": one["employee_ssn"],
            "document_tracking_number": one["document_tracking_number"],
            "disposition_status": said[0],
            "disposition_reason": said[1],
        }


@pytest.mark.timeout(3_000)
def test_every_order_reaches_its_employer_once_and_every_answer_its_state(each_exchange: Exchange) -> None:
    make_partner(each_exchange, Role.OCSS_STAFF)
    firms = [make_partner(each_exchange, Role.EMPLOYER, number) for number in range(1, FIRMS + 1)]
    states = {
        "20000": make_partner(each_exchange, Role.STATE, jurisdiction="KS"),
        "31000": make_partner(each_exchange, Role.STATE, 2, jurisdiction="NE"),
    }
    dice = random.Random(7)
    wanted: dict[str, Counter[bytes]] = defaultdict(Counter)
    answers: dict[str, dict[str, list[Values]]] = defaultdict(dict)
    expected: dict[str, Counter[tuple[object, ...]]] = defaultdict(Counter)
    for code, state in states.items():
        file = order_file(f"F{code}", *some_orders(dice, firms, code), state_fips=code)
        parts = split(file)
        back = hand_in(state, file)
        assert back.status is Status.COMPLETE
        refused = len(lines_of(file, DETAIL)) - sum(len(parts[firm.fein]) for firm in firms)
        assert len(lines_of(back.answers[".res"], DETAIL)) == refused
        for firm in firms:
            wanted[firm.fein].update(parts[firm.fein])
    for firm in firms:
        files = delivered(firm, "orders")
        assert Counter(line for file in files for line in lines_of(file, DETAIL)) == wanted[firm.fein]
        for file in files:
            code = str(read(PROGRAM, file).header["state_fips"])
            answers[firm.fein][code] = list(answers_to(dice, file))
    for firm in firms[:ANSWERING]:
        for code, said in answers[firm.fein].items():
            file = ack_file(f"{code}{firm.fein}", (firm.fein, said), batch={"state_fips": code})
            assert hand_in(firm, file).status is Status.COMPLETE
            right = [one for one in said if one["case_id"] != "OTHER"]
            names = ("document_tracking_number", "disposition_status", "disposition_reason")
            expected[code].update(tuple(one[name] for name in names) for one in right)
    for code, state in states.items():
        files = [read(f"{PROGRAM}-ack", file) for file in delivered(state, "acknowledgements")]
        names = ("document_tracking_number", "disposition_status", "disposition_reason")
        assert Counter(each for file in files for each in file.each(*names)) == expected[code]
        numbers = [str(head["control_number"]) for file in files for head, _ in file.batches]
        numbers += [str(file.header["control_number"]) for file in files]
        assert len(set(numbers)) == len(numbers) == 2 * len(files)
    with reading(each_exchange.engine) as session:
        kept = session.exec(select(func.count()).select_from(OrderAnswer)).one()
    assert kept == sum(expected["20000"].values()) + sum(expected["31000"].values())


@pytest.mark.parametrize("event", ["call", "return"], ids=["before", "after"])
def test_a_worker_killed_at_the_last_commit_delivers_every_order_and_every_answer_once(
    exchange: Exchange, clock: Clock, event: str
) -> None:
    make_partner(exchange, Role.OCSS_STAFF)
    state, firm = make_partner(exchange, Role.STATE, jurisdiction="KS"), make_partner(exchange, Role.EMPLOYER)
    order, last_commit = {"document_tracking_number": "T1"}, 2

    def killed(partner: Partner, file: bytes) -> None:
        view = hand_over(exchange, partner.actor, PROGRAM, file)
        commits = Counter[str]()

        def moment(happened: str, name: str) -> bool:
            commits[name] += name == "do_commit" and happened == event
            return commits["do_commit"] == last_commit

        def work() -> None:
            exchange.after_fork()
            die_at(moment)
            pipeline.drive(exchange, view.id)

        assert outcome(fork(work)) == SIGKILL
        clock.forward(seconds=61)
        assert pipeline.drive(exchange, view.id) is Status.COMPLETE

    killed(state, order_file("A", (firm.fein, [order])))
    killed(firm, ack_file("B", (firm.fein, [order])))
    assert len(delivered(firm, "orders")) == len(delivered(state, "acknowledgements")) == 1
    with reading(exchange.engine) as session:
        assert [one.status for one in session.exec(select(WithholdingOrder))] == ["accepted"]
        assert len(session.exec(select(OrderAnswer)).all()) == 1
        outbound = session.exec(select(Transfer.kind).where(Transfer.direction == "outbound")).all()
    ours = ["result", "findings", "acknowledgement"]
    assert Counter(outbound) == Counter([*ours, *ours, "orders", "acknowledgements-ks"])
    assert journal.verify(exchange) is None
