"""The messages of SSH's login (RFC 4252, RFC 4256), read strictly and taken only in their order.

It replaces the library's handler, which takes answers nobody asked for, loops over a count the peer gives and
hangs up on a key type it does not know.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import paramiko
from paramiko import Message
from paramiko.auth_handler import AuthHandler
from paramiko.common import (
    MSG_SERVICE_ACCEPT,
    MSG_SERVICE_REQUEST,
    MSG_USERAUTH_BANNER,
    MSG_USERAUTH_FAILURE,
    MSG_USERAUTH_INFO_REQUEST,
    MSG_USERAUTH_INFO_RESPONSE,
    MSG_USERAUTH_REQUEST,
    MSG_USERAUTH_SUCCESS,
)

from exchange.accounts import certificates
from sftp_gateway import limits, wire
from sftp_gateway.login import Accepted, Ask, HalfWay, Outcome, Refused

if TYPE_CHECKING:
    from sftp_gateway.transport import GatewayTransport

_PK_OK = 60
_SERVICE_NOT_AVAILABLE = 7
_TOO_MANY_CONNECTIONS = 12
_NO_MORE_METHODS = 14
_CONNECTION = "ssh-connection"

KEYS: dict[str, tuple[str, Callable[..., paramiko.PKey]]] = {
    # signature algorithm: the type its key blob names, and the class that verifies it
    "ssh-ed25519": ("ssh-ed25519", paramiko.Ed25519Key),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256", paramiko.ECDSAKey),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384", paramiko.ECDSAKey),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521", paramiko.ECDSAKey),
    "rsa-sha2-512": ("ssh-rsa", paramiko.RSAKey),
    "rsa-sha2-256": ("ssh-rsa", paramiko.RSAKey),
}
CERTIFICATES = {
    f"{algorithm}{certificates.SUFFIX}": (f"{kind}{certificates.SUFFIX}", verifier)
    for algorithm, (kind, verifier) in KEYS.items()
}
PUBLIC_KEYS = {**KEYS, **CERTIFICATES}
"""What may be named in a login request; a certificate's key signs with the algorithm of its own kind."""


class LoginEndedError(EOFError):
    """Too many failures, or a service that is not there; the peer was told."""


