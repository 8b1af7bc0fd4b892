"""The pages of one's own account: what one signs in with, where, and what happened with it."""

import html
import re
from dataclasses import replace

import pyotp
import pytest
from starlette.testclient import TestClient

from exchange.accounts import own, sessions
from exchange.errors import ConfirmationRefusedError
from exchange.runtime import Exchange
from tests.conftest import Clock
from tests.support.letters import code_in, mailed
from tests.support.partners import PASSWORD, Partner
from tests.web.conftest import HOST, Enter
from web.app import create_app

PHRASE = "seven wise walruses at sea"


def change_password(browser: TestClient, old: str = PASSWORD, new: str = PHRASE, again: str = PHRASE) -> str:
    typed = {"password": old, "new_password": new, "new_password_again": again}
    answer = browser.post("/account/security/password", data=typed)
    return answer.headers.get("location", "") or html.unescape(answer.text)


def test_a_new_password_replaces_the_old_one_and_ends_other_sessions(
    exchange: Exchange, sign_in: Enter, employer: Partner, client: TestClient, clock: Clock
) -> None:
    here = sign_in(employer)
    clock.forward(seconds=30)
    there = sign_in(employer)
    assert change_password(here) == "/account/security?done=password"
    assert here.get("/home").status_code == 200
    assert there.get("/home").status_code == 303
    names = {"username": employer.account.username}
    assert client.post("/sign-in", data=names | {"password": PASSWORD}).status_code == 401
    assert client.post("/sign-in", data=names | {"password": PHRASE}).status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "again", "told"),
    [
        ("not my present password", PHRASE, PHRASE, "not your present password"),
        (PASSWORD, "short", "short", "15 are needed"),
        (PASSWORD, PHRASE, PHRASE + "?", "The two passwords differ"),
        (PASSWORD, "employer-1-employer-1", "employer-1-employer-1", "cannot be used"),
    ],
)
def test_a_password_is_not_changed_by_mistake(
    browser: TestClient, old: str, new: str, again: str, told: str
) -> None:
    assert told in change_password(browser, old, new, again)


def test_whoever_finds_a_session_open_can_not_guess_the_password_without_end(browser: TestClient) -> None:
    told = [change_password(browser, "a guess of some length") for _ in range(4)]
    assert "Too many attempts" in told[-1]
    assert "Too many attempts" in change_password(browser)


def test_dangerous_pages_ask_for_the_second_factor(browser: TestClient, clock: Clock) -> None:
    clock.forward(minutes=10)
    for path in ("password", "app", "passkeys/new", "passkeys/options"):
        assert browser.get(f"/account/security/{path}").headers["location"].startswith("/prove?")
    for path in ("security/recovery-codes", "security/app/remove", "inactivate"):
        assert browser.post(f"/account/{path}").headers["location"].startswith("/prove?")


def test_an_authenticator_app_is_replaced_when_the_new_one_shows_a_code(
    exchange: Exchange, browser: TestClient, employer: Partner, client: TestClient, clock: Clock
) -> None:
    page = browser.get("/account/security/app").text
    secret = re.findall(r'id="secret">([A-Z2-7 ]+)<', page)[0].replace(" ", "")
    wrong = browser.post("/account/security/app", data={"code": "000000"})
    assert (wrong.status_code, secret in wrong.text.replace(" ", "")) == (401, True)
    code = pyotp.TOTP(secret).at(exchange.clock())
    assert browser.post("/account/security/app", data={"code": code}).status_code == 303
    clock.forward(seconds=60)
    names = {"username": employer.account.username, "password": PASSWORD}
    assert client.post("/sign-in", data=names | {"code": employer.code()}).status_code == 401
    new = pyotp.TOTP(secret).at(exchange.clock())
    assert client.post("/sign-in", data=names | {"code": new}).status_code == 303


def test_the_only_second_factor_stays(browser: TestClient, employer: Partner, client: TestClient) -> None:
    answer = browser.post("/account/security/app/remove")
    assert (answer.status_code, "your only second factor" in answer.text) == (409, True)


def test_new_recovery_codes_make_the_earlier_ones_void_and_are_counted(
    browser: TestClient, employer: Partner, client: TestClient
) -> None:
    def made() -> list[str]:
        page = browser.post("/account/security/recovery-codes").text
        return re.findall(r"<code>([0-9a-z]{5}-[0-9a-z]{5})</code>", page)

    first, second = made(), made()
    names = {"username": employer.account.username, "password": PASSWORD}
    assert client.post("/sign-in", data=names | {"code": first[0]}).status_code == 401
    assert client.post("/sign-in", data=names | {"code": second[0]}).status_code == 303
    assert client.post("/sign-in", data=names | {"code": second[0]}).status_code == 401
    assert "9 of 10 left" in browser.get("/account/security").text


def test_sessions_are_listed_and_ended(
    exchange: Exchange, sign_in: Enter, employer: Partner, other_employer: Partner, clock: Clock
) -> None:
    here = sign_in(employer)
    clock.forward(seconds=30)
    there, foreign = sign_in(employer), sign_in(other_employer)
    names = re.findall(r'name="name" value="([0-9a-f]+)"', here.get("/account/sessions").text)
    assert len(names) == 1
    foreign.post("/account/sessions", data={"name": names[0]})
    assert there.get("/home").status_code == 200
    here.post("/account/sessions", data={"name": names[0]})
    assert [one.get("/home").status_code for one in (here, there, foreign)] == [200, 303, 200]


