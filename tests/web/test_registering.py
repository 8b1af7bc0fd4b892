"""The wizard and the staff's pages against whoever edits forms, skips pages or guesses codes."""

import pytest
from starlette.testclient import TestClient

from exchange.accounts import verification
from exchange.accounts.registration_steps import Step
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind, kinds_of
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.partners import Partner, make_partner
from tests.support.registering import PERSON, Applicant, mails
from tests.web.conftest import Enter
from web.handlers.registration import COOKIE

KIND = OrganizationKind
NOTHING = {"": ""}
CANARY = "{{7*7}}<script>1</script>"


def submitted(exchange: Exchange, kind: OrganizationKind = KIND.EMPLOYER, **more: str) -> Applicant:
    applicant = Applicant(exchange, kind)
    applicant.go_to(Step.EMAIL)
    applicant.hand_in(Step.ORGANIZATION, **more)
    for step in (Step.USERNAME, Step.AGREEMENT, Step.CHECK):
        assert applicant.hand_in(step).problems == ()
    return applicant


def test_no_page_is_skipped(client: TestClient) -> None:
    for step in ("you", "organization", "agreement", "check"):
        answer = client.get(f"/register/employer/{step}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/register/employer/kind")
        answer = client.post(f"/register/employer/{step}", data={"accept": "yes"})
        assert answer.headers["location"] == "/register/employer"


@pytest.mark.parametrize("kind", ["ocss", "state", "insurer", "", CANARY])
def test_a_kind_that_does_not_belong_there_is_refused(client: TestClient, kind: str) -> None:
    answer = client.post("/register/employer/kind", data={"kind": kind})
    assert answer.status_code == 422
    assert COOKIE not in answer.cookies


@pytest.mark.parametrize("role", [role for role in Role if not KINDS[kinds_of(role)[0]].registers])
def test_who_does_not_register_finds_no_form(client: TestClient, role: Role) -> None:
    page = client.get(f"/register/{role}")
    assert KINDS[kinds_of(role)[0]].instead.replace("'", "&#39;") in page.text
    assert "<form" not in page.text
    for step in Step:
        assert client.get(f"/register/{role}/{step}").status_code == 404
        assert client.post(f"/register/{role}/{step}", data=PERSON).status_code == 404


def test_the_code_in_the_cookie_is_out_of_reach_of_scripts(client: TestClient) -> None:
    answer = client.post("/register/insurer/you", data=PERSON)
    assert answer.headers["location"] == "/register/insurer/email"
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags


def test_the_number_of_a_person_is_never_sent_back(client: TestClient) -> None:
    client.post("/register/insurer/you", data=PERSON)
    assert "900123456" not in client.get("/register/insurer/you").text
    assert "900-12-3456" not in client.get("/register/insurer/you").text


def test_a_draft_of_one_role_is_none_of_another(client: TestClient) -> None:
    client.post("/register/insurer/you", data=PERSON)
    answer = client.get("/register/financial_institution/organization")
    assert answer.headers["location"] == "/register/financial_institution/you"


def test_leaving_forgets_the_registration_here(client: TestClient) -> None:
    client.post("/register/insurer/you", data=PERSON)
    assert "Nothing is left here" in client.post("/register/leave").text
    assert client.get("/register/status").headers["location"] == "/register/return"


def test_guessed_codes_are_refused_alike_and_then_paused(client: TestClient, exchange: Exchange) -> None:
    for _ in range(exchange.settings.attempts * 10):
        assert client.post("/register/return", data={"code": "AAAA-BBBB"}).status_code == 422
    assert client.post("/register/return", data={"code": "AAAA-BBBB"}).status_code == 429
    assert client.post("/register/insurer/you", data=PERSON).status_code == 429
    names = {"username": "nobody", "password": "a password of some length"}
    assert client.post("/sign-in", data=names).status_code == 401


def test_a_joiner_learns_no_more_than_that_a_request_was_sent(
    client: TestClient, exchange: Exchange, employer: Partner
) -> None:
    joiner = submitted(exchange, fein=employer.fein)
    client.cookies.set(COOKIE, str(joiner.secret))
    page = client.get("/register/status").text
    assert "A request was sent to the administrators" in page
    assert employer.organization.name not in page


def test_what_was_typed_is_shown_as_text(exchange: Exchange, sign_in: Enter, ocss: Partner) -> None:
    made = submitted(exchange, organization_name=CANARY).application
    staff = sign_in(ocss)
    for path in ("/staff/registrations", f"/staff/registrations/{made.id}"):
        page = staff.get(path).text
        assert "{{7*7}}&lt;script&gt;" in page
        assert "<script>1" not in page


