"""Runs the parts of the portal as child processes of one parent: starts, restarts and stops them.

The parent binds the listening sockets and keeps them, so a door that dies comes back on the same port and
callers wait in the queue meanwhile. One fixed strategy: a part that was killed is started again at
once; one that ended by itself too, after a growing pause when it had not lived. Only a part that again and
again ends by itself right after its start stops the whole, because then its settings are wrong.
"""

import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

GRACE = 12.0
"""Seconds that the parts have, together, to stop by themselves before they are killed."""
LIVED = 10.0
"""Seconds after which a part counts as having started well."""
PAUSES = (0.0, 0.1, 0.3, 1.0, 2.0)
"""Seconds before a new start after so many quick ends in a row; the last one repeats."""
HOPELESS = 6
"""Quick ends in a row after which the supervisor gives up."""

ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}
"""What every part finds in its environment unless it is set already.

glibc would give each thread a heap of its own, and keep what was once used in each.
"""

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


@dataclass(frozen=True)
class Part:
    """One child process: its name, its command line, what it reads first, and the sockets it inherits."""

    name: str
    command: tuple[str, ...]
    opening: bytes = b""
    sockets: tuple[socket.socket, ...] = ()
    log: Path | None = None


@dataclass
class _Running:
    """A part and the process that runs it now."""

    part: Part
    process: subprocess.Popen[bytes]
    started: float
    quick_ends: int = 0
    start_again_at: float | None = None


@dataclass
class Supervisor:
    """Runs `parts` until a signal asks it to stop; `say` gets one line for people about each event.

    `announce` is called when a signal would already stop it in order, and before any part is started.
    """

    parts: tuple[Part, ...]
    say: Callable[[str], None]
    announce: Callable[[], None] = lambda: None
    _running: list[_Running] = field(default_factory=list)
    _stop: bool = False
    _failed: bool = False

    def run(self) -> int:
        """Start all parts, keep them alive, stop them on SIGTERM, SIGINT or SIGHUP; an exit code."""
        with self._signals() as alarm:
            self.announce()
            try:
                for part in self.parts:
                    self._running.append(_Running(part, _start(part), time.monotonic()))
                while not self._stop:
                    _wait(alarm, self._patience())
                    self._look_after()
            finally:
                self._end()
        return 1 if self._failed else 0

    @contextmanager
    def _signals(self) -> Iterator[int]:
        """Turn signals into bytes on a pipe, whose reading end is yielded: no code runs inside a handler."""
        reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        before = {number: signal.signal(number, self._note) for number in _SIGNALS}
        earlier = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        try:
            yield reading
        finally:
            signal.set_wakeup_fd(earlier)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(reading)
            os.close(writing)

    def _note(self, number: int, _frame: object) -> None:
        if number != signal.SIGCHLD:
            self._stop = True

    def _patience(self) -> float | None:
        """Seconds until the next start that is due; None when only a signal can bring news."""
        due = [running.start_again_at for running in self._running if running.start_again_at is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _look_after(self) -> None:
        for running in self._running:
            if running.start_again_at is None:
                self._note_death(running)
            due = running.start_again_at is not None and running.start_again_at <= time.monotonic()
            if due and not self._stop:
                self._start_again(running)

    def _note_death(self, running: _Running) -> None:
        if not _has_ended(running.process):
            return
        code = _clear_up_after(running.process)
        quick = time.monotonic() - running.started < LIVED
        running.quick_ends = running.quick_ends + 1 if quick and code >= 0 else 0
        running.start_again_at = time.monotonic() + PAUSES[min(running.quick_ends, len(PAUSES) - 1)]
        self.say(f"{running.part.name} stopped ({_how(code)}); starting it again")
        if running.quick_ends >= HOPELESS:
            self.say(f"{running.part.name} does not stay up: giving up")
            self._failed = self._stop = True

    def _start_again(self, running: _Running) -> None:
        try:
            running.process = _start(running.part)
        except OSError as error:  # the machine is short of processes, memory or files: that may pass
            running.start_again_at = time.monotonic() + PAUSES[-1]
            self.say(f"{running.part.name} could not be started ({error.strerror}); trying again")
            return
        running.started = time.monotonic()
        running.start_again_at = None

    def _end(self) -> None:
        """Ask every part to stop, wait at most GRACE seconds for all of them, kill what is left."""
        up = [running for running in self._running if running.start_again_at is None]
        for running in up:
            running.process.terminate()
        deadline = time.monotonic() + GRACE
        while any(not _has_ended(running.process) for running in up) and time.monotonic() < deadline:
            time.sleep(0.02)
        for running in up:
            if not _has_ended(running.process):
                self.say(f"{running.part.name} did not stop within {GRACE:.0f} seconds: killed")
            _clear_up_after(running.process)
        self._running.clear()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on `host` and `port` (0 picks a free one), of the address family that `host` has."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1024)
    except OSError:
        listening.close()
        raise
    return listening


def _start(part: Part) -> subprocess.Popen[bytes]:
    """Start the part in a process group of its own: Ctrl-C reaches the supervisor alone."""
    log = part.log.open("ab") if part.log else None
    try:
        process = subprocess.Popen(  # noqa: S603 -- the command is this program's own
            part.command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=[sock.fileno() for sock in part.sockets],
            process_group=0,
            env={**ENVIRONMENT, **os.environ},
        )
    finally:
        if log is not None:
            log.close()
    _open(process, part.opening)
    return process


def _open(process: subprocess.Popen[bytes], opening: bytes) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it died before it read; the supervisor sees that next
        process.stdin.write(opening)
        process.stdin.close()


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process has ended, without reaping it: its number can not yet belong to another one."""
    if process.returncode is not None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _clear_up_after(process: subprocess.Popen[bytes]) -> int:
    """Kill what is left of the part's process group, reap the part, return its exit code."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _wait(alarm: int, seconds: float | None) -> None:
    ready, _, _ = select.select([alarm], [], [], seconds)
    if ready:
        os.read(alarm, 4096)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
