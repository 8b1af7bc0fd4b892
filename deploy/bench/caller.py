"""One kept connection to the API of the portal under measurement."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deploy.bench.driving import TransferFailedError
from deploy.bench.portal import Portal

_PIECE = 1 << 20
_LONGEST = 600
"""Seconds to wait for an answer."""


class Caller:
    """Calls the API, one call after the other. Every call raises `TransferFailedError` when it is refused."""

    def __init__(self, connection: http.client.HTTPConnection, token: str) -> None:
        self._connection = connection
        self._token = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> Any:
        """What a path answers."""
        return self._ask("GET", path, None, {})

    def post(self, path: str, asked: object) -> Any:
        """What a path answers to `asked`."""
        return self._ask("POST", path, json.dumps(asked).encode(), {"Content-Type": "application/json"})

    def tail(self, path: str, length: int) -> bytes:
        """The last bytes of a path's content."""
        self._connection.request("GET", path, headers=self._token | {"Range": f"bytes=-{length}"})
        return self._answered(path)

    def send(self, path: str, file: Path) -> tuple[Any, float]:
        """Hand a file over; the answer, and the moment (`perf_counter`) when the last byte was sent."""
        connection = self._connection
        connection.putrequest("POST", path)
        for name, value in (self._token | {"Content-Length": str(file.stat().st_size)}).items():
            connection.putheader(name, value)
        connection.endheaders()
        with file.open("rb") as content:
            while piece := content.read(_PIECE):
                connection.send(piece)
        sent = time.perf_counter()
        return json.loads(self._answered(path)), sent

    def _ask(self, method: str, path: str, body: bytes | None, more: dict[str, str]) -> Any:
        self._connection.request(method, path, body, self._token | more)
        return json.loads(self._answered(path))

    def _answered(self, path: str) -> bytes:
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status >= http.client.MULTIPLE_CHOICES:
            raise TransferFailedError(f"{path} answered {answer.status}: {body[:300]!r}")
        return body


@contextmanager
def calling(ours: Portal) -> Iterator[Caller]:
    """A connection in the name of the portal's employer."""
    address = urlsplit(ours.web)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_LONGEST)
    try:
        yield Caller(connection, ours.token)
    finally:
        connection.close()