def test_staff_write_why_and_decide_once(exchange: Exchange, sign_in: Enter, ocss: Partner) -> None:
    made, staff = submitted(exchange).application, sign_in(ocss)
    address = f"/staff/registrations/{made.id}"
    for decision in ("ask", "deny"):
        answer = staff.post(f"{address}/{decision}", data={decision: " "})
        assert answer.status_code == 422
        assert "Write" in answer.text
    assert staff.post(f"{address}/deny", data={"deny": "x" * 2001}).status_code == 422
    assert staff.post(f"{address}/promote", data=NOTHING).status_code == 404
    verified = staff.post(f"{address}/verify", data=NOTHING)
    assert verified.headers["location"] == "/staff/registrations?done=verify"
    late = staff.post(f"{address}/verify", data=NOTHING)
    assert (late.status_code, "decided" in late.text) == (422, True)
    assert made.reference in staff.get("/staff/registrations?status=verified").text
    assert staff.get("/staff/registrations?status=draft").status_code == 404


def test_letting_an_organization_in_takes_a_second_factor_shown_lately(
    exchange: Exchange, sign_in: Enter, ocss: Partner, clock: Clock
) -> None:
    made, staff = submitted(exchange).application, sign_in(ocss)
    address = f"/staff/registrations/{made.id}"
    clock.forward(minutes=11)
    assert staff.get(address).headers["location"].startswith("/prove?next=%2Fstaff%2Fregistrations%2F")
    for decision in ("verify", "ask", "deny"):
        answer = staff.post(f"{address}/{decision}", data={decision: "Why is that so?"})
        assert answer.headers["location"].startswith("/prove?")
    assert made.reference in staff.get("/staff/registrations").text
    staff.post("/prove", data={"code": ocss.code()})
    assert staff.get(address).status_code == 200
    assert staff.post(f"{address}/verify", data=NOTHING).headers["location"].endswith("?done=verify")


def test_what_hinders_a_verification_is_told_with_the_way_out(
    exchange: Exchange, sign_in: Enter, ocss: Partner, employer: Partner
) -> None:
    made = submitted(exchange, KIND.INSURER, fein=employer.fein).application
    answer = sign_in(ocss).post(f"/staff/registrations/{made.id}/verify", data=NOTHING)
    assert answer.status_code == 422
    assert "Another kind of organization has this FEIN" in answer.text


def test_partners_and_strangers_find_neither_queue_nor_record(
    client: TestClient, browser: TestClient, exchange: Exchange
) -> None:
    made = submitted(exchange).application
    for path in ("/staff/registrations", f"/staff/registrations/{made.id}", "/staff/clearances"):
        assert client.get(path).status_code == 303
        assert browser.get(path).status_code == 403
    assert browser.get("/organization/joins").status_code == 403
    assert browser.post(f"/staff/registrations/{made.id}/verify", data=NOTHING).status_code == 403


def test_a_clearance_is_asked_for_in_full(sign_in: Enter, ocss: Partner) -> None:
    staff = sign_in(ocss)
    assert "Choose what is on record" in staff.post("/staff/clearances", data={"kind": "employer"}).text
    wrong = staff.post("/staff/clearances", data={"kind": "tribe", "key": "20000"})
    assert wrong.status_code == 422
    assert 'href="#key"' in wrong.text
    good = {"kind": "tribe", "key": "90830", "organization_name": "Sample Nation", "evidence": "file 1"}
    assert staff.post("/staff/clearances", data=good).headers["location"].endswith("done=recorded")
    assert "Sample Nation" in staff.get("/staff/clearances?done=recorded").text


def test_letters_about_a_registration_hold_nothing_of_it(
    exchange: Exchange, sign_in: Enter, ocss: Partner
) -> None:
    made = submitted(exchange).application
    staff = sign_in(ocss)
    staff.post(f"/staff/registrations/{made.id}/ask", data={"ask": "Is O'Sample your name?"})
    told = "\n".join(mails(exchange))
    for private in ("Robin", "O'Sample", "Sample Works", "900", "robin.sample", made.reference):
        assert private not in told


def test_an_administrator_of_another_organization_decides_nothing(
    exchange: Exchange, sign_in: Enter, ocss: Partner
) -> None:
    first = submitted(exchange)
    verification.verify(exchange, ocss.actor, first.application.id)
    joiner = Applicant(exchange, KIND.EMPLOYER, "casey.second")
    joiner.submit()
    other = sign_in(make_partner(exchange, Role.INSURER, administrator=True))
    for decision in ("approve", "deny"):
        answer = other.post(f"/organization/joins/{joiner.application.id}/{decision}", data=NOTHING)
        assert answer.status_code == 404
    assert "Nobody asks" in other.get("/organization/joins").text
    assert other.post(f"/organization/joins/{joiner.application.id}/promote", data=NOTHING).status_code == 404


@pytest.mark.parametrize("which", ["nonsense", "6f0e0d6e-0000-4000-8000-000000000000"])
def test_a_registration_that_is_not_there_is_called_what_it_is(
    sign_in: Enter, ocss: Partner, which: str
) -> None:
    answer = sign_in(ocss).get(f"/staff/registrations/{which}")
    assert answer.status_code == 404
    assert "There is nothing like that here" in answer.text
