"""Whoever has not signed in may ask so much of the guide in a minute, and reads when to go on."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from exchange.accounts import sessions
from exchange.guide import loading
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.guide import small_guide
from tests.support.partners import make_partner
from tests.web.conftest import HOST
from web.app import create_app
from web.door import cookie_name
from web.strangers import COSTS, Allowance, TooManyRequestsError

PAGE, CALL = "/guide", "/api/v1/guide/search?q=Kansas"


@pytest.fixture
def sparing(exchange: Exchange, clock: Clock) -> Exchange:
    """An installation that gives strangers twenty requests a minute; time passes where a test says so."""
    clock.stop()
    loading.load(exchange, small_guide())
    return replace(exchange, settings=exchange.settings.model_copy(update={"guide_requests": 20}))


def test_a_stranger_waits_in_words_while_everybody_else_goes_on(sparing: Exchange, clock: Clock) -> None:
    app, worker = create_app(sparing), make_partner(sparing, Role.TRIBE)
    cookie = {"Cookie": f"{cookie_name(sparing.settings)}={sessions.open_session(sparing, worker.actor, '')}"}
    token = {"Authorization": f"Bearer {worker.token()}"}
    with TestClient(app, HOST, client=("192.0.2.1", 1)) as stranger:
        papers = [stranger.get("/guide/20000.pdf").status_code for _ in range(3)]
        assert papers == [200, 200, 429]
        page, call = stranger.get(PAGE), stranger.get(CALL)
        assert (page.status_code, call.status_code) == (429, 429)
        assert "Wait 3 seconds, then go on. Whoever signs in does not have to wait." in page.text
        assert (call.headers["retry-after"], call.json()["code"]) == ("3", "too_many_requests")
        assert stranger.get(PAGE, headers=cookie).status_code == 200
        assert stranger.get(CALL, headers=token).status_code == 200
        assert stranger.get("/sign-in").status_code == 200
        clock.forward(seconds=3)
        assert [stranger.get(one).status_code for one in (PAGE, CALL)] == [200, 429]
    with TestClient(app, HOST, client=("192.0.2.2", 1)) as other:
        assert other.get(PAGE).status_code == 200


def test_addresses_of_one_household_count_together_and_few_are_remembered(
    sparing: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Allowance, "MOST", 3)
    allowance = Allowance(sparing)
    dear = next(route for route, cost in COSTS.items() if cost == 10)
    for source in ("2001:db8::1", "2001:db8::2", "::ffff:192.0.2.1", "192.0.2.1", "nowhere"):
        allowance.spend(source, dear)
    for source in ("2001:db8::3", "::ffff:192.0.2.1"):
        with pytest.raises(TooManyRequestsError):
            allowance.spend(source, PAGE)
    allowance.spend("192.0.2.7", PAGE)
    allowance.spend("192.0.2.8", PAGE)  # as many as are remembered: the others begin anew
    allowance.spend("2001:db8:0:1::", PAGE)
    allowance.spend("2001:db8::3", dear)


def test_a_clock_that_goes_back_keeps_nobody_out_for_longer_than_a_minute(
    sparing: Exchange, clock: Clock
) -> None:
    allowance = Allowance(sparing)
    for _ in range(20):
        allowance.spend("192.0.2.1", PAGE)
    clock.forward(hours=-1)
    with pytest.raises(TooManyRequestsError) as refused:
        allowance.spend("192.0.2.1", PAGE)
    assert refused.value.retry_after == 3


def test_nobody_waits_where_the_limit_is_off_or_who_asks_from_this_machine(sparing: Exchange) -> None:
    settings = sparing.settings.model_copy(update={"guide_requests": 0})
    off, on = Allowance(replace(sparing, settings=settings)), Allowance(sparing)
    for _ in range(100):
        off.spend("192.0.2.1", PAGE)
        for here in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
            on.spend(here, PAGE)
