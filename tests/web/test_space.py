"""How full an organization's space is, on its pages."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from exchange.runtime import Exchange
from tests.support.files import hand_in
from tests.support.partners import Partner
from web.app import create_app


@pytest.mark.parametrize(
    ("used", "words"), [(700, ""), (810, "Nothing is refused so far"), (960, "at any door")]
)
def test_pages_tell_how_full_the_space_is_and_warn_in_time(
    exchange: Exchange, employer: Partner, used: int, words: str
) -> None:
    small = replace(exchange, settings=exchange.settings.model_copy(update={"quota": 1_000}))
    hand_in(small, employer.actor, bytes(used))
    with TestClient(create_app(small), "http://localhost") as browser:
        browser.post("/sign-in", data={"username": employer.account.username, "password": employer.password})
        home = browser.post("/sign-in", data={"code": employer.code()}).text
        files = browser.get("/files").text
    assert f"{used} bytes of 1 KB used, {used // 10} percent" in files
    for page in (home, files):
        assert (f"{used // 10} percent of your organization" in page) is bool(words)
        assert words in page
