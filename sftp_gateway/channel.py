"""One session channel (RFC 4254), run wholly inside the transport's own loop: no thread, lock or pipe.

What the client sends goes to the SFTP session at once; replies are gathered and leave when there is nothing
more to read. A client that does not read its replies is not served further, so memory stays bounded.
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from paramiko import Message, SSHException
from paramiko.common import (
    MSG_CHANNEL_CLOSE,
    MSG_CHANNEL_DATA,
    MSG_CHANNEL_EOF,
    MSG_CHANNEL_EXTENDED_DATA,
    MSG_CHANNEL_FAILURE,
    MSG_CHANNEL_REQUEST,
    MSG_CHANNEL_SUCCESS,
    MSG_CHANNEL_WINDOW_ADJUST,
)

from sftp_gateway import limits, wire

if TYPE_CHECKING:
    from sftp_gateway.transport import GatewayTransport

_ADJUST_AFTER = limits.WINDOW // 8
_LARGEST_WINDOW = 0xFFFFFFFF
_STANDARD_ERROR = 1


class Session(Protocol):
    """What a subsystem offers a channel."""

    def receive(self, data: memoryview) -> None:
        """Take bytes of the client."""

    def next_reply(self) -> bytes | None:
        """Handle one whole request and return its answer; None when no whole request is at hand."""

    def end(self) -> None:
        """No more bytes will come: nothing unfinished may be handed over."""

    @property
    def remarks(self) -> deque[str]:
        """Sentences for the person at the other end; taken off as they are told."""


def _rest_of(m: Message) -> memoryview:
    """What of a message was not read yet; `get_remainder` would copy it."""
    return memoryview(m.packet.getvalue())[m.packet.tell() :]


class SessionChannel:
    """Flow control, requests and end of one channel. `largest` is what the client takes in one packet."""

    def __init__(
        self, transport: "GatewayTransport", numbers: tuple[int, int], window: int, largest: int
    ) -> None:
        self.transport = transport
        self.number, self._remote = numbers
        self._send_window = window
        self._largest = max(1, min(largest, limits.READ_OR_WRITE))
        self._receive_window = limits.WINDOW
        self._taken = 0
        self._outgoing = bytearray()
        self._session: Session | None = None
        self._eof_received = self._closed = False

    # What the library's loop calls, by message number.

    def data_received(self, m: Message) -> None:
        """CHANNEL_DATA."""
        data = wire.Reader(_rest_of(m)).string()
        self._receive_window -= len(data)
        if self._receive_window < 0 or self._eof_received:
            raise SSHException("more data than the window allows")
        self._taken += len(data)
        if self._session is None or self._closed:
            return
        self._session.receive(data)
        self._advance()

    def extended_data_received(self, m: Message) -> None:
        """CHANNEL_EXTENDED_DATA has no meaning from a client; it is counted and dropped."""
        reader = wire.Reader(m.get_remainder())
        reader.uint32()
        count = len(reader.string())
        self._receive_window -= count
        if self._receive_window < 0:
            raise SSHException("more data than the window allows")
        self._taken += count

    def window_adjusted(self, m: Message) -> None:
        """CHANNEL_WINDOW_ADJUST: the client can take more."""
        self._send_window += wire.Reader(m.get_remainder()).uint32()
        if self._send_window > _LARGEST_WINDOW:
            raise SSHException("a window larger than the protocol knows")

    def request_received(self, m: Message) -> None:
        """CHANNEL_REQUEST: the `sftp` subsystem once; everything else is refused."""
        reader = wire.Reader(m.get_remainder())
        kind, wants_reply = reader.text(), reader.boolean()
        granted = kind == "subsystem" and self._start(reader.text())
        if wants_reply:
            answer = MSG_CHANNEL_SUCCESS if granted else MSG_CHANNEL_FAILURE
            self._post(answer)

    def _start(self, name: str) -> bool:
        if name != "sftp" or self._session is not None or self._closed:
            return False
        self._session = self.transport.open_session_of_sftp()
        return True

    def eof_received(self, m: Message) -> None:
        """CHANNEL_EOF: the client says no more; what it asked before is still answered."""
        del m
        self._eof_received = True

    def close_received(self, m: Message) -> None:
        """CHANNEL_CLOSE: answered with ours, after an end of the session."""
        del m
        self._outgoing.clear()
        self._finish()
        self.transport.forget(self)

    def answer_received(self, m: Message) -> None:
        """CHANNEL_SUCCESS or CHANNEL_FAILURE: we asked nothing."""

    def _unlink(self) -> None:
        """The library calls this on every open channel when the connection ends."""
        self.end()

    # What the transport calls.

    def settle(self) -> None:
        """Send what can be sent, serve what waited for that, and open the window again."""
        while self._pump():
            if not self._advance():
                break
        self._remark()
        if self._taken >= _ADJUST_AFTER and len(self._outgoing) < limits.REPLIES_HELD:
            self._post(MSG_CHANNEL_WINDOW_ADJUST, wire.uint32(self._taken))
            self._receive_window += self._taken
            self._taken = 0
        if self._eof_received and not self._outgoing:
            self._finish()

    def end(self) -> None:
        """The connection or the channel is over: suspend whatever is unfinished."""
        session, self._session = self._session, None
        self._closed = True
        if session is not None:
            session.end()

    def _advance(self) -> bool:
        """Serve whole requests until there is none, or too many replies wait; whether any was served."""
        served = False
        session = self._session
        while session is not None and len(self._outgoing) < limits.REPLIES_HELD:
            reply = session.next_reply()
            if reply is None:
                break
            self._outgoing += reply
            served = True
            if len(self._outgoing) >= limits.REPLIES_HELD:
                self._pump()
        return served

    def _pump(self) -> bool:
        """Send replies as far as the client's window lets; whether any left."""
        sent = False
        while self._outgoing and self._send_window and not self._closed and self.transport.may_send():
            self.transport.packetizer.rest()
            count = min(len(self._outgoing), self._send_window, self._largest)
            count = min(count, self.transport.packetizer.piece)
            with memoryview(self._outgoing)[:count] as leaving:
                self._post(MSG_CHANNEL_DATA, wire.uint32(count), leaving)
            del self._outgoing[:count]
            self._send_window -= count
            sent = True
        return sent

    def _remark(self) -> None:
        """Tell OpenSSH's clients on standard error why something was refused: no words of a status show."""
        while self._session is not None and self._session.remarks:
            line = self._session.remarks.popleft().encode() + b"\r\n"
            if self.transport.is_with_openssh() and len(line) <= self._send_window:
                self._send_window -= len(line)
                self._post(MSG_CHANNEL_EXTENDED_DATA, wire.uint32(_STANDARD_ERROR), wire.string(line))

    def _finish(self) -> None:
        """Exit status 0 (`scp` fails without one), end of file, close."""
        if self._closed:
            return
        had_session = self._session is not None
        self.end()
        if had_session:
            exit_status = wire.string("exit-status") + b"\0" + wire.uint32(0)
            self._post(MSG_CHANNEL_REQUEST, exit_status)
        self._post(MSG_CHANNEL_EOF)
        self._post(MSG_CHANNEL_CLOSE)

    def _post(self, number: int, *parts: bytes | memoryview) -> None:
        self.transport.post(wire.message(number, wire.uint32(self._remote), *parts))


Handler = Callable[[SessionChannel, Message], None]
