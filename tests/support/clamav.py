"""A real clamd with a signature database of its own, on a socket in a folder that goes away."""

import hashlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Split, so that scanners leave this file alone (https://www.eicar.org/download-anti-malware-testfile/).
EICAR = (rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EI" + b"CAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").ljust(68)
LARGEST_FILE = 1024 * 1024
LARGEST_STREAM = 4 * LARGEST_FILE

_CONFIGURATION = """
Foreground yes
LocalSocket {folder}/clamd.sock
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}
MaxThreads 2
AlertExceedsMax yes
AlertEncrypted yes
MaxFileSize {file}
MaxScanSize {file}
StreamMaxLength {stream}
"""


def program() -> str | None:
    """Where clamd is; None when not installed."""
    return shutil.which("clamd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


@contextmanager
def daemon() -> Iterator[str]:
    """Start clamd; yields its address as the settings name it."""
    folder = Path(tempfile.mkdtemp(prefix="portal-clamd-"))
    (folder / "signatures").mkdir()
    signature = f"{hashlib.md5(EICAR).hexdigest()}:{len(EICAR)}:Test.Signature\n"
    (folder / "signatures" / "test.hdb").write_text(signature)
    numbers = {"folder": folder, "file": LARGEST_FILE, "stream": LARGEST_STREAM}
    (folder / "clamd.conf").write_text(_CONFIGURATION.format(**numbers))
    command = [program() or "clamd", "-c", str(folder / "clamd.conf")]
    clamd = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(folder / "clamd.sock")
        yield f"unix:{folder / 'clamd.sock'}"
    finally:
        clamd.terminate()
        clamd.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(place: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(place))
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return
