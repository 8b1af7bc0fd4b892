"""The process that writes down what a gateway's connections are doing, and passes on which are to end.

It is the one process of a gateway that holds a database connection for all: the parent must not, being forked
from, and hundreds of children writing for themselves would wear out the database. Should it die, the parent
starts another one, which begins anew with the gateway's rows.
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from exchange import host_keys
from exchange.connections import Motion, Seen
from exchange.gateways import Ledger, Report
from exchange.host_keys import HostKey
from exchange.runtime import Exchange
from sftp_gateway.register import Look, Register
from sftp_gateway.rotation import KeyRing

_TURN = 0.4  # seconds between two looks
_log = structlog.get_logger("sftp")
STOP = signal.SIGUSR1
"""What the parent sends when all connections have ended."""


def keep(ledger: Ledger, register: Register, key_ring: KeyRing) -> None:
    """Write until the parent says `STOP` or is gone; then leave no row but that of the host keys."""
    parent = os.getppid()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # connections that are being finished are still to be seen
    signal.pthread_sigmask(signal.SIG_BLOCK, {STOP})
    board = _Board(ledger.exchange, key_ring)
    _carefully(_clear, ledger)
    while os.getppid() == parent:
        _carefully(_turn, ledger, register)
        _carefully(board.turn)
        if signal.sigtimedwait({STOP}, _TURN):
            break
    _carefully(ledger.close)


@dataclass
class _Board:
    """Where partners read which host keys there are."""

    exchange: Exchange
    key_ring: KeyRing
    told: tuple[HostKey, ...] = ()

    def turn(self) -> None:
        keys = self.key_ring.told()
        if keys != self.told:
            host_keys.publish(self.exchange, keys)
            self.told = keys


def _clear(ledger: Ledger) -> None:
    ledger.close()
    ledger.forget_ended()


def _turn(ledger: Ledger, register: Register) -> None:
    ledger.write(_report(register.look()))
    register.end(ledger.to_end())


def _report(look: Look) -> Report:
    seen = [_seen(one) for one in look.told if one.get("who")]
    return Report(tuple(seen), len(look.told) - len(seen), look.tally)


def _seen(told: dict[str, Any]) -> Seen:
    who, tally = told["who"], told["tally"]
    return Seen(
        id=UUID(who["id"]),
        account_id=UUID(who["account_id"]),
        organization_id=UUID(who["organization_id"]),
        source=who["source"],
        client=who["client"],
        method=who["method"],
        since=datetime.fromisoformat(who["since"]),
        bytes_in=int(tally.get("bytes_in", 0)),
        bytes_out=int(tally.get("bytes_out", 0)),
        moving=tuple(Motion(**one) for one in told["moving"]),
    )


def _carefully(work: Callable[..., None], *given: object) -> None:
    """What cannot be written now is written at another turn."""
    try:
        work(*given)
    except Exception as problem:  # noqa: BLE001  # logged; a database that is away must not end the view for ever
        _log.warning("sftp.register_not_written", error=type(problem).__name__)
        time.sleep(_TURN)
