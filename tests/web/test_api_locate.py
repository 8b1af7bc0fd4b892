"""Locate by the API: asked, answered and refused, as the contract and the OpenAPI document say."""

from uuid import UUID

import pytest
from starlette.testclient import TestClient

from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.locating import FOUND, SSN, answer, make_fellow, make_worker, sent
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter
from web import api_models_locate as models

LOCATE = "/api/v1/locate-requests"
PERSON = {"ssn": "900-01-0001", "last_name": "Alderson", "first_name": "Ida", "birth_date": "1987-03-27"}


@pytest.fixture
def worker(exchange: Exchange) -> Partner:
    return make_worker(exchange)


@pytest.fixture
def program(api: Enter, worker: Partner) -> TestClient:
    return api(worker)


def new(**more: object) -> dict[str, object]:
    asked = {"purpose": "support", "case_number": "T-100", "person": PERSON, "authority": True}
    return asked | {"sources": ["A01", "H98"]} | more


def test_a_request_is_made_and_read(exchange: Exchange, program: TestClient) -> None:
    made = program.post(LOCATE, json=new())
    assert made.status_code == 201, made.text
    asked = models.LocateRequest.model_validate(made.json())
    assert [one.status for one in asked.results] == ["waiting", "waiting"]
    questions = sent(exchange, UUID(asked.id))
    answer(exchange, "A01", questions["A01"], FOUND)
    read = models.LocateRequest.model_validate(program.get(made.headers["Location"]).json())
    assert [(one.source, one.outcome) for one in read.results] == [("A01", "found"), ("H98", None)]
    assert read.results[0].facts[0].value == "7 Synthetic Lane, Topeka KS 66601"
    listed = models.LocateRequests.model_validate(program.get(LOCATE).json())
    assert [one.id for one in listed.items] == [asked.id]


def test_what_is_wrong_is_said_and_no_number_is_said_again(program: TestClient) -> None:
    for asked, status, code in (
        (new(person={"ssn": "900010001x"}), 422, "fields_refused"),
        (new(authority=False), 422, "fields_refused"),
        (new(purpose="curiosity"), 422, "fields_refused"),
        (new(sources=["Q99"]), 422, "fields_refused"),
        (new(person={**PERSON, "birth_date": "900010001"}), 422, "fields_refused"),
        ([], 400, "request_invalid"),
    ):
        refused = program.post(LOCATE, json=asked)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
        assert SSN not in refused.text
    program.post(LOCATE, json=new())
    again = program.post(LOCATE, json=new())
    assert (again.status_code, again.json()["code"]) == (409, "not_now")
    assert program.get(f"{LOCATE}/nonsense").status_code == 404


def test_others_find_nothing_and_strangers_are_not_let_in(
    exchange: Exchange, api: Enter, program: TestClient, worker: Partner
) -> None:
    made = program.post(LOCATE, json=new()).headers["Location"]
    for other in (make_fellow(worker, "fellow-2"), make_worker(exchange, 2, manager=True)):
        assert api(other).get(made).status_code == 404
    assert api(make_partner(exchange, Role.EMPLOYER)).get(made).status_code == 403
    blocked = api(make_partner(exchange, Role.TRIBE, 3)).post(LOCATE, json=new())
    assert (blocked.status_code, blocked.json()["code"]) == (409, "locate_blocked")
