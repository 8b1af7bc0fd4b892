"""The staff console: found, looked at, suspended by administrators, decided by two."""

import re

import pytest

from exchange.accounts import clients
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.partners import Partner, make_colleague, make_partner
from tests.support.registering import Applicant
from tests.web.conftest import Enter

DECISIONS = "/staff/decisions"


@pytest.fixture
def ada(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.OCSS_ADMINISTRATOR, administrator=True)


def test_staff_look_and_administrators_suspend(sign_in: Enter, ada: Partner, employer: Partner) -> None:
    staff, head = sign_in(make_colleague(ada, "olive-3", Role.OCSS_STAFF)), sign_in(ada)
    found = staff.post("/staff/organizations", data={"q": employer.fein}).text
    page = f"/staff/organizations/{employer.organization.id}"
    assert page in found
    shown = staff.get(page).text
    assert employer.account.username in shown
    assert employer.fein not in shown
    assert f"{page}/suspend" not in shown
    assert staff.post(f"{page}/suspend").status_code == 403
    assert staff.get("/staff/accounts").status_code == 403
    assert employer.account.username in head.get("/staff/accounts?q=employer").text
    assert head.post(f"{page}/suspend").headers["location"] == f"{page}?done=changed"
    assert head.post(f"{page}/nonsense").status_code == 404
    assert "Let it in again" in head.get(page).text


def test_a_number_is_shown_in_full_with_a_reason_only(
    sign_in: Enter, ada: Partner, employer: Partner
) -> None:
    head, page = sign_in(ada), f"/staff/organizations/{employer.organization.id}"
    assert head.post(f"{page}/unmask", data={"reason": ""}).status_code == 422
    number = f"{employer.fein[:2]}-{employer.fein[2:]}"
    assert number in head.post(f"{page}/unmask", data={"reason": "The employer rang"}).text
    assert number not in head.get(page).text


def test_two_administrators_appoint_a_third(sign_in: Enter, ada: Partner) -> None:
    otto, olive = (
        make_colleague(ada, "otto-2", administrator=True),
        make_colleague(ada, "olive-3", Role.OCSS_STAFF),
    )
    first, second = sign_in(ada), sign_in(otto)
    asked = {"act": "appoint_administrator", "username": "olive-3", "reason": "More work"}
    assert first.post(DECISIONS, data=asked | {"username": "x"}).status_code == 422
    assert first.post(DECISIONS, data=asked).headers["location"] == f"{DECISIONS}?done=reset"
    assert "/approve" not in first.get(DECISIONS).text
    (request,) = re.findall(r"decisions/([0-9a-f-]{36})/approve", second.get(DECISIONS).text)
    assert first.post(f"{DECISIONS}/{request}/approve").status_code == 409
    assert second.post(f"{DECISIONS}/{request}/nonsense").status_code == 404
    assert second.post(f"{DECISIONS}/{request}/approve").status_code == 303
    assert olive.actor.role is Role.OCSS_ADMINISTRATOR


def test_partners_see_their_own_decisions_only(exchange: Exchange, sign_in: Enter, ada: Partner) -> None:
    boss = make_partner(exchange, Role.EMPLOYER, administrator=True)
    browser = sign_in(boss)
    assert "Second-factor reset" in browser.get("/organization/decisions").text
    assert browser.get(DECISIONS).status_code == 403
    asked = {"act": "appoint_administrator", "username": boss.account.username, "reason": "Me"}
    assert browser.post("/organization/decisions", data=asked).status_code in {403, 409}


def test_a_reset_that_waits_is_shown_to_the_person_who_stops_it_with_one_click(
    exchange: Exchange, sign_in: Enter
) -> None:
    boss = make_partner(exchange, Role.EMPLOYER, administrator=True)
    other, worker = make_colleague(boss, "boss-2", administrator=True), make_colleague(boss, "worker-3")
    first, second, theirs = sign_in(boss), sign_in(other), sign_in(worker)
    page = "/organization/decisions"
    asked = {"act": "reset_second_factor", "username": "worker-3", "reason": "Lost telephone"}
    first.post(page, data=asked)
    (request,) = re.findall(r"decisions/([0-9a-f-]{36})/approve", second.get(page).text)
    second.post(f"{page}/{request}/approve")
    assert "Agreed, not yet done" in second.get(page).text
    assert f"{page}/{request}/refuse" in first.get(page).text
    stop = f"/account/resets/{request}/stop"
    for shown in ("/home", "/account/security"):
        assert stop in theirs.get(shown).text
        assert stop not in first.get(shown).text
    assert first.post(stop).status_code == 404
    assert theirs.post(stop).headers["location"] == "/account/security?done=reset-stopped"
    assert stop not in theirs.get("/home").text
    assert "Stopped by the person" in first.get(page).text
    assert "The reset was stopped" in theirs.get("/account/history").text


