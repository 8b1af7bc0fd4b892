"""The pages of one's organization, and of who acts for whom."""

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from exchange.database import transaction
from exchange.models.accounts import Organization
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Role
from tests.support.partners import Partner, make_colleague, make_partner
from tests.web.conftest import Enter

CONTACT = "/organization/details/contact/files"
SOMEBODY = {"name": "Pat Payroll", "email": "pat@example.org", "telephone": ""}


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


@pytest.fixture
def office(sign_in: Enter, boss: Partner) -> TestClient:
    return sign_in(boss)


def test_contacts_addresses_and_subsidiaries_are_kept(office: TestClient, boss: Partner) -> None:
    assert office.get(CONTACT).status_code == 200
    assert office.post(CONTACT, data=SOMEBODY).headers["location"] == "/organization?done=changed"
    assert office.post(CONTACT, data=SOMEBODY | {"email": "x"}).status_code == 422
    assert "pat@example.org" in office.get(CONTACT).text
    given = {"subsidiary": "Sample Chairs", "fein": "00-1888777"}
    assert office.post("/organization/subsidiaries", data=given).status_code == 303
    page = office.get("/organization").text
    assert "Waits for OCSS" in page
    assert "001888777" not in page
    assert boss.fein not in page
    for path in ("/organization/details/contact/x", "/organization/details/x/files"):
        assert office.get(path).status_code == 404


def test_what_is_the_same_as_for_payroll_is_ticked_and_told(office: TestClient) -> None:
    address, same = "/organization/details/address/", "The same as for payroll and income withholding"
    place = {"street": "1 Sample Street", "city": "Topeka", "state": "KS", "zip": "66601"}
    assert same not in office.get(f"{address}withholding").text
    assert office.post(f"{address}medical", data={"follows": "yes"}).status_code == 422
    office.post(f"{address}withholding", data=place)
    assert office.post(f"{address}medical", data={"follows": "yes"}).status_code == 303
    assert re.search(r'name="follows" value="yes" checked', office.get(f"{address}medical").text)
    assert same in office.get("/organization").text


def test_members_look_at_earlier_details_by_day(office: TestClient, sign_in: Enter, boss: Partner) -> None:
    office.post(CONTACT, data=SOMEBODY)
    office.post(CONTACT, data=SOMEBODY | {"name": "Kim Payroll"})
    browser = sign_in(make_colleague(boss, "worker-1"))
    everything = browser.get("/organization/earlier").text
    assert "Pat Payroll" in everything
    assert "Kim Payroll" in everything
    assert "Nothing was filled in at the end" in browser.get("/organization/earlier?day=2020-02-29").text
    assert browser.get("/organization/earlier?day=2020-02-30").status_code == 422
    assert browser.get("/organization/earlier?day=9999-12-31").status_code == 422


def test_the_banner_stands_until_somebody_confirms(
    exchange: Exchange, office: TestClient, boss: Partner
) -> None:
    with transaction(exchange.engine) as session:
        long_ago = exchange.clock() - timedelta(days=190)
        session.get_one(Organization, boss.organization.id).confirmed_at = long_ago
    assert "Is everything on this page still right?" in office.get("/organization").text
    assert office.post("/organization/confirm").headers["location"] == "/organization?done=confirmed"
    assert "still right?" not in office.get("/organization").text


def test_others_look_and_change_nothing(sign_in: Enter, boss: Partner) -> None:
    browser = sign_in(make_colleague(boss, "worker-1"))
    page = browser.get("/organization").text
    assert "/details/" not in page
    for path in ("/organization/confirm", CONTACT, "/organization/subsidiaries", "/organization/networks"):
        assert browser.post(path, data=SOMEBODY).status_code == 403


def test_shutting_oneself_out_takes_a_tick(office: TestClient) -> None:
    answer = office.post("/organization/networks", data={"networks": "192.0.2.0/24"})
    assert answer.status_code == 422
    assert "would be shut out" in answer.text
    assert 'name="even_if_out"' in answer.text
    sure = {"networks": "192.0.2.0/24", "even_if_out": "yes"}
    assert office.post("/organization/networks", data=sure).status_code == 303
    assert office.get("/home").headers["location"].startswith("/sign-in")


def test_a_client_agrees_and_ends_it(
    exchange: Exchange, sign_in: Enter, boss: Partner, office: TestClient
) -> None:
    kind = OrganizationKind.PROCESSOR
    agent = sign_in(make_partner(exchange, Role.EMPLOYER, 7, kind=kind, administrator=True))
    clients = "/organization/clients"
    assert agent.post(clients, data={"fein": boss.fein}).headers["location"] == f"{clients}?done=asked"
    assert agent.post(clients, data={"fein": "12"}).status_code == 422
    (request,) = re.findall(r"clients/([0-9a-f-]{36})/agree", office.get(clients).text)
    assert agent.post(f"{clients}/{request}/agree").status_code == 404
    assert office.post(f"{clients}/{request}/nonsense").status_code == 404
    assert office.post(f"{clients}/{request}/agree").headers["location"] == f"{clients}?done=agreed"
    assert boss.organization.name in agent.get(clients).text
    (relation,) = re.findall(r"clients/([0-9a-f-]{36})/end", office.get(clients).text)
    assert office.post(f"{clients}/{relation}/end").headers["location"] == f"{clients}?done=ended"
    assert "/end" not in agent.get(clients).text


def test_the_home_page_reminds_of_the_confirmation_that_is_due(
    exchange: Exchange, sign_in: Enter, office: TestClient, boss: Partner
) -> None:
    worker = sign_in(make_colleague(boss, "worker-2"))
    assert "still right?" not in office.get("/home").text
    with transaction(exchange.engine) as session:
        row = session.get_one(Organization, boss.organization.id)
        row.created_at = exchange.clock() - timedelta(days=183)
    assert "Look through it and confirm" in office.get("/home").text
    assert "One of your administrators can confirm it." in worker.get("/home").text
    office.post("/organization/confirm")
    assert "still right?" not in office.get("/home").text


def test_administrators_choose_on_the_page_how_often_mail_comes(exchange: Exchange, sign_in: Enter) -> None:
    boss = make_partner(exchange, Role.EMPLOYER, administrator=True)
    browser = sign_in(boss)
    assert browser.post("/organization/mail", data={"rhythm": "hourly"}).status_code == 422
    assert browser.post("/organization/mail", data={"rhythm": "daily"}).status_code == 303
    assert re.search(r'value="daily" checked', browser.get("/organization").text)
    colleague = sign_in(make_colleague(boss, "colleague-1"))
    assert "Once a day" in colleague.get("/organization").text
    assert colleague.post("/organization/mail", data={"rhythm": "none"}).status_code == 403
