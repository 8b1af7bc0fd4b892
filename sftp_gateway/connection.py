"""One connection from accept to its end, in a process of its own; one line in the log tells of it."""

import os
import signal
import socket
import time
from dataclasses import asdict, dataclass
from enum import IntEnum

import paramiko
import structlog

from exchange import bandwidth
from exchange.accounts import sign_in
from exchange.errors import PortalError
from exchange.measures import LOGIN
from exchange.runtime import Exchange
from sftp_gateway.filesystem import Filesystem
from sftp_gateway.host_keys import HostKeys
from sftp_gateway.limits import Limits
from sftp_gateway.login import Accepted, Login
from sftp_gateway.pace import Pace
from sftp_gateway.protocol import SftpSession
from sftp_gateway.register import Entry
from sftp_gateway.shift import Shift
from sftp_gateway.transport import IDENTIFICATION, GatewayTransport

_log = structlog.get_logger("sftp")
_HARD_AFTER = 5  # seconds after the login deadline at which the kernel ends a process that is stuck
_LONGEST_CLIENT = 60
_SHOWN_EVERY = 0.5  # seconds; so old at most is what is shown of a connection
_COME_AGAIN = "The service is being restarted. Connect again; unfinished uploads can be resumed."
_ENDED_BY_STAFF = "OCSS ended this connection. Unfinished uploads are kept."
_TOO_MANY = "This account has too many connections open at once. Close one of them first."
_TAKEN_BACK = (
    "Your access, or the key or certificate you came with, was taken back. Unfinished uploads are kept."
)
_LOOK_EVERY = 2.5  # seconds; so long at most a connection outlives the key or the account it was opened with


class Ending(IntEnum):
    """How a connection ended; the exit code of its process, from which the parent reckons penalties."""

    LOGGED_IN = 0
    BROKEN = 1
    ABANDONED = 3
    REFUSED = 4
    OVERDUE = 5


class ConnectionEndedError(EOFError):
    """This side ends the connection; the message says why."""


@dataclass(frozen=True)
class Peer:
    """A connected client."""

    connection: socket.socket
    source: str


class Vigil:
    """Deadlines of one connection: login, idleness, and the end of the gateway's shift."""

    def __init__(self, bounds: Limits) -> None:
        self._bounds = bounds
        self._shift = Shift()
        self._parent = os.getppid()
        self._login_by = time.monotonic() + bounds.login
        self._last_seen = time.monotonic()
        self._bytes_seen = 0
        self._stop_by: float | None = None
        self.overdue = False

    def keep(self, shift: Shift) -> None:
        """Look at this shift from now on."""
        self._shift = shift

    def reason_to_end(self, transport: GatewayTransport, *, busy: bool) -> str | None:
        """Why the connection must end now, in words for the client, or None."""
        now = time.monotonic()
        if transport.packetizer.bytes_in != self._bytes_seen:
            self._bytes_seen, self._last_seen = transport.packetizer.bytes_in, now
        if self._must_stop(now, busy=busy):
            return _COME_AGAIN
        if not transport.is_authenticated():
            self.overdue = now > self._login_by
            return "The time for signing in is over." if self.overdue else None
        quiet = now - self._last_seen
        if self._shift.leaving and not busy and quiet > self._bounds.quiet:
            return _COME_AGAIN
        if quiet > self._bounds.idle:
            return "Nothing was asked for a long time. Unfinished uploads can be resumed."
        return None

    def _must_stop(self, now: float, *, busy: bool) -> bool:
        """Whether a stop has come, or the parent is gone, and no transfer may go on for a while yet."""
        if self._stop_by is None and (self._shift.stopping or os.getppid() != self._parent):
            self._stop_by = now + self._bounds.drain
        return self._stop_by is not None and (now > self._stop_by or not busy)


