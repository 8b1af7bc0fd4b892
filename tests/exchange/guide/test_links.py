"""Addresses of the guide are asked whether they answer, and never lead us into a network of our own."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from sqlmodel import select

from exchange.database import reading
from exchange.guide import links, loading, standing
from exchange.models.guide import GuideLink
from exchange.outgoing import INSIDE, TOO_LATE, Limits, is_public, problem_with
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.guide import small_guide, state
from tests.support.partners import make_partner

HERE = Limits(2.0, loopback=True)


class Answers(BaseHTTPRequestHandler):
    """Answers by the path: a status, a redirect, or slowly."""

    protocol_version = "HTTP/1.1"
    broken = threading.Event()

    def do_HEAD(self) -> None:
        self._answer(405 if self.path == "/no-head" else 200)

    def do_GET(self) -> None:
        self._answer(200)

    def _answer(self, status: int) -> None:
        if self.path == "/drips":
            return self._drip()
        moved = {
            "/moved": "/fine",
            "/loop": "/loop",
            "/inside": "http://169.254.169.254/latest/meta-data/",
            "/ftp": "ftp://127.0.0.1/x",
        }.get(self.path)
        gone = self.path == "/gone" or (self.path == "/sometimes" and self.broken.is_set())
        self.send_response(302 if moved else 404 if gone else status)
        if moved:
            self.send_header("Location", moved)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def _drip(self) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100:
            try:
                self.wfile.write(bytes([letter]))
            except OSError:
                return
            time.sleep(0.05)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Answers.broken.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as made:
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{made.server_address[1]}"
        made.shutdown()


def test_what_came_of_asking_is_told_in_words(server: str) -> None:
    told = {
        "/fine": "",
        "/no-head": "",
        "/moved": "",
        "/gone": "it answers 404",
        "/loop": "it leads elsewhere again and again",
        "/inside": INSIDE,
        "/ftp": "only addresses of http:// and https:// are asked",
        "/drips": TOO_LATE,
    }
    assert {path: problem_with(server + path, HERE) for path in told} == told
    assert problem_with(server.replace("http:", "https:") + "/fine", HERE) == "its certificate is not valid"


def test_nothing_but_public_addresses_is_asked(server: str) -> None:
    inside = Limits(1.0)
    assert problem_with(server + "/fine", inside) == INSIDE
    assert problem_with(server.replace("127.0.0.1", "localhost") + "/fine", inside) == INSIDE
    for host in (
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[::1]",
        "[fe80::1]",
        "[::ffff:10.0.0.1]",
        "0",
    ):
        assert problem_with(f"http://{host}/", inside) == INSIDE, host
    assert problem_with("http://nobody@127.0.0.1/", HERE) == "it holds a username or a password"
    assert problem_with("http://[::g]/", inside) == "it is no address that can be asked"
    assert problem_with("http://127.0.0.1:1/", HERE) == "the connection failed"
    for address, public in (("8.8.8.8", True), ("2606:4700::1", True), ("224.0.0.1", False)):
        assert is_public(ip_address(address)) is public
    for address in ("64:ff9b::a00:1", "2002:a00:1::1", "100.64.0.1", "fd00::1", "fec0::1"):
        assert not is_public(ip_address(address))


def asking(exchange: Exchange) -> Exchange:
    settings = exchange.settings.model_copy(update={"link_check": True, "link_check_loopback": True})
    return replace(exchange, settings=settings)


def test_each_address_is_asked_once_a_week_and_its_keeper_sees_what_fails(
    exchange: Exchange, clock: Clock, server: str
) -> None:
    kansas = state("20000", "Kansas", "18")
    answers = tuple(
        one.model_copy(update={"url": server + path})
        for one, path in zip(kansas.answers, ("/sometimes", "/fine"), strict=True)
    )
    part = kansas.model_copy(update={"answers": answers})
    loading.load(exchange, small_guide().model_copy(update={"parts": (part,)}))
    assert links.check(exchange) == 0  # nobody switched it on
    exchange, keeper = asking(exchange), make_partner(exchange, Role.STATE, jurisdiction="KS")
    Answers.broken.set()
    assert [links.check(exchange), links.check(exchange)] == [2, 0]
    failing_since = clock()
    clock.forward(days=8)
    assert links.check(exchange) == 2
    (line,) = standing.keeping(exchange, keeper.actor, "20000").failing
    (failing,) = line.failing
    assert failing.problem == "it answers 404"
    assert failing.since <= failing_since  # a week ago
    assert [one.failing for one in standing.tallies(exchange, keeper.actor)] == [1]
    Answers.broken.clear()
    clock.forward(days=7)
    assert links.check(exchange) == 2
    assert standing.keeping(exchange, keeper.actor, "20000").failing == []
    loading.load(exchange, small_guide())
    clock.forward(days=7)
    links.check(exchange)
    with reading(exchange.engine) as session:
        assert session.exec(select(GuideLink)).all() == []
    assert timedelta(days=7) == links.EVERY
