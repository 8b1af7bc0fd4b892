"""The child processes of the portal: web, SFTP gateway, worker, each started by the supervisor.

A child (`deploy.child`) reads where its settings come from on standard input (`Source`), says there when it
is ready, leaves on SIGHUP and stops on SIGTERM.
"""

import json
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence

import structlog

from deploy import logs
from deploy.failure import sentence
from deploy.installation import ready
from deploy.lifeline import die_with
from deploy.loading import loading
from deploy.process import tell, tell_ready
from deploy.source import Source
from exchange.runtime import Exchange, open_exchange

Sockets = Sequence[socket.socket]
Work = Callable[[Exchange, threading.Event], None]
GIVES_WAY = 5
"""How much nicer a worker is than the doors, as nice(1) counts."""


class WorkFailedError(Exception):
    """What a worker does beside its jobs has ended by itself."""


def run_web(exchange: Exchange, sockets: Sockets) -> None:
    """Serve pages and API until told to end; requests under way are finished."""
    with loading():
        from deploy import web_door

    web_door.serve(exchange, sockets, tell_ready)


def run_sftp(exchange: Exchange, sockets: Sockets) -> None:
    """Serve SFTP until told to end."""
    with loading():
        from sftp_gateway.rotation import KeyRing
        from sftp_gateway.server import serve
        from sftp_gateway.shift import Shift

    (listening,) = sockets
    shift = Shift(tell_ready).told_by_signals()
    serve(exchange, listening, KeyRing(exchange.settings.host_keys), shift)


def run_worker(exchange: Exchange, _sockets: Sockets) -> None:
    """Work through jobs until told to end; the job under way is finished, or left to its lease.

    The doors go first where processors are short: somebody waits there.
    """
    with loading():
        from exchange.locate import connections
        from exchange.transfers import pipeline

    os.nice(GIVES_WAY)

    _until_told(lambda stop: _side_by_side(exchange, stop, connections.work, pipeline.work))


def _side_by_side(exchange: Exchange, stop: threading.Event, beside: Work, work: Work) -> None:
    """Do both until told to stop; where the one beside fails, the whole part ends and is started anew."""
    failed = threading.Event()

    def guarded() -> None:
        try:
            beside(exchange, stop)
        finally:
            if not stop.is_set():
                failed.set()
                stop.set()

    thread = threading.Thread(target=guarded)
    thread.start()
    work(exchange, stop)
    stop.set()
    thread.join()
    if failed.is_set():
        raise WorkFailedError


def _until_told(run: Callable[[threading.Event], None]) -> None:
    """Run in a thread until a signal comes: an event set inside a signal handler could lock up its waiter.

    Handlers, not a mask: the libraries' own threads do not block what this one would.
    """
    told, tell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(tell)
    stop, ended_well = threading.Event(), threading.Event()

    def guarded() -> None:
        try:
            run(stop)
            ended_well.set()
        finally:
            os.write(tell, b"\0")

    thread = threading.Thread(target=guarded)
    thread.start()
    structlog.get_logger("parts").info("worker.started")
    tell_ready()
    select.select([told], [], [])
    stop.set()
    thread.join()
    if not ended_well.is_set():
        sys.exit(1)


_RUNS: dict[str, Callable[[Exchange, Sockets], None]] = {
    "web": run_web,
    "sftp": run_sftp,
    "worker": run_worker,
}


def run_child() -> None:
    """Be the child process that the command line names."""
    name, parent, *numbers = sys.argv[1:]
    die_with(int(parent))
    logs.configure(name)
    exchange = _exchange_of(Source.from_json(json.loads(sys.stdin.read())))
    try:
        _RUNS[name](exchange, [socket.socket(fileno=int(number)) for number in numbers])
    finally:
        exchange.dispose()


def _exchange_of(where: Source) -> Exchange:
    """The installation; what is in its way goes to the supervisor and into the log, in one sentence."""
    try:
        return open_exchange(ready(where))
    except Exception as error:
        if (told := sentence(error)) is None:
            raise
        structlog.get_logger("parts").error("part.not_started", why=told)
        tell(told)
        sys.exit(1)
