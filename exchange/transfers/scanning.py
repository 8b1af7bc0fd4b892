"""Looking for malware with ClamAV's INSTREAM protocol (clamd(8)); three outcomes, never a silent fourth.

A limit that clamd hits (`Heuristics.Limits.*`) means the file was not scanned, which is never shown as clean.
"""

import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from exchange.models.transfers import Scan

UNREACHABLE = "the scanner could not be reached"
"""The one reason that may be gone in a minute."""
_TIMEOUT_SECONDS = 600
_LONGEST_REPLY = 4096
_NOT_LOOKED_AT = ("Heuristics.Limits.", "Heuristics.Encrypted.")


@dataclass(frozen=True)
class ScanOutcome:
    """What the scanner said; `detail` is the signature's name, or why the file was not scanned."""

    scan: Scan
    detail: str


def scan(address: str, pieces: Iterable[bytes | memoryview]) -> ScanOutcome:
    """Scan the pieces of one file with the clamd at `address` (`unix:/path` or `host:port`).

    With no address, or when clamd cannot be reached or gives up, the outcome is "not scanned", and why.
    """
    if not address:
        return ScanOutcome(Scan.NOT_SCANNED, "no scanner is configured")
    try:
        return _outcome(_converse(address, pieces))
    except OSError:
        return ScanOutcome(Scan.NOT_SCANNED, UNREACHABLE)


def _converse(address: str, pieces: Iterable[bytes | memoryview]) -> str:
    with _connect(address) as clamd:
        try:
            clamd.sendall(b"zINSTREAM\0")
            for piece in filter(len, pieces):  # no bytes would mean the end
                clamd.sendall(struct.pack(">I", len(piece)))
                clamd.sendall(piece)
            clamd.sendall(struct.pack(">I", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # clamd ends a stream over its StreamMaxLength with an answer that is read below
        return _reply(clamd)


def _reply(clamd: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < _LONGEST_REPLY:
        part = clamd.recv(_LONGEST_REPLY)
        if not part:
            break
        said += part
    return said.rstrip(b"\0").decode(errors="replace")


def _connect(address: str) -> socket.socket:
    if address.startswith("unix:"):
        clamd = socket.socket(socket.AF_UNIX)
        clamd.settimeout(_TIMEOUT_SECONDS)
        try:
            clamd.connect(address.removeprefix("unix:"))
        except OSError:
            clamd.close()
            raise
        return clamd
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=_TIMEOUT_SECONDS)


def _outcome(reply: str) -> ScanOutcome:
    said = reply.removeprefix("stream: ")
    if said == "OK":
        return ScanOutcome(Scan.CLEAN, "")
    signature = said.removesuffix(" FOUND")
    if said.endswith(" FOUND") and not signature.startswith(_NOT_LOOKED_AT):
        return ScanOutcome(Scan.INFECTED, signature)
    return ScanOutcome(Scan.NOT_SCANNED, signature or "the scanner gave no answer")
