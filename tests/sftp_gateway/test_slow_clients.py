"""Clients that are slow, stop reading, or vanish: nobody else waits, and what they had sent can go on."""

import io
import itertools
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import paramiko
import pytest

from exchange.models.transfers import Direction, Status
from exchange.runtime import Exchange
from exchange.transfers import delivery
from sftp_gateway import limits, wire
from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.tools import wait_until

TENTHS = range(11)
CONTENT = os.urandom(2_000_000)
AT_ONCE = 10
MEBIBYTE = 1024 * 1024
SOURCES = itertools.count(1)


def signed_in(gateway: Gateway, user: User) -> paramiko.Transport:
    """A connection from an address of its own, so that many may stand at once."""
    number = next(SOURCES)
    transport = gateway.transport(f"127.5.{number // 250}.{number % 250 + 1}")
    transport.auth_publickey(user.name, user.key)
    return transport


def client(transport: paramiko.Transport) -> paramiko.SFTPClient:
    opened = paramiko.SFTPClient.from_transport(transport)
    assert opened is not None
    return opened


def served(gateway: Gateway, user: User) -> float:
    """Seconds in which somebody else signs in, puts a file and gets it."""
    began, back = time.monotonic(), io.BytesIO()
    someone = client(signed_in(gateway, user))
    someone.putfo(io.BytesIO(CONTENT), "/inbox/files/someone.bin")
    someone.getfo("/inbox/files/someone.bin", back)
    assert back.getvalue() == CONTENT
    someone.get_channel().get_transport().close()
    return time.monotonic() - began


def vanish(transport: paramiko.Transport, how: str) -> None:
    """Reset the connection, or say nothing any more: the gateway is not told, and notices by itself."""
    if how == "reset":
        transport.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.sock.close()


def folder(exchange: Exchange, user: User) -> dict[str, tuple[str, int]]:
    entries = delivery.folder(exchange, user.actor, Direction.INBOUND, "files")
    return {entry.name: (entry.view.status, entry.view.size) for entry in entries}


@pytest.fixture
def processes(strict_gateway: Gateway) -> Iterator[Callable[[], int]]:
    """Counts the gateway's processes; afterwards there are no more than before."""

    def count() -> int:
        pid = strict_gateway.process.pid
        return len(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())

    before = count()
    yield count
    strict_gateway.hang_up()
    wait_until(lambda: count() <= before, 40)


