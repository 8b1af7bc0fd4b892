"""One client for every server: curl, timed by its own clock."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.bench.servers import tool

_LIMIT = 600
"""Seconds that one transfer may take."""


class TransferFailedError(Exception):
    """A transfer of the benchmark was refused or broken off; its text says which."""


@dataclass(frozen=True)
class Timed:
    """One transfer: bytes a second, and what the server answered (uploads only)."""

    rate: float
    answer: str


def upload(source: Path, url: str, *options: str) -> Timed:
    """`source` as the raw body of a PUT, or of what `options` say; the whole call is timed."""
    return _timed(source.stat().st_size, ("--upload-file", str(source), *options, url))


def upload_form(source: Path, url: str, *options: str) -> Timed:
    """`source` as the file of a multipart form; `options` name the further fields."""
    return _timed(source.stat().st_size, (*options, "--form", f"file=@{source}", url))


def download(size: int, url: str, *options: str) -> Timed:
    """`size` bytes from `url`, thrown away."""
    timed = _timed(size, (*options, "--output", "/dev/null", url), "%{size_download}")
    if timed.answer != str(size):
        raise TransferFailedError(f"{url} gave {timed.answer} bytes instead of {size}")
    return timed


def settle() -> None:
    """Write out what is still in memory, so that one server's writes do not slow the next one."""
    os.sync()


def _timed(size: int, arguments: tuple[str, ...], extra: str = "") -> Timed:
    command = (
        *(tool("curl", "curl"), "--silent", "--show-error", "--noproxy", "*", "--http1.1"),
        *("--header", "Expect:", "--max-time", str(_LIMIT)),
        *("--write-out", f"{extra}\n%{{http_code}} %{{time_total}}", *arguments),
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- curl, as above
    answer, _, measured = done.stdout.rpartition("\n")
    code, _, seconds = measured.partition(" ")
    if done.returncode != 0 or code[:1] not in {"2", "3"}:
        raise TransferFailedError(f"{arguments[-1]} answered {code}: {done.stderr or answer}"[:500])
    return Timed(size / float(seconds), answer)
