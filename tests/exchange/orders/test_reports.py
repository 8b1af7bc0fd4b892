"""Who sees which reports without an order, and what opening one shows and notes."""

import pytest
from sqlmodel import select

from exchange.accounts.enrolment import represent
from exchange.database import reading
from exchange.errors import NotPermittedError, RecordNotFoundError, RequestInvalidError
from exchange.models.journal import JournalEvent
from exchange.orders import on_screen, reports
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Role
from tests.support.partners import Partner, make_partner

PERSON = {"employee_ssn": "900-01-0001", "employee_last_name": "SAMPLESON", "employee_first_name": "ALEX"}


def tell(firm: Partner, state: str, what: str, **more: str) -> None:
    on_screen.report(firm.exchange, firm.actor, state, PERSON | {"disposition_status": what} | more)


def listed(of: Partner) -> list[tuple[str, str]]:
    """What was reported to whom, newest first, page by page."""
    found, cursor = [], None
    while True:
        page = reports.reports(of.exchange, of.actor, cursor, 2)
        found += [(line.disposition, line.state) for line in page.items]
        cursor = page.next
        if cursor is None:
            return found


def test_each_sees_its_own_reports_newest_first(exchange: Exchange, state: Partner, firm: Partner) -> None:
    other = make_partner(exchange, Role.EMPLOYER, 2)
    for what, code, day in (("S", "KS", ""), ("T", "NE", "2026-01-02"), ("T", "KS", "2026-01-02")):
        tell(firm, code, what, termination_date=day)
    tell(other, "KS", "L", lump_sum_amount="1,250.50")
    own = state.organization.name
    assert sorted(listed(firm)) == [("S", own), ("T", "Nebraska"), ("T", own)]
    assert sorted(listed(state)) == [("L", own), ("S", own), ("T", own)]
    agent = make_partner(exchange, Role.EMPLOYER, 3, kind=OrganizationKind.PROCESSOR)
    assert listed(agent) == []
    represent(exchange, agent.organization.id, other.organization.id)
    assert listed(agent) == [("L", own)]
    with pytest.raises(NotPermittedError):
        listed(make_partner(exchange, Role.INSURER))
    with pytest.raises(RequestInvalidError):
        reports.reports(exchange, state.actor, "x")


def test_a_report_opened_shows_all_of_it_and_is_noted(
    exchange: Exchange, state: Partner, firm: Partner
) -> None:
    tell(firm, "KS", "L", lump_sum_amount="1,250.50")
    (line,) = reports.reports(exchange, state.actor).items
    opened = reports.report(exchange, state.actor, line.id)
    assert (opened.line.employer, opened.line.name) == (firm.organization.name, "SAMPLESON, ALEX")
    assert (opened.values["employee_ssn"], opened.values["lump_sum_amount"]) == ("900010001", 125_050)
    with reading(exchange.engine) as session:
        noted = session.exec(select(JournalEvent).where(JournalEvent.subject_id == line.id)).one()
    assert (noted.kind, noted.organization_id) == ("order.report_opened", state.organization.id)
    with pytest.raises(RecordNotFoundError):
        reports.report(exchange, make_partner(exchange, Role.EMPLOYER, 2).actor, line.id)
