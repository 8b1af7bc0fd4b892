"""Peers that keep no rule: nothing opens, nothing grows, and others are served as before."""

import io
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import paramiko
import pytest
from paramiko import Message
from paramiko.common import MSG_USERAUTH_SUCCESS

from exchange.runtime import Exchange
from sftp_gateway import limits, wire
from sftp_gateway.channel import SessionChannel
from sftp_gateway.login import Login
from sftp_gateway.protocol import SftpSession
from sftp_gateway.rotation import KeyRing
from sftp_gateway.transport import CIPHERS, HOST_KEYS, IDENTIFICATION, KEY_EXCHANGES, MACS, GatewayTransport
from tests.acceptance.sizes import SOAK
from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.fuzzing.peers import Peer
from tests.sftp_gateway.tools import wait_until


@dataclass
class Pair:
    """A client's and the server's transport in this process, joined by a socket pair."""

    client: paramiko.Transport
    server: GatewayTransport
    thread: threading.Thread
    opened: list[str]

    def end(self) -> None:
        self.client.close()
        self.client.join(30)
        self.thread.join(30)
        assert not self.thread.is_alive()

    def send(self, message: bytes) -> bool:
        """Send a message as it is; whether the connection still stood."""
        try:
            self.client._send_message(Message(message))
        except (EOFError, OSError):
            return False
        return self.client.is_active() and self.thread.is_alive()


class HostileTransport(paramiko.Transport):
    """A client that quickly agrees on keys."""

    _preferred_kex = ("curve25519-sha256@libssh.org",)


@pytest.fixture
def new_pair(exchange: Exchange) -> Iterator[Callable[[], Pair]]:
    made: list[Pair] = []
    keys = KeyRing(exchange.settings.host_keys).at(exchange.clock())

    def make() -> Pair:
        near, far = socket.socketpair()
        opened: list[str] = []
        server = GatewayTransport(far, keys, Login(exchange, "hostile"), lambda: note_session(opened))
        thread = threading.Thread(target=server.serve)
        thread.start()
        client = HostileTransport(near)
        client.start_client(timeout=60)
        made.append(Pair(client, server, thread, opened))
        return made[-1]

    yield make
    for pair in made:
        pair.client.close()
    for pair in made:
        pair.end()


def note_session(opened: list[str]) -> SftpSession:
    opened.append("sftp")
    raise AssertionError


@pytest.fixture
def pair(new_pair: Callable[[], Pair]) -> Pair:
    return new_pair()


TAILS = (b"", b"\xff" * 64, wire.string("session") + wire.uint32(0) * 3, wire.string("ssh-userauth"))


@pytest.mark.parametrize("first", range(len(TAILS) if SOAK else 1))
def test_no_message_before_login_opens_anything(new_pair: Callable[[], Pair], first: int) -> None:
    """Every message number (in `make soak` with every tail); where a connection ends, a new one follows."""
    pairs = [new_pair()]
    for number in range(256):
        tail = TAILS[(number + first) % len(TAILS)]
        if not pairs[-1].send(bytes([number]) + tail) or number >= 30:
            pairs.append(new_pair())
    for pair in pairs:
        pair.client.close()
        pair.thread.join(30)
        assert not pair.server.is_authenticated()
        assert (pair.server.sessions, pair.opened) == ({}, [])


@pytest.mark.parametrize("inside", [False, True], ids=["before-login", "after-login"])
def test_messages_nobody_knows_are_answered_so_and_the_connection_goes_on(
    gateway: Gateway, user: User, inside: bool
) -> None:
    """RFC 4253, 11.4: each by the number of its packet, in their order."""
    peer = Peer(gateway, user)
    transport = peer.signed_in() if inside else peer.keyed()
    transport.listen()
    assert transport.settled() is not None
    unknown = (8, 19, 29, 49, 79, 83, 127, 192, 255)
    for number in unknown:
        transport.say(bytes([number]) + b"rest")
    heard = transport.settled()
    assert heard is not None
    assert [message[:1] for message in heard] == [b"\x03"] * len(unknown)
    packets = [int.from_bytes(message[1:], "big") for message in heard]
    assert packets == list(range(packets[0], packets[0] + len(unknown)))


def test_a_client_that_says_it_is_signed_in_is_not(pair: Pair) -> None:
    pair.client._send_message(Message(bytes([MSG_USERAUTH_SUCCESS])))
    with pytest.raises((paramiko.SSHException, EOFError)):
        pair.client.open_session(timeout=5)
    assert pair.opened == []