NEW = "/staff/organizations/new"
ABROAD = {
    "organization_name": "Authority of Samplia",
    "country": "CA",
    "evidence": "Letter of May 2",
    "name": "Robin Sample",
    "email": "robin@example.org",
    "username": "robin.sample",
}


def test_staff_make_an_authority_abroad_and_send_its_code_again(sign_in: Enter, ocss: Partner) -> None:
    desk = sign_in(ocss)
    kinds = re.findall(rf'href="{NEW}/(\w+)"', desk.get(NEW).text)
    assert sorted(kinds) == ["access_visitation", "international", "state"]
    assert desk.get(f"{NEW}/employer").status_code == 404
    form = desk.get(f"{NEW}/international").text
    assert all(f'name="{name}"' in form for name in ABROAD)
    wrong = desk.post(f"{NEW}/international", data=ABROAD | {"country": "XX"})
    assert (wrong.status_code, "ISO 3166" in wrong.text) == (422, True)
    page = desk.post(f"{NEW}/international", data=ABROAD).headers["location"].removesuffix("?done=made")
    shown = desk.get(page).text
    assert "Robin Sample has not come yet" in shown
    assert "Letter of May 2" in shown
    assert desk.post(f"{page}/code", data={"email": "robin"}).status_code == 422
    again = desk.post(f"{page}/code", data={"email": "robin@example.org"})
    assert again.headers["location"] == f"{page}?done=sent"
    assert desk.get(f"{page}/administrator").status_code == 404


def test_staff_invite_somebody_where_nobody_is_left(
    exchange: Exchange, sign_in: Enter, ocss: Partner
) -> None:
    lone = make_partner(exchange, Role.INTERNATIONAL)
    desk, page = sign_in(ocss), f"/staff/organizations/{lone.organization.id}"
    assert f"{page}/administrator" in desk.get(page).text
    person = {name: ABROAD[name] for name in ("name", "email", "username")}
    assert desk.post(f"{page}/administrator", data=person | {"username": ""}).status_code == 422
    invited = desk.post(f"{page}/administrator", data=person)
    assert invited.headers["location"] == f"{page}?done=invited"
    assert f"{page}/administrator" not in desk.get(page).text


def test_an_organization_is_made_only_by_somebody_who_proved_it_just_now(
    sign_in: Enter, ocss: Partner, clock: Clock
) -> None:
    desk = sign_in(ocss)
    clock.forward(minutes=14)
    desk.post("/session")
    clock.forward(minutes=14)
    for path in (f"{NEW}/international", f"/staff/organizations/{ocss.organization.id}/code"):
        asked = desk.post(path, data=ABROAD)
        assert (asked.status_code, asked.headers["location"].startswith("/prove")) == (303, True)


def test_home_says_what_waits_for_a_decision(exchange: Exchange, sign_in: Enter, ocss: Partner) -> None:
    boss = make_partner(exchange, Role.EMPLOYER, administrator=True)
    agent = make_partner(exchange, Role.EMPLOYER, 7, kind=OrganizationKind.PROCESSOR, administrator=True)
    worker, desk = sign_in(make_colleague(boss, "worker-2")), sign_in(ocss)
    assert "Waiting for your decision" not in desk.get("/home").text
    Applicant(exchange, OrganizationKind.INSURER).submit()
    clients.ask(exchange, agent.actor, boss.fein)
    assert "Registrations: 1" in desk.get("/home").text
    assert "Organizations that ask to act for you: 1" in sign_in(boss).get("/home").text
    assert "Waiting for your decision" not in worker.get("/home").text
