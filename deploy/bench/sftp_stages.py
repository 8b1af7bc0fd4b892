"""What each stage of an upload costs, so that the next bottleneck is seen.

The gateway's log says how much processor time a connection took. Sealing, hashing and storing are timed
alone, with the same cipher, chunk and digest; what is left of the connection is transport. A hand-over is
timed in the whole path.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from deploy.bench.portal import Portal
from deploy.demo.places import demonstration
from exchange.accounts import directory, identity
from exchange.runtime import open_exchange
from exchange.transfers import intake
from exchange.vault.container import CHUNK_SIZE, NO_JOIN, SECRET_SIZE, Segment, segment_keys
from roles.policy import Channel

_GIGABYTE = 1_000_000_000
_SAMPLE = 256 << 20
_FILES = 50
_NONCE = 12


@dataclass
class Stages:
    """Processor seconds a GB by stage; milliseconds (wall clock) of the hand-over of one small file."""

    seconds: dict[str, float] = field(default_factory=dict)
    hand_over: float = 0.0


def measure(home: Path, ours: Portal, size: int) -> Stages:
    """The stages of the large uploads that the portal in `home` has just taken, of `size` bytes each."""
    alone = {"sealing (AES-256-GCM)": _seal, "hash (SHA-256)": _hash, "store (write, fsync)": _writer(home)}
    seconds = {stage: _per_gigabyte(work) for stage, work in alone.items()}
    whole = _connections(home, size)
    stages = {"transport and SFTP": max(whole - sum(seconds.values()), 0.0), **seconds}
    return Stages({**stages, "whole connection": whole}, _hand_over(home, ours.sftp.username))


def _connections(home: Path, size: int) -> float:
    """The cheapest connection that took just one file of this size, in processor seconds a GB."""
    lines = [json.loads(line) for line in (home / "logs" / "sftp.log").read_text().splitlines()]
    found = [
        line["cpu"] / line["bytes_in"] * _GIGABYTE
        for line in lines
        if line["event"] == "sftp.connection" and size < line["bytes_in"] < 1.1 * size
    ]
    return min(found, default=0.0)


def _per_gigabyte(work: Callable[[memoryview], None]) -> float:
    chunk = memoryview(bytearray(CHUNK_SIZE))
    began = time.process_time()
    for _ in range(_SAMPLE // CHUNK_SIZE):
        work(chunk)
    return (time.process_time() - began) / _SAMPLE * _GIGABYTE


_KEYS = segment_keys(bytes(SECRET_SIZE), Segment(bytes(16), 0, 0, 0, 0), NO_JOIN)
_SEALED = bytearray(CHUNK_SIZE + 16)
_DIGEST = hashlib.sha256()


def _seal(chunk: memoryview) -> None:
    _KEYS.cipher.encrypt_into(bytes(_NONCE), chunk, None, _SEALED)


def _hash(chunk: memoryview) -> None:
    _DIGEST.update(chunk)


def _writer(home: Path) -> Callable[[memoryview], None]:
    place = home / "stage.bin"
    file = place.open("wb", buffering=0)
    written = 0

    def write(chunk: memoryview) -> None:
        nonlocal written
        written += file.write(chunk)
        if written >= _SAMPLE:
            os.fsync(file.fileno())
            file.close()
            place.unlink()

    return write


def _hand_over(home: Path, username: str) -> float:
    exchange = open_exchange(demonstration(home).settings())
    account = directory.account(exchange, username)
    actor = identity.actor_of(exchange, account.id, Channel.SFTP, "127.0.0.1")
    began = time.perf_counter()
    for _ in range(_FILES):
        with intake.begin(exchange, actor, "files", f"stage-{uuid4().hex}.bin") as arriving:
            arriving.write(bytes(64))
            arriving.finish()
    took = time.perf_counter() - began
    exchange.dispose()
    return took / _FILES * 1000
