"""The accept loop: one process a connection, bounded in number, in all and from one source.

The parent stays single-threaded and holds no database connection, so that forking is safe; of SSH it says the
line that identifies us, and reads nothing. A child that dies takes one connection with it and nothing else.
Those who have not signed in are strangers: of these there may be fewer, and a new one pushes out an older.
"""

import gc
import ipaddress
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from exchange.gateways import Ledger
from exchange.runtime import Exchange
from sftp_gateway import registrar
from sftp_gateway.connection import Connection, Ending, Peer
from sftp_gateway.doorstep import Arrival, Doorstep, end, least_missed
from sftp_gateway.host_keys import HostKeys
from sftp_gateway.limits import Limits
from sftp_gateway.register import Entry, Register
from sftp_gateway.rehearsal import rehearse
from sftp_gateway.rotation import KeyRing
from sftp_gateway.shift import Shift
from sftp_gateway.told_seldom import ToldSeldom
from sftp_gateway.transport import IDENTIFICATION, check_library

_log = structlog.get_logger("sftp")

_TURN = 0.2  # seconds between looks at what the shift says and at ended children
_ACCEPTED_AT_ONCE = 64
_AFTER_DRAIN = 2
_REGISTRAR_LIVES = 1.0  # seconds after which one that died is started again, at the earliest
_REGISTRAR_STOPS = 2.0  # seconds it has to take its rows away
_PENALTIES = {  # seconds by which a source is served later, for what its connection came to
    Ending.LOGGED_IN: 0.0,
    Ending.BROKEN: 10.0,
    Ending.ABANDONED: 0.2,
    Ending.REFUSED: 3.0,
    Ending.OVERDUE: 10.0,
}
_PUSHED_OUT = 1.0  # the same, for a stranger who had to make room
_MOST_SOURCES = 10_000


def serve(
    exchange: Exchange,
    listening: socket.socket,
    key_ring: KeyRing,
    shift: Shift,
    bounds: Limits | None = None,
) -> None:
    """Serve until the shift ends; then take nobody new, let transfers finish for a while, suspend the rest.

    Call it in a process without other threads. Raises `LibraryUnfitError` when paramiko is not as expected.
    """
    warning = check_library()
    if warning:
        _log.warning("sftp.library", warning=warning)
    rehearse(exchange, key_ring.at(exchange.clock()))
    exchange.before_forks()
    gc.collect()
    gc.freeze()
    server = Server(exchange, listening, key_ring, bounds or Limits.of(exchange.settings))
    server.run(shift)


@dataclass
class Penalties:
    """Sources that failed are served later (as OpenSSH's PerSourcePenalties). Times are monotonic seconds."""

    threshold: float
    most: float
    _until: dict[str, float] = field(default_factory=dict)

    def add(self, source: str, seconds: float, now: float) -> None:
        """Add to what a source has to wait."""
        if seconds <= 0:
            return
        if len(self._until) >= _MOST_SOURCES:
            self._until = {key: until for key, until in self._until.items() if until > now}
        self._until[source] = min(max(self._until.get(source, now), now) + seconds, now + self.most)

    def refused(self, source: str, now: float) -> bool:
        """Whether the source has to wait now."""
        return self._until.get(source, now) - now > self.threshold


@dataclass
class Child:
    """The process of one connection; `leaving` once it was told to."""

    source: str
    entry: Entry
    leaving: bool = False

    @property
    def is_stranger(self) -> bool:
        """Whether nobody has signed in on it yet, and it is not about to end."""
        return not self.leaving and not self.entry.signed_in


