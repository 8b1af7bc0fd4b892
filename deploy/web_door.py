"""The web door of one process: uvicorn, which tells when it accepts and can leave as well as stop."""

import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import uvicorn

from deploy.demo.visitors import visitors
from deploy.loading import loading
from exchange.guide import editions
from exchange.runtime import Exchange
from web.app import create_app, create_operations_app

STOP_SECONDS = 6
"""How long it finishes requests under way at a stop; less than the supervisor's grace."""
_LAST_WORDS = (
    b"connection",
    b"close",
)  # RFC 9112, 9.6: so no client sends another request on this connection
_MARGIN = 1.0
_YIELDS_AFTER = 0.0005
"""Seconds that reading the guide keeps the interpreter from those who wait; usually it is ten times that."""
_PREPARED_AFTER = 3.0
"""Seconds after its start in which a process reads the reference guide, unless somebody asks before."""


class Door(uvicorn.Server):
    """Serves one application. `ready` is called once it accepts; `patience` is in seconds, after `leave`.

    `hush` ends the streams that would go on for minutes.
    """

    def __init__(
        self,
        app: Callable[..., Any],
        ready: Callable[[], None],
        patience: int,
        hush: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,  # the application writes its own line per request
                server_header=False,
                proxy_headers=False,  # only a configured proxy is believed, by the application
                ws="none",
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        self._ready, self._patience, self._hush = ready, patience, hush
        self._asked_to_leave = False
        self._quiet_at: float | None = None

    def leave(self) -> None:
        """Take no new connection, end each after its request under way, or when it was quiet for long."""
        self._asked_to_leave = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As the library's; then it accepts."""
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As the library's; streams that would go on for minutes end first."""
        self._hush()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """The library calls this every tenth of a second."""
        if self._quiet_at is not None:
            alone = not self.server_state.connections
            self.should_exit |= alone or time.monotonic() >= self._quiet_at
        elif self._asked_to_leave:
            self._begin_to_leave()
        return await super().on_tick(counter)

    def _begin_to_leave(self) -> None:
        """Idle connections end by the library's own clock; one that asks again is answered, then closed."""
        self._hush()
        for server in self.servers:
            server.close()
        self.config.encoded_headers.append(_LAST_WORDS)
        self.server_state.default_headers = [*self.server_state.default_headers, _LAST_WORDS]
        self.config.timeout_graceful_shutdown = self._patience
        self._quiet_at = time.monotonic() + self.config.timeout_keep_alive + _MARGIN

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A stop; the library would let one that comes after `leave` wait as long as that."""
        super().handle_exit(sig, frame)
        if self._asked_to_leave:
            last = threading.Timer(STOP_SECONDS, self._force)
            last.daemon = True
            last.start()

    def _force(self) -> None:
        self.force_exit = True


def _prepare(exchange: Exchange) -> None:
    """Read the guide, letting whoever asks for a page meanwhile have the interpreter at once.

    A look for garbage would keep everybody waiting, and find none in what has come to stay.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_YIELDS_AFTER)
    try:
        with loading():
            editions.prepare(exchange)
    finally:
        sys.setswitchinterval(usual)


def serve(exchange: Exchange, listening: Sequence[socket.socket], ready: Callable[[], None]) -> None:
    """Serve pages and API on the first socket, operations on the second if there is one."""
    patience = exchange.settings.drain_seconds
    pages = create_app(exchange, visitors(exchange.settings))
    main = Door(pages, ready, patience, pages.state.live.close)
    beside = Door(create_operations_app(exchange), lambda: None, patience)

    def leave(*_signal: object) -> None:
        for door in (main, beside):
            door.leave()

    signal.signal(signal.SIGHUP, leave)
    prepare = threading.Timer(_PREPARED_AFTER, _prepare, (exchange,))
    prepare.daemon = True
    prepare.start()
    for operations in listening[1:]:
        threading.Thread(target=beside.run, args=([operations],), daemon=True).start()
    main.run([listening[0]])
