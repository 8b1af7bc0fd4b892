"""Names for processes that hold leases, so that others of the same machine can tell when one has ended.

A process id alone says little: it is used again, and means another process in every container.
"""

import os
import uuid
from functools import cache
from pathlib import Path

_STATE, _STARTED = 0, 19  # places in /proc/PID/stat behind the name, see proc_pid_stat(5)
_ENDED = {"Z", "X"}


def own_name() -> str:
    """Names this process as no other one ever is: machine, its start, process namespace, start and id."""
    return f"{_place()}:{_stat(os.getpid())[_STARTED]}:{os.getpid()}"


def has_ended(name: str) -> bool:
    """Whether the process of this name has ended; False of those that cannot be seen from here."""
    place, *identity = name.rsplit(":", 2)
    if place != _place() or len(identity) != 2:
        return False
    started, pid = identity
    try:
        os.kill(int(pid), 0)
        stat = _stat(int(pid))
    except ProcessLookupError:
        return True
    except OSError:  # there, but another user's
        return False
    return stat[_STATE] in _ENDED or stat[_STARTED] != started


@cache
def _place() -> str:
    """Where process ids mean what they mean here: this machine since its start, in this namespace.

    Where the system does not tell, it is a place that no other process shares.
    """
    try:
        start = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{os.uname().nodename}:{start}:{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return f"{os.uname().nodename}:{uuid.uuid4()}"


def _stat(pid: int) -> list[str]:
    """What the kernel says of a process, behind its name, which may hold anything."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise ProcessLookupError from None
    return line.rpartition(")")[2].split()
