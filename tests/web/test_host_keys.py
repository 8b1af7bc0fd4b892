"""Partners read on the page of their SFTP keys how to know the gateway, and when that changes."""

from datetime import timedelta

from starlette.testclient import TestClient

from exchange import host_keys
from exchange.host_keys import HostKey
from exchange.runtime import Exchange
from tests.conftest import Clock
from tests.exchange.test_host_keys import NEW, OLD


def test_the_page_of_keys_shows_the_host_keys_of_now_and_the_next_ones(
    exchange: Exchange, browser: TestClient, clock: Clock
) -> None:
    assert "own keys" not in browser.get("/account/keys").text  # no gateway has said anything yet
    host_keys.publish(exchange, (HostKey(OLD),))
    page = browser.get("/account/keys").text
    assert HostKey(OLD).fingerprint in page
    assert OLD in page
    assert "They change on" not in page
    switch = clock() + timedelta(minutes=10)
    host_keys.publish(exchange, (HostKey(OLD, None, switch), HostKey(NEW, switch)))
    page = browser.get("/account/keys").text
    assert f"They change on {switch:%b} {switch.day}, {switch:%Y, %H:%M} UTC" in page
    assert page.index(HostKey(OLD).fingerprint) < page.index(HostKey(NEW).fingerprint)
    clock.forward(minutes=11)
    page = browser.get("/account/keys").text
    assert HostKey(NEW).fingerprint in page
    assert HostKey(OLD).fingerprint not in page
