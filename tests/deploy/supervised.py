"""A program for the supervisor's tests: one listening socket, parts that answer with their process number."""

import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

from deploy import supervisor
from deploy.address import listen
from deploy.lifeline import die_with
from deploy.process import Part, tell_ready
from deploy.supervisor import Supervisor

GRACE = 3.0
"""Seconds that the parts have to stop; in earnest they have more."""


def door(number: int) -> None:
    """Answer every caller with this process's number, until told to leave or to stop."""
    opening, listening, leaving = sys.stdin.read(), socket.socket(fileno=number), []
    signal.signal(signal.SIGHUP, lambda *_: leaving.append(True))
    listening.setblocking(False)
    tell_ready()
    while not leaving:
        select.select([listening], [], [], 0.02)
        with suppress(BlockingIOError):  # the other one was faster
            caller, _ = listening.accept()
            caller.sendall(f"{os.getpid()} {opening}".encode())
            caller.close()


def busy() -> None:
    """When told to leave, have something in hand for ever."""
    signal.signal(signal.SIGHUP, lambda *_: None)
    tell_ready()
    while True:
        time.sleep(600)


def moody(mood: Path) -> None:
    """Come up well, or as the file `mood` says."""
    wanted = mood.read_text() if mood.exists() else ""
    if wanted == "breaks":
        sys.exit(3)
    if wanted != "hangs":
        tell_ready()
        mood.with_name("well").touch()
    time.sleep(600)


def stubborn() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def brood() -> None:
    """Leave a child of its own behind, as a door does that forks."""
    tell_ready()
    if os.fork() == 0:
        time.sleep(60)
    time.sleep(600)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    if sys.argv[1] == "part":
        die_with(int(sys.argv[2]))
        kind, *rest = sys.argv[3:]
        {
            "door": lambda: door(int(rest[0])),
            "stubborn": stubborn,
            "brood": brood,
            "busy": busy,
            "moody": lambda: moody(Path(rest[1])),
            "broken": lambda: sys.exit(3),
        }[kind]()
        return 0
    note, *kinds = sys.argv[2:]
    if kinds[0].startswith("/dev"):
        os.open(kinds.pop(0), os.O_RDWR)  # the first terminal that the head of a session opens is its own
    sock = listen("127.0.0.1", 0)
    Path(note).write_text(json.dumps({"port": sock.getsockname()[1]}))
    own = (sys.executable, __file__, "part", str(os.getpid()))
    rest = (str(sock.fileno()), str(Path(note).with_name("mood")))
    parts = tuple(Part(kind, (*own, kind, *rest), b"hello", (sock,)) for kind in kinds)
    supervisor.GRACE = GRACE
    return Supervisor(parts, say).run()


if __name__ == "__main__":
    sys.exit(main())
