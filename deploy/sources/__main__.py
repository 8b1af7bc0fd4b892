"""`python -m deploy.sources FOLDER PARENT`: all synthetic sources, each a process, until told to end."""

import os
import signal
import sys
from pathlib import Path

from deploy.lifeline import die_with
from deploy.sources.behaviour import CODES
from deploy.sources.places import socket_of
from deploy.sources.server import serve


def main() -> int:
    """Start one process a source, and end them all when told to."""
    folder, parent = Path(sys.argv[1]), int(sys.argv[2])
    die_with(parent)
    me = os.getpid()
    children = [_child(folder, code, me) for code in CODES]
    signal.sigwait({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
    for child in children:
        os.kill(child, signal.SIGTERM)
    for child in children:
        os.waitpid(child, 0)
    return 0


def _child(folder: Path, code: str, parent: int) -> int:
    """A process that is one source; its id."""
    if child := os.fork():
        return child
    die_with(parent)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _TOLD)
    for number in _TOLD:
        signal.signal(number, lambda *_: os._exit(0))
    serve(code, socket_of(folder, code))
    return os._exit(0)


_TOLD = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}

if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD)
    sys.exit(main())
