"""The document that describes the API is valid, complete and true."""

from openapi_spec_validator import validate
from starlette.testclient import TestClient

from web.routes import API


def test_the_document_is_valid_and_names_every_call(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    validate(document)
    described = {(path, method.upper()) for path, calls in document["paths"].items() for method in calls}
    routed = {(route.path, min(route.methods - {"HEAD"})) for route in API}  # type: ignore[attr-defined]  # routes of ours have methods
    routed.discard(("/api/v1/openapi.json", "GET"))
    assert described == routed


def test_every_call_says_what_it_needs_and_how_it_refuses(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["security"] == [{"token": []}]
    for calls in document["paths"].values():
        for call in calls.values():
            needs_no_token = {} in call.get("security", [])
            assert {"401", "304" if needs_no_token else "403"} < set(call["responses"])
            assert call["summary"].endswith(".")
