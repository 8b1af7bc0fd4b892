"""Clients without manners: they send any bytes at any layer, and keep all that comes back."""

import queue
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
from paramiko import Message

from sftp_gateway import wire
from tests.sftp_gateway.conftest import Gateway, User

_BARRIER = 0xB0000000
_OPEN, _OPEN_FAILURE = 90, 92
_OF_KEYS = {20, 21, *range(30, 42)}
_PATIENCE = 60


class _All(dict[int, Callable[[Message], None]]):
    """A table of handlers that takes every message there is, but for those of the key exchange."""

    def __init__(
        self, proper: dict[int, Callable[[Message], None]], heard: "queue.SimpleQueue[bytes]"
    ) -> None:
        super().__init__(proper)
        self._heard = heard

    def __contains__(self, number: object) -> bool:
        return super().__contains__(number) or number not in _OF_KEYS

    def __getitem__(self, number: int) -> Callable[[Message], None]:
        if number in _OF_KEYS:
            return super().__getitem__(number)
        return lambda m: self._heard.put(bytes([number]) + m.get_remainder())


class RawTransport(paramiko.Transport):
    """A client that has keys. After `listen` it understands nothing any more and keeps every message."""

    _preferred_kex = ("curve25519-sha256@libssh.org",)
    _handler_table: Any

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection)
        self.heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._barriers = _BARRIER

    def listen(self) -> None:
        """Understand nothing from now on."""
        self._handler_table = _All(self._handler_table, self.heard)

    def say(self, payload: bytes) -> bool:
        """Send a message as it is; whether the connection still stood."""
        with suppress(EOFError, OSError, paramiko.SSHException):
            self._send_message(Message(payload))  # type: ignore[attr-defined]  # of the library
            return self.is_active()
        return False

    def settled(self) -> list[bytes] | None:
        """What was heard until all that was sent has been dealt with; None when the connection ended."""
        self._barriers += 1
        if not self.say(bytes([_OPEN]) + wire.string("barrier") + wire.uint32(self._barriers) + bytes(8)):
            return None
        heard, patience = list[bytes](), time.monotonic() + _PATIENCE
        while time.monotonic() < patience:
            try:
                message = self.heard.get(timeout=0.05)
            except queue.Empty:
                if not self.is_active():
                    return None
                continue
            if message[:5] == bytes([_OPEN_FAILURE]) + wire.uint32(self._barriers):
                return heard
            heard.append(message)
        raise AssertionError("the gateway neither answers nor hangs up")


@dataclass
class Sftp:
    """One SFTP session of a signed-in client; `heard` keeps every byte that came."""

    channel: paramiko.Channel
    heard: bytearray = field(default_factory=bytearray)

    def greet(self) -> None:
        """INIT, answered by VERSION."""
        self.send([wire.string(b"\x01" + wire.uint32(3))])
        answer = self.packet()
        assert answer is not None
        assert answer[:5] == b"\x02\0\0\0\x03"

    def send(self, pieces: list[bytes]) -> bool:
        """Send each piece in a message of its own; whether the connection still stood."""
        try:
            for piece in pieces:
                self.channel.sendall(piece)
        except (OSError, EOFError):
            return False
        return True

    def packet(self) -> bytes | None:
        """The next whole packet; None when the session has ended."""
        header = self._exactly(4)
        return header and self._exactly(int.from_bytes(header, "big"))

    def _exactly(self, count: int) -> bytes | None:
        found = b""
        while len(found) < count:
            try:
                piece = self.channel.recv(count - len(found))
            except TimeoutError:
                raise AssertionError("the gateway neither answers nor hangs up") from None
            if not piece:
                return None
            found += piece
            self.heard += piece
        return found


class Peer:
    """Makes connections of one user, and knows the process that serves the last one."""

    def __init__(self, gateway: Gateway, user: User) -> None:
        self.gateway, self.user = gateway, user
        self.pid = self.logins = 0

    def keyed(self) -> RawTransport:
        """A connection with keys, not signed in."""
        before = self._children()
        transport = RawTransport(self.gateway.connect())
        self.gateway.connections.append(transport)
        transport.start_client(timeout=30)
        self.pid = max(self._children() - before, default=0)
        return transport

    def signed_in(self) -> RawTransport:
        """A connection of the user."""
        transport = self.keyed()
        transport.auth_publickey(self.user.name, self.user.key)
        self.logins += 1
        return transport

    def session(self, transport: paramiko.Transport) -> Sftp:
        """An SFTP session, not greeted."""
        channel = transport.open_session(timeout=30)
        channel.invoke_subsystem("sftp")
        channel.settimeout(30)
        return Sftp(channel)

    def _children(self) -> set[int]:
        pid = self.gateway.process.pid
        return {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def said_in_plain(gateway: Gateway, pieces: list[bytes]) -> bytes:
    """Send to a new connection, say no more, and return what came until the gateway hung up."""
    heard = bytearray()
    with gateway.connect() as peer, suppress(ConnectionResetError, BrokenPipeError):
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            peer.sendall(piece)
        peer.shutdown(socket.SHUT_WR)
        peer.settimeout(_PATIENCE)
        while piece := peer.recv(65536):
            heard += piece
    return bytes(heard)


def plain_packets(heard: bytes) -> list[bytes]:
    """The payloads of what a gateway said before any keys were in use."""
    line, _, rest = heard.partition(b"\r\n")
    assert line == b"SSH-2.0-OCSS"
    found = []
    while rest:
        size, padding = int.from_bytes(rest[:4], "big"), rest[4]
        payload = rest[5 : 4 + size - padding]
        if 4 + size > len(rest):  # cut off by a reset
            break
        assert (4 + size) % 8 == 0
        found.append(payload)
        rest = rest[4 + size :]
        if payload[0] == 21:  # what follows is encrypted
            break
    return found


@dataclass(frozen=True)
class Burden:
    """What a process holds: bytes of its own making, those of them it shares with nobody, descriptors.

    Pages of the parent that are written to become private without any being added: `memory` counts them once.
    """

    memory: int
    private: int
    descriptors: int


def burden(pid: int) -> Burden:
    """Look at a process of the gateway."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines[1:]}
    private = sizes["Private_Clean"] + sizes["Private_Dirty"]
    return Burden(sizes["Anonymous"], private, len(list(Path(f"/proc/{pid}/fd").iterdir())))
