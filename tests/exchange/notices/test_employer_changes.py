"""Employer changes: who has to do with an employer learns the next day what it changed, once and no more."""

import io
from datetime import datetime

import pytest
from sqlmodel import col, select

from exchange.accounts import details
from exchange.database import reading, transaction
from exchange.models.accounts import Organization
from exchange.models.jobs import Notice
from exchange.models.notices import EmployerChange
from exchange.notices import employer_changes
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from roles.permissions import Role
from schemas.catalog import LAYOUTS
from schemas.checking import CheckRules, check
from tests.conftest import Clock
from tests.exchange.notices.test_notices import report
from tests.exchange.test_details import ELSEWHERE, SAME, SOMEBODY, SOMEWHERE
from tests.support.orders import stored_order
from tests.support.partners import Partner, make_partner
from tests.support.record_files import outbox, records

SLUG = "employer-change"


def changes(exchange: Exchange) -> list[EmployerChange]:
    with reading(exchange.engine) as session:
        return list(session.exec(select(EmployerChange).order_by(col(EmployerChange.at))))


def test_states_that_have_to_do_with_an_employer_learn_the_next_day_what_it_changed(
    exchange: Exchange, clock: Clock, ocss: Partner
) -> None:
    people, boss = seed(exchange, 40, 7), make_partner(exchange, Role.EMPLOYER, administrator=True)
    owed, *_ = people.person(3).states
    others = [code for code in ("KS", "NE", "OH") if code != owed]
    noticed, ordered, neither = (
        make_partner(exchange, Role.STATE, number, jurisdiction=code)
        for number, code in enumerate((owed, *others[:2]), 1)
    )
    report(exchange, boss, people, "lump-sum", "C1")
    stored_order(exchange, ordered, boss)
    stored_order(exchange, neither, boss, days=400)
    day = exchange.clock().date()
    for sort, purpose, given in (
        ("address", "withholding", ELSEWHERE),
        ("address", "medical", SAME),
        ("address", "withholding", SOMEWHERE),
        ("contact", "withholding", SOMEBODY),
        ("contact", "security", SOMEBODY),
    ):
        details.save(exchange, boss.actor, sort, purpose, given)
    assert employer_changes.sweep(exchange) == 0
    clock.forward(days=1)
    assert (employer_changes.sweep(exchange), employer_changes.sweep(exchange)) == (2, 0)
    assert outbox(exchange, neither.actor, employer_changes.PROGRAM) == {}
    for state in (noticed, ordered):
        [(name, content)] = outbox(exchange, state.actor, employer_changes.PROGRAM).items()
        checked = check(LAYOUTS[SLUG], io.BytesIO(content), rules=CheckRules(day, synthetic=True))
        assert [block.findings for block in checked if block.findings] == []
        assert name.startswith(f"{SLUG}-{state.organization.jurisdiction}-")
        told = records(SLUG, content)
        assert [(one["detail"], one["purpose"], one["street"], one["contact_name"]) for one in told] == [
            ("A", "M", "1 SAMPLE STREET", None),
            ("A", "W", "1 SAMPLE STREET", None),
            ("C", "W", None, "PAT PAYROLL"),
        ]
        assert {(one["employer_fein"], one["changed_on"]) for one in told} == {(boss.fein, day)}
        assert (told[2]["email"], told[2]["telephone"], told[0]["zip"]) == (
            "pat@example.org", "7855550123", "666011234",
        )  # fmt: skip
        with reading(exchange.engine) as session:
            asked = select(Notice).where(Notice.organization_id == state.organization.id)
            assert [one.event for one in session.exec(asked)][-1] == "transfer.waiting"


@pytest.mark.parametrize("role", [Role.FINANCIAL_INSTITUTION, Role.STATE], ids=str)
def test_who_is_no_employer_changes_nothing_that_is_told(exchange: Exchange, role: Role) -> None:
    somebody = make_partner(exchange, role, administrator=True)
    details.save(exchange, somebody.actor, "contact", "withholding", SOMEBODY)
    assert changes(exchange) == []


def test_a_worker_that_is_killed_before_it_noted_what_it_told_tells_it_once(
    exchange: Exchange, clock: Clock, ocss: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = make_partner(exchange, Role.EMPLOYER, administrator=True)
    state = make_partner(exchange, Role.STATE, jurisdiction="KS")
    stored_order(exchange, state, boss)
    details.save(exchange, boss.actor, "address", "office", SOMEWHERE)
    clock.forward(days=1)

    class KilledError(Exception):
        """As a kill: nothing after it is done."""

    def die(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as killed:
        killed.setattr(employer_changes.mail, "notify", die)
        with pytest.raises(KilledError):
            employer_changes.sweep(exchange)
    assert (outbox(exchange, state.actor, employer_changes.PROGRAM), changes(exchange)[0].told_at) == (
        {},
        None,
    )
    assert employer_changes.sweep(exchange) == 1
    assert len(outbox(exchange, state.actor, employer_changes.PROGRAM)) == 1


def test_of_two_workers_at_once_the_second_tells_nothing(
    exchange: Exchange, clock: Clock, ocss: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = make_partner(exchange, Role.EMPLOYER, administrator=True)
    state = make_partner(exchange, Role.STATE, jurisdiction="KS")
    stored_order(exchange, state, boss)
    details.save(exchange, boss.actor, "address", "office", SOMEWHERE)
    clock.forward(days=1)
    issue, told = employer_changes._issue, list[int]()

    def overtaken(*given: object) -> int:
        if not told:
            told.append(0)
            told[0] = employer_changes.sweep(exchange)
        return issue(*given)

    monkeypatch.setattr(employer_changes, "_issue", overtaken)
    assert (employer_changes.sweep(exchange), told) == (0, [1])
    assert len(outbox(exchange, state.actor, employer_changes.PROGRAM)) == 1


def test_an_employer_that_is_not_here_any_more_has_nothing_told_of_it(
    exchange: Exchange, clock: Clock, ocss: Partner
) -> None:
    boss = make_partner(exchange, Role.EMPLOYER, administrator=True)
    stored_order(exchange, make_partner(exchange, Role.STATE, jurisdiction="KS"), boss)
    details.save(exchange, boss.actor, "address", "office", SOMEWHERE)
    with transaction(exchange.engine) as session:
        session.get_one(Organization, boss.organization.id).status = "suspended"
    clock.forward(days=1)
    assert employer_changes.sweep(exchange) == 0
    assert isinstance(changes(exchange)[0].told_at, datetime)
