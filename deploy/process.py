"""One child process of the supervisor: how it starts, says that it is ready, is asked to leave, and ends."""

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}
"""What every part finds in its environment unless it is set already.

glibc would give each thread a heap of its own, and keep what was once used in each.
"""

_LINE = 0  # in the child: its standard input, on which it answers too
_READY = "ready"
_LONGEST_WORDS = 1000


@dataclass(frozen=True)
class Part:
    """A child process to be: its name, its command line, what it reads first, and the sockets it inherits."""

    name: str
    command: tuple[str, ...]
    opening: bytes = b""
    sockets: tuple[socket.socket, ...] = ()
    log: Path | None = None


@dataclass
class Process:
    """A part that was started. `line` leads to its standard input: the opening goes down, a word comes up."""

    part: Part
    popen: subprocess.Popen[bytes]
    line: socket.socket
    started: float = field(default_factory=time.monotonic)
    is_ready: bool = False
    last_words: str = ""

    @classmethod
    def start(cls, part: Part) -> Self:
        """Start the part, or raise OSError. Its process group is its own: Ctrl-C reaches only us."""
        line, far = socket.socketpair()
        try:
            with far:
                popen = _started(part, far)
        except OSError:
            line.close()
            raise
        with suppress(BrokenPipeError):  # it died before it read; the supervisor sees that next
            line.sendall(part.opening)
            line.shutdown(socket.SHUT_WR)
        line.setblocking(False)
        return cls(part, popen, line)

    def look(self) -> None:
        """See whether it said that it is ready, or why it cannot be."""
        if not self.is_heard:
            return
        try:
            said = self.line.recv(_LONGEST_WORDS).decode(errors="replace")
        except BlockingIOError:
            return
        except ConnectionError:
            said = ""
        self.is_ready = said == _READY
        self.last_words = "" if self.is_ready else said
        self.line.close()  # one word comes, or none

    @property
    def is_heard(self) -> bool:
        """Whether it may still say something."""
        return self.line.fileno() >= 0

    def has_ended(self) -> bool:
        """Whether it has ended, without reaping it: its number can not yet belong to another one."""
        if self.popen.returncode is not None:
            return True
        return os.waitid(os.P_PID, self.popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def leave(self) -> None:
        """Ask it to take nothing new, finish what it has in hand, and end."""
        self._tell(signal.SIGHUP)

    def stop(self) -> None:
        """Ask it to end within seconds."""
        self._tell(signal.SIGTERM)

    def _tell(self, number: signal.Signals) -> None:
        if (
            self.popen.returncode is None
        ):  # not reaped: the number is still its own (`send_signal` would reap)
            os.kill(self.popen.pid, number)

    def clear_up(self) -> int:
        """Kill it and what is left of its process group, reap it, return its exit code."""
        self.line.close()
        if self.popen.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.popen.pid, signal.SIGKILL)
        return self.popen.wait()


def tell_ready() -> None:
    """In the child: say that callers are served from now on."""
    tell(_READY)


def tell(words: str) -> None:
    """In the child: say why it cannot serve."""
    with suppress(OSError):  # the supervisor has gone
        os.write(_LINE, words.encode()[:_LONGEST_WORDS])


def how(code: int) -> str:
    """An exit code in words."""
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _started(part: Part, line: socket.socket) -> subprocess.Popen[bytes]:
    log = part.log.open("ab") if part.log else None
    try:
        return subprocess.Popen(  # noqa: S603 -- the command is this program's own
            part.command,
            stdin=line.fileno(),
            stdout=log,
            stderr=log,
            pass_fds=[sock.fileno() for sock in part.sockets],
            process_group=0,
            env={**ENVIRONMENT, **os.environ},
        )
    finally:
        if log is not None:
            log.close()
