"""Uploads, begun and resumed, whose clients tell of each piece, so that a process can be killed there."""

import http.client
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import paramiko
from paramiko import sftp as wire

from tests.acceptance.doors import Api, Pages, form_of, paramiko_client
from tests.acceptance.running import Account, Portal

Passing = Callable[[float], None]
"""Told how much of the upload is behind it: 0 to 1, and 1 once more when only the answer is missing."""

Request = tuple[str, str, bytes, dict[str, str]]
"""Method, path, body and headers."""

_PATIENCE = 60


@dataclass(frozen=True)
class Part:
    """What is sent of a draft: the bytes from `start`, of a file of `size` bytes."""

    start: int
    body: bytes
    size: int

    @property
    def is_last(self) -> bool:
        return self.start + len(self.body) == self.size

    @property
    def content_range(self) -> str:
        """As HTTP says it; that nothing is missing any more has a form of its own."""
        span = f"{self.start}-{self.start + len(self.body) - 1}" if self.body else "*"
        return f"bytes {span}/{self.size}"


@dataclass
class Outcome:
    """What the client knows. `all_sent`: nothing was left to send, so without an answer it cannot know."""

    acknowledged: bool = False
    all_sent: bool = False
    why_not: str = ""


@dataclass(frozen=True)
class Sender:
    """Uploads files of one account through any door."""

    portal: Portal
    account: Account
    api: Api
    pages: Pages

    def send(self, door: str, program: str, filename: str, content: bytes, passing: Passing) -> Outcome:
        """Send a file through a door; whatever breaks off is told in the outcome.

        `api`, `web` (the plain form), `script` (as a page's script does), `sftp` or `draft` (with a rename).
        """
        doors = {
            "api": self._api,
            "web": self._web,
            "script": self._script,
            "sftp": self._sftp,
            "draft": self._draft,
        }
        return _told(lambda outcome: doors[door](program, filename, content, passing, outcome))

    def send_on(self, door: str, identifier: str, part: Part, passing: Passing) -> Outcome:
        """Go on with a draft through `api` or `script`; the last part hands it over."""
        place = {"api": f"/api/v1/transfers/{identifier}/content", "script": f"/files/{identifier}/content"}
        span = {"Content-Range": part.content_range}
        headers = (self.api.headers if door == "api" else self._page_headers()) | span
        request = ("PUT", place[door], part.body, headers)
        return _told(lambda outcome: self._request(request, passing, outcome))

    def append(self, place: str, part: Part, passing: Passing, final: str) -> Outcome:
        """Go on with a draft by SFTP; the last part hands it over, under the name `final`, if any.

        Before the end the client breaks off without a word. More than was seen may be held by the time the
        draft is open: what an earlier connection had sent is taken to its end.
        """
        return _told(lambda outcome: self._append(place, part, passing, (outcome, final)))

    def _api(self, program: str, filename: str, content: bytes, passing: Passing, outcome: Outcome) -> None:
        query = urlencode({"program": program, "filename": filename})
        self._request(("POST", f"/api/v1/transfers?{query}", content, self.api.headers), passing, outcome)

    def _script(
        self, program: str, filename: str, content: bytes, passing: Passing, outcome: Outcome
    ) -> None:
        query = urlencode({"program": program, "filename": filename})
        self._request(("POST", f"/files/raw?{query}", content, self._page_headers()), passing, outcome)

    def _web(self, program: str, filename: str, content: bytes, passing: Passing, outcome: Outcome) -> None:
        kind, body = form_of(program, filename, content)
        headers = self._page_headers() | {"Content-Type": kind, "Accept": "text/html"}
        self._request(("POST", "/files/send", body, headers), passing, outcome)

    def _page_headers(self) -> dict[str, str]:
        return self.pages.headers | {"Origin": self.portal.web, "Accept": "application/json"}

    def _request(self, request: Request, passing: Passing, outcome: Outcome) -> None:
        method, path, body, headers = request
        place = urlsplit(self.portal.web)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=_PATIENCE)
        try:
            connection.putrequest(method, path)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                connection.putheader(name, value)
            connection.endheaders()
            for done, piece in _pieces(body):
                passing(done)
                connection.send(piece)
            outcome.all_sent = True
            passing(1.0)
            answer = connection.getresponse()
            said = answer.read()
            location = answer.headers.get("Location", "")
            handed = answer.status == 201 or (answer.status == 303 and re.match(r"/files/\w+-", location))
            outcome.acknowledged, outcome.why_not = bool(handed), f"{answer.status} {said[:300]!r}"
            outcome.all_sent = outcome.all_sent and answer.status not in range(400, 500)
        finally:
            connection.close()

    def _sftp(self, program: str, filename: str, content: bytes, passing: Passing, outcome: Outcome) -> None:
        self._put(f"/inbox/{program}/{filename}", content, passing, outcome, "")

    def _draft(self, program: str, filename: str, content: bytes, passing: Passing, outcome: Outcome) -> None:
        place = f"/inbox/{program}/{filename}"
        self._put(f"{place}.part", content, passing, outcome, place)

    def _put(self, place: str, content: bytes, passing: Passing, outcome: Outcome, final: str) -> None:
        client = paramiko_client(self.portal, self.account)
        try:
            client.get_channel().settimeout(_PATIENCE)  # type: ignore[union-attr]  # open: it is there
            file = client.open(place, "wb")
            for done, piece in _pieces(content, 32_000):
                passing(done)
                file.write(piece)
            outcome.all_sent = not final
            passing(1.0)
            _close(client, file)
            if final:
                outcome.all_sent = True
                passing(1.0)
                client.rename(place, final)
            outcome.acknowledged = True
        finally:
            client.get_channel().get_transport().close()  # type: ignore[union-attr]  # open: it is there

    def _append(self, place: str, part: Part, passing: Passing, told: tuple[Outcome, str]) -> None:
        outcome, final = told
        client = paramiko_client(self.portal, self.account)
        try:
            client.get_channel().settimeout(_PATIENCE)  # type: ignore[union-attr]  # open: it is there
            file = client.open(place, "ab")
            for done, piece in _pieces(part.body[file.tell() - part.start :], 32_000):
                passing(done)
                file.write(piece)
            passing(1.0)
            if not part.is_last:
                return
            outcome.all_sent = True
            _close(client, file)
            if final:
                client.rename(place, final)
            outcome.acknowledged = True
        finally:
            client.get_channel().get_transport().close()  # type: ignore[union-attr]  # open: it is there


def _told(send: Callable[[Outcome], None]) -> Outcome:
    outcome = Outcome()
    try:
        send(outcome)
    except (OSError, EOFError, http.client.HTTPException, paramiko.SSHException) as failed:
        outcome.why_not = f"{type(failed).__name__}: {failed}"
    return outcome


def _close(client: paramiko.SFTPClient, file: paramiko.SFTPFile) -> None:
    """Close a file and raise what CLOSE was answered with, which `SFTPFile.close` hides."""
    client._request(wire.CMD_CLOSE, file.handle)  # type: ignore[attr-defined]  # paramiko's own
    file._closed = True


def _pieces(content: bytes, most: int = 64 * 1024) -> list[tuple[float, bytes]]:
    """The content in at least eight pieces where it is long enough, each with what lies before it."""
    size = max(1, min(most, len(content) // 8))
    return [(start / len(content), content[start : start + size]) for start in range(0, len(content), size)]
