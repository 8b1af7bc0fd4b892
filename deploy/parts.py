"""The child processes of the portal: web, SFTP gateway, worker, each started by the supervisor.

A child (`deploy.child`) reads where its settings come from on standard input (`Source`).
The same three functions run `portal web`, `portal sftp` and `portal worker`.
"""

import json
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from deploy import logs
from deploy.address import Address, bound
from deploy.installation import Source, opened
from deploy.lifeline import die_with
from deploy.supervisor import Part
from exchange.runtime import Exchange

if TYPE_CHECKING:
    from uvicorn import Server

STOP_SECONDS = 6
"""How long the web door finishes requests under way before it closes; less than the supervisor's grace."""


def part(name: str, where: Source, listening: socket.socket | None = None, log: Path | None = None) -> Part:
    """One child process, to be handed to the supervisor."""
    sockets = () if listening is None else (listening,)
    # -P: a folder named `web` where the user happens to stand must not be taken for ours.
    command = (sys.executable, "-P", "-m", "deploy.child", name, str(os.getpid()))
    return Part(name, command + tuple(str(each.fileno()) for each in sockets), where.as_json(), sockets, log)


def run_web(exchange: Exchange, listening: socket.socket) -> None:
    """Serve pages and API until told to stop; requests under way are finished."""
    from deploy.demo.visitors import visitors
    from web.app import create_app, create_operations_app

    settings = exchange.settings
    if settings.operations_port:
        operations, _ = bound(Address(settings.operations_host, settings.operations_port))
        server = _server(create_operations_app(exchange))
        threading.Thread(target=server.run, args=([operations],), daemon=True).start()
    _server(create_app(exchange, visitors(settings))).run([listening])


def _server(app: Callable[..., Any]) -> "Server":
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # the application writes its own line per request
        server_header=False,
        proxy_headers=False,  # only a configured proxy is believed, by the application
        ws="none",
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return uvicorn.Server(config)


def run_sftp(exchange: Exchange, listening: socket.socket) -> None:
    """Serve SFTP until told to stop."""
    from sftp_gateway.rotation import KeyRing
    from sftp_gateway.server import serve

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())  # nobody waits for it: the gateway only looks at it
    serve(exchange, listening, KeyRing(exchange.settings.host_keys), stop)


def run_worker(exchange: Exchange) -> None:
    """Work through jobs until told to stop; the job under way is finished, or left to its lease."""
    from exchange.transfers.pipeline import work

    _until_told(lambda stop: work(exchange, stop))


def _until_told(run: Callable[[threading.Event], None]) -> None:
    """Run in a thread until a signal comes: an event set inside a signal handler could lock up its waiter.

    Handlers, not a mask: the libraries' own threads do not block what this one would.
    """
    told, tell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    for number in (signal.SIGTERM, signal.SIGINT):
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
    select.select([told], [], [])
    stop.set()
    thread.join()
    if not ended_well.is_set():
        sys.exit(1)


def run_child() -> None:
    """Be the child process that the command line names."""
    name, parent, *numbers = sys.argv[1:]
    die_with(int(parent))
    logs.configure(name)
    where = Source.from_json(json.loads(sys.stdin.read()))
    with opened(where) as exchange:
        if name == "worker":
            run_worker(exchange)
            return
        doors = {"web": run_web, "sftp": run_sftp}
        doors[name](exchange, socket.socket(fileno=int(numbers[0])))
