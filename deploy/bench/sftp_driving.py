"""One client for every SFTP server: OpenSSH's `sftp` as banks script it, timed from start to end."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.bench.driving import TransferFailedError
from deploy.bench.servers import tool
from deploy.bench.sftp_servers import SftpDoor

_LIMIT = 900
"""Seconds that one call of the client may take."""
_OPTIONS = {
    "BatchMode": "yes",
    "Ciphers": "aes256-gcm@openssh.com,aes128-gcm@openssh.com",  # rclone has the second only
    "IdentitiesOnly": "yes",
    "IdentityAgent": "none",
    "LogLevel": "ERROR",
    "StrictHostKeyChecking": "no",
    "UserKnownHostsFile": "/dev/null",
}


def options(door: SftpDoor) -> tuple[str, ...]:
    """What every client of OpenSSH is told of a door, besides its address."""
    return (
        *(word for name, value in _OPTIONS.items() for word in ("-o", f"{name}={value}")),
        *("-F", "none", "-i", str(door.private_key), "-o", f"Port={door.port}"),
    )


def timed(door: SftpDoor, batches: Sequence[Sequence[str]]) -> float:
    """Seconds until clients that run these batches (lists of commands) side by side have all ended."""
    address = f"{door.username}@127.0.0.1"
    command = (tool("sftp", "openssh-client"), "-q", *options(door), "-b", "-", address)
    began = time.perf_counter()
    clients = [_started(command, batch) for batch in batches]
    for client in clients:
        _ended(door, client)
    return time.perf_counter() - began


def put(source: Path, target: str) -> str:
    """The command that uploads one file."""
    return f'put "{source}" "{target}"'


def get(source: str, target: Path) -> str:
    """The command that downloads one file."""
    return f'get "{source}" "{target}"'


def _started(command: tuple[str, ...], batch: Sequence[str]) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    client = subprocess.Popen(  # noqa: S603 -- OpenSSH's client, whose path `tool` found
        command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True
    )
    assert client.stdin
    client.stdin.write("\n".join(batch) + "\n")
    client.stdin.close()
    client.stdin = None
    return client


def _ended(door: SftpDoor, client: "subprocess.Popen[str]") -> None:
    try:
        told, _ = client.communicate(timeout=_LIMIT)
    except subprocess.TimeoutExpired:
        client.kill()
        raise TransferFailedError(f"{door.name}: no end after {_LIMIT} seconds") from None
    if client.returncode:
        raise TransferFailedError(f"{door.name}: {told[-400:]}")
