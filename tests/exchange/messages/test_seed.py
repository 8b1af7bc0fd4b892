"""Synthetic mailboxes: like those that people fill, and found like them."""

from datetime import date

import pytest

from exchange.accounts.identity import actor_of
from exchange.errors import NotNowError
from exchange.messages import indexing, reading, synthetic
from exchange.messages.inbox import InboxQuery, threads
from exchange.messages.live import unread
from exchange.messages.search import SearchQuery, search
from exchange.messages.seed import correspondents, store, stored
from exchange.runtime import Exchange
from roles.policy import Channel


def test_the_same_block_says_the_same_for_ever() -> None:
    one = synthetic.block(3, 50)
    assert one == synthetic.block(3, 50)
    assert one.bodies != synthetic.block(4, 50).bodies
    assert sum(one.threads) == 50
    assert len(set(synthetic.vocabulary())) == synthetic.KNOWN_WORDS


def test_seeded_messages_are_read_and_found_and_more_may_follow(
    each_exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic, "BLOCK", 60)
    who = correspondents(each_exchange, 2)
    for reach in (60, 100):
        store(each_exchange, correspondents(each_exchange, 2), reach)
        assert stored(each_exchange) == reach
    agency = actor_of(each_exchange, who.agency.id, Channel.WEB, "127.0.0.1")
    assert indexing.index_waiting(each_exchange) == 0
    for number in (0, 59, 60, 99):
        [hit] = search(each_exchange, agency, SearchQuery(synthetic.name(number))).items
        assert hit.number == number + 1
        shown = reading.opened(each_exchange, agency, hit.line.id).messages
        bodies = [one.document.body for one in shown if one.document]
        assert any(synthetic.name(number) in body for body in bodies)
    assert len(threads(each_exchange, agency, InboxQuery(box="all", limit=1000)).items) > 10
    new = threads(each_exchange, agency, InboxQuery(box="unread")).items
    assert unread(each_exchange, agency) == len(new) > 0
    assert len(threads(each_exchange, agency, InboxQuery(box="mine")).items) > 0
    assert search(each_exchange, agency, SearchQuery(synthetic.name(0), since=date(2100, 1, 1))).items == []
    with pytest.raises(NotNowError):
        store(each_exchange, who, 130)
