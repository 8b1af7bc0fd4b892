"""Asking the addresses that the published guide names whether they answer: each once a week, a few at a time.

It happens only where the installation lets it (`link_check`), outside any transaction, and learns nothing but
whether there is an answer.
"""

import threading
import time
from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import Session, col, delete, select

from exchange import journal
from exchange.database import reading, transaction
from exchange.guide import editions
from exchange.guide.standing import said_in, urls_of
from exchange.models.base import as_utc
from exchange.models.guide import GuideLink
from exchange.outgoing import TOO_LATE, Limits, problem_with
from exchange.registry.bulk import chunks
from exchange.runtime import Exchange

AT_ONCE = 8
"""Addresses of one run, asked side by side: the worker has other work."""
EVERY = timedelta(days=7)
_GRACE = 1.0
_ROWS = 500


def check(exchange: Exchange) -> int:
    """Ask the addresses that were not asked for a week, `AT_ONCE` of them; how many. A worker's chore."""
    if not exchange.settings.link_check:
        return 0
    named = _named(exchange)
    wanted = _due(exchange, named)[:AT_ONCE]
    if wanted:
        limits = Limits(exchange.settings.link_check_seconds, loopback=exchange.settings.link_check_loopback)
        _note(exchange, _asked(wanted, limits))
    _forget(exchange, named)
    return len(wanted)


def _named(exchange: Exchange) -> set[str]:
    """Every address of the published guide."""
    parts = editions.published(exchange).guide.parts
    return {url for part in parts for _, said in said_in(part) for url in urls_of(said)}


def _due(exchange: Exchange, named: Iterable[str]) -> list[str]:
    """Those that were never asked, then those that were asked longest ago."""
    with reading(exchange.engine) as session:
        asked = {row.url: as_utc(row.checked_at) for row in session.exec(select(GuideLink))}
    before = exchange.clock() - EVERY
    new = sorted(url for url in named if url not in asked)
    old = sorted((url for url in named if url in asked and asked[url] <= before), key=asked.__getitem__)
    return new + old


def _asked(urls: list[str], limits: Limits) -> dict[str, str]:
    """What came of each; what hangs (a name server, perhaps) is left behind and counts as too late."""
    found: dict[str, str] = {}

    def ask(url: str) -> None:
        found[url] = problem_with(url, limits)

    threads = [threading.Thread(target=ask, args=(url,), name="link", daemon=True) for url in urls]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + limits.seconds + _GRACE
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0.0))
    return {url: found.get(url, TOO_LATE) for url in urls}


def _note(exchange: Exchange, answers: dict[str, str]) -> None:
    now = exchange.clock()
    with transaction(exchange.engine) as session:
        for url, problem in answers.items():
            row = session.get(GuideLink, url) or GuideLink(url=url, checked_at=now)
            _tell(session, exchange, row, problem)
            row.failing_since = (row.failing_since or now) if problem else None
            row.checked_at, row.problem = now, problem
            session.add(row)


def _tell(session: Session, exchange: Exchange, row: GuideLink, problem: str) -> None:
    """An address that began to fail, or answers again, stands in the journal."""
    if bool(problem) != (row.failing_since is not None):
        event = "guide.link-fails" if problem else "guide.link-answers"
        journal.append(session, exchange, event, None, None, url=row.url, problem=problem)


def _forget(exchange: Exchange, named: set[str]) -> None:
    """Addresses that no published entry names any more are not kept."""
    with reading(exchange.engine) as session:
        gone = sorted(set(session.exec(select(GuideLink.url))) - named)
    if gone:
        with transaction(exchange.engine) as session:
            for some in chunks(gone, _ROWS):
                session.execute(delete(GuideLink).where(col(GuideLink.url).in_(some)))
