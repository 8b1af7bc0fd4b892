"""Many at once: 200 connections that are signed in and idle, while 50 others upload."""

import struct
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from deploy.bench import sftp_driving
from deploy.bench.memory import family
from deploy.bench.rounds import source_of
from deploy.bench.servers import tool
from deploy.bench.sftp_servers import SftpDoor

IDLE, WORKING = 200, 50
PRIVATE_GOAL = 12_000_000
"""Bytes of private memory that an idle connection may take."""
_OF_ONE_SOURCE = 40
_FILE = 4 << 20
_GREETING = struct.pack(">IBI", 5, 1, 3)  # SSH_FXP_INIT, version 3


@dataclass
class Crowd:
    """How many were served, and the private bytes of each idle connection's process."""

    idle: int = 0
    uploads: int = 0
    private: list[int] = field(default_factory=list)

    @property
    def typical(self) -> float:
        """The median of the private memory, in bytes."""
        return median(self.private) if self.private else 0.0


def measure(door: SftpDoor, folder: Path) -> Crowd:
    """Open the idle ones, then let the others upload; who is not served is missing in the figures."""
    source, crowd = source_of(folder / "crowd.bin", _FILE), Crowd()
    before = set(family(door.pid))
    with ExitStack() as stack:
        clients = [stack.enter_context(_idle(door, number)) for number in range(IDLE)]
        crowd.idle = sum(_is_greeted(client) for client in clients)
        crowd.private = [private for pid in set(family(door.pid)) - before if (private := _private(pid))]
        crowd.uploads = _upload(door, source)
        crowd.idle = min(crowd.idle, sum(client.poll() is None for client in clients))
    return crowd


@contextmanager
def _idle(door: SftpDoor, number: int) -> "Iterator[subprocess.Popen[bytes]]":
    command = (tool("ssh", "openssh-client"), *sftp_driving.options(door), "-b", _source(number))
    pipe = subprocess.PIPE
    address = f"{door.username}@127.0.0.1"
    client = subprocess.Popen((*command, "-s", address, "sftp"), stdin=pipe, stdout=pipe)  # noqa: S603 -- ssh, ours
    try:
        yield client
    finally:
        client.kill()
        client.communicate()


def _is_greeted(client: "subprocess.Popen[bytes]") -> bool:
    assert client.stdin
    assert client.stdout
    client.stdin.write(_GREETING)
    client.stdin.flush()
    return len(client.stdout.read(4)) == len(_GREETING[:4])


def _upload(door: SftpDoor, source: Path) -> int:
    """How many of the working clients ended well, all started at once."""
    command = (tool("sftp", "openssh-client"), "-q", *sftp_driving.options(door), "-b", "-")
    clients = []
    for number in range(WORKING):
        line = sftp_driving.put(source, f"{door.folder}/crowd-{number}.bin")
        bound = (*command, "-o", f"BindAddress={_source(IDLE + number)}", f"{door.username}@127.0.0.1")
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        clients.append(subprocess.Popen(bound, stdin=pipe, stdout=nowhere, text=True))  # noqa: S603 -- sftp, ours
        assert clients[-1].stdin
        clients[-1].stdin.write(line + "\n")
        clients[-1].stdin.close()
    return sum(client.wait(300) == 0 for client in clients)


def _source(number: int) -> str:
    """An address of the loopback: one address may open so many connections only."""
    return f"127.0.1.{1 + number // _OF_ONE_SOURCE}"


def _private(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))
