"""Orders answered on the screen, one or many, and reports without an order."""

import re

import pytest
from playwright.sync_api import expect
from starlette.testclient import TestClient

from exchange.accounts.enrolment import represent
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Role
from tests.support.order_files import PROGRAM, delivered, hand_in, order_file, read
from tests.support.partners import Partner, make_partner
from tests.web.accessibility import faults
from tests.web.conftest import Enter
from tests.web.visitors import Visitor

DAY = {"termination_date-month": "1", "termination_date-day": "2", "termination_date-year": "2026"}


ORDERS = (("T1", "ORG", "ABLE"), ("T2", "ORG", "BAKER"), ("T3", "TRM", "CHARLES"))


@pytest.fixture
def state(exchange: Exchange, employer: Partner) -> Partner:
    """A state that sent three orders; one of them ends an earlier one."""
    make_partner(exchange, Role.OCSS_STAFF)
    made = make_partner(exchange, Role.STATE, jurisdiction="KS")
    names = ("document_tracking_number", "action_code", "employee_last_name")
    details = [dict(zip(names, each, strict=True)) for each in ORDERS]
    assert hand_in(made, order_file("A", (employer.fein, details))).codes == []
    return made


def boxes(browser: TestClient) -> dict[str, str]:
    """The boxes of the list, as if all were ticked."""
    return dict.fromkeys(re.findall(r'name="(order-[^"]+)"', browser.get("/orders").text), "yes")


def told(state: Partner, *names: str) -> list[tuple[object, ...]]:
    files = [read(f"{PROGRAM}-ack", file) for file in delivered(state, "acknowledgements")]
    return [each for file in files for each in file.each(*names)]


def test_many_orders_are_answered_at_once_with_a_receipt(
    state: Partner, employer: Partner, browser: TestClient
) -> None:
    chosen = boxes(browser)
    page = browser.get("/orders/answer", params=chosen).text
    assert "Answer 3 orders" in page
    assert "never worked here" in page
    assert 'value="R-Z"' not in page
    sent = browser.post("/orders/answer", data=chosen | {"answer": "R-N"} | DAY)
    assert (sent.status_code, sent.headers["location"][:17]) == (303, "/orders/answered/")
    done = browser.get(sent.headers["location"]).text
    assert "3 orders answered" in done
    assert done.count("Rejected: no longer employed") == 3
    (receipt,) = re.findall(r'href="(/files/[^"]+/receipt)"', done)
    assert browser.get(receipt).json()["signature"]
    names = ("document_tracking_number", "disposition_status", "disposition_reason", "termination_date")
    assert [(one[0], one[1], one[2], str(one[3])) for one in told(state, *names)] == [
        (number, "R", "N", "2026-01-02") for number in ("T1", "T2", "T3")
    ]
    assert boxes(browser) == {}
    again = browser.get("/orders/answer", params=chosen)
    assert (again.status_code, "have no answer yet" in again.text) == (422, True)
    late = browser.post("/orders/answer", data=chosen | {"answer": "A"})
    assert (late.status_code, "no answer yet" in late.text) == (422, True)


def test_what_is_wrong_is_told_and_what_was_typed_stays(state: Partner, browser: TestClient) -> None:
    chosen = boxes(browser)
    refused = browser.post("/orders/answer", data=chosen | {"answer": "R-N", "last_known_city": "Topeka"})
    assert refused.status_code == 422
    assert 'href="#termination_date"' in refused.text
    assert 'value="Topeka"' in refused.text
    assert re.search(r'value="R-N" checked', refused.text)
    assert all(f'name="{box}"' in refused.text for box in chosen)
    ended = browser.post("/orders/answer", data=chosen | {"answer": "R-Z"})
    assert (ended.status_code, "the action code is TRM" in ended.text) == (422, True)
    strange = browser.post("/orders/answer", data=chosen | {"answer": "A-W", "corrected_fein": "é" * 40})
    assert (strange.status_code, 'href="#corrected_fein"' in strange.text) == (422, True)
    nothing = browser.get("/orders/answer")
    assert (nothing.status_code, "Select at least one order" in nothing.text) == (422, True)
    assert browser.post("/orders/answer", data={"answer": "A"}).status_code == 400


def test_only_who_got_an_order_answers_it(
    exchange: Exchange, state: Partner, browser: TestClient, sign_in: Enter
) -> None:
    chosen = boxes(browser)
    stranger = sign_in(make_partner(exchange, Role.EMPLOYER, 2))
    assert stranger.get("/orders/answer", params=chosen).status_code == 404
    assert stranger.post("/orders/answer", data=chosen | {"answer": "A"}).status_code == 404
    sender = sign_in(state)
    assert sender.get("/orders/answer", params=chosen).status_code == 403
    assert sender.post("/orders/answer", data=chosen | {"answer": "A"}).status_code == 403
    assert len(boxes(browser)) == 3


