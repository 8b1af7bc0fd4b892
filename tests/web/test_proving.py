"""Dangerous acts need a second factor that was shown lately; then one goes on where one was."""

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from exchange.database import reading
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from tests.conftest import Clock
from tests.support.partners import Partner
from tests.web.conftest import Enter
from web.door import SIGNED_IN, guarded


async def dangerous(_request: Request) -> Response:
    return PlainTextResponse("done")


@pytest.fixture
def browser(app: Starlette, sign_in: Enter, employer: Partner) -> TestClient:
    """An employer before an application with one dangerous act."""
    route = guarded("/danger", dangerous, ["GET", "POST"], needs=SIGNED_IN, fresh=True)
    app.router.routes.append(route)
    return sign_in(employer)


def last_events(exchange: Exchange, kind: str) -> int:
    with reading(exchange.engine) as session:
        return len(session.exec(select(JournalEvent).where(JournalEvent.kind == kind)).all())


def wait(browser: TestClient, clock: Clock, minutes: int) -> None:
    clock.forward(minutes=minutes)
    browser.get("/home")


def test_who_has_just_signed_in_may_act_at_once(browser: TestClient, clock: Clock) -> None:
    assert browser.get("/danger").text == "done"
    wait(browser, clock, 9)
    assert browser.post("/danger").text == "done"


def test_after_ten_minutes_a_code_is_asked_for_and_leads_back(
    exchange: Exchange, browser: TestClient, employer: Partner, clock: Clock
) -> None:
    wait(browser, clock, 10)
    asked = browser.get("/danger?what=this")
    assert (asked.status_code, asked.headers["location"]) == (303, "/prove?next=%2Fdanger%3Fwhat%3Dthis")
    assert "Show your second factor" in browser.get(asked.headers["location"]).text
    answer = browser.post("/prove", data={"code": employer.code(), "next": "/danger?what=this"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/danger?what=this")
    assert browser.get("/danger?what=this").text == "done"
    assert last_events(exchange, "account.proven") == 1


def test_a_form_that_was_sent_too_late_leads_back_to_its_page(browser: TestClient, clock: Clock) -> None:
    wait(browser, clock, 10)
    answer = browser.post("/danger", headers={"Referer": "http://localhost/some/form?a=1"})
    assert answer.headers["location"] == "/prove?next=%2Fsome%2Fform%3Fa%3D1"


def test_a_program_is_told_in_its_own_words(browser: TestClient, clock: Clock) -> None:
    wait(browser, clock, 10)
    answer = browser.post("/danger", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (403, "proof_needed")


def test_a_wrong_or_used_code_proves_nothing_and_guessing_is_stopped(
    browser: TestClient, employer: Partner, clock: Clock
) -> None:
    wait(browser, clock, 10)
    code = employer.code()
    assert browser.post("/prove", data={"code": code}).status_code == 303
    for wrong in (code, "000000"):
        assert browser.post("/prove", data={"code": wrong}).status_code == 401
    wait(browser, clock, 10)
    browser.post("/prove", data={"code": "000000"})
    assert browser.post("/prove", data={"code": employer.code()}).status_code == 429
    assert browser.get("/danger").status_code == 303


@pytest.mark.parametrize("foreign", ["//evil.example", "https://evil.example", "/\\evil"])
def test_proving_never_leads_to_another_site(browser: TestClient, employer: Partner, foreign: str) -> None:
    answer = browser.post("/prove", data={"code": employer.code(1), "next": foreign})
    assert answer.headers["location"] == "/home"


def test_one_session_proves_nothing_for_another(
    browser: TestClient, sign_in: Enter, employer: Partner, clock: Clock
) -> None:
    wait(browser, clock, 10)
    other = sign_in(employer)
    assert other.get("/danger").text == "done"
    assert browser.get("/danger").status_code == 303