def test_an_endless_count_of_extensions_is_refused(pair: Pair) -> None:
    pair.client._send_message(Message(bytes([7]) + wire.uint32(2**32 - 1)))
    pair.thread.join(30)
    assert not pair.thread.is_alive()


def test_an_endless_count_of_answers_is_refused(pair: Pair) -> None:
    request = b"".join(wire.string(part) for part in ("nobody", "ssh-connection", "keyboard-interactive"))
    pair.client._send_message(Message(bytes([5]) + wire.string("ssh-userauth")))
    pair.client._send_message(Message(bytes([50]) + request + wire.uint32(0) * 2))
    pair.client._send_message(Message(bytes([61]) + wire.uint32(2**32 - 1)))
    pair.thread.join(30)
    assert not pair.thread.is_alive()


def test_only_strong_algorithms_are_offered(gateway: Gateway) -> None:
    transport = paramiko.Transport(gateway.connect())
    seen: dict[str, list[str]] = {}
    read = transport._parse_kex_init  # type: ignore[attr-defined]  # of the library

    def note(message: Message) -> None:
        seen.update(transport._really_parse_kex_init(Message(message.asbytes())))  # type: ignore[attr-defined]  # of the library
        read(message)

    transport._parse_kex_init = note  # type: ignore[attr-defined]  # of the library
    transport.start_client(timeout=60)
    transport.close()
    assert tuple(seen["kex_algo_list"]) == (*KEY_EXCHANGES, "kex-strict-s-v00@openssh.com")
    assert tuple(seen["server_key_algo_list"]) == HOST_KEYS
    assert tuple(seen["client_encrypt_algo_list"]) == tuple(seen["server_encrypt_algo_list"]) == CIPHERS
    assert tuple(seen["client_mac_algo_list"]) == tuple(seen["server_mac_algo_list"]) == MACS
    assert seen["client_compress_algo_list"] == seen["server_compress_algo_list"] == ["none"]
    assert transport.remote_version == IDENTIFICATION
    assert transport.kex_engine is None or "MLKEM" in type(transport.kex_engine).__name__


@pytest.mark.parametrize(
    "opening",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"SSH-1.5-old\r\n",
        b"SSH-2.0-" + b"x" * 300 + b"\r\n",
        b"SSH-2.0-\xff\xfe\r\n",
        b"x" * 100_000,
        b"SSH-2.0-x\r\n" + struct.pack(">I", 2**31) + b"\0" * 1000,
        b"SSH-2.0-x\r\n" + struct.pack(">I", limits.PACKET_BEFORE_LOGIN + 100) + b"\0" * 60_000,
        b"SSH-2.0-x\r\n" + struct.pack(">IB", 12, 255) + b"\x14" + b"\0" * 20,
        b"SSH-2.0-x\r\n" + struct.pack(">I", 0) + b"\0" * 20,
        b"SSH-2.0-x\r\n" + random.Random(5).randbytes(5000),
    ],
    ids=lambda opening: repr(opening[:24]),
)
def test_a_peer_that_speaks_no_ssh_is_hung_up_on(gateway: Gateway, opening: bytes) -> None:
    with gateway.connect() as peer:
        peer.sendall(opening)
        peer.shutdown(socket.SHUT_WR)
        peer.settimeout(10)
        heard = b""
        try:
            while more := peer.recv(65536):
                heard += more
        except ConnectionResetError:
            pass
    assert heard.startswith(b"SSH-2.0-OCSS\r\n")
    assert len(heard) < 5000


def test_the_time_for_signing_in_ends(strict_gateway: Gateway, source: str) -> None:
    slow = strict_gateway.transport(source)
    started = time.monotonic()
    with strict_gateway.connect(source) as silent:
        silent.settimeout(10)
        while silent.recv(65536):
            pass
    wait_until(lambda: not slow.is_active())
    assert time.monotonic() - started < 15


def test_a_trickle_of_bytes_does_not_stretch_the_time_for_signing_in(
    strict_gateway: Gateway, source: str
) -> None:
    started = time.monotonic()
    with strict_gateway.connect(source) as peer, suppress(OSError):
        while time.monotonic() - started < 20:
            peer.sendall(b"S")
            time.sleep(0.1)
    assert time.monotonic() - started < 15


