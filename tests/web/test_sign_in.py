"""Signing in and out through the pages."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from exchange.runtime import Exchange
from tests.conftest import Clock
from tests.support.partners import PASSWORD, Partner
from tests.web.conftest import HOST, Enter
from web.app import create_app
from web.demonstration import DemonstrationAccount


def names(partner: Partner, **more: str) -> dict[str, str]:
    return {"username": partner.account.username, "password": partner.password} | more


def test_password_then_code_leads_home(browser: TestClient, employer: Partner) -> None:
    page = browser.get("/home")
    assert page.status_code == 200
    assert employer.organization.name in page.text


def test_the_session_cookie_cannot_be_read_by_scripts(client: TestClient, employer: Partner) -> None:
    answer = client.post("/sign-in", data=names(employer, code=employer.code()))
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("portal="))
    assert answer.status_code == 303
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


def test_with_https_the_cookie_is_bound_to_this_host(exchange: Exchange, employer: Partner) -> None:
    secure = exchange.settings.model_copy(update={"public_url": "https://portal.example.org"})
    with TestClient(create_app(replace(exchange, settings=secure)), secure.public_url) as client:
        answer = client.post("/sign-in", data=names(employer, code=employer.code()), follow_redirects=False)
    cookie = next(
        value for value in answer.headers.get_list("set-cookie") if value.startswith("__Host-portal=")
    )
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_a_wrong_password_and_an_unknown_user_look_the_same(client: TestClient, employer: Partner) -> None:
    wrong = client.post("/sign-in", data=names(employer, password="not this one at all"))
    unknown = client.post("/sign-in", data={"username": "nobody", "password": "not this one at all"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(employer.account.username, "nobody") == unknown.text
    assert "There is a problem" in wrong.text
    assert "not this one at all" not in wrong.text


def test_a_password_keeps_its_spaces(exchange: Exchange, client: TestClient, employer: Partner) -> None:
    assert client.post("/sign-in", data=names(employer, password=f" {PASSWORD}")).status_code == 401


def test_a_wrong_code_can_be_mended_on_the_spot(client: TestClient, employer: Partner) -> None:
    client.post("/sign-in", data=names(employer))
    refused = client.post("/sign-in", data={"code": "000000"})
    assert (refused.status_code, "The code is not right" in refused.text) == (401, True)
    assert client.post("/sign-in", data={"code": employer.code()}).status_code == 303


def test_a_code_works_once(sign_in: Enter, employer: Partner, client: TestClient, clock: Clock) -> None:
    clock.stop()
    sign_in(employer)
    client.post("/sign-in", data=names(employer))
    assert client.post("/sign-in", data={"code": employer.code()}).status_code == 401


def test_a_code_without_the_password_leads_back_to_the_start(client: TestClient, employer: Partner) -> None:
    answer = client.post("/sign-in", data={"code": employer.code()})
    assert "Your sign-in took too long" in answer.text
    assert client.get("/home").status_code == 303


def test_too_many_attempts_are_told_when_to_come_back(client: TestClient, employer: Partner) -> None:
    for _ in range(3):
        client.post("/sign-in", data=names(employer, password="guessing, guessing, guessing"))
    answer = client.post("/sign-in", data=names(employer))
    assert answer.status_code == 429
    assert "Too many attempts" in answer.text


def test_signing_out_ends_the_session_on_the_server(browser: TestClient) -> None:
    token = browser.cookies["portal"]
    assert browser.post("/sign-out").headers["location"] == "/"
    browser.cookies.set("portal", token)
    assert browser.get("/home").headers["location"] == "/sign-in"


def test_an_idle_session_ends(browser: TestClient, clock: Clock) -> None:
    clock.forward(minutes=16)
    assert browser.get("/files").headers["location"] == "/sign-in?next=%2Ffiles"


def test_signing_in_leads_back_to_the_page_that_was_wanted(client: TestClient, employer: Partner) -> None:
    assert 'name="next" value="/files"' in client.get("/sign-in?next=/files").text
    answer = client.post("/sign-in", data=names(employer, code=employer.code(), next="/files"))
    assert answer.headers["location"] == "/files"


@pytest.mark.parametrize(
    "foreign", ["//evil.example", "https://evil.example", "/\\evil", "javascript:x", "/a\\b"]
)
def test_signing_in_never_leads_to_another_site(client: TestClient, employer: Partner, foreign: str) -> None:
    answer = client.post("/sign-in", data=names(employer, code=employer.code(), next=foreign))
    assert answer.headers["location"] == "/home"


@pytest.mark.parametrize(
    "username", ["a\0b", "a\x1bb", "{{7919*7919}}", "${7919*7919}", "<script>alert(1)</script>", "\u202e"]
)
def test_a_hostile_name_is_refused_and_never_run(client: TestClient, username: str) -> None:
    answer = client.post("/sign-in", data={"username": username, "password": "x"})
    assert answer.status_code in {400, 401}
    assert "62710561" not in answer.text
    assert "<script>alert" not in answer.text


class Shown:
    """The accounts of a demonstration."""

    def __init__(self, partner: Partner) -> None:
        person, place = partner.account, partner.organization.name
        self.account = DemonstrationAccount(
            person.role, place, person.name, person.username, partner.password
        )

    def accounts(self) -> list[DemonstrationAccount]:
        return [self.account]


@pytest.fixture
def shown(exchange: Exchange, employer: Partner) -> TestClient:
    settings = exchange.settings.model_copy(update={"demonstration": True})
    app = create_app(replace(exchange, settings=settings), Shown(employer))
    return TestClient(app, HOST, follow_redirects=False)


def test_a_demonstration_lists_its_accounts_and_one_click_enters(
    shown: TestClient, employer: Partner
) -> None:
    assert employer.organization.name in shown.get("/sign-in").text
    button = {"username": employer.account.username}
    assert shown.post("/sign-in/demonstration", data=button).headers["location"] == "/home"
    assert employer.organization.name in shown.get("/home").text
    assert shown.post("/sign-in/demonstration", data=button).status_code == 303


def test_a_demonstration_never_fills_in_for_an_account_it_does_not_list(
    shown: TestClient, other_employer: Partner
) -> None:
    button = {"username": other_employer.account.username}
    assert shown.post("/sign-in/demonstration", data=button).status_code == 404


def test_outside_a_demonstration_there_is_no_such_entry(client: TestClient, employer: Partner) -> None:
    button = {"username": employer.account.username}
    assert client.post("/sign-in/demonstration", data=button).status_code == 404
    assert employer.organization.name not in client.get("/sign-in").text
