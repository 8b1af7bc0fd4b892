"""Making containers for tests: known plaintext, several segments, and where each frame of a file stands."""

import hashlib
import struct

from exchange.vault import Sealed, Vault


def plaintext(name: str, size: int) -> bytes:
    """`size` bytes that are the same on every machine: SHA-256 of the name and a counter, joined."""
    blocks = (hashlib.sha256(f"{name} {number}".encode()).digest() for number in range(size // 32 + 1))
    return b"".join(blocks)[:size]


def seal(vault: Vault, *parts: bytes) -> Sealed:
    """A finished container with one segment for each part."""
    writer = vault.create()
    for part in parts[:-1]:
        writer.write(part)
        writer.suspend()
        writer = vault.resume(writer.blob_id)
    writer.write(parts[-1])
    return writer.finish()


def frames(container: bytes) -> list[tuple[bytes, int, int]]:
    """Kind, start and end of each frame."""
    found, at = [], 0
    while at < len(container):
        kind, length = struct.unpack(">4sI", container[at : at + 8])
        found.append((kind, at, at + 8 + length))
        at += 8 + length
    return found


def read_all(vault: Vault, blob_id: str) -> bytes:
    """Everything a blob holds."""
    with vault.open(blob_id) as reader:
        return reader.read(0, reader.size)
