"""Forgotten username or password through the pages; and the letter about a browser that is new."""

from starlette.testclient import TestClient

from exchange.accounts import recovery
from exchange.runtime import Exchange
from tests.conftest import Clock
from tests.support.letters import code_in, mailed
from tests.support.partners import Partner
from tests.web.conftest import Enter

PHRASE = "seven wise walruses at sea"


def test_the_answer_is_the_same_for_everybody_and_for_nobody(client: TestClient, employer: Partner) -> None:
    def answers(username: str, address: str) -> list[str]:
        asked = (("password", {"username": username}), ("username", {"email": address}))
        return [client.post(f"/forgot/{what}", data=data).text for what, data in asked]

    known = answers(employer.account.username, employer.account.email or "")
    assert known == answers("nobody", "nobody@example.org")
    assert "If there is such an account" in known[0]


def test_a_letter_and_the_app_give_a_new_password(
    exchange: Exchange, client: TestClient, employer: Partner, clock: Clock
) -> None:
    client.post("/forgot/password", data={"username": employer.account.username})
    recovery.answer_waiting(exchange)
    fields = {"username": employer.account.username, "mailed": code_in(mailed(exchange)[-1])}
    fields |= {"code": employer.code(), "new_password": PHRASE, "new_password_again": PHRASE}
    assert "differ" in client.post("/forgot/password/reset", data=fields | {"new_password": "x"}).text
    wrong = client.post("/forgot/password/reset", data=fields | {"mailed": "WRNG-WRNG-WRNG"})
    assert (wrong.status_code, "is not right" in wrong.text) == (401, True)
    assert client.post("/forgot/password/reset", data=fields).headers["location"] == "/sign-in"
    clock.forward(seconds=60)
    names = {"username": employer.account.username, "password": PHRASE, "code": employer.code()}
    assert client.post("/sign-in", data=names).status_code == 303


def test_an_answer_that_is_no_passkey_is_refused_as_a_wrong_code_is(
    exchange: Exchange, client: TestClient, employer: Partner
) -> None:
    client.post("/forgot/password", data={"username": employer.account.username})
    recovery.answer_waiting(exchange)
    fields = {"username": employer.account.username, "mailed": code_in(mailed(exchange)[-1])}
    fields |= {"passkey": "{}", "code": "", "new_password": PHRASE, "new_password_again": PHRASE}
    wrong = client.post("/forgot/password/reset", data=fields)
    assert (wrong.status_code, "is not right" in wrong.text) == (401, True)


def test_a_new_browser_is_told_by_letter_and_a_known_one_is_not(
    exchange: Exchange, sign_in: Enter, employer: Partner, client: TestClient, clock: Clock
) -> None:
    def news() -> int:
        return sum("from a new device" in letter for letter in mailed(exchange))

    first = sign_in(employer)
    for _ in range(2):
        clock.forward(seconds=60)
        names = {"username": employer.account.username, "password": employer.password}
        assert first.post("/sign-in", data=names | {"code": employer.code()}).status_code == 303
    assert news() == 0
    clock.forward(seconds=60)
    sign_in(employer)
    assert news() == 1
    clock.forward(seconds=60)
    forged = {"portal_device": first.cookies["portal_device"][::-1]}
    client.cookies.update(forged)
    client.post("/sign-in", data=names | {"code": employer.code()})
    assert news() == 2


def test_people_who_share_a_browser_are_told_once_each(
    exchange: Exchange, client: TestClient, employer: Partner, other_employer: Partner, clock: Clock
) -> None:
    for _ in range(2):
        for partner in (employer, other_employer):
            names = {"username": partner.account.username, "password": partner.password}
            assert client.post("/sign-in", data=names | {"code": partner.code()}).status_code == 303
        clock.forward(seconds=60)
    assert not [letter for letter in mailed(exchange) if "from a new device" in letter]
