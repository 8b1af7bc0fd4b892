"""A worker is killed before and after each of its commits; afterwards there is exactly one answer."""

from collections import Counter

import pytest
from sqlmodel import select

from exchange import journal
from exchange.database import reading
from exchange.models.transfers import ControlNumber, Finding, Status, Transfer
from exchange.registry.population import Population
from exchange.runtime import Exchange
from exchange.transfers import pipeline
from exchange.transfers.views import TransferView
from tests.conftest import Clock
from tests.support.children import die_at, fork, outcome
from tests.support.partners import Partner
from tests.support.record_files import hand_over, people_file

COMMITS = 4
"""The first claim, then one a step: its effect with the claim of the next."""
SIGKILL = -9


def killed_at(exchange: Exchange, view: TransferView, event: str, nth: int) -> int:
    """Process the file in a child that is killed at the nth commit; how the child ended."""
    seen = Counter[str]()

    def moment(happened: str, name: str) -> bool:
        if name == "do_commit" and happened == event:
            seen[name] += 1
        return seen[name] == nth

    def work() -> None:
        exchange.after_fork()
        die_at(moment)
        pipeline.drive(exchange, view.id)

    return outcome(fork(work))


@pytest.mark.parametrize("event", ["call", "return"], ids=["before", "after"])
def test_a_worker_killed_at_any_commit_leaves_exactly_one_answer(
    each_exchange: Exchange, people: Population, sender: Partner, clock: Clock, event: str
) -> None:
    person = people.person(3)
    wrong = {"ssn": "12345678X", "last_name": "SAMPLE", "first_name": "ADA"}
    entry: dict[str, object] = {
        "ssn": person.ssn,
        "last_name": person.last_name,
        "first_name": person.first_name,
    }
    views = []
    for nth in range(1, COMMITS + 1):
        paid = entry | {"payment_amount": nth}  # each file reports something new
        content = people_file("lump-sum", sender, [paid, wrong], f"C{nth}")
        view = hand_over(each_exchange, sender.actor, "lump-sum", content, f"{nth}.txt")
        assert killed_at(each_exchange, view, event, nth) == SIGKILL
        views.append(view)
    clock.forward(seconds=61)
    assert {pipeline.drive(each_exchange, view.id) for view in views} == {Status.COMPLETE}
    kinds = ["result", "findings", "acknowledgement", *(f"notice-{s.lower()}" for s in person.states)]
    with reading(each_exchange.engine) as session:
        outbound = session.exec(select(Transfer).where(Transfer.direction == "outbound")).all()
        findings = session.exec(select(Finding.transfer_id)).all()
        numbers = session.exec(select(ControlNumber.transfer_id)).all()
    assert Counter((row.answers_to, row.kind) for row in outbound) == Counter(
        {(view.id, kind): 1 for view in views for kind in kinds}
    )
    assert Counter(findings) == Counter(numbers) == Counter(view.id for view in views)
    assert journal.verify(each_exchange) is None