class Server:
    """The parent's state: its children and what sources did."""

    def __init__(
        self, exchange: Exchange, listening: socket.socket, key_ring: KeyRing, bounds: Limits
    ) -> None:
        self._exchange = exchange
        self._listening = listening
        self._key_ring = key_ring
        self._bounds = bounds
        self._doorstep = Doorstep(listening, bounds.silent_connections, min(bounds.silent, bounds.login))
        self._children: dict[int, Child] = {}  # the oldest first
        self._register = Register(bounds.connections + bounds.strangers)  # those who leave still have a slot
        place = f"{os.uname().nodename}:{listening.getsockname()[1]}"
        self._ledger = Ledger(exchange, place, exchange.owner, exchange.clock())
        self._registrar = 0
        self._registrar_at = 0.0
        self._penalties = Penalties(bounds.penalty_threshold, bounds.penalty_most)
        self._seldom = ToldSeldom()

    def run(self, shift: Shift) -> None:
        """Accept until the shift ends, then let who is here finish."""
        self._shift = shift
        self._listening.setblocking(False)
        self._look_after()
        shift.ready()
        while not shift.leaving:
            self._turn()
        self._doorstep.shut()
        self._leave()
        self._stop()
        self._end_registrar()

    def _turn(self) -> None:
        turn = self._doorstep.look(_TURN)
        if turn.knocked:
            self._accept()
        for one in turn.spoke:
            self._begin(one)
        for one in turn.overdue:
            self._turn_away(one, "overdue", _PENALTIES[Ending.OVERDUE])
        self._look_after()

    def _look_after(self) -> None:
        """Take note of what ended, and see that somebody writes down who is there."""
        self._reap()
        self._register.settle()
        if not self._registrar and time.monotonic() >= self._registrar_at:
            self._registrar_at = time.monotonic() + _REGISTRAR_LIVES
            self._registrar = self._forked(
                lambda: registrar.keep(self._ledger, self._register, self._key_ring)
            )

    def _accept(self) -> None:
        """Take in who knocked; several at once, for a queue that is full turns everybody away."""
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                connection, address = self._listening.accept()
            except BlockingIOError:
                return
            except ConnectionAbortedError:
                continue
            except OSError as problem:
                _log.error("sftp.accept_failed", error=type(problem).__name__)
                time.sleep(_TURN)
                return
            self._let_wait(connection, str(address[0]))

    def _let_wait(self, connection: socket.socket, address: str) -> None:
        source = source_of(address)
        if why := self._why_not(source):
            self._seldom.tell("sftp.refused", address, why)
            self._register.tally.refused("connection", why)
            _say(connection, "Too many connections, or too many failed ones. Try again later.\r\n")
            connection.close()
            return
        self._register.tally.add("connections")
        _say(connection, f"{IDENTIFICATION}\r\n")
        if leaving := self._doorstep.take(connection, address, source):
            self._turn_away(leaving, "crowded", 0.0)

    def _why_not(self, source: str) -> str | None:
        if self._penalties.refused(source, time.monotonic()):
            return "penalty"
        if len(self._children) >= self._bounds.connections and not self._strangers():
            return "too many connections"
        held = sum(child.source == source for child in self._children.values())
        held += self._doorstep.count_of(source)
        if held >= self._bounds.connections_of_source and not self._made_room(source):
            return "too many connections of one source"
        return None

    def _strangers(self) -> list[tuple[int, str]]:
        return [(pid, child.source) for pid, child in self._children.items() if child.is_stranger]

    def _made_room(self, source: str) -> bool:
        """Whether one of a source could be sent away who had not signed in: rather one who is silent."""
        if leaving := self._doorstep.oldest_of(source):
            self._turn_away(leaving, "crowded", 0.0)
            return True
        strangers = [pid for pid, its_source in self._strangers() if its_source == source]
        if strangers:
            self._push_out(strangers[0])
        return bool(strangers)

    def _begin(self, arrival: Arrival) -> None:
        """Somebody speaks, or hung up without a word: make a process for whoever speaks."""
        if not _speaks(arrival.connection):
            self._turn_away(arrival, "abandoned", _PENALTIES[Ending.ABANDONED])
            return
        strangers = self._strangers()
        is_full = len(self._children) >= self._bounds.connections
        if strangers and (is_full or len(strangers) >= self._bounds.strangers):
            self._push_out(least_missed(strangers))
        entry = self._register.take() if strangers or not is_full else None
        if entry is None:
            self._turn_away(arrival, "crowded", 0.0)
        else:
            self._fork(arrival, entry)

    def _turn_away(self, arrival: Arrival, why: str, penalty: float) -> None:
        """End with somebody for whom there is no process."""
        end(arrival)
        self._seldom.tell("sftp.turned_away", arrival.address, why)
        self._register.tally.refused("login", why)
        self._penalties.add(arrival.source, penalty, time.monotonic())

    def _push_out(self, pid: int) -> None:
        """End the process of a stranger; nothing durable hangs on it."""
        child = self._children[pid]
        child.leaving = True
        os.kill(pid, signal.SIGKILL)
        _log.info("sftp.pushed_out", source=child.source)
        self._register.tally.refused("login", "crowded")
        self._penalties.add(child.source, _PUSHED_OUT, time.monotonic())

    def _fork(self, arrival: Arrival, entry: Entry) -> None:
        keys = self._key_ring.at(self._exchange.clock())
        peer = Peer(arrival.connection, arrival.address)
        pid = self._forked(lambda: self._serve(peer, entry, keys))
        if pid:
            arrival.connection.close()
            self._children[pid] = Child(arrival.source, entry)
        else:
            self._register.ended(entry)
            self._turn_away(arrival, "no process", 0.0)

    def _serve(self, peer: Peer, entry: Entry, keys: HostKeys) -> Ending:
        peer.connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        peer.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Connection(self._exchange, peer, keys, self._bounds, entry).run(self._shift)

    def _forked(self, work: Callable[[], int | None]) -> int:
        """Do `work` in a process of its own, whose exit code it returns; its id, or 0 if none can be made."""
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            pid = os.fork()
        except OSError as problem:  # no memory or no process is left: those who are here go on
            self._seldom.tell("sftp.no_process", "this machine", type(problem).__name__)
            return 0
        if pid == 0:
            self._child(work)
        return pid

    def _child(self, work: Callable[[], int | None]) -> None:
        """Never returns: nothing of the parent's clean-up may run here."""
        code = int(Ending.BROKEN)
        try:
            self._doorstep.close()
            code = int(work() or 0)
        except BaseException:  # noqa: BLE001  # the process ends here in any case; logged
            _log.exception("sftp.connection_failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _reap(self) -> None:
        """Take note of children that ended, and of how."""
        while self._children or self._registrar:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            if pid == self._registrar:
                self._registrar = 0
            elif pid in self._children:
                child = self._children.pop(pid)
                self._register.ended(child.entry)
                self._penalties.add(child.source, _penalty(status), time.monotonic())

    def _leave(self) -> None:
        """Let connections end by themselves: for long, unless a stop comes. Who is coming in, comes in."""
        if not self._shift.stopping:
            self._tell_all(signal.SIGHUP)
        patience = time.monotonic() + self._bounds.leave
        while not self._shift.stopping and time.monotonic() < patience:
            if not self._children and not len(self._doorstep):
                return
            self._turn()

    def _stop(self) -> None:
        self._doorstep.close()
        self._tell_all(signal.SIGTERM)
        patience = time.monotonic() + self._bounds.drain + _AFTER_DRAIN
        while self._children and time.monotonic() < patience:
            self._look_after()
            time.sleep(_TURN / 4)
        self._tell_all(signal.SIGKILL)
        while self._children:
            self._reap()
            time.sleep(_TURN / 4)

    def _end_registrar(self) -> None:
        """Let it take the gateway's rows away; a dead gateway's rows count for nothing anyhow."""
        if not self._registrar:
            return
        os.kill(self._registrar, registrar.STOP)
        patience = time.monotonic() + _REGISTRAR_STOPS
        while self._registrar and time.monotonic() < patience:
            self._reap()
            time.sleep(_TURN / 20)
        if self._registrar:
            os.kill(self._registrar, signal.SIGKILL)
            os.waitpid(self._registrar, 0)

    def _tell_all(self, number: signal.Signals) -> None:
        for pid in self._children:
            os.kill(pid, number)


def source_of(address: str) -> str:
    """What counts as one source: an IPv4 address, or the /64 an IPv6 address lies in."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, 64), strict=False))


def _penalty(status: int) -> float:
    """Seconds for how a child ended; the kernel's alarm ends one stuck before its login, a kill is ours."""
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGKILL:
        return 0.0
    if code == -signal.SIGALRM:
        return _PENALTIES[Ending.OVERDUE]
    return _PENALTIES[Ending(code) if code in set(Ending) else Ending.BROKEN]


def _speaks(connection: socket.socket) -> bool:
    """Whether there is something to read, which stays there."""
    try:
        return bool(connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except OSError:
        return False


def _say(connection: socket.socket, words: str) -> None:
    """A line of the parent: our SSH identification or, before one, a refusal (RFC 4253, 4.2). Never waits."""
    try:
        connection.setblocking(False)
        connection.send(words.encode())
    except OSError:
        return
