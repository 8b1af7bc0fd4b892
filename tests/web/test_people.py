"""The pages of an administrator: people, keys and tokens, and what happens to edited forms."""

import re
from uuid import uuid4

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from exchange.accounts import own
from exchange.database import reading
from exchange.models.accounts import Account
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.exchange.test_keys import fresh
from tests.support.partners import Partner, make_colleague, make_partner
from tests.web.conftest import Enter

PEOPLE = "/organization/people"
NEW = {"username": "casey.new", "name": "Casey New", "email": "casey@example.org", "role": "employer"}


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


@pytest.fixture
def worker(boss: Partner) -> Partner:
    return make_colleague(boss, "worker-1")


@pytest.fixture
def office(sign_in: Enter, boss: Partner) -> TestClient:
    return sign_in(boss)


def account(exchange: Exchange, username: str) -> Account | None:
    with reading(exchange.engine) as session:
        return session.exec(select(Account).where(Account.username == username)).first()


def test_an_administrator_invites_looks_after_and_removes_somebody(
    exchange: Exchange, office: TestClient
) -> None:
    assert office.get(f"{PEOPLE}/invite").status_code == 200
    answer = office.post(f"{PEOPLE}/invite", data=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PEOPLE}?done=invited")
    page = office.get(answer.headers["location"]).text
    assert "Casey New" in page
    assert "on its way" in page
    made = account(exchange, "casey.new")
    assert made is not None
    person = f"{PEOPLE}/{made.id}"
    assert f"{person}/send-code" in office.get(person).text
    for act, back in (("send-code", f"{person}?done=sent"), ("remove", f"{PEOPLE}?done=ended")):
        assert office.get(f"{person}/{act}").status_code == 200
        assert office.post(f"{person}/{act}").headers["location"] == back
    assert office.get(person).status_code == 404


def test_a_closed_account_is_invited_again_from_the_page_of_its_owner(
    exchange: Exchange, office: TestClient, worker: Partner
) -> None:
    person = f"{PEOPLE}/{worker.account.id}"
    assert "invite-again" not in office.get(person).text
    own.inactivate(exchange, worker.actor)
    assert "Closed" in office.get(PEOPLE).text
    assert f"{person}/invite-again" in office.get(person).text
    assert "an administrator comes back as none" in office.get(f"{person}/invite-again").text
    assert office.post(f"{person}/invite-again").headers["location"] == f"{person}?done=sent"
    page = office.get(person).text
    assert f"{person}/send-code" in page
    assert f"{person}/invite-again" not in page


def test_a_form_that_asks_for_too_much_comes_back_with_its_reasons(
    exchange: Exchange, office: TestClient
) -> None:
    for role in ("ocss_administrator", "insurer", "root"):
        answer = office.post(f"{PEOPLE}/invite", data=NEW | {"role": role, "email": "nobody"})
        assert answer.status_code == 422
        assert "Choose one of the roles" in answer.text
        assert "Enter an email address" in answer.text
        assert 'value="Casey New"' in answer.text
    assert account(exchange, "casey.new") is None


def test_an_edited_address_of_another_organizations_person_looks_like_nobodys(
    office: TestClient, other_employer: Partner
) -> None:
    theirs, nobody = str(other_employer.account.id), str(uuid4())
    for ending in ("", "/suspend", "/make-administrator", "/remove"):
        pages = [office.get(f"{PEOPLE}/{one}{ending}") for one in (theirs, nobody, "x")]
        assert [one.status_code for one in pages] == [404] * 3
        assert pages[0].text.replace(theirs, "") == pages[1].text.replace(nobody, "")
        if ending:
            assert [office.post(f"{PEOPLE}/{one}{ending}").status_code for one in (theirs, nobody)] == [
                404
            ] * 2
    assert office.get(f"{PEOPLE}/{nobody}/promote").status_code == 404
    assert other_employer.actor


def test_whoever_is_no_administrator_sees_neither_pages_nor_links(sign_in: Enter, worker: Partner) -> None:
    browser = sign_in(worker)
    assert PEOPLE not in browser.get("/home").text
    for path in (PEOPLE, f"{PEOPLE}/invite", f"{PEOPLE}/{worker.account.id}"):
        assert browser.get(path).status_code == 403
    assert browser.post(f"{PEOPLE}/{worker.account.id}/make-administrator").status_code == 403


