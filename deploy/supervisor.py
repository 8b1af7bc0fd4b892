"""Runs the parts of the portal as child processes of one parent: starts, restarts, relieves and stops them.

The parent binds the listening sockets and keeps them, so a door that dies comes back on the same port and
callers wait in the queue meanwhile. One fixed strategy: a part that was killed is started again at
once; one that ended by itself too, after a growing pause when it had not lived. Only a part that again and
again ends by itself right after its start stops the whole, because then its settings are wrong; so does one
whose very first process says why it cannot serve.

SIGHUP starts all parts anew beside those that serve, on the same sockets. When all new ones are ready, the
old ones are told to leave: they finish what they have in hand. When one does not come up, nothing changes.
"""

import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from deploy.process import Part, Process, how
from deploy.relief import Relief
from deploy.terminal import Terminal

GRACE = 20.0
"""Seconds that the parts have, together, to stop by themselves; fewer than `deploy/systemd` gives us."""
LIVED = 10.0
"""Seconds after which a part counts as having started well."""
PAUSES = (0.0, 0.1, 0.3, 1.0, 2.0)
"""Seconds before a new start after so many quick ends in a row; the last one repeats."""
HOPELESS = 6
"""Quick ends in a row after which the supervisor gives up."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


@dataclass
class _Post:
    """A part that is to be running, and the process that runs it now; `is_tried`: one has run before."""

    process: Process
    is_tried: bool = False
    quick_ends: int = 0
    start_again_at: float | None = None

    @property
    def part(self) -> Part:
        return self.process.part


@dataclass
class Supervisor:
    """Runs `parts` until a signal asks it to stop; `say` gets one line for people about each event.

    `announce` is called when a signal would already stop it in order, and before any part is started.
    """

    parts: tuple[Part, ...]
    say: Callable[[str], None]
    announce: Callable[[], None] = lambda: None
    _posts: list[_Post] = field(default_factory=list)
    _relief: Relief | None = None
    _leaving: list[Process] = field(default_factory=list)
    _stop: bool = False
    _hung_up: bool = False
    _relief_wanted: bool = False
    _failed: bool = False

    def run(self) -> int:
        """Start all parts, keep them alive, stop them on SIGTERM or SIGINT; an exit code.

        SIGHUP has all of them relieved, or stops them when the terminal they were started from was closed.
        """
        with Terminal() as terminal, self._signals() as alarm:
            self.announce()
            try:
                for part in self.parts:
                    self._posts.append(_Post(Process.start(part)))
                while not self._stop:
                    _wait(alarm, self._relief.awaited() if self._relief else (), self._patience())
                    self._look_after(terminal)
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
        if number == signal.SIGHUP:
            self._hung_up = True
        elif number != signal.SIGCHLD:
            self._stop = True

    def _patience(self) -> float | None:
        """Seconds until something is due; None when only a signal can bring news."""
        due = [post.start_again_at for post in self._posts if post.start_again_at is not None]
        if self._relief is not None:
            due.append(self._relief.deadline)
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _look_after(self, terminal: Terminal) -> None:
        self._heed_hang_up(terminal)
        for post in self._posts:
            if not self._stop:
                self._look_after_post(post)
        self._look_after_relief()
        self._see_off()

    def _heed_hang_up(self, terminal: Terminal) -> None:
        """Decide once what a SIGHUP means: another may come at any moment after, with another meaning."""
        if not self._hung_up:
            return
        self._hung_up = False  # first, so that one that comes while we look is looked at again
        if terminal.is_gone():
            self._stop = True
        else:
            self._relief_wanted = True

    # Keeping alive.

    def _look_after_post(self, post: _Post) -> None:
        if post.start_again_at is None:
            self._note_death(post)
        if post.start_again_at is not None and post.start_again_at <= time.monotonic() and not self._stop:
            self._start_again(post)

    def _note_death(self, post: _Post) -> None:
        if not post.process.has_ended():
            return
        post.process.look()
        code, why = post.process.clear_up(), post.process.last_words
        if why and not post.is_tried:
            self._give_up(f"{post.part.name}: {why}")
            return
        quick = time.monotonic() - post.process.started < LIVED
        post.quick_ends = post.quick_ends + 1 if quick and code >= 0 else 0
        post.start_again_at = time.monotonic() + PAUSES[min(post.quick_ends, len(PAUSES) - 1)]
        self.say(f"{post.part.name} stopped ({why or how(code)}); starting it again")
        if post.quick_ends >= HOPELESS:
            self._give_up(f"{post.part.name} does not stay up: giving up")

    def _give_up(self, why: str) -> None:
        self.say(why)
        self._failed = self._stop = True

    def _start_again(self, post: _Post) -> None:
        post.is_tried = True
        try:
            post.process = Process.start(post.part)
        except OSError as error:  # the machine is short of processes, memory or files: that may pass
            post.start_again_at = time.monotonic() + PAUSES[-1]
            self.say(f"{post.part.name} could not be started ({error.strerror}); trying again")
            return
        post.start_again_at = None

    # Relieving.

    def _look_after_relief(self) -> None:
        """Begin one that was asked for, unless one is under way: then it begins after that."""
        if self._relief is not None:
            self._go_on_with(self._relief)
        if self._relief_wanted and self._relief is None and not self._stop:
            self._relief_wanted = False
            self._begin_relief()

    def _begin_relief(self) -> None:
        try:
            self._relief = Relief.start(self.parts)
            self.say("reloading: starting anew beside what runs")
        except OSError as error:
            self.say(f"not reloaded: {error.strerror}; what ran before runs on")

    def _go_on_with(self, relief: Relief) -> None:
        is_ready, failure = relief.is_ready(), relief.failure()
        if failure is not None:
            self._leaving += relief.withdraw()
            self._relief = None
            self.say(f"not reloaded: {failure}; what ran before runs on")
        elif is_ready:
            self._hand_over_to(relief)
            self._relief = None
            self.say("reloaded: the new processes serve, the old ones finish what they have in hand")

    def _hand_over_to(self, relief: Relief) -> None:
        old = [post.process for post in self._posts if post.start_again_at is None]
        self._posts = [_Post(process, is_tried=True) for process in relief.processes]
        for process in old:
            process.leave()
        self._leaving += old

    def _see_off(self) -> None:
        for process in [process for process in self._leaving if process.has_ended()]:
            self._leaving.remove(process)
            self.say(f"{process.part.name} of before has ended ({how(process.clear_up())})")

    # Stopping.

    def _end(self) -> None:
        """Ask every process to stop, wait at most GRACE seconds for all of them, kill what is left."""
        up = [post.process for post in self._posts if post.start_again_at is None]
        up += self._leaving + (self._relief.processes if self._relief else [])
        for process in up:
            process.stop()
        deadline = time.monotonic() + GRACE
        while any(not process.has_ended() for process in up) and time.monotonic() < deadline:
            time.sleep(0.02)
        for process in up:
            if not process.has_ended():
                self.say(f"{process.part.name} did not stop within {GRACE:.0f} seconds: killed")
            process.clear_up()
        self._posts.clear()


def _wait(alarm: int, lines: Sequence[socket.socket], seconds: float | None) -> None:
    """Until a signal comes, somebody says a word on its line, or the time is over."""
    waited_for: list[int | socket.socket] = [alarm, *lines]
    ready, _, _ = select.select(waited_for, [], [], seconds)
    if alarm in ready:
        os.read(alarm, 4096)
