"""One synthetic source: a small HTTP server on a socket of this machine, which forgets all when it ends."""

import json
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from deploy.sources import behaviour

LONGEST = 65_536
_PAGE = 100


class Source:
    """What a source was asked and has answered so far."""

    def __init__(self, code: str) -> None:
        """Begin with nothing."""
        self.code = code
        self.run = f"{time.time_ns():x}"
        self._asked: dict[str, int] = {}
        self._due: list[tuple[float, dict[str, Any]]] = []
        self._answered: list[dict[str, Any]] = []
        self._turn = threading.Lock()

    def ask(self, question_id: str, person: behaviour.Person) -> bool:
        """Take a question, also one that was taken before; False where it is refused for now."""
        with self._turn:
            times = self._asked.get(question_id, 0)
            self._asked[question_id] = times + 1
            fails = behaviour.manner_of(self.code).fails
            if times == 0 and behaviour.happens(self.code, person, "fails", fails):
                self._asked[question_id] = -1
                return False
            if times <= 0:
                self._plan(question_id, person)
            elif behaviour.happens(self.code, person, "news", behaviour.manner_of(self.code).news):
                self._plan_news(question_id, person)
            return True

    def answers(self, after: str) -> tuple[list[dict[str, Any]], str]:
        """What is answered behind a cursor, and the next cursor; those of earlier runs are forgotten."""
        run, _, place = after.partition("-")
        with self._turn:
            now = time.monotonic()
            self._answered += [told for due, told in self._due if due <= now]
            self._due = [(due, told) for due, told in self._due if due > now]
            first = int(place) if run == self.run and place.isdecimal() else 0
            told = self._answered[first : first + _PAGE]
            return told, f"{self.run}-{first + len(told)}"

    def _plan(self, question_id: str, person: behaviour.Person) -> None:
        manner, code = behaviour.manner_of(self.code), self.code
        if behaviour.happens(code, person, "silent", manner.silent):
            return
        about = {name: person.get(name, "") for name in ("ssn", "last_name")}
        if behaviour.happens(code, person, "mistakes", manner.mistakes):
            about |= {"ssn": "900019999"}
        told = {"id": question_id, "about": about, "answer": behaviour.answer(code, person)}
        due = time.monotonic() + behaviour.delay(code, person, "answer")
        self._due.append((due, told))
        if behaviour.happens(code, person, "repeats", manner.repeats):
            self._due.append((due + 0.5, told))
        if behaviour.happens(code, person, "corrects", manner.corrects):
            later = due + behaviour.delay(code, person, "correction")
            self._due.append((later, told | {"answer": behaviour.answer(code, person, 2)}))

    def _plan_news(self, question_id: str, person: behaviour.Person) -> None:
        """What has changed since the first time: the same, however often it is asked after that."""
        about = {name: person.get(name, "") for name in ("ssn", "last_name")}
        due = time.monotonic() + behaviour.delay(self.code, person, "news")
        said = behaviour.answer(self.code, person, 3)
        self._due.append((due, {"id": question_id, "about": about, "answer": said}))


class _Handler(BaseHTTPRequestHandler):
    """Two calls: `POST /questions`, `GET /answers?after=CURSOR`."""

    server: "_Server"
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Take a question."""
        length = int(self.headers.get("Content-Length", 0))
        if self.path != "/questions" or not 0 < length <= LONGEST:
            self._say(400, {})
            return
        asked = json.loads(self.rfile.read(length))
        taken = self.server.source.ask(str(asked["id"]), dict(asked["person"]))
        self._say(202 if taken else 503, {})

    def do_GET(self) -> None:
        """Hand answers over."""
        told, cursor = self.server.source.answers(self.path.rpartition("after=")[2])
        self._say(200, {"answers": told, "next": cursor})

    def _say(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        """A socket of this machine has no address."""
        return "local"

    def log_message(self, *_: object) -> None:
        """Nothing that was asked is written anywhere."""


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Serves one source."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: Path, source: Source) -> None:
        """Listen on a path, in place of whoever listened there before."""
        path.unlink(missing_ok=True)
        super().__init__(str(path), _Handler)
        self.source = source


def serve(code: str, path: Path) -> None:
    """Be one source until told to end."""
    with _Server(path, Source(code)) as server:
        server.serve_forever()