class Connection:
    """Joins transport, login and file system of one client."""

    def __init__(
        self, exchange: Exchange, peer: Peer, host_keys: HostKeys, bounds: Limits, entry: Entry
    ) -> None:
        self._exchange = exchange
        self._entry = entry
        self._since, self._started = exchange.clock(), time.monotonic()
        self._peer = peer
        self._vigil = Vigil(bounds)
        self._files: Filesystem | None = None
        self._transport = GatewayTransport(
            peer.connection, host_keys, Login(exchange, peer.source), self._open_session
        )
        if exchange.settings.sftp_nist_curves:
            self._transport.offer_nist_curves()
        self._transport.admit = self._admit
        self._transport.packetizer.said = f"{IDENTIFICATION}\r\n".encode()  # by the parent, at once
        self._transport.packetizer.stalled = bounds.stalled
        self._transport.packetizer.watch = self._watch
        self._bounds = bounds
        self._alarm_set = True
        self._look_again_at = self._show_again_at = 0.0

    def run(self, shift: Shift) -> Ending:
        """Serve the client to the end."""
        self._cpu_at_start = time.process_time()
        self._vigil.keep(shift)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, self._bounds.login + _HARD_AFTER)
        try:
            self._transport.serve()
        finally:
            for channel in list(self._transport.sessions.values()):
                channel.end()
        ending = self._ending()
        if ending is Ending.OVERDUE:
            self._entry.tally.refused("login", "overdue")
        self._show()
        self._tell(ending, time.monotonic() - self._started)
        return ending

    def _admit(self, accepted: Accepted) -> str | None:
        """The last word on a login: words for an account that is here too often already."""
        actor = accepted.actor
        at_most = self._bounds.connections_of_account
        if not self._entry.admit(actor.account_id, actor.organization_id, at_most):
            self._entry.tally.refused("login", "too many connections of one account")
            return _TOO_MANY
        self._entry.tally.observe(LOGIN, time.monotonic() - self._started)
        self._transport.packetizer.pace = Pace(self._entry, actor.organization_id)
        self._entry.introduce(
            {
                "account_id": str(actor.account_id),
                "organization_id": str(actor.organization_id),
                "source": self._peer.source,
                "client": self._client,
                "method": accepted.method,
                "since": self._since.isoformat(),
            }
        )
        self._show_again_at = 0.0
        return None

    @property
    def _client(self) -> str:
        """What the client calls itself."""
        return _printable(self._transport.remote_version.removeprefix("SSH-2.0-"))[:_LONGEST_CLIENT]

    def _show(self) -> None:
        """Let those who look after the installation see what is going on."""
        packetizer, login, tally = self._transport.packetizer, self._transport.auth_handler, self._entry.tally
        tally["bytes_in"], tally["bytes_out"] = packetizer.bytes_in, packetizer.bytes_out
        if login is not None and login.failures:
            tally["refusal:login:credentials"] = login.failures
        self._entry.show([asdict(motion) for motion in self._files.moving()] if self._files else [])
        self._show_again_at = time.monotonic() + _SHOWN_EVERY

    def _open_session(self) -> SftpSession:
        accepted = self._transport.auth_handler and self._transport.auth_handler.accepted
        if not accepted:
            raise ConnectionEndedError("not signed in")
        if self._files is None:
            self._files = Filesystem(self._exchange, accepted.actor, accepted.key, self._entry.tally)
        return SftpSession(self._files)

    def _watch(self) -> None:
        if self._alarm_set and self._transport.is_authenticated():
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._alarm_set = False
        if time.monotonic() >= self._show_again_at:
            self._show()
        busy = self._files is not None and self._files.handles_open > 0
        words = _ENDED_BY_STAFF if self._entry.to_end else None
        words = words or self._vigil.reason_to_end(self._transport, busy=busy) or self._shut_out()
        if words is not None:
            self._transport.disconnect(words)
            raise ConnectionEndedError(words)

    def _shut_out(self) -> str | None:
        """Words for somebody whose key, account or organization was taken back since the login."""
        login, now = self._transport.auth_handler, time.monotonic()
        if login is None or login.accepted is None or now < self._look_again_at:
            return None
        self._look_again_at = now + _LOOK_EVERY
        try:
            sign_in.still_in(self._exchange, login.accepted.actor, login.accepted.key)
            if self._transport.packetizer.pace is not None:
                organization_id = login.accepted.actor.organization_id
                self._transport.packetizer.pace.rate = bandwidth.allowed(self._exchange, organization_id)
        except PortalError:
            return _TAKEN_BACK
        except Exception:  # noqa: BLE001  # logged; what cannot be looked up now is looked up again
            _log.exception("sftp.look_failed")
        return None

    def _ending(self) -> Ending:
        login = self._transport.auth_handler
        if login is not None and login.authenticated:
            return Ending.LOGGED_IN
        if self._vigil.overdue:
            return Ending.OVERDUE
        return Ending.REFUSED if login is not None and login.failures else Ending.ABANDONED

    def _tell(self, ending: Ending, seconds: float) -> None:
        transport, login = self._transport, self._transport.auth_handler
        accepted = login.accepted if login else None
        _log.info(
            "sftp.connection",
            source=self._peer.source,
            ending=ending.name.lower(),
            account_id=str(accepted.actor.account_id) if accepted else None,
            organization_id=str(accepted.actor.organization_id) if accepted else None,
            method=accepted.method if accepted else None,
            failures=login.failures if login else 0,
            client=self._client,
            cipher=transport.local_cipher,
            why=_why(transport.saved_exception),
            bytes_in=transport.packetizer.bytes_in,
            bytes_out=transport.packetizer.bytes_out,
            seconds=round(seconds, 3),
            cpu=round(time.process_time() - self._cpu_at_start, 3),
        )


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)


def _why(error: Exception | None) -> str:
    """What ended the connection, without anything the peer could have written into it."""
    if isinstance(error, ConnectionEndedError | paramiko.SSHException):
        return str(error)[:200]
    return type(error).__name__ if error is not None else "closed"
