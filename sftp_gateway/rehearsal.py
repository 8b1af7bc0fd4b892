"""What every connection will do, done once before any is served: exchange keys, and ask the database.

Each connection is a process of its own, forked from this one: mapped classes, compiled statements and ciphers
that are there already need not be made anew in each, which would cost it 15 MB of its own and a tenth of a
second. Pages it writes to stop being shared, if only to count a reference: that is most of what is left.
"""

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn
from uuid import UUID

import paramiko

from exchange import bandwidth, journal
from exchange.accounts import identity, sign_in
from exchange.database import prepare_models, transaction, write_out
from exchange.errors import PortalError
from exchange.runtime import Exchange
from roles.policy import Channel
from sftp_gateway.host_keys import HostKeys
from sftp_gateway.login import Login
from sftp_gateway.transport import GatewayTransport

_NOBODY = UUID(int=0)
_SOURCE = "127.0.0.1"
_PATIENCE = 10.0  # seconds that keys may take


class _NotMeantError(Exception):
    """Rolls the rehearsal back."""


def rehearse(exchange: Exchange, keys: HostKeys) -> None:
    """Do it all; leaves nothing. A visitor that fails only makes connections dearer."""
    _exchange_keys(exchange, keys)
    _ask(exchange)


def _exchange_keys(exchange: Exchange, keys: HostKeys) -> None:
    """Serve a visitor, a child, until it is refused."""
    near, far = socket.socketpair()
    visitor = os.fork()
    if visitor == 0:
        _visit(far)
    far.close()
    with near:
        transport = GatewayTransport(near, keys, Login(exchange, _SOURCE), _no_session)
        transport.packetizer.watch = _until(time.monotonic() + _PATIENCE)
        transport.serve()
    os.waitpid(visitor, 0)


def _visit(connection: socket.socket) -> None:
    """Exchange keys, ask to come in as nobody, and end the process: nothing of the parent may run here."""
    try:
        with suppress(Exception):
            transport = paramiko.Transport(connection)
            transport.start_client(timeout=_PATIENCE)
            transport.auth_none("")
    finally:
        os._exit(0)


def _until(end: float) -> Callable[[], None]:
    def watch() -> None:
        if time.monotonic() > end:
            raise EOFError

    return watch


def _no_session() -> NoReturn:
    raise EOFError


def _ask(exchange: Exchange) -> None:
    """Ask whether somebody's key is known, who there is by nobody's, and write what is rolled back."""
    prepare_models()
    attempt = sign_in.Attempt(channel=Channel.SFTP, source=_SOURCE)
    sign_in.key_is_known(exchange, *sign_in.some_key(exchange), attempt)
    with suppress(PortalError):
        identity.actor_of(exchange, _NOBODY, Channel.SFTP, _SOURCE)
    bandwidth.allowed(exchange, _NOBODY)
    with suppress(_NotMeantError), transaction(exchange.engine) as session:
        sign_in.note_key(session, _NOBODY, exchange.clock())
        sign_in.note_account(session, _NOBODY, exchange.clock())
        journal.append(session, exchange, "sftp.rehearsed", None, None)
        write_out(session)
        raise _NotMeantError
