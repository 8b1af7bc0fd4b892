"""A source of locate under a test's command: it answers what it is told, hangs, refuses or talks nonsense."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any


class Scripted(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """`asked`: the questions that came; `told`: the answers to hand out; `status`: of its replies.

    While `answering` is not set it hangs; `raw` is said in place of a page of answers.
    """

    daemon_threads = True

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), Handler)
        self.address = f"unix:{path}"
        self.asked: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        self.status = 200
        self.raw = b""
        self.answering = threading.Event()
        self.answering.set()

    def answer(self, said: dict[str, Any], **about: str) -> None:
        """Answer the question that came last."""
        last = self.asked[-1]
        echo = {name: last["person"].get(name, "") for name in ("ssn", "last_name")} | about
        self.told.append({"id": last["id"], "about": echo, "answer": said})


class Handler(BaseHTTPRequestHandler):
    server: Scripted
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.answering.wait(10)
        if self.server.status < 400:
            self.server.asked.append(asked)
        self.say(b"{}")

    def do_GET(self) -> None:
        self.server.answering.wait(10)
        after = int(self.path.rpartition("after=")[2] or 0)
        page = {"answers": self.server.told[after:], "next": str(len(self.server.told))}
        self.say(self.server.raw or json.dumps(page).encode())

    def say(self, body: bytes) -> None:
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "local"

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def scripted_source(path: Path) -> Iterator[Scripted]:
    with Scripted(path) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.answering.set()
            server.shutdown()
            thread.join()
