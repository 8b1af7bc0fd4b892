"""Pages of a very large mailbox, and searches in it, beside full text search by the bare database."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from deploy.bench.full_text import FullText, full_text
from deploy.bench.mailboxes import Mailboxes, mailboxes
from deploy.bench.registry import Home
from deploy.bench.results import at_percent
from deploy.console import Advance
from exchange.cursors import cursor
from exchange.messages import inbox, live
from exchange.messages.inbox import InboxQuery
from exchange.messages.search import SearchQuery, search
from exchange.messages.seed import MIDDLE
from exchange.messages.synthetic import name, vocabulary

SLOWEST = 100.0
"""Milliseconds: goal for the 95th percentile of each."""
_ALL = InboxQuery(box="all")
_MINE = InboxQuery(box="mine")


@dataclass(frozen=True)
class Took:
    """Milliseconds of each turn; `theirs` of the bare database, where it was asked too."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """How long ours took beside theirs, at the 95th percentile."""
        return at_percent(self.ours, 95) / at_percent(self.theirs, 95)


@dataclass(frozen=True)
class _Search:
    """Words to look for in a turn, where; whether the bare database can be asked the same."""

    words: Callable[[int], Sequence[str]]
    within: InboxQuery = _ALL
    comparable: bool = True


def measure(home: Home, messages: int, turns: int, advance: Advance) -> dict[str, Took]:
    """Every list and search so many times, by name. Others on the machine are measured with it."""
    with mailboxes(home, messages, advance) as boxes, full_text(home, messages) as peer:
        lists = {title: _timed_list(boxes, query, turns) for title, query in _lists(boxes).items()}
        badge = Took([_milliseconds(live.unread, boxes.exchange, boxes.agency) for _ in range(turns)])
        searches = {
            title: _timed_search(boxes, peer, one, turns) for title, one in _searches(messages).items()
        }
    return {**lists, "how many are unread": badge, **searches}


def _lists(boxes: Mailboxes) -> dict[str, InboxQuery]:
    """Pages of lists. The deep one is in the middle of the mailbox."""
    deep = cursor(boxes.exchange.clock() - MIDDLE, UUID(int=0))
    return {
        "inbox, first page": InboxQuery(),
        "inbox, deep page": InboxQuery(cursor=deep),
        "unread": InboxQuery(box="unread"),
        "assigned to me": _MINE,
        "waiting": InboxQuery(box="waiting"),
        "unassigned": InboxQuery(box="unassigned"),
        "overdue (none is)": InboxQuery(box="overdue"),
        "archived": InboxQuery(box="archived"),
        "one topic": InboxQuery(topic="technical"),
        "one partner": InboxQuery(other_id=boxes.who.partners[7].id),
    }


def _searches(messages: int) -> dict[str, _Search]:
    known = vocabulary()

    def common(turn: int) -> list[str]:
        return [known[turn % 20]]

    return {
        "a rare name": _Search(lambda turn: [name(turn * 7919 % messages)]),
        "a frequent word": _Search(common),
        "a word of one in 200": _Search(lambda turn: [known[400 + turn]]),
        "two frequent words": _Search(lambda turn: [known[turn % 20], known[20 + turn]]),
        "a name and a word": _Search(lambda turn: [name(turn * 7919 % messages), known[turn % 5]]),
        "the beginning of a word": _Search(lambda turn: [known[turn * 37 % 1_000][:3]]),
        "the beginning of a name": _Search(lambda turn: [name(turn * 7919 % messages)[:7]]),
        "what nobody wrote": _Search(lambda turn: [f"zz{turn}"]),
        "a frequent word, mine": _Search(common, _MINE, comparable=False),
        "a frequent word, deep": _Search(
            common, InboxQuery(box="all", cursor=str(messages // 2)), comparable=False
        ),
        "a frequent word, unread": _Search(common, InboxQuery(box="unread"), comparable=False),
    }


def _timed_list(boxes: Mailboxes, query: InboxQuery, turns: int) -> Took:
    return Took([_milliseconds(inbox.threads, boxes.exchange, boxes.agency, query) for _ in range(turns)])


def _timed_search(boxes: Mailboxes, peer: FullText, one: _Search, turns: int) -> Took:
    """Turn by turn, ours and theirs one after the other."""
    took = Took()
    for words in map(one.words, range(turns)):
        query = SearchQuery(" ".join(words), one.within)
        took.ours.append(_milliseconds(search, boxes.exchange, boxes.agency, query))
        if one.comparable:
            took.theirs.append(_milliseconds(peer.find, words))
    return took


def _milliseconds(work: Callable[..., object], *given: object) -> float:
    began = time.perf_counter()
    work(*given)
    return (time.perf_counter() - began) * 1000
