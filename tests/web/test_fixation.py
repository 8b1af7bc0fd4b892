"""A session that somebody else has planted is worth nothing, before and after its victim signs in."""

from starlette.testclient import TestClient

from exchange.accounts import sessions
from exchange.runtime import Exchange
from tests.support.partners import Partner
from web.entering import STEP


def test_signing_in_gives_a_new_session_whatever_the_cookie_said(
    exchange: Exchange, client: TestClient, employer: Partner
) -> None:
    for name in ("portal", STEP):
        client.cookies.set(name, "planted", domain="localhost.local", path="/")
    names = {"username": employer.account.username, "password": employer.password}
    half_way = client.post("/sign-in", data=names).cookies[STEP]
    assert half_way != "planted"
    answer = client.post("/sign-in", data={"code": employer.code()})
    fresh = answer.cookies["portal"]
    assert fresh not in {"planted", half_way}
    for stale in ("planted", half_way):
        other = TestClient(client.app, "http://localhost", cookies={"portal": stale}, follow_redirects=False)
        assert other.get("/home").status_code == 303
    assert sessions.visit(exchange, fresh, "127.0.0.1").actor.account_id == employer.account.id


def test_a_half_way_token_of_one_person_does_not_enter_another(
    client: TestClient, employer: Partner, other_employer: Partner
) -> None:
    names = {"username": employer.account.username, "password": employer.password}
    client.post("/sign-in", data=names)
    assert client.post("/sign-in", data={"code": other_employer.code()}).status_code == 401
