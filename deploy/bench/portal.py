"""The portal under measurement: a demonstration of its own, and the ways in that are timed."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pyotp

from deploy.bench import driving
from deploy.bench.driving import Timed, TransferFailedError
from deploy.bench.servers import ToolMissingError, tool
from deploy.bench.sftp_servers import SftpDoor
from deploy.demo.places import FACTS

STARTING, WORKING = 60.0, 300.0
"""Seconds for the demonstration to come up, and for the worker to bring a file to its end."""
_CROWDED = "PORTAL_SFTP_CONNECTIONS_OF_ACCOUNT=1000"
"""One account drives all of a crowd here."""
_UNDER_WAY = {"RECEIVED", "SCANNING", "VALIDATING", "ACCEPTED", "PROCESSING"}


@dataclass(frozen=True)
class Portal:
    """A running demonstration, seen by one employer."""

    web: str
    username: str
    token: str
    cookie: str
    pid: int
    sftp: SftpDoor

    def upload_api(self, source: Path) -> Timed:
        """The file as the body of an API call."""
        url = f"{self.web}/api/v1/transfers?program=files&filename={source.name}"
        header = f"Authorization: Bearer {self.token}"
        return driving.upload(source, url, "--request", "POST", "--header", header)

    def upload_form(self, source: Path) -> Timed:
        """The file in a multipart form, as a browser without scripts sends it."""
        return driving.upload_form(
            source, f"{self.web}/files/send", "--cookie", self.cookie, "--form", "program=files"
        )

    def download(self, size: int, transfer: str) -> Timed:
        """The bytes of a transfer by the API."""
        url = f"{self.web}/api/v1/transfers/{transfer}/content"
        return driving.download(size, url, "--header", f"Authorization: Bearer {self.token}")

    def settled(self) -> str:
        """Wait until the worker has brought the newest file to its end; returns its id."""
        deadline = time.monotonic() + WORKING
        while (newest := self._newest())["status"] in _UNDER_WAY:
            if time.monotonic() > deadline:
                raise TransferFailedError(f"{newest['id']} stayed {newest['status']}")
            time.sleep(0.2)
        identifier: str = newest["id"]
        return identifier

    def _newest(self) -> dict[str, Any]:
        path = "/api/v1/transfers?direction=inbound&limit=1"
        with _asked(self.web, "GET", path, "", {"Authorization": f"Bearer {self.token}"}) as answer:
            newest: dict[str, Any] = json.loads(answer.read())["items"][0]
            return newest


@contextmanager
def portal(folder: Path, environment: tuple[str, ...] = (_CROWDED,)) -> Iterator[Portal]:
    """A demonstration in `folder`, on free ports; stopped at the end of the block.

    `environment` is what `env` sets for it.
    """
    command = (tool("env", "coreutils"), *environment, sys.executable, "-P", "-m", "deploy.cli", "demo")
    places = ("--home", str(folder), "--web", "127.0.0.1:0", "--sftp", "127.0.0.1:0")
    folder.mkdir(exist_ok=True)
    (folder / FACTS).unlink(missing_ok=True)
    with (folder / "bench.log").open("wb") as log:
        process = subprocess.Popen(command + places, stdout=log, stderr=log)  # noqa: S603 -- ourselves
    try:
        yield _signed_in(_facts(process, folder), process.pid)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def _facts(process: subprocess.Popen[bytes], folder: Path) -> dict[str, Any]:
    deadline = time.monotonic() + STARTING
    while not (folder / FACTS).exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise ToolMissingError(f"the portal did not come up: {(folder / 'bench.log').read_text()[-500:]}")
        time.sleep(0.1)
    facts: dict[str, Any] = json.loads((folder / FACTS).read_text())
    return facts


def _signed_in(facts: dict[str, Any], pid: int) -> Portal:
    account = next(each for each in facts["accounts"] if each["role"] == "employer")
    code = pyotp.TOTP(account["totp_secret"]).now()
    fields = {"username": account["username"], "password": account["password"], "code": code}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    with _asked(facts["web"], "POST", "/sign-in", urlencode(fields), headers) as answer:
        cookies = (line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie") or ())
        session = next((cookie for cookie in cookies if cookie.startswith("portal=")), None)
    if session is None:
        raise TransferFailedError(f"signing in answered {answer.status}")
    door = _door(facts["sftp"], account["sftp"], pid)
    return Portal(facts["web"], account["username"], account["api_token"], session, pid, door)


def _door(gateway: dict[str, Any], account: dict[str, Any], pid: int) -> SftpDoor:
    key = Path(account["private_key"])
    return SftpDoor("portal", gateway["port"], account["username"], key, "/inbox/files", pid)


@contextmanager
def _asked(
    web: str, method: str, path: str, body: str, headers: dict[str, str]
) -> Iterator[http.client.HTTPResponse]:
    address = urlsplit(web)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    try:
        connection.request(method, path, body, headers)
        yield connection.getresponse()
    finally:
        connection.close()
