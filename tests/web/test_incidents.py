"""The pages of incidents: a form that is filled in within a minute, and what OCSS does with it."""

import re

from starlette.testclient import TestClient

from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.partners import make_partner
from tests.web.conftest import Enter

GOOD = {
    "kind": "misdirected",
    "people": "few",
    "tax_information": "unknown",
    "description": "A file went to another bank.\nThey have erased it.",
    "phone": "785-555-0100",
}


def filled_in(browser: TestClient) -> dict[str, str]:
    shown = browser.get("/incidents/report").text
    names = ("discovered_on-month", "discovered_on-day", "discovered_on-year", "discovered_at")
    values = {name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', shown) for name in names}
    return GOOD | {name: found[1] for name, found in values.items() if found}


def test_a_report_is_sent_taken_in_hand_and_closed(
    exchange: Exchange, browser: TestClient, sign_in: Enter
) -> None:
    staff = sign_in(make_partner(exchange, Role.OCSS_STAFF))
    sent = browser.post("/incidents/report", data=filled_in(browser))
    place = sent.headers["location"]
    assert "Reported within the hour" in browser.get(place).text
    assert "Take in hand" not in browser.get(place).text
    assert browser.post(f"{place}/take").status_code == 403
    assert staff.post(f"{place}/take").status_code == 303
    assert "of OCSS has it in hand" in browser.get(place).text
    assert staff.post(f"{place}/close").status_code == 303
    assert "Closed" in staff.get("/incidents").text


def test_a_mistake_is_told_and_nothing_typed_is_lost(browser: TestClient) -> None:
    answer = browser.post("/incidents/report", data=filled_in(browser) | {"phone": "1"})
    assert answer.status_code == 422
    assert "Enter ten digits" in answer.text
    assert "They have erased it." in answer.text


def test_what_is_not_there_is_not_found(browser: TestClient) -> None:
    nowhere = "6f0e0d6e-0000-4000-8000-000000000000"
    assert [browser.get(f"/incidents/{name}").status_code for name in ("x", nowhere)] == [404, 404]
