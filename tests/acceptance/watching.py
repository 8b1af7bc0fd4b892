"""Looks for words on every disk an installation could write to, again and again while it works.

Looked through: its home folder (database, store, logs, mail), its temp folder, what is new in the machine's
temp folders, and every file its processes hold open, those included that have no name any more.
"""

import base64
import os
import stat
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.acceptance.running import Portal

_INTERVAL = 0.1
_SHARED = (Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/dev/shm"))
_PIECE = 8 * 1024 * 1024
_NOT_DATA = ("/usr/", "/lib", "/proc/", "/sys/", "/dev/null", "/etc/")


class MarkerWatch:
    """Watches until the block ends; `seen` is where the marker was, `looks` how often all was looked at."""

    def __init__(self, portal: Portal, marker: str, clients_own: Iterable[Path]) -> None:
        """`clients_own`: folders of the test's clients, whose files hold the marker by right."""
        self.seen: set[str] = set()
        self.looks = 0
        self._portal, self._own = portal, tuple(str(path) for path in clients_own)
        self._wanted = forms_of(marker)  # one after the other is found twice as fast as by one expression
        self._longest = max(map(len, self._wanted))
        self._began = time.time()
        self._known: dict[tuple[int, int], tuple[int, int]] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        self._known.clear()
        self.look()

    def look(self) -> None:
        """Look through everything that changed since the last time."""
        for path in [*self._files(), *self._open_files()]:
            with suppress(OSError):
                self._look_into(path)
        self.looks += 1

    def _watch(self) -> None:
        while not self._end.wait(_INTERVAL):
            self.look()

    def _files(self) -> Iterator[Path]:
        for folder in (self._portal.home, self._portal.temp):
            yield from _below(folder)
        yield from self._portal.log_files()
        for folder in _SHARED:
            for path in _below(folder, depth=2):
                with suppress(OSError):
                    if path.lstat().st_mtime >= self._began and not str(path).startswith(self._own):
                        yield path

    def _open_files(self) -> Iterator[Path]:
        for pid in self._portal.note_processes():
            with suppress(OSError):
                for entry in Path(f"/proc/{pid}/fd").iterdir():
                    with suppress(OSError):
                        target = str(entry.readlink())
                        if target.startswith("/") and not target.startswith(_NOT_DATA):
                            yield entry

    def _look_into(self, path: Path) -> None:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return
        key, now = (status.st_dev, status.st_ino), (status.st_size, status.st_mtime_ns)
        if self._known.get(key) == now:
            return
        self._known[key] = now
        with path.open("rb") as file:
            before, left = b"", self._most(path)
            while left > 0 and (piece := file.read(_PIECE)):
                whole = before + piece
                if any(form in whole for form in self._wanted):
                    self.seen.add(f"{path} {path.readlink() if path.is_symlink() else ''}")
                    return
                before, left = piece[-self._longest :], left - len(piece)

    def _most(self, path: Path) -> int:
        """Others' files in the temp folders may be huge; the marker stands early in every test's file."""
        ours = str(path).startswith((str(self._portal.home), str(self._portal.temp), "/proc/"))
        return 1 << 40 if ours else 2 * _PIECE


def forms_of(marker: str) -> list[bytes]:
    """The marker as it could stand somewhere: plain, small, as UTF-16, hexadecimal, backwards, in base64."""
    plain = marker.encode()
    shifted = [base64.b64encode(b"\0" * shift + plain)[4:-4] for shift in range(3)]
    others = [marker.lower().encode(), marker.encode("utf-16-le"), plain.hex().encode(), plain[::-1]]
    return [plain, *others, *shifted]


def _below(folder: Path, depth: int = 99) -> Iterator[Path]:
    with suppress(OSError):
        for entry in os.scandir(folder):
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    if depth > 1:
                        yield from _below(Path(entry.path), depth - 1)
                elif entry.is_file(follow_symlinks=False):
                    yield Path(entry.path)
