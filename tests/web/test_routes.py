"""Which routes there are, who may use them, and that nothing else exists."""

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from exchange.runtime import Exchange
from roles.permissions import ROLE_PERMISSIONS, Permission, Role
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter
from web.app import create_app, create_operations_app
from web.routes import API, DEMONSTRATION, HEALTH, OPERATIONS, PAGES

PUBLIC = {
    "/",
    "/activate",
    "/activate/password",
    "/activate/second-factor",
    "/api/v1/guide/changes",
    "/api/v1/guide/compare",
    "/api/v1/guide/contacts",
    "/api/v1/guide/download",
    "/api/v1/guide/jurisdictions",
    "/api/v1/guide/jurisdictions/{code}",
    "/api/v1/guide/jurisdictions/{code}/history/{sort}/{slug}",
    "/api/v1/guide/questions",
    "/api/v1/guide/questions/{slug}/answers",
    "/api/v1/guide/search",
    "/api/v1/guide/texts/{id}",
    "/api/v1/openapi.json",
    "/forgot",
    "/forgot/password",
    "/forgot/password/reset",
    "/forgot/username",
    "/for-the-public",
    "/guide",
    "/guide/changes",
    "/guide/compare",
    "/guide/compare.csv",
    "/guide/contacts/{type}",
    "/guide/contacts/{type}.csv",
    "/guide/map",
    "/guide/search",
    "/guide/topics",
    "/guide/topics/{slug}",
    "/guide/topics/{slug}.csv",
    "/guide/texts/{id}",
    "/guide/{code:locator}",
    "/guide/{code:locator}.csv",
    "/guide/{code:locator}.pdf",
    "/guide/{code:locator}/history/{sort}/{slug}",
    "/healthz",
    "/passkey/options",
    "/readyz",
    "/register/leave",
    "/register/return",
    "/register/status",
    "/register/{role}",
    "/register/{role}/{step}",
    "/roles/{role}",
    "/sign-in",
    "/sign-in/passkey",
    "/sign-on",
    "/sign-on/return",
    "/sign-on/{jurisdiction}",
    "/sign-out",
    "/static/{version}/{name:path}",
    "/who-may-do-what",
}
SOMEWHERE = "6f0e0d6e-0000-4000-8000-000000000000"


def guarded_routes() -> list[Route]:
    return [route for route in [*PAGES, *API] if hasattr(route, "proof")]


def address(route: Route) -> str:
    return route.path.replace("{id}", SOMEWHERE).replace("{program}", "files")


def test_the_public_routes_are_exactly_these() -> None:
    found = {route.path for route in [*PAGES, *API, *HEALTH] if not hasattr(route, "proof")}
    assert found == PUBLIC
    assert {route.path for route in DEMONSTRATION} == {"/demonstration/letters", "/sign-in/demonstration"}
    assert {route.path for route in OPERATIONS} == {"/healthz", "/readyz", "/metrics"}


def test_the_application_has_these_routes_and_no_others(app: Starlette) -> None:
    assert app.routes == [*PAGES, *API, *HEALTH]


def test_every_route_has_one_way_of_proving_identity() -> None:
    for route in guarded_routes():
        assert route.proof == ("by_token" if route.path.startswith("/api/") else "by_session")  # type: ignore[attr-defined]  # set by `guarded`


@pytest.mark.parametrize("route", guarded_routes(), ids=lambda r: f"{max(r.methods)} {r.path}")
def test_nobody_enters_a_guarded_route_without_signing_in(client: TestClient, route: Route) -> None:
    method = min(route.methods - {"HEAD"})
    answer = client.request(method, address(route))
    if route.path.startswith("/api/"):
        assert answer.status_code == 401
    else:
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")


def test_a_session_opens_no_api_and_a_token_no_page(
    browser: TestClient, employer: Partner, api: Enter
) -> None:
    assert browser.get("/api/v1/transfers").status_code == 401
    assert api(employer).get("/files").status_code == 303


@pytest.mark.parametrize("role", list(Role))
def test_every_role_gets_what_its_permissions_say(
    exchange: Exchange, app: Starlette, role: Role, api: Enter
) -> None:
    program = api(make_partner(exchange, role))
    for route in guarded_routes():
        if not route.path.startswith("/api/"):
            continue
        method = min(route.methods - {"HEAD"})
        answer = program.request(method, address(route))
        needs: Permission = route.needs  # type: ignore[attr-defined]  # set by `guarded`
        permitted = needs in ROLE_PERMISSIONS[role]
        assert (answer.status_code == 403) != permitted, route.path


def test_what_is_not_yours_looks_like_what_is_not_there(
    sign_in: Enter, employer: Partner, other_employer: Partner
) -> None:
    mine, theirs = sign_in(employer), sign_in(other_employer)
    sent = mine.post("/files/raw?program=files&filename=a.txt", content=b"mine").json()["id"]
    for ending in ("", "/content", "/receipt", "/progress"):
        foreign, nowhere = (theirs.get(f"/files/{name}{ending}") for name in (sent, SOMEWHERE))
        assert foreign.status_code == nowhere.status_code == 404
        assert foreign.text.replace(sent, "") == nowhere.text.replace(SOMEWHERE, "")
        assert mine.get(f"/files/{sent}{ending}").status_code == 200


def test_health_and_counters(exchange: Exchange, client: TestClient) -> None:
    assert [client.get(path).status_code for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 404]
    with TestClient(create_operations_app(exchange)) as operations:
        assert operations.get("/readyz").text == "ready\n"
        assert "portal_web_requests_total" in operations.get("/metrics").text


def test_it_is_not_ready_without_its_store(exchange: Exchange, client: TestClient) -> None:
    exchange.settings.store.rename(exchange.settings.home / "gone")
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_accounts_are_shown_in_a_demonstration_only(exchange: Exchange) -> None:
    class Shown:
        def accounts(self) -> list[object]:
            return []

    with pytest.raises(ValueError, match="demonstration"):
        create_app(exchange, Shown())  # type: ignore[arg-type]  # refused before it is used
