"""The table of errors, and the two forms a refusal has."""

import inspect
from http import HTTPStatus

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from exchange import errors
from tests.web.conftest import HOST
from web.errors import STATUS, TITLES, refusal_of

EVERY = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.PortalError) and kind is not errors.PortalError
]


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_the_table_knows_every_error(kind: type[errors.PortalError]) -> None:
    assert STATUS[kind].value in TITLES


def test_every_title_and_status_is_one_that_http_knows() -> None:
    assert all(HTTPStatus(status) for status in TITLES)


def test_an_error_without_a_place_in_the_table_is_a_bug() -> None:
    class ForgottenError(errors.PortalError):
        pass

    with pytest.raises(KeyError):
        refusal_of(ForgottenError())


def test_a_program_gets_problem_json_and_a_person_a_page(client: TestClient) -> None:
    answer = client.get("/api/v1/transfers")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.json()["code"] == "not_signed_in"
    assert answer.headers["www-authenticate"] == "Bearer"
    page = client.get("/nowhere")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_a_failure_nobody_named_tells_nothing_to_the_outside(app: Starlette) -> None:
    async def broken(_request: Request) -> Response:
        raise RuntimeError("marker-of-the-inside")

    app.router.routes.append(Route("/api/broken", broken))
    with TestClient(app, HOST) as client:
        answer = client.get("/api/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "marker" not in answer.text
    assert "content-security-policy" in answer.headers
