"""Many who never sign in: they keep nobody out, cost little, and give way to one another."""

import errno
import io
import itertools
import os
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from statistics import median

import paramiko
import pytest

from exchange.runtime import Exchange
from sftp_gateway.doorstep import Doorstep, least_missed
from sftp_gateway.limits import Limits
from sftp_gateway.rotation import KeyRing
from sftp_gateway.server import Server
from tests.acceptance.sizes import SOAK
from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.tools import wait_until

LINE = b"SSH-2.0-nobody\r\n"
SAYINGS = {"silent": b"", "named": LINE, "half-a-packet": LINE + b"\x00\x00\x04\xfc\x0a\x14" + bytes(100)}
CONTENT = os.urandom(300_000)
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module", autouse=True)
def _descriptors() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def children(gateway: Gateway) -> list[int]:
    listed = Path(f"/proc/{gateway.process.pid}/task/{gateway.process.pid}/children").read_text()
    return [int(child) for child in listed.split()]


def private_memory(pids: list[int]) -> int:
    """Bytes that only these processes hold; of those that ended meanwhile, nothing."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))
    return total


@contextmanager
def crowd(gateway: Gateway, says: bytes, many: int, sources: int) -> Iterator[None]:
    """Peers from so many addresses who say that much and no more."""
    with ExitStack() as stack:
        for number in range(many):
            source = f"127.3.{number % sources // 250}.{number % sources % 250 + 1}"
            with suppress(OSError):  # hung up on before it says a word
                stack.enter_context(gateway.connect(source)).sendall(says)
        yield


def served(gateway: Gateway, user: User) -> float:
    """Seconds in which somebody signs in, puts a file, lists and gets it."""
    began = time.monotonic()
    client = gateway.client(user)
    client.putfo(io.BytesIO(CONTENT), "/inbox/files/served.bin")
    assert "served.bin" in client.listdir("/inbox/files")
    back = io.BytesIO()
    client.getfo("/inbox/files/served.bin", back)
    assert back.getvalue() == CONTENT
    gateway.hang_up()
    return time.monotonic() - began


ALL = list(itertools.product(SAYINGS, (1000,), (1, 1000)))
ORDINARY = [("silent", 1000, 1000), ("half-a-packet", 250, 250)]


@pytest.mark.parametrize(("says", "many", "sources"), ALL if SOAK else ORDINARY)
def test_many_half_open_connections_keep_nobody_out(
    start_gateway: Callable[..., Gateway], gateway: Gateway, user: User, says: str, many: int, sources: int
) -> None:
    """Neither while they come nor while they stand: somebody is served as by a gateway that has no crowd."""
    crowded, bounds = start_gateway(penalty_threshold=Limits.penalty_threshold), Limits()
    served(crowded, user)
    with crowd(crowded, SAYINGS[says], many, sources):
        storm = served(crowded, user)
        wait_until(lambda: is_calm(crowded), 60)
        both = [(served(gateway, user), served(crowded, user)) for _ in range(3)]
        usual, standing = (min(times) for times in zip(*both, strict=True))
        pids = children(crowded)
        memory = private_memory([crowded.process.pid, *pids])
    print(f"{usual:.3f} s without a crowd, {standing:.3f} s in it, {storm:.3f} s while it came", end="; ")
    print(f"{len(pids)} processes, {memory // MEBIBYTE} MiB")
    assert len(pids) <= (bounds.strangers if SAYINGS[says] else 0) + 8
    assert memory < 60 * MEBIBYTE + len(pids) * 8 * MEBIBYTE
    assert storm < 15
    assert standing < 3 * usual + 0.3


def is_calm(gateway: Gateway) -> bool:
    """Whether nobody is being sent away any more."""
    before = gateway.log.count("pushed_out")
    time.sleep(0.3)
    return gateway.log.count("pushed_out") == before


def test_a_source_that_is_full_of_half_open_connections_still_lets_its_own_in(
    strict_gateway: Gateway, user: User, source: str
) -> None:
    held = [strict_gateway.connect(source) for _ in range(8)]
    transport = strict_gateway.transport(source)
    transport.auth_publickey(user.name, user.key)
    assert transport.is_authenticated()
    for connection in held:
        connection.close()


def test_those_who_signed_in_are_pushed_out_by_nobody(
    strict_gateway: Gateway, user: User, source: str
) -> None:
    inside = []
    for _ in range(4):
        inside.append(strict_gateway.transport(source))
        inside[-1].auth_publickey(user.name, user.key)
    with strict_gateway.connect(source) as fifth:
        fifth.settimeout(10)
        assert fifth.recv(100).startswith(b"Too many connections")
    assert all(transport.is_active() for transport in inside)


def test_the_oldest_stranger_makes_room_and_is_told_from_a_fault(
    start_gateway: Callable[..., Gateway], user: User
) -> None:
    gateway = start_gateway(strangers=3, connections=4)
    inside = gateway.client(user)
    with ExitStack() as stack:
        strangers = [stack.enter_context(gateway.connect(f"127.4.0.{one + 1}")) for one in range(5)]
        for one in strangers:
            one.sendall(LINE)
            wait_until(lambda one=one: len(heard(one)) > 100)  # its process answered with a KEXINIT
        wait_until(lambda: all(is_over(one) for one in strangers[:2]))
        assert [is_over(one) for one in strangers[2:]] == [False, False, False]
        assert inside.listdir("/") == ["inbox", "outbox", "receipts"]
        assert gateway.client(user).listdir("/") == ["inbox", "outbox", "receipts"]
    assert gateway.log.count('"sftp.pushed_out"') + gateway.log.count("sftp.pushed_out ") == 3
    assert "sftp.connection_failed" not in gateway.log


def heard(peer: socket.socket) -> bytes:
    try:
        return peer.recv(65536, socket.MSG_PEEK)
    except ConnectionResetError:
        return bytes(1000)


def is_over(peer: socket.socket) -> bool:
    """Whether the other side hung up, once all it said was read."""
    peer.settimeout(0.5)
    try:
        while peer.recv(65536):
            pass
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
    return True


def test_a_full_gateway_says_so(start_gateway: Callable[..., Gateway], user: User) -> None:
    gateway = start_gateway(connections=2)
    assert all(gateway.client(user).listdir("/") for _ in range(2))
    with gateway.connect() as third:
        third.settimeout(10)
        assert third.recv(100).startswith(b"Too many connections")


def test_who_signed_in_and_is_idle_costs_little(gateway: Gateway, user: User) -> None:
    before = set(children(gateway))
    assert all(gateway.client(user).listdir("/") for _ in range(6))
    idle = [private_memory([pid]) for pid in set(children(gateway)) - before]
    assert len(idle) == 6
    assert median(idle) < 13_500_000, idle  # 16 MB where a connection makes anew what the parent could have


def test_the_parent_holds_nothing_of_the_database_that_children_would_share(gateway: Gateway) -> None:
    held = [str(one.readlink()) for one in Path(f"/proc/{gateway.process.pid}/fd").iterdir()]
    assert held
    assert not [one for one in held if "portal.db" in one]


def test_who_is_silent_holds_no_process_and_is_sent_away(strict_gateway: Gateway, source: str) -> None:
    before = set(children(strict_gateway))
    with strict_gateway.connect(source) as silent:
        silent.settimeout(10)
        assert silent.recv(100).startswith(b"SSH-2.0-OCSS\r\n")
        assert set(children(strict_gateway)) <= before
        assert silent.recv(100) == b""


def test_a_machine_without_room_for_a_process_turns_one_away_and_serves_on(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at a service's bound of tasks, which tests that run as root cannot reach."""

    def refuse() -> int:
        raise BlockingIOError(errno.EAGAIN, "no process is left")

    monkeypatch.setattr(os, "fork", refuse)
    bounds = Limits(connections=1, strangers=1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(exchange, listening, KeyRing(exchange.settings.host_keys), bounds)
        listening.setblocking(False)
        for number in range(1, 5):  # more than there are slots
            with socket.create_connection(listening.getsockname()) as peer:
                peer.sendall(LINE)
                wait_until(partial(are_turned_away, server, number))
                peer.settimeout(10)
                assert peer.recv(100).startswith(b"SSH-2.0-OCSS")
                assert peer.recv(100) == b""
        server._doorstep.close()


def are_turned_away(server: Server, number: int) -> bool:
    """Whether so many were turned away for want of a process, after one more turn."""
    server._turn()
    return server._register.tally.get("refusal:login:no process") == number


def test_who_has_most_is_missed_least() -> None:
    assert least_missed([(1, "a"), (2, "b"), (3, "b"), (4, "c")]) == 2
    assert least_missed([(1, "a"), (2, "b")]) == 1


def test_a_full_doorstep_sends_the_oldest_of_the_largest_source_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, ExitStack() as stack:
        doorstep = Doorstep(listening, most=3, patience=60)
        pairs = [socket.socketpair() for _ in range(5)]
        for near, far in pairs:
            stack.enter_context(near)
            stack.enter_context(far)
        left = [
            doorstep.take(far, source, source)
            for (_, far), source in zip(pairs, ["a", "b", "b", "c", "d"], strict=True)
        ]
        assert [one and one.source for one in left] == [None, None, None, "b", "a"]
        pairs[4][0].sendall(LINE)
        assert [one.source for one in doorstep.look(0).spoke] == ["d"]
        assert len(doorstep) == 2


def test_clients_that_wait_for_our_line_and_clients_that_do_not_are_told_it_once(gateway: Gateway) -> None:
    for waits in (True, False):
        with gateway.connect() as peer:
            first = peer.recv(14) if waits else b""
            peer.sendall(LINE)
            answer = first
            while len(answer) < 200:
                answer += peer.recv(4096)
        assert answer.startswith(b"SSH-2.0-OCSS\r\n")
        assert answer.count(b"SSH-2.0-OCSS") == 1
        assert answer[19:20] == bytes([paramiko.common.MSG_KEXINIT])