def test_a_report_without_an_order_reaches_its_state(
    state: Partner, browser: TestClient, sign_in: Enter
) -> None:
    who = {"employee_ssn": "900-01-0001", "employee_last_name": "Sampleson", "state": "KS"}
    lump = {"lump_sum_amount": "1,250.50", "lump_sum_type": "Bonus"}
    refused = browser.post("/orders/report", data={"answer": "L", "employee_last_name": "Sampleson"})
    assert (refused.status_code, 'value="Sampleson"' in refused.text) == (422, True)
    for field in ("state", "employee_ssn"):
        assert f'href="#{field}"' in refused.text
    for more in ({"answer": "L"} | lump, {"answer": "S"}, {"answer": "T"} | DAY):
        sent = browser.post("/orders/report", data=who | more)
        assert sent.status_code == 303, sent.text
        assert "Reported" in browser.get(sent.headers["location"]).text
    names = ("disposition_status", "employee_ssn", "lump_sum_amount", "action_code")
    assert sorted(told(state, *names), key=str) == [
        ("L", "900010001", 125_050, None),
        ("S", "900010001", None, None),
        ("T", "900010001", None, None),
    ]
    for reader in (browser, agency := sign_in(state)):
        rows = re.findall(r'href="(/orders/reports/[^"]+)">SAMPLESON</a>', reader.get("/orders/reports").text)
        assert len(rows) == 3
    whole = [agency.get(row).text for row in rows]
    assert [page.count("900-01-0001") for page in whole] == [1] * 3
    assert any("$1,250.50" in page for page in whole)
    foreign = browser.post("/orders/report", data=who | {"answer": "S", "ein": "001999999"})
    assert (foreign.status_code, 'href="#ein"' in foreign.text) == (422, True)


def test_a_processor_reports_and_answers_for_the_client_it_acts_for(
    exchange: Exchange, state: Partner, employer: Partner, sign_in: Enter
) -> None:
    agent = make_partner(exchange, Role.EMPLOYER, 3, kind=OrganizationKind.PROCESSOR)
    represent(exchange, agent.organization.id, employer.organization.id)
    browser = sign_in(agent)
    assert browser.get("/orders").text.count(f"for {employer.organization.name}") == 3
    own = browser.get("/orders/report").text
    assert f'name="ein" value="{agent.fein}"' in own
    browser.post(f"/acting-for/{employer.organization.id}", data={"next": "/orders"})
    assert f'name="ein" value="{employer.fein}"' in browser.get("/orders/report").text
    report = {"answer": "S", "state": "KS", "employee_ssn": "900-01-0001"}
    stale = browser.post("/orders/report", data=report | {"ein": agent.fein})
    assert (stale.status_code, 'href="#ein"' in stale.text) == (422, True)
    assert browser.post("/orders/report", data=report | {"ein": employer.fein}).status_code == 303
    assert browser.post("/orders/answer", data=boxes(browser) | {"answer": "A"}).status_code == 303
    assert {one[0] for one in told(state, "ein")} == {employer.fein}
    assert "No name given" in browser.get("/orders/reports").text


def test_the_home_page_tells_of_orders_that_wait(state: Partner, browser: TestClient) -> None:
    assert "3 orders wait</a>" in " ".join(browser.get("/home").text.split()).replace(" for your answer", "")
    browser.post("/orders/answer", data=boxes(browser) | {"answer": "A"})
    assert "for your answer" not in browser.get("/home").text


@pytest.mark.browser
def test_an_employer_reads_an_order_and_answers_three(
    state: Partner, employer: Partner, visitor: Visitor
) -> None:
    page = visitor.sign_in(employer)
    page.get_by_role("link", name="3 orders wait for your answer").click()
    page.get_by_role("link", name="ABLE, ALEX").click()
    expect(page.get_by_role("heading", name="Amounts")).to_be_visible()
    page.go_back()
    for box in page.locator(".pick label").all():
        box.click()
    page.get_by_role("button", name="Answer the selected").click()
    expect(page.get_by_text("Last day of work", exact=True)).to_be_hidden()
    page.get_by_text("Rejected, no longer works here").click()
    day = page.get_by_role("group", name="Last day of work")
    for part, text in (("Month", "1"), ("Day", "2"), ("Year", "2026")):
        day.get_by_label(part).fill(text)
    assert faults(page) == []
    page.get_by_role("button", name="Answer all 3").click()
    expect(page.get_by_role("heading", name="3 orders answered")).to_be_visible()
