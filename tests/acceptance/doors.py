"""The three doors as users see them: API and pages over HTTP, SFTP with OpenSSH's own client."""

import base64
import http.client
import itertools
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import paramiko
import pyotp
import pytest

from tests.acceptance.running import Account, Portal, wait_until

PIECE = 1024 * 1024
SETTLED = {"COMPLETE", "REJECTED", "QUARANTINED"}
STEP_SECONDS = 30
"""How long a code of a second factor is shown; the next one is taken as well."""
Body = bytes | Path | Iterable[bytes]


@dataclass(frozen=True)
class Answer:
    """What an HTTP request was answered with."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Http:
    """One keep-alive connection to the web door; opened again when the door was started again."""

    def __init__(self, portal: Portal, **headers: str) -> None:
        self.portal, self.headers = portal, headers
        self._open: http.client.HTTPConnection | None = None
        portal.clients.append(self)

    def ask(self, method: str, path: str, body: Body = b"", **headers: str) -> Answer:
        """One request; `headers` with underscores for hyphens."""
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if method != "GET":
            self.close()  # a request that must not be repeated gets a connection of its own
            return self._ask(method, path, body, sent)
        try:
            return self._ask(method, path, body, sent)
        except (http.client.HTTPException, OSError):
            self.close()
            return self._ask(method, path, body, sent)

    def stream(self, path: str) -> http.client.HTTPResponse:
        """An answer to a GET that is read as it comes; close the connection afterwards."""
        self.close()
        self._open = self._connection()
        self._open.request("GET", path, headers=self.headers)
        answer = self._open.getresponse()
        assert answer.status == 200, (path, answer.status)
        return answer

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _connection(self) -> http.client.HTTPConnection:
        place = urlsplit(self.portal.web)
        return http.client.HTTPConnection(place.hostname or "", place.port, timeout=180)

    def _ask(self, method: str, path: str, body: Body, headers: dict[str, str]) -> Answer:
        if self._open is None:
            self._open = self._connection()
        length = body.stat().st_size if isinstance(body, Path) else None
        length = len(body) if isinstance(body, bytes) else length
        told = {} if length is None else {"Content-Length": str(length)}
        sent: Any = pieces_of(body) if isinstance(body, Path) else body
        self._open.request(method, path, sent or None, headers | told, encode_chunked=length is None)
        answer = self._open.getresponse()
        told_back: dict[str, str] = {}
        for name, value in answer.getheaders():
            earlier = told_back.get(name.lower())
            told_back[name.lower()] = f"{earlier}, {value}" if earlier else value
        return Answer(answer.status, answer.read(), told_back)


class Api(Http):
    """The API with an account's token."""

    def __init__(self, portal: Portal, account: Account) -> None:
        super().__init__(portal, Authorization=f"Bearer {account.api_token}")
        self.account = account

    def get(self, path: str, **query: object) -> Any:
        """What a GET under /api/v1 answers with 200."""
        answer = self.ask("GET", f"/api/v1/{path}" + (f"?{urlencode(query)}" if query else ""))
        assert answer.status == 200, (path, answer)
        return answer.json

    def send(self, program: str, filename: str, body: Body, **headers: str) -> Answer:
        """Hand a file over, or learn why not."""
        query = urlencode({"program": program, "filename": filename})
        return self.ask("POST", f"/api/v1/transfers?{query}", body, **headers)

    def sent(self, program: str, filename: str, body: Body) -> dict[str, Any]:
        """Hand a file over; the transfer with its receipt."""
        answer = self.send(program, filename, body)
        assert answer.status == 201, answer
        handed: dict[str, Any] = answer.json
        return handed

    def send_rest(self, identifier: str, start: int, part: bytes, size: int) -> Answer:
        """The part of a draft that begins at `start`, of `size` bytes in all."""
        span = f"bytes {start}-{start + len(part) - 1}/{size}"
        return self.ask("PUT", f"/api/v1/transfers/{identifier}/content", part, Content_Range=span)

    def all(self, path: str, **query: object) -> Iterator[dict[str, Any]]:
        """Every item of a list, part by part."""
        cursor: dict[str, object] = {}
        while True:
            part = self.get(path, limit=1000, **query, **cursor)
            yield from part["items"]
            if part["next"] is None:
                return
            cursor = {"cursor": part["next"]}

    def settled(self, identifier: str, seconds: float = 120) -> dict[str, Any]:
        """The transfer once nothing more is done with it."""
        shown: dict[str, Any] = {}

        def look() -> bool:
            shown.update(self.get(f"transfers/{identifier}"))
            return shown["status"] in SETTLED

        wait_until(look, seconds, f"transfer {identifier} is not settled")
        return shown

    def inbound(self, filename: str) -> list[dict[str, Any]]:
        """What was handed over under a name."""
        return [one for one in self.all("transfers", direction="inbound") if one["filename"] == filename]

    def settled_named(self, filename: str, seconds: float = 120) -> dict[str, Any]:
        """The only file handed over under a name, once it is settled."""
        (found,) = self.inbound(filename)
        return self.settled(found["id"], seconds)

    def findings(self, identifier: str) -> list[dict[str, Any]]:
        return list(self.all(f"transfers/{identifier}/findings"))

    def answers(self, identifier: str) -> dict[str, dict[str, Any]]:
        """Our answers to a transfer, by the rest of their names: `.res`, `.findings.csv`, `.ack.json`."""
        told = self.get(f"transfers/{identifier}")
        mine = [one for one in self.all("transfers", direction="outbound") if one["answers_to"] == identifier]
        named = {one["filename"].removeprefix(told["filename"]): one for one in mine}
        assert len(named) == len(mine), [one["filename"] for one in mine]
        return named

    def content(self, identifier: str) -> bytes:
        answer = self.ask("GET", f"/api/v1/transfers/{identifier}/content")
        assert answer.status == 200, answer
        return answer.body


