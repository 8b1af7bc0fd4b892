"""One person reported on the screen or asked about by the API, answered at once."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from exchange.database import reading
from exchange.models.journal import JournalEvent
from exchange.models.transfers import Transfer
from exchange.programs import debt_inquiry, on_screen
from exchange.registry.agencies import AGENCIES
from exchange.registry.population import Person, Population
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from roles.errors import NotPermittedError
from roles.permissions import Permission, Role
from tests.conftest import Clock
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter
from web import api_models

PAYMENT = {
    "payment_kind": "B",
    "payment_date": "12",
    "payment_date-month": "12",
    "payment_date-day": "24",
    "payment_date-year": "2026",
    "payment_amount": "$1,250.50",
}
LEFT = {
    "termination_code": "T",
    "termination_date-month": "12",
    "termination_date-day": "18",
    "termination_date-year": "2026",
}
ASKED = {"payment_kind": "B", "payment_date": "2026-12-24", "payment_amount": "1250.50"}


@pytest.fixture
def people(exchange: Exchange) -> Population:
    make_partner(exchange, Role.OCSS_STAFF)
    return seed(exchange, 100, 7)


@pytest.fixture
def owing(people: Population) -> Person:
    return next(person for person in people.block(0, 100) if len(person.states) > 1)


def named(person: Person, **more: str) -> dict[str, str]:
    return {"ssn": person.ssn, "last_name": person.last_name, "first_name": person.first_name} | more


def report(browser: TestClient, program: str, fields: Mapping[str, str]) -> str:
    sent = browser.post(f"/programs/{program}/report", data=PAYMENT | dict(fields))
    assert sent.status_code == 303, re.findall(r"error-message[^>]*>(.*?)</div>", sent.text)
    return browser.get(sent.headers["location"]).text


@pytest.mark.parametrize("program", ["lump-sum", "debt-inquiry"])
def test_a_match_names_the_states_and_their_contacts(
    browser: TestClient, owing: Person, program: str
) -> None:
    page = report(browser, program, named(owing))
    assert "<h1>Match</h1>" in page
    for state in owing.states:
        assert AGENCIES[state].name in page
        assert AGENCIES[state].email in page
    assert page.count('aria-labelledby="state-') == len(owing.states)
    assert owing.ssn not in page


def test_nobody_who_owes_is_no_match(browser: TestClient, people: Population) -> None:
    page = report(browser, "lump-sum", named(people.stranger(0)))
    assert "<h1>No match</h1>" in page
    assert "You may pay" in page


def test_a_number_with_another_name_is_for_review_and_names_nobody(
    browser: TestClient, owing: Person
) -> None:
    page = report(browser, "lump-sum", named(owing, last_name="Xylander"))
    assert "<h1>To be reviewed</h1>" in page
    assert "Child Support Services</h2>" not in page


def test_a_termination_names_the_states_that_were_told_and_says_nothing_of_a_payment(
    browser: TestClient, owing: Person, people: Population
) -> None:
    page = report(browser, "termination", named(owing, **LEFT))
    assert "<h1>States were told</h1>" in page
    assert all(AGENCIES[state].name in page and AGENCIES[state].phone[-4:] in page for state in owing.states)
    assert "Do not pay" not in page
    assert owing.ssn not in page
    nobody = report(browser, "termination", named(people.stranger(0), **LEFT))
    assert "<h1>No state to tell</h1>" in nobody
    misnamed = report(browser, "termination", named(owing, last_name="Xylander", **LEFT))
    assert "No state was told" in misnamed
    assert 'aria-labelledby="state-' not in nobody + misnamed


def test_who_never_worked_there_needs_no_day_and_may_have_none(browser: TestClient, owing: Person) -> None:
    never = named(owing, termination_code="N")
    assert "<h1>States were told</h1>" in report(browser, "termination", never)
    again = browser.post("/programs/termination/report", data=LEFT | never)
    assert again.status_code == 422
    assert re.findall(r'href="#([a-z_]+)">Leave this empty', again.text) == ["termination_date"]


def test_a_report_on_the_screen_is_a_file_like_every_other(browser: TestClient, owing: Person) -> None:
    page = report(browser, "lump-sum", named(owing))
    address = re.search(r'href="(/files/[0-9a-f-]{36})">All about', page)
    assert address
    about = browser.get(address[1]).text
    assert "Handed over" in about
    assert ".txt.res" in about
    assert browser.get(f"{address[1]}/receipt").status_code == 200


def test_everything_wrong_is_said_at_once_and_what_was_typed_is_kept(
    browser: TestClient, people: Population
) -> None:
    wrong = {"ssn": "12", "last_name": "{{7*7}}<b>", "payment_amount": "a lot"}
    answer = browser.post("/programs/lump-sum/report", data=wrong)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    for name in ("ssn", "last_name", "first_name", "payment_kind", "payment_date", "payment_amount"):
        assert f'href="#{name}"' in answer.text
        assert f'id="{name}-error"' in answer.text
    assert 'value="{{7*7}}&lt;b&gt;"' in answer.text
    assert 'value="a lot"' in answer.text
    assert browser.get("/api/v1/transfers").status_code == 401
    assert "Nothing was sent yet" in browser.get("/home").text


def test_a_role_that_does_not_send_has_no_form(exchange: Exchange, sign_in: Enter) -> None:
    insurer = sign_in(make_partner(exchange, Role.INSURER))
    assert insurer.get("/programs/lump-sum/report").status_code == 403
    assert insurer.get("/programs/termination/report").status_code == 403
    assert insurer.post("/programs/lump-sum/report", data=PAYMENT).status_code == 403
    assert insurer.get("/programs/debt-inquiry/report").status_code == 200
    assert insurer.get("/programs/files/report").status_code == 404


def test_another_organizations_answer_does_not_exist(
    browser: TestClient, sign_in: Enter, other_employer: Partner, owing: Person
) -> None:
    sent = browser.post("/programs/lump-sum/report", data=PAYMENT | named(owing))
    assert sign_in(other_employer).get(sent.headers["location"]).status_code == 404


def test_the_api_answers_an_inquiry_at_once(api: Enter, employer: Partner, owing: Person) -> None:
    program = api(employer)
    answer = program.post("/api/v1/debt-inquiries", json=ASKED | named(owing))
    assert answer.status_code == 200, answer.text
    found = api_models.InquiryAnswer.model_validate(answer.json())
    assert (found.result, found.states) == ("match", list(owing.states))
    assert [agency.phone for agency in found.agencies] == [AGENCIES[state].phone for state in owing.states]
    assert (found.transfer.program, found.transfer.channel, found.transfer.status) == (
        "debt-inquiry",
        "api",
        "COMPLETE",
    )
    assert (
        program.get(f"/api/v1/transfers/{found.transfer.id}/receipt").json()
        == answer.json()["transfer"]["receipt"]
    )
    shown = program.get(f"/api/v1/transfers/{found.transfer.id}").json()
    assert {name: answer.json()["transfer"][name] for name in shown} == shown


def test_the_answer_to_an_inquiry_is_noted_as_given_to_who_asked(
    api: Enter, employer: Partner, owing: Person, exchange: Exchange
) -> None:
    answer = api(employer).post("/api/v1/debt-inquiries", json=ASKED | named(owing)).json()
    with reading(exchange.engine) as session:
        results = select(Transfer).where(Transfer.kind == "result")
        result = session.exec(results.where(Transfer.answers_to == UUID(answer["transfer"]["id"]))).one()
        of_result = select(JournalEvent).where(JournalEvent.subject_id == result.id)
        events = session.exec(of_result.order_by(col(JournalEvent.position))).all()
    assert result.fetched_at is not None
    assert [(one.kind, one.account_id) for one in events] == [
        ("transfer.issued", None),
        ("transfer.downloaded", employer.actor.account_id),
    ]


def test_an_inquiry_that_cannot_be_answered_just_now_is_answered_by_a_worker(
    employer: Partner, owing: Person, exchange: Exchange, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    typed = named(owing) | {name: text for name, text in PAYMENT.items() if name != "payment_date"}
    process, failed = debt_inquiry.answer_people, []

    def fail_once(*given: Any) -> Any:
        if failed:
            return process(*given)
        failed.append(clock.forward(seconds=2))
        raise OSError

    monkeypatch.setattr(debt_inquiry, "answer_people", fail_once)
    outcome = on_screen.ask(exchange, employer.actor, "debt-inquiry", typed)
    assert isinstance(outcome, tuple)
    assert failed
    assert tuple(one.state for one in outcome[1].agencies) == owing.states
    assert outcome[1].transfer.status == "COMPLETE"


def test_who_may_not_see_an_answer_hands_no_inquiry_over(
    employer: Partner, owing: Person, exchange: Exchange
) -> None:
    scopes = frozenset({Permission.DEBT_INQUIRY_SEND})
    with pytest.raises(NotPermittedError):
        on_screen.ask(exchange, replace(employer.actor, scopes=scopes), "debt-inquiry", named(owing))
    with reading(exchange.engine) as session:
        assert session.exec(select(Transfer)).all() == []


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"ssn": "12"}, "ssn: "),
        ({"payment_date": "tomorrow"}, "payment_date: "),
        ({"payment_kind": "Z"}, "payment_kind: "),
        ({"unknown": "1"}, "unknown: "),
        ({"last_name": None}, "last_name: "),
        ({"ssn": 900010001}, "ssn: "),
    ],
)
def test_an_inquiry_that_cannot_be_understood_says_why(
    api: Enter, employer: Partner, people: Population, more: dict[str, object], what: str
) -> None:
    answer = api(employer).post("/api/v1/debt-inquiries", json=ASKED | named(people.stranger(0)) | more)
    assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")
    assert what in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"a":' * 10_000, b"1" * 70_000])
def test_a_body_that_is_no_inquiry_is_refused(api: Enter, employer: Partner, body: bytes) -> None:
    answer = api(employer).post("/api/v1/debt-inquiries", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")