def test_all_other_sessions_end_at_once(exchange: Exchange, browser: TestClient, employer: Partner) -> None:
    others = [sessions.open_session(exchange, employer.actor, "Firefox/1 Linux") for _ in range(3)]
    assert browser.get("/account/sessions").text.count("Firefox on Linux") == 3
    browser.post("/account/sessions", data={"others": "yes"})
    assert browser.get("/home").status_code == 200
    assert len(sessions.open_sessions(exchange, employer.actor, others[0])) == 1


def test_everybody_sees_who_signed_in_and_who_was_refused(
    browser: TestClient, client: TestClient, employer: Partner, other_employer: Partner
) -> None:
    client.post("/sign-in", data={"username": employer.account.username, "password": "a wrong one of length"})
    client.post(
        "/sign-in", data={"username": other_employer.account.username, "password": "a wrong one of length"}
    )
    page = html.unescape(browser.get("/account/history").text)
    assert page.count("A sign-in was refused") == 1
    assert "by password and code" in page
    assert "testclient" in page


def test_a_new_address_is_confirmed_by_a_code_and_told_to_the_earlier_one(
    exchange: Exchange, browser: TestClient, employer: Partner
) -> None:
    assert browser.post("/account", data={"email": "no address"}).status_code == 422
    asked = browser.post("/account", data={"email": "new@example.org"})
    assert asked.headers["location"] == "/account/address"
    (letter,) = mailed(exchange)
    assert "To: new@example.org" in letter
    assert "new@example.org" not in browser.get("/account").text
    wrong = browser.post("/account/address", data={"code": "WRNG-WRNG-WRNG"})
    assert (wrong.status_code, "is not right" in wrong.text) == (422, True)
    code = {"code": code_in(letter).lower()}
    assert browser.post("/account/address", data=code).headers["location"] == "/account?done"
    assert "new@example.org" in browser.get("/account").text
    told = [letter for letter in mailed(exchange) if "go to another address now" in letter]
    assert [f"To: {employer.account.email}" in letter for letter in told] == [True]
    assert "The address for letters was changed" in browser.get("/account/history").text
    assert browser.post("/account/address", data=code).status_code == 422


def test_the_code_for_a_new_address_lapses_and_belongs_to_one_person(
    exchange: Exchange, sign_in: Enter, employer: Partner, other_employer: Partner, clock: Clock
) -> None:
    browser, other = sign_in(employer), sign_in(other_employer)
    browser.post("/account", data={"email": "new@example.org"})
    code = {"code": code_in(mailed(exchange)[-1])}
    assert other.post("/account/address", data=code).status_code == 422
    clock.forward(hours=1)
    with pytest.raises(ConfirmationRefusedError):
        own.confirm_address(exchange, employer.actor, code["code"])
    assert own.account_of(exchange, employer.actor).email == employer.account.email


def test_nobody_makes_the_portal_write_to_strangers_without_end(
    exchange: Exchange, browser: TestClient
) -> None:
    asked = [browser.post("/account", data={"email": f"n{at}@example.org"}).status_code for at in range(7)]
    assert asked == [303] * 5 + [409] * 2
    assert len(mailed(exchange)) == 5


def test_an_account_is_closed_by_its_owner_at_every_door(
    exchange: Exchange, browser: TestClient, employer: Partner, client: TestClient
) -> None:
    bearer = {"Authorization": f"Bearer {employer.token()}"}
    assert client.get("/api/v1/transfers", headers=bearer).status_code == 200
    assert "is closed" in browser.post("/account/inactivate").text
    assert browser.get("/home").status_code == 303
    assert client.get("/api/v1/transfers", headers=bearer).status_code == 401
    names = {"username": employer.account.username, "password": PASSWORD, "code": employer.code(1)}
    assert client.post("/sign-in", data=names).status_code == 401


def test_after_half_a_year_no_page_opens_before_the_account_is_confirmed(
    exchange: Exchange, sign_in: Enter, employer: Partner, clock: Clock
) -> None:
    clock.forward(days=170)
    assert "Do you still need this account?" in sign_in(employer).get("/home").text
    clock.forward(days=10)
    browser = sign_in(employer)
    for path in ("/home", "/files", "/account"):
        assert browser.get(path).headers["location"] == "/account/confirm"
    assert browser.get("/account/confirm").status_code == 200
    assert browser.post("/account/confirm").headers["location"] == "/home"
    assert "Do you still need" not in browser.get("/home").text


def test_a_shared_account_of_a_demonstration_says_why_it_stays_as_it_is(
    exchange: Exchange, employer: Partner
) -> None:
    told = {"demonstration": True, "shared_accounts": (employer.account.username,)}
    shown = replace(exchange, settings=exchange.settings.model_copy(update=told))
    with TestClient(create_app(shown), HOST, follow_redirects=False) as browser:
        names = {"username": employer.account.username, "password": PASSWORD, "code": employer.code()}
        assert browser.post("/sign-in", data=names).status_code == 303
        assert "A shared account" in browser.get("/account").text
        new = {"password": PASSWORD, "new_password": PHRASE, "new_password_again": PHRASE}
        for path, data in (("inactivate", {}), ("security/password", new), ("", {"email": "x@example.org"})):
            refused = browser.post(f"/account/{path}".rstrip("/"), data=data)
            assert (refused.status_code, "every visitor of the demonstration" in refused.text) == (409, True)
        assert browser.get("/home").status_code == 200
