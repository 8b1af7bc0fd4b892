"""Child processes of a test, which may be killed at any instruction."""

import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from types import FrameType
from typing import Any

from sqlalchemy import text

from exchange.database import reading
from exchange.runtime import Exchange

_OPEN = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
)


def fork(work: Callable[[], object]) -> int:
    """Run `work` in a child; returns its process id. The child must open its own connections."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # 3.12 warns of threads; children use none of ours
        child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001  # told, and the child ends
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def outcome(child: int) -> int:
    """Wait for a child; 0 when its work was done, 1 when it raised, minus the signal that ended it."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def die() -> None:
    """Be killed, now."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(moment: Callable[[str, str], bool]) -> None:
    """Be killed at the first call or return for which `moment(event, function name)` is true."""

    def watch(frame: FrameType, event: str, argument: Any) -> None:
        name = getattr(argument, "__name__", "") if event.startswith("c_") else frame.f_code.co_name
        if moment(event, name):
            die()

    sys.setprofile(watch)


def killed_at(
    exchange: Exchange, act: Callable[[], object], event: str, nth: int, name: str = "do_commit"
) -> int:
    """Act in a child that is killed at the nth commit, or call or return of `name`; how the child ended."""
    seen = 0

    def moment(happened: str, function: str) -> bool:
        nonlocal seen
        seen += (happened, function) == (event, name)
        return seen == nth

    def work() -> None:
        exchange.after_fork()
        die_at(moment)
        act()

    ended = outcome(fork(work))
    wait_until_noticed(exchange)
    return ended


def wait_until_noticed(exchange: Exchange, patience: float = 30.0) -> None:
    """Wait until PostgreSQL has seen that a killed child is gone, and undone what it had begun.

    Until then the dead hold their rows, and workers pass them by: on a busy machine some milliseconds.
    """
    deadline = time.monotonic() + patience
    while exchange.engine.dialect.name == "postgresql" and _transactions(exchange):
        assert time.monotonic() < deadline, "PostgreSQL still has transactions of others"
        time.sleep(0.005)


def _transactions(exchange: Exchange) -> int:
    with reading(exchange.engine) as session:
        return int(session.connection().execute(_OPEN).scalar_one())
