"""The accept loop: what one connection does to the others, and what a stop or a kill leaves behind."""

import io
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import paramiko
import pytest
from paramiko import Message
from paramiko.common import MSG_GLOBAL_REQUEST, MSG_KEXINIT

from exchange.models.transfers import Direction, Status
from exchange.runtime import Exchange, open_exchange
from exchange.settings import Settings
from exchange.transfers import delivery
from roles.permissions import Role
from sftp_gateway import limits, wire
from sftp_gateway.filesystem import Filesystem
from sftp_gateway.login import Login
from sftp_gateway.packetizer import BoundedPacketizer
from sftp_gateway.protocol import SftpSession
from sftp_gateway.rotation import KeyRing
from sftp_gateway.server import Penalties, source_of
from sftp_gateway.transport import GatewayTransport, LibraryUnfitError, check_library
from tests.sftp_gateway.conftest import Gateway, User, make_user, starting
from tests.sftp_gateway.tools import wait_until
from tests.support.partners import make_partner

BLOCK = os.urandom(200_000)


def folder(exchange: Exchange, user: User) -> dict[str, tuple[str, int]]:
    entries = delivery.folder(exchange, user.actor, Direction.INBOUND, "files")
    return {entry.name: (entry.view.status, entry.view.size) for entry in entries}


def children(gateway: Gateway) -> list[int]:
    listed = Path(f"/proc/{gateway.process.pid}/task/{gateway.process.pid}/children").read_text()
    return [int(child) for child in listed.split()]


def test_a_stop_lets_running_transfers_finish_and_suspends_the_rest(
    start_gateway: Callable[..., Gateway], exchange: Exchange, user: User
) -> None:
    gateway = start_gateway(drain=3)
    quick, endless = gateway.client(user), gateway.client(user)
    idle = gateway.client(user).get_channel().get_transport()
    kept = [quick.open("/inbox/files/quick.bin", "wb"), endless.open("/inbox/files/endless.bin", "wb")]
    for file in kept:
        file.write(BLOCK)
    gateway.process.send_signal(signal.SIGTERM)
    wait_until(lambda: not idle.is_active())
    kept[0].write(BLOCK)
    kept[0].close()
    with pytest.raises(ConnectionRefusedError):
        gateway.connect()
    assert gateway.process.wait(15) == 0
    assert folder(exchange, user) == {
        "quick.bin": (Status.RECEIVED, 400_000),
        "endless.bin": (Status.DRAFT, 200_000),
    }


def test_a_gateway_that_leaves_waits_for_those_at_work_and_a_stop_still_ends_it_soon(
    start_gateway: Callable[..., Gateway], exchange: Exchange, user: User
) -> None:
    gateway = start_gateway(drain=0.5, quiet=2)
    arriving = gateway.connect()
    between_files, endless = gateway.client(user), gateway.client(user)
    idle = gateway.client(user).get_channel().get_transport()
    file = endless.open("/inbox/files/endless.bin", "wb")
    file.write(BLOCK)
    gateway.process.send_signal(signal.SIGHUP)
    for number in range(8):
        between_files.putfo(io.BytesIO(b"x"), f"/inbox/files/{number}.txt")
        time.sleep(0.3)
    wait_until(lambda: not idle.is_active())
    with pytest.raises(ConnectionRefusedError):
        gateway.connect()
    came_in = paramiko.Transport(arriving)  # it was taken before, and says its first word now
    came_in.connect(username=user.name, pkey=user.key)
    came_in.close()
    file.write(BLOCK)
    gateway.process.send_signal(signal.SIGTERM)
    assert gateway.process.wait(10) == 0
    assert "The service is being restarted" in gateway.log
    endings = folder(exchange, user)
    assert endings.pop("endless.bin") == (Status.DRAFT, 400_000)
    assert endings == {f"{number}.txt": (Status.RECEIVED, 1) for number in range(8)}


def test_a_killed_connection_hands_over_nothing_and_harms_nobody(
    start_gateway: Callable[..., Gateway], exchange: Exchange, user: User
) -> None:
    gateway = start_gateway()
    others = set(children(gateway))  # whoever knocked to see whether the gateway is up
    victim = gateway.client(user)
    (pid,) = set(children(gateway)) - others
    bystander = gateway.client(user)
    file = victim.open("/inbox/files/victim.bin", "wb")
    for _ in range(10):
        file.write(BLOCK)
    os.kill(pid, signal.SIGKILL)
    bystander.putfo(io.BytesIO(b"well"), "/inbox/files/bystander.bin")
    status, size = folder(exchange, user)["victim.bin"]
    assert (status, size > 1_000_000) == (Status.DRAFT, True)
    again = gateway.client(user)
    held = again.stat("/inbox/files/victim.bin").st_size
    with again.open("/inbox/files/victim.bin", "r+b") as rest:
        rest.seek(held)
        rest.write(b"x" * (2_000_000 - held))
    assert folder(exchange, user)["victim.bin"] == (Status.RECEIVED, 2_000_000)


def test_postgresql_serves_several_connections_at_once(postgres_settings: Settings, tmp_path: Path) -> None:
    exchange = open_exchange(postgres_settings)
    user = make_user(exchange, make_partner(exchange, Role.EMPLOYER), tmp_path)
    with starting(exchange, tmp_path) as start:
        gateway = start(settings={"database_url": postgres_settings.database_url})
        clients = [gateway.client(user) for _ in range(3)]
        for number, client in enumerate(clients):
            client.putfo(io.BytesIO(BLOCK), f"/inbox/files/{number}.bin")
        back = io.BytesIO()
        clients[0].getfo("/inbox/files/2.bin", back)
    assert back.getvalue() == BLOCK
    assert set(folder(exchange, user)) == {"0.bin", "1.bin", "2.bin"}
    exchange.dispose()


