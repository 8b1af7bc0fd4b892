"""Bandwidth of an organization: kept to, shared fairly, and nobody else's business."""

import subprocess
import time
from pathlib import Path
from uuid import uuid4

import pytest

from exchange import bandwidth, connections
from exchange.runtime import Exchange
from roles.policy import Actor
from sftp_gateway.pace import Pace
from sftp_gateway.register import Register
from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.tools import Sftp, wait_until
from tests.support.children import fork, outcome
from tests.support.partners import Partner

RATE = 400_000


@pytest.fixture
def head(ocss: Partner) -> Actor:
    return ocss.actor


def begin(user: User, gateway: Gateway, folder: Path, command: str) -> subprocess.Popen[bytes]:
    """OpenSSH's client, at work."""
    tool = Sftp(gateway, user, folder)
    options = [*tool.ssh_options, f"-P{gateway.port}", "-b-", f"{user.name}@127.0.0.1"]
    client = subprocess.Popen(
        ["sftp", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert client.stdin
    client.stdin.write(f"{command}\n".encode())
    client.stdin.close()
    return client


def said(client: subprocess.Popen[bytes]) -> bytes:
    with client:
        assert client.stdout
        return client.stdout.read()


def test_connections_of_one_organization_share_its_bandwidth(
    gateway: Gateway, exchange: Exchange, user: User, stranger: User, head: Actor, tmp_path: Path
) -> None:
    bandwidth.limit(exchange, head, user.partner.organization.id, str(RATE // 1000))
    size, file = int(RATE * 2.5), tmp_path / "file.bin"
    file.write_bytes(bytes(size))
    started = time.monotonic()
    clients = [begin(user, gateway, tmp_path, f"put {file} /inbox/files/{n}.bin") for n in range(2)]
    Sftp(gateway, stranger, tmp_path).put(file, "/inbox/files/quick.bin")
    assert [client.poll() for client in clients] == [None, None]
    ends: dict[int, float] = {}
    while len(ends) < 2:
        ends |= {
            n: time.monotonic() - started for n in range(2) if clients[n].poll() is not None and n not in ends
        }
        time.sleep(0.02)
    assert [said(client) and client.returncode for client in clients] == [0, 0]
    assert min(ends.values()) > 1.3 * size / RATE  # alone, one would have needed less
    assert max(ends.values()) > 1.8 * size / RATE
    assert max(ends.values()) < 6 * size / RATE


def test_a_slow_download_is_seen_and_can_be_ended_with_words(
    gateway: Gateway, exchange: Exchange, user: User, head: Actor, tmp_path: Path
) -> None:
    file = tmp_path / "file.bin"
    file.write_bytes(bytes(4_000_000))
    Sftp(gateway, user, tmp_path).put(file, "/inbox/files/file.bin")
    bandwidth.limit(exchange, head, user.partner.organization.id, "200")
    client = begin(user, gateway, tmp_path, f"get /inbox/files/file.bin {tmp_path}/back.bin")

    def fetching() -> list[connections.Shown]:
        mine = (one for one in connections.looked_at(exchange).connections if one.username == user.name)
        return [one for one in mine if any(motion.size for motion in one.seen.moving)]

    wait_until(fetching)
    connections.end(exchange, head, fetching()[0].seen.id)
    assert b"OCSS ended this connection" in said(client)
    assert (tmp_path / "back.bin").stat().st_size < 3_000_000


def test_a_limit_reaches_open_connections(
    gateway: Gateway, exchange: Exchange, user: User, head: Actor
) -> None:
    upload = gateway.client(user).open("/inbox/files/open.bin", "wb")
    upload.write(bytes(32_000))
    bandwidth.limit(exchange, head, user.partner.organization.id, "10")

    def slow() -> bool:
        started = time.monotonic()
        upload.write(bytes(16_000))
        return time.monotonic() - started > 0.5

    wait_until(slow, 30)


def test_what_others_do_not_want_is_free_and_nobody_waits_for_a_killed_one() -> None:
    register, organization = Register(4), uuid4()
    paces = []
    for entry in (register.take(), register.take()):
        assert entry is not None
        paces.append(Pace(entry, organization))
        paces[-1].rate = 1000
    before, first, after = time.monotonic(), paces[0].moved(500), time.monotonic()
    assert before + 0.25 <= first <= after + 0.25
    alone = [paces[0].moved(500) for _ in range(2)][-1]
    assert alone == pytest.approx(first + 1, abs=0.05)
    assert paces[1].moved(500) == pytest.approx(alone + 0.5, abs=0.05)
    assert outcome(fork(lambda: paces[1].moved(500))) == 0
    assert paces[0].moved(500) == pytest.approx(alone + 1.5, abs=0.05)
    elsewhere = register.take()
    assert elsewhere is not None
    other = Pace(elsewhere, uuid4())
    assert other.moved(10**9) == 0
    other.rate = 1000
    assert other.moved(100) < time.monotonic()
