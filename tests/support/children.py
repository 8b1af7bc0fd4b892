"""Child processes of a test, which may be killed at any instruction."""

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from types import FrameType
from typing import Any


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
