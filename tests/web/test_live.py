"""The badge of unread messages: on every page, live while one is open, and never keeping a session awake."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from exchange.database import reading
from exchange.models.accounts import WebSession
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.correspondence import read, write
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter
from tests.web.visitors import Visitor
from web import live
from web.live import Live

Result = TypeVar("Result")


def beside(listening: Coroutine[None, None, Result]) -> Result:
    """Run it in a thread of its own: the browser of other tests has its loop in this one."""
    with ThreadPoolExecutor() as thread:
        return thread.submit(asyncio.run, listening).result()


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE)


def test_the_number_stands_on_every_page_without_scripts(
    exchange: Exchange, employer: Partner, state: Partner, sign_in: Enter
) -> None:
    browser = sign_in(state)
    assert "Messages, 1 unread" not in browser.get("/files").text
    thread_id, _ = write(exchange, employer.actor, state)
    assert "Messages, 1 unread" in browser.get("/files").text
    assert browser.get("/live").json() == {"unread": 1, "located": 0}
    read(exchange, state.actor, thread_id)
    assert browser.get("/live").json() == {"unread": 0, "located": 0}


def test_an_open_page_does_not_keep_the_session(
    exchange: Exchange, employer: Partner, sign_in: Enter, clock: Clock
) -> None:
    browser = sign_in(employer)
    for _ in range(5):
        clock.forward(minutes=4)
        last = browser.get("/live")
    assert last.status_code in {303, 401}
    with reading(exchange.engine) as session:
        assert all(row.seen_at <= row.created_at for row in session.exec(select(WebSession)))


def test_who_listens_is_told_of_each_change_of_their_mailbox_and_of_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "EVERY", 0.01)
    monkeypatch.setattr(live, "_ALIVE", 1.0)
    mine, others = uuid4(), uuid4()
    counts = {mine: 1, others: 1}

    async def look(_organizations: set[UUID]) -> dict[UUID, int]:
        return dict(counts)

    async def listen() -> list[bool]:
        told, hub = [], Live()
        async for changed in hub.changes(mine, look):
            told.append(changed)
            if len(told) == 2:
                counts[others] += 1
            elif len(told) == 3:
                counts[mine] += 1
            elif len(told) == 4:
                hub.close()
        return told

    assert beside(listen()) == [True, True, False, True]


def test_a_look_that_fails_is_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "EVERY", 0.01)
    tries = iter([ConnectionError(), {}])

    async def look(_organizations: set[UUID]) -> dict[UUID, int]:
        found = next(tries, {})
        if isinstance(found, Exception):
            raise found
        return found

    async def second() -> bool:
        stream: AsyncIterator[bool] = Live().changes(uuid4(), look)
        await anext(stream)
        return await anext(stream)

    assert beside(second())


def test_the_badge_changes_while_the_page_is_open(
    exchange: Exchange, employer: Partner, state: Partner, visitor: Visitor
) -> None:
    page = visitor.sign_in(state)
    badge = page.locator("[data-unread]")
    expect(badge).to_be_hidden()
    thread_id, _ = write(exchange, employer.actor, state)
    expect(badge).to_have_text("1")
    read(exchange, state.actor, thread_id)
    expect(badge).to_be_hidden()
    assert visitor.complaints == []
