"""Activating an account through the pages; every way to do it without being meant to is refused alike."""

import html
import re

import pyotp
import pytest
from starlette.testclient import TestClient

from exchange.runtime import Exchange
from tests.conftest import Clock
from tests.support.invited import Invited, invite
from tests.support.partners import Partner

PHRASE = "seven wise walruses at sea"


@pytest.fixture
def casey(exchange: Exchange, employer: Partner) -> Invited:
    return invite(exchange, employer)


def begin(client: TestClient, casey: Invited) -> None:
    names = {"username": casey.account.username, "code": casey.code}
    answer = client.post("/activate", data=names)
    assert (answer.status_code, answer.headers["location"]) == (303, "/activate/password")


def choose(client: TestClient, first: str = PHRASE, second: str = PHRASE) -> str:
    answer = client.post("/activate/password", data={"new_password": first, "new_password_again": second})
    return answer.headers.get("location", "") or html.unescape(answer.text)


def secret_on(page: str) -> str:
    return re.findall(r'id="secret">([A-Z2-7 ]+)<', page)[0].replace(" ", "")


def test_three_pages_lead_from_the_code_to_the_home_page(
    exchange: Exchange, client: TestClient, casey: Invited
) -> None:
    begin(client, casey)
    assert choose(client) == "/activate/second-factor"
    page = client.get("/activate/second-factor").text
    secret = secret_on(page)
    assert "<svg" in page
    assert 'style="' not in page
    done = client.post("/activate/second-factor", data={"code": pyotp.TOTP(secret).at(exchange.clock())})
    codes = re.findall(r"<code>([0-9a-z]{5}-[0-9a-z]{5})</code>", done.text)
    assert (done.status_code, len(codes)) == (200, 10)
    assert all(code in done.text.split("data:text/plain")[1] for code in codes)
    assert "Casey New" in client.get("/home").text
    late = client.post("/activate/second-factor", data={"code": pyotp.TOTP(secret).at(exchange.clock())})
    assert late.headers["location"] == "/activate?late"


def test_unknown_wrong_used_and_lapsed_look_the_same(
    exchange: Exchange, client: TestClient, casey: Invited, clock: Clock
) -> None:
    def told(username: str, code: str) -> tuple[int, str]:
        answer = client.post("/activate", data={"username": username, "code": code})
        return answer.status_code, answer.text.replace(username, "somebody")

    refusals = [told("nobody", casey.code), told(casey.account.username, "WRNG-WRNG-WRNG")]
    clock.forward(days=15)
    refusals += [told(casey.account.username, casey.code), told("employer-1", casey.code)]
    assert len(set(refusals)) == 1
    assert refusals[0][0] == 401


def test_guessing_codes_is_stopped(client: TestClient, casey: Invited) -> None:
    wrong = {"username": casey.account.username, "code": "WRNG-WRNG-WRNG"}
    statuses = [client.post("/activate", data=wrong).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    right = {"username": casey.account.username, "code": casey.code}
    assert client.post("/activate", data=right).status_code == 429


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("too short", "too short", "15 are needed"),
        (PHRASE, PHRASE + "!", "The two passwords differ"),
        ("casey.new.casey.new", "casey.new.casey.new", "cannot be used"),
    ],
)
def test_a_password_that_cannot_be_used_is_told_and_not_shown_again(
    client: TestClient, casey: Invited, first: str, second: str, told: str
) -> None:
    begin(client, casey)
    page = choose(client, first, second)
    assert told in page
    assert f'value="{first}"' not in page
    assert choose(client) == "/activate/second-factor"


def test_no_page_opens_without_the_one_before(client: TestClient, casey: Invited) -> None:
    assert choose(client) == "/activate?late"
    assert client.get("/activate/second-factor").headers["location"] == "/activate?late"
    begin(client, casey)
    assert client.get("/activate/second-factor").headers["location"] == "/activate?late"
    assert "Enter it again" in client.get("/activate?late").text
