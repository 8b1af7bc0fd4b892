"""A real gateway on loopback, and partners with keys to sign in to it."""

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
import pytest

from exchange.accounts import enrolment
from exchange.runtime import Exchange, open_exchange
from exchange.settings import Settings
from roles.permissions import Role
from roles.policy import Channel
from sftp_gateway import host_keys
from sftp_gateway.rotation import KeyRing
from tests.support.partners import Partner, make_partner

ROOT = Path(__file__).parents[2]
PROCESS = Path(__file__).with_name("gateway_process.py")
NUMBERS = itertools.count(1)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups, also when this folder alone is asked for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker run all tests of a gateway with bounds of its own, so that it is started once."""
    for item in items:
        for name in ("strict_gateway", "small_gateway"):
            if name in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(name))


@dataclass
class Gateway:
    """A running gateway; `log` is what it wrote."""

    process: subprocess.Popen[bytes]
    port: int
    keys: host_keys.HostKeys
    folder: Path
    connections: list[paramiko.Transport] = field(default_factory=list)

    @property
    def log(self) -> str:
        return (self.folder / "gateway.log").read_text()

    @property
    def known_hosts(self) -> Path:
        file = self.folder / "known_hosts"
        lines = [f"[127.0.0.1]:{self.port} {line}\n" for line in self.keys.public_lines]
        file.write_text("".join(lines))
        return file

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60, source_address=(source, 0))

    def transport(self, source: str = "127.0.0.1") -> paramiko.Transport:
        """A client's transport, keys exchanged, not signed in."""
        transport = paramiko.Transport(self.connect(source))
        self.connections.append(transport)
        transport.banner_timeout = transport.auth_timeout = 60
        transport.start_client(timeout=60)
        return transport

    def client(self, user: "User") -> paramiko.SFTPClient:
        transport = self.transport()
        transport.auth_publickey(user.name, user.key)
        opened = paramiko.SFTPClient.from_transport(transport)
        assert opened is not None
        return opened

    def hang_up(self) -> None:
        """End the connections of the test."""
        for transport in self.connections:
            transport.close()
        self.connections.clear()

    def stop(self) -> int:
        self.hang_up()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@dataclass(frozen=True)
class User:
    """A partner who signs in with a key."""

    partner: Partner
    key_file: Path

    @property
    def name(self) -> str:
        return self.partner.account.username

    @property
    def key(self) -> paramiko.PKey:
        return paramiko.Ed25519Key(filename=str(self.key_file))

    @property
    def actor(self) -> Any:
        return self.partner.through(Channel.WEB)


def make_user(exchange: Exchange, partner: Partner, folder: Path) -> User:
    file = folder / f"{partner.account.username}.key"
    line = host_keys.new_client_key(file)
    enrolment.add_ssh_key(exchange, partner.account.id, line, "test")
    return User(partner, file)


@pytest.fixture(scope="session")
def exchange(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """One installation for all tests of this folder; each test has partners of its own in it."""
    home = tmp_path_factory.mktemp("gateway") / "home"
    home.mkdir()
    shutil.copy(sqlite_template, home / "portal.db")
    opened = open_exchange(Settings(home=home, synthetic_people=True))
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def ocss(exchange: Exchange) -> Partner:
    """An administrator of OCSS, which every installation has once."""
    return make_partner(exchange, Role.OCSS_ADMINISTRATOR, next(NUMBERS))


@pytest.fixture
def user(exchange: Exchange, tmp_path: Path) -> User:
    return make_user(exchange, make_partner(exchange, Role.EMPLOYER, next(NUMBERS)), tmp_path)


@pytest.fixture
def stranger(exchange: Exchange, tmp_path: Path) -> User:
    return make_user(exchange, make_partner(exchange, Role.EMPLOYER, next(NUMBERS)), tmp_path)


@pytest.fixture
def source() -> str:
    """An address of this test's own, since failures are counted against addresses."""
    return f"127.1.{next(NUMBERS) // 250}.{next(NUMBERS) % 250 + 1}"


@pytest.fixture
def start_gateway(exchange: Exchange, tmp_path: Path) -> Iterator[Callable[..., Gateway]]:
    """Start a gateway of this test's own; keyword arguments are its bounds."""
    with starting(exchange, tmp_path) as start:
        yield start


@pytest.fixture(scope="session")
def shared_gateway(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with starting(exchange, tmp_path_factory.mktemp("shared")) as start:
        yield start()


@pytest.fixture(scope="session")
def shared_strict_gateway(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with starting(exchange, tmp_path_factory.mktemp("strict")) as start:
        yield start(login=2.5, idle=3, stalled=1.5, connections_of_source=4, penalty_threshold=5)


@pytest.fixture(scope="session")
def small_gateway(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that takes files of a million bytes at most."""
    with starting(exchange, tmp_path_factory.mktemp("small")) as start:
        yield start(settings={"max_file_size": 1_000_000})


@pytest.fixture
def gateway(shared_gateway: Gateway) -> Iterator[Gateway]:
    """The gateway that all tests share which need no bounds of their own."""
    yield shared_gateway
    shared_gateway.hang_up()


@pytest.fixture
def strict_gateway(shared_strict_gateway: Gateway) -> Iterator[Gateway]:
    """A gateway with little patience: 2.5 s to sign in, 1.5 to read, 3 idle; 4 connections of an address."""
    yield shared_strict_gateway
    shared_strict_gateway.hang_up()


@contextmanager
def starting(exchange: Exchange, folder: Path) -> Iterator[Callable[..., Gateway]]:
    """Yield what starts gateways; stops them, and looks at how they ended."""
    running: list[Gateway] = []

    def start(*, settings: dict[str, Any] | None = None, **limits: float) -> Gateway:
        listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
        bounds = {"settings": settings or {}, "limits": {"penalty_threshold": 1e9, **limits}}
        home = exchange.settings.home
        folder_of_keys = Path((settings or {}).get("host_keys", exchange.settings.host_keys))
        keys = KeyRing(folder_of_keys).at(exchange.clock())
        with (folder / "gateway.log").open("ab") as log, listening:
            command = [sys.executable, str(PROCESS), str(home), str(listening.fileno()), json.dumps(bounds)]
            process = subprocess.Popen(
                command,
                pass_fds=[listening.fileno()],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            )
            port = listening.getsockname()[1]
        running.append(Gateway(process, port, keys, folder))
        with running[-1].connect() as first:
            assert first.recv(100).startswith(b"SSH-2.0-"), running[-1].log
        return running[-1]

    try:
        yield start
    finally:
        codes = [
            gateway.stop() if gateway.process.poll() is None else gateway.process.returncode
            for gateway in running
        ]
    for gateway, code in zip(running, codes, strict=True):
        assert code in {0, -signal.SIGKILL}, gateway.log
        assert "Traceback" not in gateway.log, gateway.log