class Pages(Http):
    """A browser without scripts, signed in as an account by password and code."""

    def __init__(self, portal: Portal, account: Account) -> None:
        super().__init__(portal, Origin=portal.web, Accept="text/html")
        self.account = account
        names = {"username": account.username, "password": account.password}
        self._form("/sign-in", names, 200)
        self._form("/sign-in", {"code": unused_code(portal, account)}, 303)

    def send(self, program: str, filename: str, content: bytes | Path) -> Answer:
        """Hand a file over with the plain form; one on disk is streamed."""
        kind, opening, closing = form_around(program, filename)
        if isinstance(content, bytes):
            body: Body = opening + content + closing
        else:
            body = itertools.chain([opening], pieces_of(content), [closing])
        return self.ask("POST", "/files/send", body, Content_Type=kind)

    def _form(self, path: str, fields: dict[str, str], expected: int) -> None:
        kind = "application/x-www-form-urlencoded"
        answer = self.ask("POST", path, urlencode(fields).encode(), Content_Type=kind)
        assert answer.status == expected, answer
        set_cookies = re.findall(r"(?:^|, )([\w-]+)=([^;,]+)", answer.headers.get("set-cookie", ""))
        kept = dict(pair.split("=", 1) for pair in self.headers.get("Cookie", "").split("; ") if pair)
        kept |= {name: value for name, value in set_cookies if name.startswith(("portal", "__Host"))}
        self.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in kept.items())


def unused_code(portal: Portal, account: Account) -> str:
    """A code of the account that it has not signed in with yet: the next one where this one is used up."""
    step = max(int(time.time()) // STEP_SECONDS, portal.steps.get(account.username, 0) + 1)
    wait_until(lambda: time.time() // STEP_SECONDS >= step - 1, 2 * STEP_SECONDS, "no code is left")
    portal.steps[account.username] = step
    return pyotp.TOTP(account.totp_secret).generate_otp(step)


def form_of(program: str, filename: str, content: bytes) -> tuple[str, bytes]:
    """A multipart form as browsers send it: its Content-Type and its body."""
    kind, opening, closing = form_around(program, filename)
    return kind, opening + content + closing


def form_around(program: str, filename: str) -> tuple[str, bytes, bytes]:
    """The Content-Type of such a form, and what stands before and after the file's bytes."""
    boundary = f"----portal{secrets.token_hex(12)}"
    opening = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="program"\r\n\r\n{program}\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return f"multipart/form-data; boundary={boundary}", opening.encode(), f"\r\n--{boundary}--\r\n".encode()


class OpenSsh:
    """OpenSSH's `sftp`, signed in with an account's key."""

    def __init__(self, portal: Portal, account: Account, folder: Path) -> None:
        """`folder` is for its own files."""
        if shutil.which("sftp") is None:
            pytest.skip("sftp is not installed (Debian package openssh-client)")
        self.folder = folder
        where = portal.facts["sftp"]
        known = folder / "known_hosts"
        known.write_text(f"[{where['host']}]:{where['port']} {where['host_key']}\n")
        options = {
            "UserKnownHostsFile": known,
            "GlobalKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "yes",
            "IdentityFile": account.sftp["private_key"],
            "IdentitiesOnly": "yes",
            "BatchMode": "yes",
        }
        address = f"{account.sftp['username']}@{where['host']}"
        self.command = [
            "sftp",
            *(f"-o{name}={value}" for name, value in options.items()),
            f"-P{where['port']}",
            "-b-",
            address,
        ]

    def batch(self, *commands: str, seconds: float = 300) -> tuple[int, str]:
        """Run commands; the exit code, and both streams."""
        done = subprocess.run(
            self.command,
            input="\n".join(commands).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
            env={"HOME": str(self.folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )
        return done.returncode, done.stdout.decode(errors="replace")

    def put(self, local: Path, remote: str, seconds: float = 300) -> None:
        code, said = self.batch(f'put "{local}" "{remote}"', seconds=seconds)
        assert code == 0, said

    def get(self, remote: str, local: Path, seconds: float = 300) -> None:
        code, said = self.batch(f'get "{remote}" "{local}"', seconds=seconds)
        assert code == 0, said


def paramiko_client(portal: Portal, account: Account) -> paramiko.SFTPClient:
    """An SFTP client whose every step a test can time; close its channel's transport afterwards."""
    where = portal.facts["sftp"]
    connection = socket.create_connection((where["host"], where["port"]), timeout=60)
    key = paramiko.Ed25519Key(filename=account.sftp["private_key"])
    expected = paramiko.Ed25519Key(data=base64.b64decode(where["host_key"].split()[1]))
    try:
        transport = paramiko.Transport(connection)
    except BaseException:
        connection.close()
        raise
    try:
        transport.banner_timeout = transport.auth_timeout = 60
        transport.connect(hostkey=expected, username=account.sftp["username"], pkey=key)
        client = paramiko.SFTPClient.from_transport(transport)
    except BaseException:
        transport.close()
        raise
    assert client is not None
    return client


def pieces_of(file: Path, size: int = PIECE) -> Iterator[bytes]:
    """A file's bytes in pieces."""
    with file.open("rb") as content:
        while piece := content.read(size):
            yield piece