def test_ones_own_account_is_somebody_elses_business(office: TestClient, boss: Partner) -> None:
    page = office.get(f"{PEOPLE}/{boss.account.id}").text
    assert "This is your own account" in page
    assert office.post(f"{PEOPLE}/{boss.account.id}/remove").status_code == 409
    assert boss.actor.administrator


def test_a_key_is_pasted_listed_and_taken_back(browser: TestClient) -> None:
    assert "No key yet" in browser.get("/account/keys").text
    given = {"public_key": fresh(), "label": "payroll server", "days": "365"}
    assert browser.post("/account/keys", data=given).headers["location"] == "/account/keys?done=added"
    page = browser.get("/account/keys").text
    assert "payroll server" in page
    assert "SHA256:" in page
    (key,) = re.findall(r"/account/keys/([0-9a-f-]{36})/revoke", page)
    assert browser.post(f"/account/keys/{key}/revoke").headers["location"] == "/account/keys?done=revoked"
    assert "Taken back" in browser.get("/account/keys").text


def test_a_weak_key_comes_back_with_its_reason(browser: TestClient) -> None:
    answer = browser.post("/account/keys", data={"public_key": "ssh-dss AAAA", "label": "", "days": "365"})
    assert answer.status_code == 422
    assert "Say in 1 to 60 characters" in answer.text
    answer = browser.post("/account/keys", data={"public_key": "ssh-dss AAAA", "label": "a", "days": "365"})
    assert "DSA keys are broken" in answer.text


def test_a_token_is_shown_once_and_bound_to_what_was_ticked(app: object, browser: TestClient) -> None:
    given = {"label": "nightly", "days": "30", "scope.transfer:read": "yes"}
    token = re.findall(r"ocss_[\w-]{43}", browser.post("/account/tokens", data=given).text)[0]
    assert token not in browser.get("/account/tokens").text
    program = TestClient(browser.app, "http://localhost", headers={"Authorization": f"Bearer {token}"})
    assert program.get("/api/v1/transfers").status_code == 200
    sent = program.post("/api/v1/transfers?program=files&filename=a.txt", content=b"x")
    assert sent.status_code == 403
    for more in ({}, {"scope.data-match:send": "yes"}, {"scope.account:manage": "yes"}):
        assert browser.post("/account/tokens", data={"label": "n", "days": "30"} | more).status_code == 422


def test_an_administrator_takes_back_the_key_of_a_colleague(
    sign_in: Enter, office: TestClient, worker: Partner, other_employer: Partner
) -> None:
    theirs = sign_in(worker)
    theirs.post("/account/keys", data={"public_key": fresh(), "label": "laptop", "days": "90"})
    person = f"{PEOPLE}/{worker.account.id}"
    (key,) = re.findall(r"/account/keys/([0-9a-f-]{36})/revoke", office.get(person).text)
    assert sign_in(other_employer).post(f"/account/keys/{key}/revoke").status_code == 404
    assert office.post(f"/account/keys/{key}/revoke").headers["location"] == f"{person}?done=revoked"
    assert "Taken back" in theirs.get("/account/keys").text


def test_grave_acts_need_a_second_factor_shown_lately(
    exchange: Exchange, office: TestClient, worker: Partner, clock: Clock
) -> None:
    clock.forward(minutes=11)
    answer = office.post(f"{PEOPLE}/{worker.account.id}/remove")
    assert answer.status_code in {303, 401, 403}
    assert worker.actor


def test_an_administrator_corrects_a_name(office: TestClient, worker: Partner) -> None:
    page = f"{PEOPLE}/{worker.account.id}"
    assert f"{page}/correct" in office.get(page).text
    form = office.get(f"{page}/correct").text
    assert ('name="name"' in form, 'name="email"' in form) == (True, False)
    assert office.post(f"{page}/correct", data={"name": ""}).status_code == 422
    assert (
        office.post(f"{page}/correct", data={"name": "Robin Right"}).headers["location"]
        == f"{page}?done=changed"
    )
    assert "Robin Right" in office.get(page).text