@pytest.mark.usefixtures("processes")
@pytest.mark.parametrize("how", ["reset", "silent"])
def test_an_upload_whose_client_vanishes_goes_on_where_it_was(
    strict_gateway: Gateway, exchange: Exchange, user: User, how: str
) -> None:
    """At every tenth of it: what was answered is there as a draft, and the rest makes the file whole."""
    parts = {f"at-{tenth}.bin": len(CONTENT) * tenth // 10 for tenth in TENTHS}
    kept = []
    for name, size in parts.items():
        transport = signed_in(strict_gateway, user)
        kept.append(client(transport).open(f"/inbox/files/{name}", "wb"))
        kept[-1].write(CONTENT[:size])
        vanish(transport, how)
    sent = {name: (Status.DRAFT, size) for name, size in parts.items() if size}
    wait_until(lambda: folder(exchange, user) == sent, 40)
    again = client(signed_in(strict_gateway, user))
    for name, size in parts.items():
        with again.open(f"/inbox/files/{name}", "ab" if size else "wb") as rest:
            rest.write(CONTENT[size:] or b"")
    for name in parts:
        back = io.BytesIO()
        again.getfo(f"/inbox/files/{name}", back)
        assert back.getvalue() == CONTENT, name
    assert set(folder(exchange, user).values()) == {(Status.RECEIVED, len(CONTENT))}


@pytest.mark.usefixtures("processes")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # paramiko reads ahead
@pytest.mark.parametrize("how", ["reset", "silent"])
def test_a_download_whose_client_vanishes_leaves_nothing_behind(
    strict_gateway: Gateway, user: User, how: str
) -> None:
    client(signed_in(strict_gateway, user)).putfo(io.BytesIO(CONTENT), "/inbox/files/wanted.bin")
    kept = []
    for tenth in TENTHS:
        transport = signed_in(strict_gateway, user)
        kept.append(client(transport).open("/inbox/files/wanted.bin", "rb"))
        size = len(CONTENT) * tenth // 10
        assert kept[-1].read(size) == CONTENT[:size]
        kept[-1].prefetch(len(CONTENT))  # the rest is on its way
        vanish(transport, how)
    back = io.BytesIO()
    client(signed_in(strict_gateway, user)).getfo("/inbox/files/wanted.bin", back)
    assert back.getvalue() == CONTENT


def asks_and_reads_nothing(gateway: Gateway, user: User) -> paramiko.Transport:
    """Asks for a hundred megabytes, and does not take them off the line."""
    transport = signed_in(gateway, user)
    channel = transport.open_session(window_size=2**31 - 1, timeout=10)
    channel.invoke_subsystem("sftp")
    file = wire.string("/inbox/files/large.bin") + wire.uint32(1) + wire.uint32(0)
    channel.sendall(wire.string(b"\x01" + wire.uint32(3)) + wire.string(b"\x03" + wire.uint32(1) + file))
    answers = channel.makefile("rb")
    answers.read(4 + int.from_bytes(answers.read(4), "big") - 4)
    (length,) = struct.unpack(">I", answers.read(4))
    assert answers.read(length)[0] == 102, "no handle"
    deaf = threading.Event()
    transport.packetizer.read_all = lambda *_a, **_k: deaf.wait(60) and b""  # type: ignore[method-assign]  # a client of no manners
    read = (
        b"\x05" + wire.uint32(2) + wire.string(wire.uint32(1)) + bytes(8) + wire.uint32(limits.READ_OR_WRITE)
    )
    channel.sendall(wire.string(read) * 400)
    return transport


def memory_of_children(gateway: Gateway) -> list[int]:
    """Private bytes of each of the gateway's connection processes."""
    pid, found = gateway.process.pid, []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(OSError):  # ended meanwhile
            lines = Path(f"/proc/{child}/smaps_rollup").read_text().splitlines()
            found.append(sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_")))
    return found


def test_clients_that_stop_reading_cost_little_slow_nobody_and_are_given_up(
    strict_gateway: Gateway, user: User, stranger: User, processes: Callable[[], int]
) -> None:
    client(signed_in(strict_gateway, user)).putfo(io.BytesIO(CONTENT), "/inbox/files/large.bin")
    usual = min(served(strict_gateway, stranger) for _ in range(2))
    before = processes()
    deaf = [asks_and_reads_nothing(strict_gateway, user) for _ in range(AT_ONCE)]
    meanwhile, memory = served(strict_gateway, stranger), memory_of_children(strict_gateway)
    for _ in range(2):  # once slow may be this machine; the deaf are still there, or were given up
        meanwhile = min(meanwhile, served(strict_gateway, stranger))
    print(f"{usual:.3f} s before, {meanwhile:.3f} s meanwhile, {max(memory) // MEBIBYTE} MiB at most")
    assert meanwhile < 3 * usual + 0.5
    assert max(memory) < 40 * MEBIBYTE
    wait_until(lambda: processes() <= before, 40)
    assert len(deaf) == AT_ONCE


@pytest.mark.usefixtures("processes")
def test_slow_clients_slow_nobody(strict_gateway: Gateway, user: User, stranger: User) -> None:
    """Uploads of a kilobyte at a time, with a rest after each: slower than any line, but never idle."""
    usual = min(served(strict_gateway, stranger) for _ in range(2))
    stop = threading.Event()

    def trickle(number: int, slow: paramiko.SFTPClient) -> None:
        with slow.open(f"/inbox/files/slow-{number}.bin", "wb") as file:
            while not stop.wait(0.05):
                file.write(b"x" * 1000)

    slow = [client(signed_in(strict_gateway, user)) for _ in range(AT_ONCE)]
    threads = [threading.Thread(target=trickle, args=pair) for pair in enumerate(slow)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    meanwhile = min(served(strict_gateway, stranger) for _ in range(2))
    stop.set()
    for thread in threads:
        thread.join(20)
    assert meanwhile < 3 * usual + 0.5
    sizes = [
        client(signed_in(strict_gateway, user)).stat(f"/inbox/files/slow-{n}.bin").st_size for n in range(2)
    ]
    assert min(size or 0 for size in sizes) >= 1000