def test_a_packet_larger_than_the_bound_ends_the_connection(gateway: Gateway, user: User) -> None:
    client = gateway.client(user)
    transport = client.get_channel().get_transport()
    transport._send_message(Message(bytes([2]) + b"\0" * (limits.PACKET_AFTER_LOGIN + 5000)))
    wait_until(lambda: not transport.is_active())


@pytest.mark.parametrize(
    "packet",
    [
        struct.pack(">I", 0),
        struct.pack(">I", limits.SFTP_PACKET + 1),
        struct.pack(">I", 2**32 - 1),
        wire.string(b"\x05"),
        wire.string(b"\x01\0\0\0\x03") * 2 + wire.string(b"\x03"),
    ],
    ids=repr,
)
def test_an_sftp_length_that_cannot_be_ends_the_connection(
    gateway: Gateway, user: User, packet: bytes
) -> None:
    transport = gateway.transport()
    transport.auth_publickey(user.name, user.key)
    channel = transport.open_session(timeout=30)
    channel.invoke_subsystem("sftp")
    channel.sendall(packet)
    wait_until(lambda: not transport.is_active())


def test_more_data_than_the_window_allows_ends_the_connection(pair: Pair) -> None:
    channel = SessionChannel(pair.server, (0, 0), window=0, largest=32_768)
    piece = wire.string(b"\0" * 32_768)
    for _ in range(limits.WINDOW // 32_768):
        channel.data_received(Message(piece))
    with pytest.raises(paramiko.SSHException, match="window"):
        channel.data_received(Message(piece))


def test_sftp_packets_of_every_kind_and_content_are_answered(gateway: Gateway, user: User) -> None:
    """Each whole packet gets exactly one answer with its id; the session goes on."""
    chance = random.Random(20261122)
    transport = gateway.transport()
    transport.auth_publickey(user.name, user.key)
    channel = transport.open_session(timeout=30)
    channel.invoke_subsystem("sftp")
    channel.settimeout(20)
    stream = channel.makefile("rb")
    channel.sendall(wire.string(b"\x01" + wire.uint32(3)))
    read_packet(stream)
    pieces = [b"", b"/", b"/inbox/files/a", wire.uint32(1), wire.uint32(2**32 - 1), b"\0" * 8, b"\xff" * 20]
    for number in range(2000):
        kind = chance.randrange(256) if number >= 256 else number
        body = b"".join(
            chance.choice([wire.string, bytes])(chance.choice(pieces)) for _ in range(chance.randrange(6))
        )
        channel.sendall(wire.string(bytes([kind]) + wire.uint32(number) + body))
        answer = read_packet(stream)
        assert answer[0] in {101, 102, 103, 104, 105, 201}
        assert answer[1:5] == wire.uint32(number)
    transport.close()


def read_packet(stream: io.BufferedIOBase) -> bytes:
    (length,) = struct.unpack(">I", stream.read(4))
    return stream.read(length)


def test_a_client_that_asks_much_and_reads_nothing_costs_little(
    gateway: Gateway, exchange: Exchange, user: User
) -> None:
    gateway.client(user).putfo(io.BytesIO(b"x" * 2_000_000), "/inbox/files/large.bin")
    transport = gateway.transport()
    transport.auth_publickey(user.name, user.key)
    channel = transport.open_session(window_size=32_768, timeout=30)
    channel.invoke_subsystem("sftp")
    opening = wire.string(b"\x01" + wire.uint32(3))
    file = wire.string("/inbox/files/large.bin") + wire.uint32(1) + wire.uint32(0)
    channel.sendall(opening + wire.string(b"\x03" + wire.uint32(1) + file))
    read = b"\x05" + wire.uint32(2) + wire.string(wire.uint32(1)) + bytes(8) + wire.uint32(255 * 1024)
    before = memory_of_children(gateway)
    channel.sendall(wire.string(read) * 30_000)
    time.sleep(1)
    assert memory_of_children(gateway) - before < 12_000_000
    gateway.client(user).listdir("/")
    transport.close()


def memory_of_children(gateway: Gateway) -> int:
    """Private bytes of the gateway's connection processes; nothing of those that end meanwhile."""
    children = Path(f"/proc/{gateway.process.pid}/task/{gateway.process.pid}/children").read_text().split()
    lines = list[str]()
    for child in children:
        with suppress(OSError):
            lines += Path(f"/proc/{child}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))
