"""A hundred sign-ins at once: under a gigabyte of memory, and the pages of who is in stay usable."""

import os
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from deploy.bench.memory import family
from tests.acceptance.doors import Http, Pages
from tests.acceptance.running import Account, Portal

AT_ONCE = 100
MOST = 1024 * 1024 * 1024
SLOWEST = 2.0
FORM = "application/x-www-form-urlencoded"
pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("acceptance-flood")]


class Flood:
    """As many sign-ins as `AT_ONCE`, each with the right password, which is what takes memory and time."""

    def __init__(self, portal: Portal, accounts: list[Account]) -> None:
        self.statuses: Counter[int] = Counter()
        ready = threading.Barrier(AT_ONCE)
        people = [accounts[number % len(accounts)] for number in range(AT_ONCE)]
        self._threads = [threading.Thread(target=self._try, args=(portal, one, ready)) for one in people]
        for thread in self._threads:
            thread.start()

    @property
    def is_over(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def _try(self, portal: Portal, account: Account, ready: threading.Barrier) -> None:
        browser = Http(portal, Origin=portal.web, Accept="text/html")
        body = urlencode({"username": account.username, "password": account.password}).encode()
        ready.wait()
        self.statuses[browser.ask("POST", "/sign-in", body, Content_Type=FORM).status] += 1
        browser.close()


def resident(pid: int) -> int:
    """The memory that a process and all below it hold now, in bytes."""
    pages = 0
    for one in family(pid):
        try:
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:
            continue  # it ended meanwhile
    return pages * os.sysconf("SC_PAGE_SIZE")


def seconds(pages: Pages) -> float:
    """How long the home page takes somebody who is in."""
    began = time.perf_counter()
    assert pages.ask("GET", "/home").status == 200
    taken = time.perf_counter() - began
    time.sleep(0.05)
    return taken


def test_a_hundred_sign_ins_at_once_neither_exhaust_memory_nor_slow_the_pages(
    own_portal: Callable[..., Portal],
) -> None:
    portal = own_portal()
    somebody = Pages(portal, portal.account("erin.payne"))
    usual = statistics.median(seconds(somebody) for _ in range(60))
    began, flood = time.perf_counter(), Flood(portal, portal.accounts())
    during, memory = list[float](), 0
    while not flood.is_over:
        during.append(seconds(somebody))
        memory = max(memory, resident(portal.pid))
    lasted, slowed = time.perf_counter() - began, statistics.median(during)
    print(
        f"flood of {AT_ONCE}: {lasted:.1f} s, {dict(flood.statuses)}; memory {memory // 2**20} MiB; "
        f"home page {usual * 1000:.0f} ms before, {slowed * 1000:.0f} ms meanwhile (median of {len(during)})"
    )
    assert flood.statuses == {200: AT_ONCE}
    assert memory < MOST
    assert len(during) > 10
    assert slowed < SLOWEST * usual
