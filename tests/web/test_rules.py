"""The rules of behavior come before everything else, and again every year."""

from starlette.testclient import TestClient

from exchange.database import reading, transaction
from exchange.models.accounts import Account
from exchange.runtime import Exchange
from tests.conftest import Clock
from tests.support.partners import Partner
from tests.web.conftest import Enter


def forget(exchange: Exchange, partner: Partner, version: str | None = None) -> None:
    with transaction(exchange.engine) as session:
        session.get_one(Account, partner.account.id).rules_version = version


def test_nothing_is_shown_before_the_rules_are_accepted(
    exchange: Exchange, browser: TestClient, employer: Partner
) -> None:
    forget(exchange, employer)
    answer = browser.get("/files?direction=inbound")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/account/rules?next=%2Ffiles%3Fdirection%3Dinbound",
    )
    assert "Nobody of us looks up" in browser.get(answer.headers["location"]).text
    accepted = browser.post("/account/rules", data={"next": "/files?direction=inbound"})
    assert accepted.headers["location"] == "/files?direction=inbound"
    assert browser.get("/files").status_code == 200


def test_a_new_version_is_to_be_accepted_anew(
    exchange: Exchange, browser: TestClient, employer: Partner
) -> None:
    forget(exchange, employer, "0.9")
    assert browser.get("/home").headers["location"].startswith("/account/rules")


def test_they_are_accepted_again_every_year(
    exchange: Exchange, clock: Clock, sign_in: Enter, employer: Partner
) -> None:
    clock.forward(days=364)
    with transaction(exchange.engine) as session:
        session.get_one(Account, employer.account.id).confirmed_at = exchange.clock()
    assert sign_in(employer).get("/home").status_code == 200
    clock.forward(days=2)
    assert sign_in(employer).get("/home").headers["location"].startswith("/account/rules")


def test_programs_go_on_under_the_agreement_of_their_organization(
    exchange: Exchange, api: Enter, employer: Partner
) -> None:
    forget(exchange, employer)
    assert api(employer).get("/api/v1/transfers").status_code == 200
    with reading(exchange.engine) as session:
        assert session.get_one(Account, employer.account.id).rules_version is None
