"""Where the synthetic sources listen, and how they are started and stopped beside an installation."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.sources.behaviour import CODES

_PATIENCE = 10.0
_PREFIX = "portal-sources-"


def socket_of(folder: Path, code: str) -> Path:
    """Where a source listens."""
    return folder / f"{code}.sock"


def addresses(folder: Path) -> dict[str, str]:
    """What `locate_sources` is set to."""
    return {code: f"unix:{socket_of(folder, code)}" for code in CODES}


@contextmanager
def synthetic_sources() -> Iterator[dict[str, str]]:
    """Run all sources for the block; their addresses. Their sockets are this user's only.

    They stand in the machine's folder for what does not last: the path of a socket is short (unix(7)).
    """
    _sweep()
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as folder:
        command = (sys.executable, "-P", "-m", "deploy.sources", folder, str(os.getpid()))
        with subprocess.Popen(command) as running:  # noqa: S603 -- ourselves
            try:
                yield addresses(Path(folder))
            finally:
                running.terminate()
                running.wait(_PATIENCE)


def _sweep() -> None:
    """Remove the folders of those who were killed, and could not do it themselves."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdecimal() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(folder, ignore_errors=True)  # somebody else's stays
