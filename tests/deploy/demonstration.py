"""A demonstration as a program of its own, as `make run` starts it, and ways to look at it from outside."""

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pyotp

PATIENCE = 120.0
Account = dict[str, Any]


def _step_now() -> int:
    return int(time.time()) // 30


class Demonstration:
    """Started by the constructor, which returns when demo.json is there."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._steps: dict[str, int] = {}
        home.mkdir(exist_ok=True)
        (home / "demo.json").unlink(missing_ok=True)  # of an earlier run, with its addresses
        self.output = home.with_suffix(".out")
        command = [sys.executable, "-P", "-m", "deploy.cli", "demo", "--home", str(home)]
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [*command, "--web", "127.0.0.1:0", "--sftp", "127.0.0.1:0"], stdout=output, stderr=output
            )
        until(lambda: self.process.poll() is not None or (home / "demo.json").exists(), PATIENCE)
        assert self.process.poll() is None, self.output.read_text()
        self.facts: dict[str, Any] = json.loads((home / "demo.json").read_text())

    @property
    def accounts(self) -> list[Account]:
        found: list[Account] = self.facts["accounts"]
        return found

    def account(self, role: str) -> Account:
        return next(account for account in self.accounts if account["role"] == role)

    def ask(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        address = urlsplit(self.facts["web"])
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def sign_in(self, account: Account) -> str | None:
        """The session cookie that username, password and code bring; None when they are refused twice.

        Another test may have come in at a click just now, and a code works once.
        """
        return self._signed_in(account) or self._signed_in(account)

    def _signed_in(self, account: Account) -> str | None:
        code = pyotp.TOTP(account["totp_secret"]).generate_otp(self._next_step(account["username"]))
        fields = {"username": account["username"], "password": account["password"], "code": code}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        _, _, answered = self.ask("POST", "/sign-in", urlencode(fields), headers)
        cookies = [line.partition(";")[0] for line in answered.get_all("Set-Cookie") or ()]
        return next((cookie for cookie in cookies if cookie.startswith("portal=")), None)

    def _next_step(self, username: str) -> int:
        """A time step whose code was not shown before: each works once, and one ahead is taken."""
        step = self._steps[username] = max(_step_now(), self._steps.get(username, 0) + 1)
        while step > _step_now() + 1:
            time.sleep(0.5)
        return step

    def parts(self) -> dict[str, int]:
        """The child processes by name."""
        named = {part_of(pid): pid for pid in children(self.process.pid)}
        return {name: pid for name, pid in named.items() if name}

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def part_of(pid: int) -> str:
    """The name of the part that a process is; nothing when it is none, or ended meanwhile."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return words[words.index("deploy.child") + 1] if "deploy.child" in words else ""


def children(pid: int) -> list[int]:
    """The child processes of one; of one that ended meanwhile, none."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # the second when it vanishes between opening and reading
        return False


def until(holds: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