def test_connections_outlive_their_parent_only_until_they_notice(
    start_gateway: Callable[..., Gateway], user: User
) -> None:
    gateway = start_gateway()
    orphan = gateway.client(user).get_channel().get_transport()
    gateway.process.kill()
    gateway.process.wait(10)
    wait_until(lambda: not orphan.is_active())


def test_an_idle_connection_is_ended(strict_gateway: Gateway, user: User) -> None:
    transport = strict_gateway.client(user).get_channel().get_transport()
    wait_until(lambda: not transport.is_active())
    wait_until(lambda: "Nothing was asked for a long time" in strict_gateway.log)


def test_an_address_that_keeps_failing_has_to_wait(strict_gateway: Gateway, user: User, source: str) -> None:
    for _ in range(2):
        transport = strict_gateway.transport(source)
        with pytest.raises(paramiko.AuthenticationException):
            transport.auth_publickey("nobody", user.key)
        transport.close()
    wait_until(lambda: refused_at_once(strict_gateway, source))
    strict_gateway.client(user).listdir("/")


def refused_at_once(gateway: Gateway, source: str) -> bool:
    with gateway.connect(source) as peer:
        peer.settimeout(10)
        return peer.recv(100).startswith(b"Too many connections")


def test_penalties_add_up_to_a_bound_and_run_out() -> None:
    penalties = Penalties(threshold=10, most=100)
    for _ in range(3):
        penalties.add("a", 5, now=1000)
    assert (penalties.refused("a", 1000), penalties.refused("a", 1006), penalties.refused("b", 1000)) == (
        True,
        False,
        False,
    )
    penalties.add("a", 1_000_000, now=1000)
    assert (penalties.refused("a", 1089), penalties.refused("a", 1091)) == (True, False)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_an_address_of_version_6_counts_by_its_network(address: str, source: str) -> None:
    assert source_of(address) == source


def test_a_library_without_what_the_hardening_needs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_library() is None
    monkeypatch.setattr(paramiko, "__version__", "5.9")
    assert "5.9" in (check_library() or "")
    monkeypatch.delattr(paramiko.Transport, "_parse_ext_info")
    with pytest.raises(LibraryUnfitError, match="_parse_ext_info"):
        check_library()


def test_a_peer_that_does_not_read_is_given_up() -> None:
    near, far = socket.socketpair()
    with near, far:
        packetizer = BoundedPacketizer(near)
        packetizer.stalled = 0.2
        started = time.monotonic()
        with pytest.raises(EOFError):
            packetizer.write_all(b"\0" * 10_000_000)
        assert time.monotonic() - started < 30


def test_rekeying_in_the_middle_of_transfers_loses_nothing(
    gateway: Gateway, exchange: Exchange, user: User
) -> None:
    client = gateway.client(user)
    transport = client.get_channel().get_transport()
    content = os.urandom(3_000_000)
    with client.open("/inbox/files/rekeyed.bin", "wb") as file:
        file.set_pipelined()
        for start in range(0, len(content), 500_000):
            file.write(content[start : start + 500_000])
            transport.renegotiate_keys()
    with client.open("/inbox/files/rekeyed.bin", "rb") as file:
        file.prefetch(len(content))
        transport.renegotiate_keys()
        assert file.read() == content


def test_a_client_that_never_answers_a_rekeying_cannot_make_the_server_hold_its_replies(
    exchange: Exchange, user: User
) -> None:
    near, far = socket.socketpair()
    keys = KeyRing(exchange.settings.host_keys).at(exchange.clock())
    opened = Filesystem(exchange, user.actor)
    server = GatewayTransport(far, keys, Login(exchange, "test"), lambda: SftpSession(opened))
    thread = threading.Thread(target=server.serve)
    thread.start()
    client = paramiko.Transport(near)
    client.start_client(timeout=60)
    client.auth_publickey(user.name, user.key)
    client._handler_table[MSG_KEXINIT] = lambda _message: None
    server.packetizer.REKEY_BYTES = 1
    asking = Message(bytes([MSG_GLOBAL_REQUEST]) + wire.string("keepalive@example.org") + b"\1")
    with suppress(OSError, EOFError):
        for _ in range(5 * limits.MESSAGES_HELD):
            client._send_message(asking)
    thread.join(30)
    assert not thread.is_alive()
    assert len(server._waiting) <= limits.MESSAGES_HELD
    client.close()


def test_the_server_asks_for_new_keys_itself_and_loses_nothing(exchange: Exchange, user: User) -> None:
    near, far = socket.socketpair()
    files = Filesystem(exchange, user.actor)
    keys = KeyRing(exchange.settings.host_keys).at(exchange.clock())
    server = GatewayTransport(far, keys, Login(exchange, "test"), lambda: SftpSession(files))
    server.packetizer.REKEY_BYTES = 300_000
    thread = threading.Thread(target=server.serve)
    thread.start()
    transport = paramiko.Transport(near)
    transport.start_client(timeout=60)
    transport.auth_publickey(user.name, user.key)
    client = paramiko.SFTPClient.from_transport(transport)
    assert client is not None
    content = os.urandom(2_000_000)
    client.putfo(io.BytesIO(content), "/inbox/files/rekeyed.bin")
    back = io.BytesIO()
    client.getfo("/inbox/files/rekeyed.bin", back)
    assert back.getvalue() == content
    assert transport.session_id != transport.H  # the first exchange's hash stays the session's id
    transport.close()
    thread.join(10)
