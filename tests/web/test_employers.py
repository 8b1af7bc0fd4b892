"""The pages of the employer search, and what an employer is shown of them."""

import re

import pytest

from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.partners import make_partner
from tests.web.conftest import Enter

PLACE = {"street": "1 Sample Street", "city": "Topeka", "state": "KS", "zip": "66601"}


@pytest.mark.parametrize("role", [Role.STATE, Role.TRIBE, Role.OCSS_STAFF], ids=str)
def test_an_agency_finds_an_employer_and_sees_where_orders_go(
    exchange: Exchange, sign_in: Enter, role: Role
) -> None:
    boss = make_partner(exchange, Role.EMPLOYER, administrator=True)
    sign_in(boss).post("/organization/details/address/withholding", data=PLACE)
    browser = sign_in(make_partner(exchange, role))
    assert boss.organization.name not in browser.get("/employers").text
    vague = browser.post("/employers", data={"q": "sa"})
    assert (vague.status_code, "at least 3 letters" in vague.text) == (422, True)
    (link,) = re.findall(r"/employers/[0-9a-f-]{36}", browser.post("/employers", data={"q": boss.fein}).text)
    page = browser.get(link).text
    assert "1 Sample Street" in page
    assert "Not confirmed yet" in page
    assert boss.fein not in page
    assert "Nobody found" in browser.post("/employers", data={"q": "no such name"}).text


def test_an_employer_sees_what_agencies_see_and_confirms_it(exchange: Exchange, sign_in: Enter) -> None:
    office = sign_in(make_partner(exchange, Role.EMPLOYER, administrator=True))
    assert "What agencies see" in office.get("/organization").text
    assert "Not confirmed yet" in office.get("/organization").text
    office.post("/organization/confirm")
    assert "Not confirmed yet" not in office.get("/organization").text
    assert office.get("/employers").status_code == 403


def test_agencies_see_nothing_of_a_bank(exchange: Exchange, sign_in: Enter) -> None:
    bank = make_partner(exchange, Role.FINANCIAL_INSTITUTION)
    assert "What agencies see" not in sign_in(bank).get("/organization").text
    state = sign_in(make_partner(exchange, Role.STATE))
    assert state.get(f"/employers/{bank.organization.id}").status_code == 404
