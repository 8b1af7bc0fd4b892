"""The peak resident memory of every process under a root process, short-lived ones included."""

import threading
from pathlib import Path
from typing import Self

_INTERVAL = 0.05
"""Seconds between two looks; a process that lives shorter than that may be missed."""


class MemoryWatch:
    """Watches the families of some processes until `stop`; `peaks` is bytes by (root's label, process)."""

    def __init__(self, roots: dict[str, int]) -> None:
        self.peaks: dict[tuple[str, int, str], int] = {}
        self._roots = roots
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(_INTERVAL):
            self.look()

    def look(self) -> None:
        """Read every process's peak once."""
        for label, root in self._roots.items():
            for pid in family(root):
                status = _status(pid)
                if "VmHWM" in status:
                    key = (label, pid, _title(pid, status["Name"]))
                    peak = int(status["VmHWM"].split()[0]) * 1024
                    self.peaks[key] = max(self.peaks.get(key, 0), peak)


def family(root: int) -> list[int]:
    """The process `root` and all its descendants that are alive."""
    found = [root]
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                found += [int(word) for word in children.read_text().split()]
            except OSError:
                continue  # it ended meanwhile
    return found


def _status(pid: int) -> dict[str, str]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _title(pid: int, name: str) -> str:
    """What the process is, by its command line: `web`, `worker`, `nginx`."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return name
    if "deploy.child" in words:
        return words[words.index("deploy.child") + 1]
    return "supervisor" if "deploy.cli" in words or "demo" in words else name
