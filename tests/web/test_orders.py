"""The pages of income withholding orders: who sees which, what they say, and orders on paper."""

import re

import pytest
from starlette.testclient import TestClient

from exchange.accounts.enrolment import represent
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Role
from tests.support.orders import stored_answer, stored_order
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE, jurisdiction="KS")


def names_in(browser: TestClient, path: str) -> list[str]:
    """First names of a list, in its order."""
    return re.findall(r">SAMPLESON, (\w+)</a>", browser.get(path).text)


def test_an_employer_lists_its_orders_by_status_flag_and_page(
    exchange: Exchange, state: Partner, employer: Partner, browser: TestClient
) -> None:
    for days, name in ((0, "ALEX"), (12, "KIM"), (25, "LEE")):
        stored_order(exchange, state, employer, days=days, employee_first_name=name)
    done = stored_order(exchange, state, employer, days=30, employee_first_name="SAM")
    stored_answer(exchange, done, employer, disposition_status="R", disposition_reason="U")
    page = browser.get("/orders").text
    assert names_in(browser, "/orders") == ["ALEX", "KIM", "LEE", "SAM"]
    for words in ("Late: waits 12 days", "Overdue: waits 25 days", "the employer does not know the person"):
        assert words in page
    assert re.findall(r"<b>(\d+)</b>", page) == ["3", "1", "1"]
    assert names_in(browser, "/orders?flag=red") == ["LEE"]
    assert names_in(browser, "/orders?status=rejected") == ["SAM"]
    assert names_in(browser, "/orders?status=waiting") == ["ALEX", "KIM", "LEE"]
    assert "No order fits" in browser.get("/orders?status=error").text
    assert [
        browser.get(f"/orders?{wrong}").status_code for wrong in ("status=x", "client=x", "cursor=x")
    ] == [400] * 3


def test_a_long_list_has_pages_that_keep_the_filter(
    exchange: Exchange, state: Partner, employer: Partner, browser: TestClient
) -> None:
    for number in range(27):
        stored_order(exchange, state, employer, days=number, document_tracking_number=f"T{number}")
    first = browser.get("/orders?status=waiting").text
    (link,) = re.findall(r'href="(/orders\?[^"]+)" rel="next"', first)
    second = browser.get(link.replace("&amp;", "&")).text
    assert [page.count(">SAMPLESON, ALEX</a>") for page in (first, second)] == [25, 2]
    assert "status=waiting" in link
    assert 'href="/orders?status=waiting"' in second


def test_an_opened_order_is_readable_and_its_employer_has_it(
    exchange: Exchange, state: Partner, employer: Partner, browser: TestClient
) -> None:
    script = "<script>alert(1)</script>"
    order = stored_order(exchange, state, employer, penalty_text=script, remittance_identifier="REMIT1")
    page = browser.get(f"/orders/{order.id}").text
    for words in (
        "900-01-0001",
        "$500.00",
        "monthly",
        "REMIT1",
        "Received by the employer",
        state.organization.name,
    ):
        assert words in page
    assert script not in page
    assert "Received, not answered" in browser.get("/orders").text


def test_a_state_follows_what_it_sent(
    exchange: Exchange, state: Partner, employer: Partner, sign_in: Enter
) -> None:
    order = stored_order(exchange, state, employer, days=11)
    stored_order(exchange, state, None, employee_first_name="KIM")
    answered = stored_order(exchange, state, employer, days=1, employee_first_name="LEE")
    stored_answer(exchange, answered, employer, disposition_reason="S")
    browser = sign_in(state)
    page = browser.get("/orders").text
    for words in ("Delivered, not yet opened", "Late: waits 11 days", "Takes no part here", "Not delivered"):
        assert words in page
    assert 'type="checkbox"' not in page
    assert "The employee is suspended or on leave" in browser.get(f"/orders/{answered.id}").text
    assert browser.get(f"/orders/{order.id}.pdf").content.startswith(b"%PDF-")


def test_a_processor_lists_its_clients_together_or_one_by_one(
    exchange: Exchange, state: Partner, employer: Partner, sign_in: Enter
) -> None:
    agent = make_partner(exchange, Role.EMPLOYER, 3, kind=OrganizationKind.PROCESSOR)
    other = make_partner(exchange, Role.EMPLOYER, 4)
    for client, name in ((employer, "ALEX"), (other, "KIM")):
        represent(exchange, agent.organization.id, client.organization.id)
        stored_order(exchange, state, client, employee_first_name=name)
    browser = sign_in(agent)
    assert sorted(names_in(browser, "/orders")) == ["ALEX", "KIM"]
    assert names_in(browser, f"/orders?client={other.organization.id}") == ["KIM"]
    assert f"for {other.organization.name}" in browser.get("/orders").text


def test_orders_of_others_are_not_there_in_any_form(
    exchange: Exchange, state: Partner, employer: Partner, sign_in: Enter
) -> None:
    order = stored_order(exchange, state, employer)
    paths = [f"/orders/{order.id}", f"/orders/{order.id}.pdf", f"/orders/selected.pdf?order-{order.id}=yes"]
    missing = ["/orders/none", "/orders/none.pdf", "/orders/selected.pdf?order-none=yes"]
    for stranger in (make_partner(exchange, Role.EMPLOYER, 2), make_partner(exchange, Role.STATE, 2)):
        browser = sign_in(stranger)
        answers = [browser.get(path) for path in paths + missing]
        assert [answer.status_code for answer in answers] == [404] * 6
    insurer = sign_in(make_partner(exchange, Role.INSURER))
    assert [insurer.get(path).status_code for path in ["/orders", *paths]] == [403] * 4


def test_selected_orders_come_as_one_document_and_none_selected_is_told(
    exchange: Exchange, state: Partner, employer: Partner, browser: TestClient
) -> None:
    orders = [stored_order(exchange, state, employer, document_tracking_number=f"T{n}") for n in "12"]
    boxes = re.findall(r'name="(order-[^"]+)"', browser.get("/orders").text)
    assert sorted(boxes) == sorted(f"order-{order.id}" for order in orders)
    made = browser.get("/orders/selected.pdf", params=dict.fromkeys(boxes, "yes"))
    assert (made.headers["content-type"], made.content[:5]) == ("application/pdf", b"%PDF-")
    assert "orders.pdf" in made.headers["content-disposition"]
    empty = browser.get("/orders/selected.pdf")
    assert (empty.status_code, 'href="#choose"' in empty.text) == (422, True)