class Authentication(AuthHandler):
    """The server's side of the login of one connection."""

    transport: "GatewayTransport"

    def __init__(self, transport: "GatewayTransport") -> None:
        super().__init__(transport)
        self.login = transport.login
        self.accepted: Accepted | None = None
        self.failures = 0
        self._requests = 0
        self._service_open = False
        self._asked_of: str | None = None

    @property
    def _handler_table(self) -> "dict[int, Callable[[Message], None]]":
        """The messages a client may send; the library's loop looks here."""
        return {
            MSG_SERVICE_REQUEST: self._service_requested,
            MSG_USERAUTH_REQUEST: self._requested,
            MSG_USERAUTH_INFO_RESPONSE: self._answered,
        }

    def _service_requested(self, m: Message) -> None:
        service = wire.Reader(m.get_remainder()).text()
        self._requests += 1  # some clients ask anew before each attempt
        if service != "ssh-userauth" or self.authenticated or self._requests > limits.LOGIN_REQUESTS:
            self._end(_SERVICE_NOT_AVAILABLE, "No such service.")
        self._service_open = True
        self.transport.send(wire.message(MSG_SERVICE_ACCEPT, wire.string(service)))

    def _requested(self, m: Message) -> None:
        if self.authenticated:
            return  # RFC 4252, 5.1: requests after success are ignored
        self._requests += 1
        self._asked_of = None
        reader = wire.Reader(m.get_remainder())
        username, service, method = reader.text(), reader.text(), reader.text()
        if not self._service_open or service != _CONNECTION:
            self._end(_SERVICE_NOT_AVAILABLE, "No such service.")
        if self._requests > limits.LOGIN_REQUESTS:
            self._end(_NO_MORE_METHODS, "Too many login requests.")
        self.auth_username = username
        if method == "none":
            self._send_failure()
        elif method == "publickey":
            self._by_key(username, reader)
        elif method == "password":
            self._by_password(username, reader)
        elif method == "keyboard-interactive":
            self._asked_of = username
            self._conclude(self.login.ask(username))
        else:
            self._conclude(Refused())

    def _by_password(self, username: str, reader: wire.Reader) -> None:
        changes = reader.boolean()
        password = reader.text()
        self._conclude(Refused() if changes else self.login.password(username, password))

    def _by_key(self, username: str, reader: wire.Reader) -> None:
        """A question whether a key would do, or a signature with it."""
        signed, algorithm, blob = reader.boolean(), reader.text(), bytes(reader.string())
        known = _names_itself(algorithm, blob) and self.login.key_is_known(username, blob)
        if not signed:
            if known:
                self.transport.send(wire.message(_PK_OK, wire.string(algorithm), wire.string(blob)))
            else:
                self._send_failure()  # agents offer many keys: a key nobody knows is no failed attempt
            return
        signature = bytes(reader.string())
        if not known:
            self._conclude(Refused())  # not guessing at a secret, so not counted against the account
        elif _verified(algorithm, blob, self._signed_data(username, algorithm, blob), signature):
            self._conclude(self.login.key_proved(username, blob))
        else:
            self._conclude(self.login.key_not_proved(username))

    def _signed_data(self, username: str, algorithm: str, blob: bytes) -> bytes:
        """RFC 4252, section 7."""
        session_id = self.transport.session_id
        if not session_id:
            raise wire.MalformedError
        request = bytes([MSG_USERAUTH_REQUEST]) + b"".join(
            wire.string(part) for part in (username, _CONNECTION, "publickey")
        )
        return wire.string(session_id) + request + b"\1" + wire.string(algorithm) + wire.string(blob)

    def _answered(self, m: Message) -> None:
        username, self._asked_of = self._asked_of, None
        if self.authenticated or username is None:
            self._conclude(Refused())
            return
        reader = wire.Reader(m.get_remainder())
        count = reader.uint32()
        if count > limits.PROMPTS:
            raise wire.MalformedError
        self._conclude(self.login.answer(username, tuple(reader.text() for _ in range(count))))

    def _conclude(self, outcome: Outcome) -> None:
        """Tell the peer what came of a step."""
        match outcome:
            case _ if self.authenticated:
                return
            case Accepted():
                if words := self.transport.admit(outcome):
                    self._end(_TOO_MANY_CONNECTIONS, words)
                self.accepted = outcome
                self.authenticated = True
                self.transport.send(wire.message(MSG_USERAUTH_SUCCESS))
                self.transport.logged_in()
            case Ask(instructions, prompts):
                texts = wire.string("") + wire.string(instructions) + wire.string("")
                questions = b"".join(wire.string(prompt) + b"\0" for prompt in prompts)
                self.transport.send(
                    wire.message(MSG_USERAUTH_INFO_REQUEST, texts, wire.uint32(len(prompts)), questions)
                )
            case HalfWay():
                self._send_failure(partly=True)
            case Refused(words):
                self._refuse(words)

    def _refuse(self, words: str) -> None:
        if words:
            self.transport.send(
                wire.message(MSG_USERAUTH_BANNER, wire.string(words + "\r\n"), wire.string("en"))
            )
        self.failures += 1
        if self.failures >= limits.FAILURES:
            self._end(_NO_MORE_METHODS, "Too many failed attempts.")
        self._send_failure()

    def _send_failure(self, *, partly: bool = False) -> None:
        methods = ",".join(self.login.methods)
        self.transport.send(wire.message(MSG_USERAUTH_FAILURE, wire.string(methods), bytes([partly])))

    def _end(self, code: int, words: str) -> None:
        self.transport.disconnect(words, code)
        raise LoginEndedError


def _names_itself(algorithm: str, blob: bytes) -> bool:
    """Whether the algorithm is one we take and the key blob is of its type."""
    if algorithm not in PUBLIC_KEYS:
        return False
    try:
        return wire.Reader(blob).text() == PUBLIC_KEYS[algorithm][0]
    except wire.MalformedError:
        return False


def _verified(algorithm: str, blob: bytes, data: bytes, signature: bytes) -> bool:
    """Whether `signature`, made by exactly `algorithm`, is over `data`, by this key or the one certified.

    Any exception is a no.
    """
    try:
        if wire.Reader(signature).text() != algorithm.removesuffix(certificates.SUFFIX):
            return False
        key = PUBLIC_KEYS[algorithm][1](data=certificates.key_of(blob))
        return bool(key.verify_ssh_sig(data, Message(signature)))
    except Exception:  # noqa: BLE001  # whatever a hostile key or signature sets off, it proves nothing
        return False
