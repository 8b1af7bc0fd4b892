"""A whole installation as people run it: `portal demo` in processes of its own, on free ports of loopback.

Everything here looks at the portal from outside: processes, doors, the command line.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

from deploy.bench.memory import family
from deploy.demo.places import demonstration
from deploy.installation import opened
from exchange.runtime import Exchange

ROOT = Path(__file__).parents[2]
START_SECONDS = 300
"""Seconds that an installation may take to be seeded and ready on a busy machine."""


def wait_until(holds: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until `holds()` is true; fails, naming `what`, after so many seconds."""
    patience = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < patience, f"after {seconds} seconds: {what}"
        time.sleep(0.05)


class Closing(Protocol):
    """A client that holds a connection."""

    def close(self) -> None:
        """Give it back."""


@dataclass(frozen=True)
class Account:
    """One entry of demo.json."""

    role: str
    organization: str
    name: str
    username: str
    password: str
    totp_secret: str
    api_token: str
    sftp: dict[str, str] = field(default_factory=dict)


class Portal:
    """One installation in `home`; a context that always ends every process it started."""

    def __init__(self, home: Path, database_url: str = "", **settings: object) -> None:
        """`settings` are `PORTAL_*` variables in small letters. Temporary files go beside `home`."""
        self.home, self.database_url = home, database_url
        self.temp = home.parent / f"{home.name}-temp"
        self.temp.mkdir(exist_ok=True)
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._seen: set[int] = set()
        self.facts: dict[str, Any] = {}
        self.clients: list[Closing] = []
        self.steps: dict[str, int] = {}
        """The step of the last code that each account signed in with."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables that its processes and commands get."""
        names = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        names |= {f"PORTAL_{name.upper()}": str(value) for name, value in self._settings.items()}
        if self.database_url:
            names["PORTAL_DATABASE_URL"] = self.database_url
        return names | {"TMPDIR": str(self.temp), "PORTAL_SYNTHETIC_PEOPLE": "true"}

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of its database."""
        return self.database_url or f"sqlite:///{self.home / 'portal.db'}"

    def seed(self) -> None:
        """Fill it as `portal demo` does before it serves, in the same process of its own."""
        command = [sys.executable, "-P", "-m", "deploy.demo", str(self.home), str(os.getpid())]
        subprocess.run(command, check=True, timeout=START_SECONDS, env=self.environment, cwd=self.temp)

    @contextmanager
    def opened(self) -> Iterator[Exchange]:
        """Look after it from within, while it does not run."""
        where = demonstration(self.home).but(database_url=self.database)
        with opened(where) as exchange:
            yield exchange

    def __enter__(self) -> Self:
        """Start it and wait until it serves."""
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def start(self) -> None:
        """Start `portal demo`; returns when both doors answer."""
        command = [
            *_PORTAL,
            "demo",
            "--home",
            str(self.home),
            "--web",
            "127.0.0.1:0",
            "--sftp",
            "127.0.0.1:0",
        ]
        (self.home / "demo.json").unlink(missing_ok=True)
        with (self.temp.parent / f"{self.home.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self.environment, cwd=self.home.parent
            )
        wait_until(self._serves, START_SECONDS, "the portal does not serve")

    def stop(self) -> None:
        """Ask it to end, then make sure that nothing of it is left."""
        for client in self.clients:
            client.close()
        if self._process is None:
            return
        self.go_on()
        self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(25)
        for pid in self.left_over():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(10)
        self._process = None

    def rest(self) -> None:
        """Hold all its processes; an idle installation would take a fiftieth of a processor from others."""
        self._tell_all(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let them run again."""
        self._tell_all(signal.SIGCONT)

    def _tell_all(self, number: signal.Signals) -> None:
        for pid in self.note_processes() if self._process is not None else ():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill_all(self, *, at_once: bool = False) -> None:
        """SIGKILL the supervisor; its parts have to follow by themselves, or are killed with it `at_once`."""
        assert self._process is not None
        for pid in self.note_processes() if at_once else ():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._process = None
        wait_until(lambda: not self.left_over(), 30, f"processes outlived their parent: {self.left_over()}")

    def note_processes(self) -> set[int]:
        """The processes that are alive now; they are remembered, so that none is left behind."""
        assert self._process is not None
        alive = set(family(self._process.pid))
        self._seen |= alive
        return alive

    def left_over(self) -> list[int]:
        """Processes seen earlier that are still alive and still this installation's."""
        return [pid for pid in self._seen if str(self.temp) in _environment_of(pid)]

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self._process is not None
        return self._process.pid

    def part(self, name: str) -> int:
        """The process id of a part (`web`, `sftp`, `worker`); waits for one that is being started again."""
        found: list[int] = []

        def look() -> bool:
            found.extend(pid for pid in _children(self.pid) if _part_of(pid) == name)
            return bool(found)

        wait_until(look, 30, f"{name} does not run")
        self.note_processes()
        return found[0]

    def kill(self, name: str) -> None:
        """SIGKILL a part, or `connection`: one of the gateway's children; nothing if it is down already."""
        supervisor = self._process
        parts = [] if supervisor is None else _children(supervisor.pid)
        pids = [pid for pid in parts if _part_of(pid) == (name if name != "connection" else "sftp")]
        if name == "connection":
            pids = [child for pid in pids for child in _children(pid)]
        for pid in pids[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def run(
        self, *arguments: str, check: bool = True, seconds: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run a `portal` command with this installation's settings; both streams in `stdout`."""
        done = subprocess.run(
            [*_PORTAL, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
            env=self.environment,
            cwd=self.temp,
        )
        assert not check or done.returncode == 0, f"portal {' '.join(arguments)}: {done.stdout}"
        return done

    def account(self, username: str) -> Account:
        """The account of this name."""
        return next(one for one in self.accounts() if one.username == username)

    def accounts(self) -> list[Account]:
        """Every account of demo.json."""
        return [Account(**entry) for entry in self.facts["accounts"]]

    @property
    def web(self) -> str:
        """The web door's address, without a slash at the end."""
        return str(self.facts["web"])

    @property
    def receipt_key(self) -> Path:
        """The public key that receipts are checked with."""
        return Path(self.facts["receipt_key"])

    def log_files(self) -> Iterator[Path]:
        """Everything its processes wrote for people."""
        yield from (self.home / "logs").glob("*")
        yield self.temp.parent / f"{self.home.name}.log"

    def _serves(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.temp.parent / f"{self.home.name}.log").read_text()
        try:
            self.facts = json.loads((self.home / "demo.json").read_text())
            with urllib.request.urlopen(f"{self.web}/readyz", timeout=5) as answer:
                assert answer.status == 200
            sftp = self.facts["sftp"]
            with socket.create_connection((sftp["host"], sftp["port"]), timeout=5) as greeting:
                return greeting.recv(4) == b"SSH-"
        except (OSError, ValueError):
            return False


_PORTAL = (sys.executable, "-P", "-m", "deploy.cli")


def copied(home: Path, to: Path) -> Path:
    """A copy of a stopped installation's folder."""
    shutil.copytree(home, to)
    return to


def scratch(label: str) -> Path:
    """A new folder on a disk with room, outside the folders that tests watch."""
    return Path(tempfile.mkdtemp(prefix=f"portal-{label}-"))


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(word) for word in listing.read_text().split()]
    return found


def _part_of(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return ""
    return words[words.index("deploy.child") + 1] if "deploy.child" in words else ""


def _environment_of(pid: int) -> str:
    try:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return ""
        return Path(f"/proc/{pid}/environ").read_text(errors="replace")
    except OSError:
        return ""
