"""A worker is killed before and after each of its commits; afterwards there is exactly one answer."""

from collections import Counter
from dataclasses import dataclass
from functools import partial

import pytest
from sqlmodel import select

from exchange import journal
from exchange.database import reading
from exchange.models.journal import JournalEvent
from exchange.models.transfers import ControlNumber, Finding, Status, Transfer
from exchange.programs import on_screen
from exchange.registry.population import Population
from exchange.runtime import Exchange
from exchange.transfers import first_pass, pipeline
from tests.conftest import Clock
from tests.support.children import killed_at
from tests.support.partners import Partner
from tests.support.record_files import hand_over, people_file

SIGKILL = -9


@dataclass(frozen=True)
class Killing:
    """Before or after each of so many commits; `small`: bytes of a file that is committed in one."""

    event: str
    commits: int
    small: int


KILLINGS = {
    "together-before": Killing("call", 2, 64 * 1024),
    "together-after": Killing("return", 2, 64 * 1024),
    "one by one-before": Killing("call", 4, 0),
}
"""The first claim, then all steps in one; or one commit a step: its effect with the claim of the next."""


@pytest.fixture(params=KILLINGS)
def killing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Killing:
    chosen = KILLINGS[request.param]
    monkeypatch.setattr(first_pass, "SMALL", chosen.small)
    return chosen


def test_a_worker_killed_at_any_commit_leaves_exactly_one_answer(
    each_exchange: Exchange, people: Population, sender: Partner, clock: Clock, killing: Killing
) -> None:
    person = people.person(3)
    wrong = {"ssn": "12345678X", "last_name": "SAMPLE", "first_name": "ADA"}
    entry: dict[str, object] = {
        "ssn": person.ssn,
        "last_name": person.last_name,
        "first_name": person.first_name,
    }
    views = []
    for nth in range(1, killing.commits + 1):
        paid = entry | {"payment_amount": nth}  # each file reports something new
        content = people_file("lump-sum", sender, [paid, wrong], f"C{nth}")
        view = hand_over(each_exchange, sender.actor, "lump-sum", content, f"{nth}.txt")
        drive = partial(pipeline.drive, each_exchange, view.id)
        assert killed_at(each_exchange, drive, killing.event, nth) == SIGKILL
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


@pytest.mark.parametrize("event", ["call", "return"], ids=["before", "after"])
def test_a_door_killed_while_it_answers_at_once_leaves_what_was_handed_over_to_a_worker(
    each_exchange: Exchange, people: Population, sender: Partner, clock: Clock, event: str
) -> None:
    person, handed_over, answered_at_once = people.person(3), 1, 2
    asked = {"ssn": person.ssn, "last_name": person.last_name, "first_name": person.first_name}
    paid = {"payment_kind": "B", "payment_amount": "100.00"} | days("payment_date", 2026, 12, 24)
    ask = partial(on_screen.ask, each_exchange, sender.actor, "debt-inquiry", asked | paid)

    assert killed_at(each_exchange, ask, event, handed_over) == SIGKILL
    assert killed_at(each_exchange, ask, event, answered_at_once) == SIGKILL
    clock.forward(seconds=61)
    while pipeline.run_next(each_exchange, each_exchange.owner):
        pass

    with reading(each_exchange.engine) as session:
        statuses = session.exec(select(Transfer.status).where(Transfer.direction == "inbound")).all()
        results = session.exec(select(Transfer.answers_to).where(Transfer.kind == "result")).all()
    acknowledged = 1 if event == "call" else 2
    assert statuses == [Status.COMPLETE] * acknowledged
    assert len(set(results)) == len(results) == acknowledged
    with reading(each_exchange.engine) as session:
        given = session.exec(select(JournalEvent).where(JournalEvent.kind == "transfer.downloaded")).all()
    assert len(given) == (0 if event == "call" else 1), "noted with the answer, or not at all"
    assert journal.verify(each_exchange) is None


def days(name: str, year: int, month: int, day: int) -> dict[str, str]:
    return {f"{name}-year": f"{year}", f"{name}-month": f"{month}", f"{name}-day": f"{day}"}
