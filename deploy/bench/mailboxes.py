"""An installation of its own whose mailboxes hold many synthetic messages: made here, or used again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from deploy.bench.registry import Home
from deploy.console import Advance, by_total
from deploy.installation import migrated, opened
from deploy.source import Source
from exchange.accounts.identity import actor_of
from exchange.messages.seed import Correspondents, correspondents, store, stored
from exchange.runtime import Exchange
from roles.policy import Actor, Channel

PARTNERS = 300
"""Employers that write with one agency."""
_SOURCE = "127.0.0.1"


@dataclass(frozen=True)
class Mailboxes:
    """Who reads: somebody of the agency, whose mailbox holds all messages."""

    exchange: Exchange
    who: Correspondents
    agency: Actor


@contextmanager
def mailboxes(home: Home, messages: int, advance: Advance) -> Iterator[Mailboxes]:
    """The mailboxes with so many messages, or more that were there."""
    where = Source(None, {"home": str(home.folder), "synthetic_people": True})
    where = where.but(database_url=home.database) if home.database else where
    migrated(where)
    with opened(where) as exchange:
        who = correspondents(exchange, PARTNERS)
        reach = by_total(advance)
        reach(min(stored(exchange), messages))
        store(exchange, who, messages, reach)
        yield Mailboxes(exchange, who, actor_of(exchange, who.agency.id, Channel.WEB, _SOURCE))
