"""What is refused before any handler runs."""

import gzip
import socket
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from exchange.accounts import sessions
from exchange.guide import loading
from exchange.runtime import Exchange, open_exchange
from exchange.settings import Settings
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.guide import small_guide
from tests.support.partners import make_partner
from tests.web.conftest import HOST, Served
from web.app import create_app
from web.door import cookie_name
from web.gate import any_address, host_names, host_of

HOSTILE = [
    "evil.example",
    "localhost.evil.example",
    "localhost/@evil.example",
    "localhost\\@evil",
    "localhost:0",
    "localhost:99999",
    "user@localhost",
    "[::1",
    "localhost, evil.example",
    "localhost?x",
    "127.0.0.1.evil.example",
]
PATHS = ["/", "/home", "/files", "/api/v1/transfers", "/sign-in", "/healthz", "/static/0/portal.css"]


@pytest.mark.parametrize("host", HOSTILE)
def test_a_strange_host_is_refused_on_every_route(client: TestClient, host: str) -> None:
    for path in PATHS:
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert host not in answer.text


def test_two_host_headers_or_none_are_refused(served: Served) -> None:
    for head in (
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
            connection.sendall(head)
            assert b" 400 " in connection.recv(4096).split(b"\r\n")[0]


def test_nothing_is_at_a_path_with_control_characters(postgres_settings: Settings, clock: Clock) -> None:
    exchange = open_exchange(postgres_settings, clock)
    loading.load(exchange, small_guide())
    kansas = make_partner(exchange, Role.STATE, jurisdiction="KS")
    cookie = {
        "Cookie": f"{cookie_name(exchange.settings)}={sessions.open_session(exchange, kansas.actor, '')}"
    }
    with TestClient(create_app(exchange), HOST, headers=cookie) as keeper:
        part = "/guide/keep/20000/contacts"
        for path in ("/guide/keep/%00", f"{part}/%00", f"{part}/%00/history", "/files/a%0ab", "/api/v1/%7f"):
            assert keeper.get(path).status_code == 404, path
        assert keeper.post(f"{part}/%00/withdraw", data={"why": "x"}).status_code == 404
    exchange.dispose()


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1234", "[::1]:8080"])
def test_the_names_of_a_local_installation_are_known(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_host_names_come_from_the_settings_only() -> None:
    public = Settings(web_host="10.1.2.3", public_url="https://portal.example.org:444/")
    assert host_names(public) == {"10.1.2.3", "portal.example.org"}
    assert any_address(Settings(web_host="0.0.0.0"))
    assert not any_address(Settings(web_host="0.0.0.0", public_url="https://portal.example.org"))
    assert host_of("portal.example.org:443") == "portal.example.org"


def test_a_packed_body_is_refused_unread(browser: TestClient) -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    answer = browser.post(
        "/files/raw?program=files&filename=a", content=bomb, headers={"Content-Encoding": "gzip"}
    )
    assert answer.status_code == 415
    assert browser.get("/files/drafts").json() == {"items": []}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:9"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Origin": HOST}, 303),
        ({}, 303),
    ],
)
def test_writes_from_other_sites_are_refused(
    browser: TestClient, headers: dict[str, str], status: int
) -> None:
    assert browser.post("/sign-out", headers=headers).status_code == status


def test_reading_from_another_site_is_allowed(client: TestClient) -> None:
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    answers = [client.get("/"), client.get("/nowhere"), client.get("/", headers={"Host": "evil.example"})]
    assert [answer.status_code for answer in answers] == [200, 404, 400]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


def test_https_installations_keep_browsers_with_https(exchange: Exchange) -> None:
    secure = exchange.settings.model_copy(update={"public_url": "https://portal.example.org"})
    app = create_app(replace(exchange, settings=secure))
    with TestClient(app, "https://portal.example.org") as client:
        assert client.get("/").headers["strict-transport-security"].startswith("max-age=")
