"""A scan has three outcomes, told by a real clamd; what it did not look at is never called clean."""

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from exchange.models.transfers import Scan
from exchange.transfers.scanning import ScanOutcome, scan
from tests.support.clamav import EICAR, LARGEST_FILE, LARGEST_STREAM


def pieces(content: bytes, size: int = 7_000) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


@pytest.mark.parametrize(
    "content", [b"", b"harmless", bytes(LARGEST_FILE - 1)], ids=["empty", "short", "largest"]
)
def test_a_harmless_file_is_clean(clamd: str, content: bytes) -> None:
    assert scan(clamd, pieces(content)) == ScanOutcome(Scan.CLEAN, "")


@pytest.mark.parametrize("size", [1, 10, 68])
def test_malware_is_found_however_it_is_cut_into_pieces(clamd: str, size: int) -> None:
    outcome = scan(clamd, pieces(EICAR, size))
    assert outcome == ScanOutcome(Scan.INFECTED, "Test.Signature.UNOFFICIAL")


def test_a_piece_without_bytes_does_not_end_the_file(clamd: str) -> None:
    assert scan(clamd, [b"", EICAR[:30], b"", memoryview(EICAR)[30:]]).scan is Scan.INFECTED


def test_a_file_too_large_to_be_looked_at_is_not_scanned(clamd: str) -> None:
    outcome = scan(clamd, pieces(bytes(LARGEST_FILE + 1)))
    assert outcome.scan is Scan.NOT_SCANNED
    assert outcome.detail.startswith("Heuristics.Limits.Exceeded")


def test_a_stream_that_clamd_cuts_off_is_not_scanned(clamd: str) -> None:
    outcome = scan(clamd, pieces(bytes(4 * LARGEST_STREAM), 1024 * 1024))
    assert outcome.scan is Scan.NOT_SCANNED
    assert outcome.detail


def test_without_a_scanner_nothing_is_called_clean(tmp_path: Path) -> None:
    assert scan("", [b"x"]) == ScanOutcome(Scan.NOT_SCANNED, "no scanner is configured")
    for address in (f"unix:{tmp_path / 'nobody'}", "127.0.0.1:1"):
        assert scan(address, [b"x"]) == ScanOutcome(Scan.NOT_SCANNED, "the scanner could not be reached")


def answering(*parts: bytes) -> Callable[[socket.socket], None]:
    def answer(listener: socket.socket) -> None:
        with listener, listener.accept()[0] as client, contextlib.suppress(OSError):  # who asked may be gone
            client.recv(1024)
            for part in parts:
                client.sendall(part)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass

    return answer


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [
        ((b"stream: O", b"K\0"), ScanOutcome(Scan.CLEAN, "")),
        ((b"stream: Found.It", b" FOUND\0"), ScanOutcome(Scan.INFECTED, "Found.It")),
        ((), ScanOutcome(Scan.NOT_SCANNED, "the scanner gave no answer")),
        ((b"stream: OK but", b" no more"), ScanOutcome(Scan.NOT_SCANNED, "OK but no more")),
        ((b"INSTREAM size limit exceeded. ERROR\0",), None),
        ((b"stream: Heuristics.Encrypted.Zip FOUND\0",), None),
        ((b"x" * 100_000,), None),
    ],
)
def test_an_answer_is_read_to_its_end(parts: tuple[bytes, ...], outcome: ScanOutcome | None) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=answering(*parts), args=(listener,))
    thread.start()
    found = scan(f"127.0.0.1:{listener.getsockname()[1]}", [b"x"])
    thread.join()
    assert found == outcome or (outcome is None and found.scan is Scan.NOT_SCANNED)
