"""Uploads whose clients stop between pieces, so that a process can be killed at any point."""

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

_PATIENCE = 60


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
        """Send a file through `api`, `web`, `sftp` or `draft` (SFTP with a rename); never raises."""
        outcome = Outcome()
        try:
            doors = {"api": self._api, "web": self._web, "sftp": self._sftp, "draft": self._draft}
            doors[door](program, filename, content, passing, outcome)
        except (OSError, EOFError, http.client.HTTPException, paramiko.SSHException) as failed:
            outcome.why_not = f"{type(failed).__name__}: {failed}"
        return outcome

    def _api(self, program: str, filename: str, content: bytes, passing: Passing, outcome: Outcome) -> None:
        query = urlencode({"program": program, "filename": filename})
        self._post(f"/api/v1/transfers?{query}", content, self.api.headers, passing, outcome)

    def _web(self, program: str, filename: str, content: bytes, passing: Passing, outcome: Outcome) -> None:
        kind, body = form_of(program, filename, content)
        headers = self.pages.headers | {"Content-Type": kind, "Origin": self.portal.web}
        self._post("/files/send", body, headers, passing, outcome)

    def _post(
        self, path: str, body: bytes, headers: dict[str, str], passing: Passing, outcome: Outcome
    ) -> None:
        place = urlsplit(self.portal.web)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=_PATIENCE)
        try:
            connection.putrequest("POST", path)
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
            client.get_channel().settimeout(_PATIENCE)  # type: ignore[union-attr]
            file = client.open(place, "wb")
            for done, piece in _pieces(content, 32_000):
                passing(done)
                file.write(piece)
            outcome.all_sent = not final
            passing(1.0)
            # SFTPFile.close() hides what CLOSE was answered with.
            client._request(wire.CMD_CLOSE, file.handle)  # type: ignore[attr-defined]
            file._closed = True
            if final:
                outcome.all_sent = True
                passing(1.0)
                client.rename(place, final)
            outcome.acknowledged = True
        finally:
            client.get_channel().get_transport().close()  # type: ignore[union-attr]


def _pieces(content: bytes, most: int = 64 * 1024) -> list[tuple[float, bytes]]:
    """The content in at least eight pieces where it is long enough, each with what lies before it."""
    size = max(1, min(most, len(content) // 8))
    return [(start / len(content), content[start : start + size]) for start in range(0, len(content), size)]
