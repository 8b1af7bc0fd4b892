"""The web door for tests: the real application over a real installation, and clients that have signed in."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.testclient import TestClient

from exchange.runtime import Exchange
from tests.support.browser import PATIENCE
from tests.support.partners import Partner
from tests.web.pictures import FOLDER, Shoot, keep
from tests.web.visitors import Visitor
from web.app import create_app

HOST = "http://localhost"
DESKTOP = {"width": 1280, "height": 900}
Enter = Callable[[Partner], TestClient]


@pytest.fixture
def app(exchange: Exchange) -> Starlette:
    return create_app(exchange)


@pytest.fixture
def client(app: Starlette) -> Iterator[TestClient]:
    """Somebody who has not signed in."""
    with TestClient(app, HOST, follow_redirects=False) as made:
        yield made


@pytest.fixture
def sign_in(app: Starlette) -> Iterator[Enter]:
    """Signs a partner in with password and code; each call is a browser of its own."""
    opened = ExitStack()

    def enter(partner: Partner) -> TestClient:
        browser = opened.enter_context(TestClient(app, HOST, follow_redirects=False))
        names = {"username": partner.account.username, "password": partner.password}
        assert browser.post("/sign-in", data=names).status_code == 200
        entered = browser.post("/sign-in", data={"code": partner.code()})
        assert (entered.status_code, entered.headers["location"]) == (303, "/home")
        return browser

    with opened:
        yield enter


@pytest.fixture
def browser(sign_in: Enter, employer: Partner) -> TestClient:
    """An employer who has signed in."""
    return sign_in(employer)


@pytest.fixture
def api(app: Starlette) -> Iterator[Enter]:
    """A program of a partner, with its token."""
    opened = ExitStack()

    def enter(partner: Partner) -> TestClient:
        headers = {"Authorization": f"Bearer {partner.token()}"}
        return opened.enter_context(TestClient(app, HOST, headers=headers, follow_redirects=False))

    with opened:
        yield enter


@dataclass
class Served:
    """A server on the loopback, for clients that need a real connection."""

    address: str
    port: int


@pytest.fixture
def served(app: Starlette) -> Iterator[Served]:
    """The application behind uvicorn on a free port, in a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Served(f"http://127.0.0.1:{port}", port)
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture
def shoot() -> Shoot:
    """Keeps pictures of pages, see `tests.web.pictures`."""
    FOLDER.mkdir(exist_ok=True)
    return keep


@pytest.fixture
def newcomer(chromium: Browser, served: Served) -> Iterator[Callable[[], Visitor]]:
    """Further people at desktops, each with a browser of their own."""
    made: list[Visitor] = []

    def come() -> Visitor:
        context = chromium.new_context(viewport=DESKTOP)
        context.set_default_timeout(PATIENCE)
        made.append(Visitor(context.new_page(), served.address))
        return made[-1]

    yield come
    for one in made:
        one.page.context.close()
    assert [said for one in made for said in one.complaints] == []


@pytest.fixture
def visitor(chromium: Browser, served: Served, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Somebody at a desktop; a test may ask for another size or for no scripts."""
    context = chromium.new_context(**{"viewport": DESKTOP} | getattr(request, "param", {}))
    context.set_default_timeout(PATIENCE)
    made = Visitor(context.new_page(), served.address)
    yield made
    context.close()
    assert made.complaints == []
