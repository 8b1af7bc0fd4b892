"""The library's packet reader over one bounded buffer, without its timer thread.

A packet is refused by its announced length, before a byte of it is held; nobody waits for ever. Only public
methods of the library's class are replaced, so ciphers, MACs, sequence numbers and rekeying stay its own.
"""

import mmap
import socket
import struct
import time
from collections.abc import Callable

from paramiko import SSHException
from paramiko.packet import Packetizer

from sftp_gateway import limits
from sftp_gateway.pace import Pace

_POLL = 0.5
_POLL_TIMEVAL = struct.pack("ll", 0, int(_POLL * 1_000_000))
_SLACK = 64  # padding and authentication tag around the payload
_BUFFER = 512 * limits.KIBIBYTE
_PIECE = 32 * limits.KIBIBYTE  # moved at once under a limit of bandwidth, so that turns are short
_IDENTIFICATION = 255  # RFC 4253, section 4.2


def _nothing() -> None:
    pass


class BoundedPacketizer(Packetizer):
    """Reads ahead into one buffer and refuses what is larger than `largest`.

    `pace` limits bandwidth, if it is set. `before_waiting` runs whenever all that had come was dealt with and
    the peer is waited for; `watch` runs at every turn of a wait and may raise. `stalled` is how many seconds
    a peer may refuse to read.
    """

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection)
        self._connection = connection
        connection.setblocking(True)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _POLL_TIMEVAL)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _POLL_TIMEVAL)
        self._tcp = connection.family in {socket.AF_INET, socket.AF_INET6}
        # Its pages cost nothing before they are first used, unlike those of a bytearray, which are written.
        self._buffer = mmap.mmap(-1, _BUFFER, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._view = memoryview(self._buffer)
        self._start = self._end = 0
        self.largest = limits.PACKET_BEFORE_LOGIN
        self.stalled = 120.0
        self.bytes_in = self.bytes_out = 0
        self.writing = False
        self.said = b""
        """What the peer was told before: it is left out of what is written first."""
        self.before_waiting: Callable[[], None] = _nothing
        self.watch: Callable[[], None] = _nothing
        self.pace: Pace | None = None
        self._rest_until = 0.0

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:  # noqa: ARG002  # the library's signature
        """Exactly `n` bytes; `SSHException` for more than a packet may have, `EOFError` at the end."""
        if not 0 <= n <= self.largest + _SLACK:
            raise SSHException("a packet of a refused size was announced")
        if self._end - self._start < n:
            self._fill(n)
        taken = bytes(self._view[self._start : self._start + n])
        self._start += n
        return taken

    def readline(self, timeout: float) -> str:
        """The peer's identification line, of at most 255 bytes. `timeout` is kept by `watch`."""
        del timeout
        while (end := self._buffer.find(b"\n", self._start, self._end)) < 0:
            if self._end - self._start >= _IDENTIFICATION:
                raise SSHException("no SSH identification came")
            self._fill(self._end - self._start + 1)
        line = bytes(self._view[self._start : end]).removesuffix(b"\r")
        self._start = end + 1
        if not line.startswith(b"SSH-") or not line.isascii() or len(line) > _IDENTIFICATION:
            raise SSHException("no SSH identification came")
        return line.decode("ascii")

    def _fill(self, wanted: int) -> None:
        """Receive until `wanted` bytes are at hand."""
        self.before_waiting()
        self._acknowledge()
        held = self._end - self._start
        if self._start + wanted > len(self._buffer) or held == 0:
            self._view[:held] = bytes(self._view[self._start : self._end])
            self._start, self._end = 0, held
        while self._end - self._start < wanted:
            self.watch()
            self.rest()
            try:
                count = self._connection.recv_into(self._view[self._end :][: self.piece])
            except (BlockingIOError, InterruptedError):
                continue
            if count == 0:
                raise EOFError
            self._end += count
            self.bytes_in += count
            self._pay(count)

    def _acknowledge(self) -> None:
        """Let the kernel tell the peer at once what has come; it forgets this wish, so it is said anew.

        Clients that leave Nagle's algorithm on (Node's ssh2, Java) hold their next request back until then; a
        fetch takes 40 ms a block otherwise.
        """
        if self._tcp:
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def write_all(self, out: bytes | bytearray | memoryview) -> None:  # type: ignore[override]  # bytes-like
        """Send all of `out`; `EOFError` when the peer is gone or does not read for `stalled` seconds."""
        self.writing = True
        rest, self.said = memoryview(out)[len(self.said) :], b""
        patience = time.monotonic() + self.stalled
        while rest:
            try:
                count = self._connection.send(rest)
            except (BlockingIOError, InterruptedError):
                self.watch()
                if time.monotonic() > patience:
                    raise EOFError from None
                continue
            except OSError as problem:
                raise EOFError from problem
            rest = rest[count:]
            self.bytes_out += count
            patience = time.monotonic() + self.stalled
        self.writing = False
        self._pay(len(out))

    @property
    def piece(self) -> int:
        """How many bytes are moved at once, at most."""
        return _PIECE if self.pace is not None and self.pace.rate else _BUFFER

    def rest(self) -> None:
        """Sleep until what was moved is paid for; between packets only, so that words can still be sent."""
        while (left := self._rest_until - time.monotonic()) > 0:
            self.watch()
            time.sleep(min(left, _POLL))

    def _pay(self, count: int) -> None:
        if self.pace is not None:
            self._rest_until = max(self._rest_until, self.pace.moved(count))

    def start_handshake(self, timeout: float) -> None:
        """No timer thread: `watch` keeps the deadline."""

    def handshake_timed_out(self) -> bool:
        """Tell the library that `watch` keeps the deadline."""
        return False

    def complete_handshake(self) -> None:
        """No timer to stop."""
