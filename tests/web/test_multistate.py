"""The pages of the multistate registry, of an employer from the form to the end, and of the agencies."""

import re

import pytest
from starlette.testclient import TestClient

from exchange.runtime import Exchange
from roles.permissions import Role
from tests.exchange.test_multistate import TO_OHIO, typed
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter

CONTACT = {"name": "Pat Payroll", "email": "pat@example.org", "telephone": "7855550100"}


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


@pytest.fixture
def office(sign_in: Enter, boss: Partner) -> TestClient:
    return sign_in(boss)


def fill_in(exchange: Exchange, browser: TestClient, **more: str) -> str:
    """A good form, sent; returns the address of its answers."""
    (number,) = re.findall(r'name="number" value="([0-9a-f-]+)"', browser.get("/multistate/new").text)
    answer = browser.post("/multistate/new", data=typed(exchange, **more) | {"number": number})
    assert answer.status_code == 303, re.findall(r"error-message[^>]*>(.*?)</div>", answer.text)
    return answer.headers["location"]


def register(exchange: Exchange, browser: TestClient, **more: str) -> str:
    check = fill_in(exchange, browser, **more)
    handed = browser.post(check, data={"agreed": "yes"})
    assert handed.headers["location"].endswith("?done=registered")
    return handed.headers["location"].removesuffix("?done=registered")


def test_an_employer_registers_looks_over_and_prints(
    exchange: Exchange, office: TestClient, boss: Partner
) -> None:
    office.post("/organization/details/contact/withholding", data=CONTACT)
    form = office.get("/multistate/new").text
    assert 'value="Pat Payroll"' in form
    assert "OMB control number 0970-0166" in form
    check = fill_in(exchange, office, members="001888777, Sample Chairs, MO")
    page = office.get(check).text
    assert "We do not mix the designation" in page
    assert "Sample Chairs, ••-•••8777" in page
    assert office.post(check, data={"agreed": ""}).status_code == 422
    one = register(exchange, office, members="001888777, Sample Chairs, MO")
    confirmation = office.get(f"{one}?done=registered").text
    assert re.search(r"MS-[2-9A-Z]{4}-[2-9A-Z]{4}", confirmation)
    assert "It is in force" in confirmation
    assert boss.fein not in confirmation + office.get("/multistate").text
    again = office.post("/multistate/new", data=typed(exchange, number=str(boss.organization.id)))
    assert (again.status_code, "is registered already" in again.text) == (422, True)


def test_everything_wrong_is_told_at_once_and_what_was_typed_is_kept(office: TestClient) -> None:
    answer = office.post("/multistate/new", data={"legal_name": "<b>Sample", "state-KS": "yes"})
    assert answer.status_code == 422
    for name in ("number", "street", "designated", "effective_on", "states", "name", "email"):
        assert f'href="#{name}"' in answer.text
    assert 'value="&lt;b&gt;Sample"' in answer.text
    assert re.search(r'name="state-KS" value="yes" checked', answer.text)


def test_a_draft_waits_and_is_thrown_away(exchange: Exchange, office: TestClient, boss: Partner) -> None:
    half = {"legal_name": "Half Way", "number": str(boss.organization.id), "later": "yes"}
    assert office.post("/multistate/new", data=half).headers["location"] == "/multistate?done=kept"
    (form,) = set(re.findall(r"/multistate/[0-9a-f-]{36}/form", office.get("/multistate?done=kept").text))
    assert 'value="Half Way"' in office.get(form).text
    assert office.get(form.replace("/form", "")).status_code == 200
    assert office.get(form.replace("/form", "/check")).headers["location"] == form
    kept = office.post(form, data=typed(exchange, legal_name="Whole Way"))
    assert kept.headers["location"] == form.replace("/form", "/check")
    assert office.post(form, data={"legal_name": ""}).status_code == 422
    office.post(form.replace("/form", "/discard"))
    assert "Not registered" in office.get("/multistate").text


def test_a_change_and_the_end_are_told_with_every_version(exchange: Exchange, office: TestClient) -> None:
    one = register(exchange, office)
    assert office.post(f"{one}/form", data=typed(exchange, **TO_OHIO)).headers["location"] == f"{one}/check"
    assert "A change is being filled in" in office.get(one).text
    office.post(f"{one}/check", data={"agreed": "yes"})
    assert "Active, changed since" in office.get(one).text
    assert "designated" not in office.get(f"{one}/cancel").text
    assert office.post(f"{one}/cancel", data=typed(exchange)).status_code == 422
    ended = office.post(f"{one}/cancel", data=typed(exchange, sure="yes"))
    page = office.get(ended.headers["location"]).text
    assert [page.count(f"Version {number},") for number in (1, 2, 3)] == [1, 1, 1]
    assert office.post(f"{one}/form", data=typed(exchange)).status_code == 409
    assert office.post(f"{one}/check", data={"agreed": "yes"}).status_code == 409


def test_a_state_finds_who_reports_to_it(
    exchange: Exchange, office: TestClient, sign_in: Enter, boss: Partner
) -> None:
    register(exchange, office, members="001888777, Sample Chairs, MO")
    kansas = sign_in(make_partner(exchange, Role.STATE, jurisdiction="KS"))
    (link,) = set(re.findall(r"/multistate-registry/[0-9a-f-]{36}", kansas.get("/multistate-registry").text))
    page = kansas.get(link).text
    assert "Reports here from" in page
    assert "pat@example.org" in page
    assert boss.fein not in page
    for wanted, hits in ((boss.fein, 1), ("001888777", 1), ("nobody", 0)):
        assert kansas.post("/multistate-registry", data={"q": wanted}).text.count('class="name"') == hits
    for concern, hits in (("reporting", 1), ("left", 0), ("nonsense", 1)):
        found = kansas.post("/multistate-registry", data={"concern": concern, "page": "0"})
        assert found.text.count('class="name"') == hits
    assert "Nobody found" in kansas.post("/multistate-registry", data={"page": "1"}).text
    elsewhere = sign_in(make_partner(exchange, Role.STATE, 2, jurisdiction="NY"))
    assert elsewhere.get(link).status_code == 404
    staff = sign_in(make_partner(exchange, Role.OCSS_STAFF))
    assert "Sample Works, Inc." in staff.get("/multistate-registry").text
    assert staff.get(link).status_code == 200
