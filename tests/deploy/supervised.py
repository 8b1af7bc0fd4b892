"""A program for the supervisor's tests: one listening socket, parts that answer with their process number."""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

from deploy.lifeline import die_with
from deploy.supervisor import Part, Supervisor, listen


def door(number: int) -> None:
    """Answer every caller with this process's number, until told to stop."""
    listening = socket.socket(fileno=number)
    while True:
        caller, _ = listening.accept()
        caller.sendall(f"{os.getpid()} {sys.stdin.read()}".encode())
        caller.close()


def stubborn() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def brood() -> None:
    """Leave a child of its own behind, as a door does that forks."""
    if os.fork() == 0:
        time.sleep(600)
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
            "broken": lambda: sys.exit(3),
        }[kind]()
    note, *kinds = sys.argv[2:]
    sock = listen("127.0.0.1", 0)
    Path(note).write_text(json.dumps({"port": sock.getsockname()[1]}))
    own = (sys.executable, __file__, "part", str(os.getpid()))
    parts = tuple(Part(kind, (*own, kind, str(sock.fileno())), b"hello", (sock,)) for kind in kinds)
    return Supervisor(parts, say).run()


if __name__ == "__main__":
    sys.exit(main())
