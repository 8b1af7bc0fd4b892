"""The SSH transport: paramiko's, with a short list of algorithms and own channels, in one thread.

This is the one module that touches names the library keeps to itself. `check_library` looks at all of them at
start-up and refuses to serve when one is missing: stock parts would be a wider door than this one.
"""

import logging
import socket
from collections.abc import Callable
from typing import Any, ClassVar

import paramiko
from paramiko import Message, SSHException
from paramiko.common import (
    MSG_CHANNEL_CLOSE,
    MSG_CHANNEL_DATA,
    MSG_CHANNEL_EOF,
    MSG_CHANNEL_EXTENDED_DATA,
    MSG_CHANNEL_FAILURE,
    MSG_CHANNEL_OPEN,
    MSG_CHANNEL_REQUEST,
    MSG_CHANNEL_SUCCESS,
    MSG_CHANNEL_WINDOW_ADJUST,
    MSG_DISCONNECT,
    MSG_GLOBAL_REQUEST,
    MSG_KEXINIT,
    MSG_NAMES,
    MSG_NEWKEYS,
    MSG_REQUEST_FAILURE,
    MSG_UNIMPLEMENTED,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_FAILED_RESOURCE_SHORTAGE,
)
from paramiko.kex_curve25519 import KexCurve25519

from sftp_gateway import announcement, limits, wire
from sftp_gateway.authentication import Authentication
from sftp_gateway.channel import Session, SessionChannel
from sftp_gateway.host_keys import HostKeys
from sftp_gateway.login import Accepted, Login
from sftp_gateway.packetizer import BoundedPacketizer

IDENTIFICATION = "SSH-2.0-OCSS"
KEY_EXCHANGES = (
    "mlkem768x25519-sha256",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
)
KEY_EXCHANGES_OF_NIST = (  # offered only where the operator says so: see the setting `sftp_nist_curves`
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
)
CIPHERS = ("aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr")
MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",  # libssh2 before 1.11 (curl of Debian 12) knows no other; only ever with aes256-ctr
)
HOST_KEYS = ("ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256")
HOST_KEY_OF_OPERATOR = "ecdsa-sha2-nistp256"  # offered only where there is one: see host_keys.py

_EXT_INFO = 7
_OPEN_CONFIRMATION = 91
_OPEN_FAILURE = 92
_BY_APPLICATION = 11
_MOST_EXTENSIONS = 64
_UNHEARD_OF = frozenset(range(256)).difference(MSG_NAMES)  # the library fails on these
_TESTED = ("5.1",)
_NEEDED = (
    "_channel_handler_table",
    "_ensure_authed",
    "_expect_packet",
    "_kex_info",
    "_negotiate_keys",
    "_parse_channel_open",
    "_parse_ext_info",
    "_parse_global_request",
    "_parse_newkeys",
    "_preferred_keys",
    "_preferred_pubkeys",
    "_send_message",
)
_NEEDED_OF_INSTANCE = ("_channels", "_handler_table", "clear_to_send")
_LOG = "sftp_gateway.library"


class LibraryUnfitError(RuntimeError):
    """The installed paramiko lacks what the hardening needs."""


def check_library() -> str | None:
    """Look at everything of the library this module needs; a warning for a version that was not tried.

    Raises `LibraryUnfitError` when something is missing.
    """
    missing = [name for name in _NEEDED if not hasattr(paramiko.Transport, name)]
    if not missing:
        near, far = socket.socketpair()
        with near, far:
            probe = paramiko.Transport(near)
            missing = [name for name in _NEEDED_OF_INSTANCE if not hasattr(probe, name)]
    if missing:
        raise LibraryUnfitError(f"paramiko {paramiko.__version__} lacks {', '.join(missing)}")
    if not paramiko.__version__.startswith(_TESTED):
        return f"paramiko {paramiko.__version__} was not tried with this gateway"
    return None


class GatewayTransport(paramiko.Transport):
    """One connection. `serve` runs it to its end in the calling thread and never raises.

    `admit` has the last word on a login that succeeded: words to refuse it with, or None.
    """

    _kex_info: ClassVar[dict[str, Any]] = {
        **paramiko.Transport._kex_info,  # type: ignore[attr-defined]  # noqa: SLF001  # see the module's first lines
        "curve25519-sha256": KexCurve25519,  # RFC 8731's name of the same method
    }
    _preferred_kex: tuple[str, ...] = KEY_EXCHANGES
    _preferred_ciphers = CIPHERS
    _preferred_macs = MACS
    _preferred_keys = (*HOST_KEYS, HOST_KEY_OF_OPERATOR)
    _preferred_compression = ("none",)
    _channel_handler_table: ClassVar[dict[int, Callable[[SessionChannel, Message], None]]] = {
        MSG_CHANNEL_SUCCESS: SessionChannel.answer_received,
        MSG_CHANNEL_FAILURE: SessionChannel.answer_received,
        MSG_CHANNEL_DATA: SessionChannel.data_received,
        MSG_CHANNEL_EXTENDED_DATA: SessionChannel.extended_data_received,
        MSG_CHANNEL_WINDOW_ADJUST: SessionChannel.window_adjusted,
        MSG_CHANNEL_REQUEST: SessionChannel.request_received,
        MSG_CHANNEL_EOF: SessionChannel.eof_received,
        MSG_CHANNEL_CLOSE: SessionChannel.close_received,
    }
    packetizer: BoundedPacketizer
    auth_handler: Authentication | None
    _channels: Any
    _handler_table: dict[int, Callable[[Message], None]]

    def __init__(
        self,
        connection: socket.socket,
        host_keys: HostKeys,
        login: Login,
        open_session: Callable[[], Session],
    ) -> None:
        super().__init__(
            connection,
            default_window_size=limits.WINDOW,
            default_max_packet_size=limits.READ_OR_WRITE,
            packetizer_class=BoundedPacketizer,
        )
        _silence()
        self.set_log_channel(_LOG)
        self.local_version = IDENTIFICATION
        self.host_keys = host_keys
        for key in host_keys.keys:
            self.add_server_key(key)
        self.login = login
        self.admit: Callable[[Accepted], str | None] = lambda _accepted: None
        self.open_session_of_sftp = open_session
        self.sessions: dict[int, SessionChannel] = {}
        self.sessions_ever = 0
        self._may_ask_for_proof = False
        self._waiting: list[Message] = []
        self._handler_table = {
            **dict.fromkeys(_UNHEARD_OF, self._not_implemented),
            MSG_NEWKEYS: self._parse_newkeys,
            MSG_KEXINIT: self._negotiate_keys,
            _EXT_INFO: self._parse_ext_info,
            MSG_GLOBAL_REQUEST: self._parse_global_request,
            MSG_CHANNEL_OPEN: self._parse_channel_open,
        }
        self.packetizer.before_waiting = self._settle

    _negotiate_keys: Callable[[Message], None]

    def offer_nist_curves(self) -> None:
        """Offer ECDH over NIST's curves, too, after what is preferred; before `serve`."""
        self._preferred_kex = (*KEY_EXCHANGES, *KEY_EXCHANGES_OF_NIST)

    def serve(self) -> None:
        """Speak with the peer until the connection ends, in this thread. `saved_exception` tells why."""
        self.server_mode = True
        self.server_object = paramiko.ServerInterface()  # refuses everything; nothing here asks it
        self.active = True
        self.run()

    def may_send(self) -> bool:
        """Whether channel messages may leave now (not while keys are exchanged: RFC 4253, 7.1)."""
        return self.clear_to_send.is_set()

    def post(self, outgoing: Message) -> None:
        """Send a channel message, or keep it until the key exchange is over.

        Raises `SSHException` for a peer that asks on and on meanwhile; the library would let it for 512 MiB.
        """
        if self.may_send():
            self.send(outgoing)
        elif len(self._waiting) < limits.MESSAGES_HELD:
            self._waiting.append(outgoing)
        else:
            raise SSHException("too much was asked while keys are exchanged")

    def send(self, outgoing: Message) -> None:
        """Send a message at once."""
        self._send_message(outgoing)  # type: ignore[attr-defined]  # of the library

    def disconnect(self, words: str, code: int = _BY_APPLICATION) -> None:
        """Say goodbye with words, unless the peer does not read; the caller ends the connection."""
        if self.initial_kex_done and not self.packetizer.writing:
            self.packetizer.stalled = 1
            self.send(wire.message(MSG_DISCONNECT, wire.uint32(code), wire.string(words), wire.string("en")))

    def is_with_openssh(self) -> bool:
        """Whether the client is OpenSSH's, which knows its additions and shows what it hears."""
        return self.remote_version.startswith("SSH-2.0-OpenSSH")

    def logged_in(self) -> None:
        """Authentication succeeded: larger packets may come, and the client may learn host keys."""
        self.packetizer.largest = limits.PACKET_AFTER_LOGIN
        if self.is_with_openssh():
            self._may_ask_for_proof = True
            self.post(announcement.announcement((*self.host_keys.keys, *self.host_keys.others)))

    def forget(self, channel: SessionChannel) -> None:
        """The channel is closed on both sides."""
        self.sessions.pop(channel.number, None)
        self._channels.delete(channel.number)

    def is_authenticated(self) -> bool:
        """Whether the login succeeded on this connection."""
        return self.auth_handler is not None and self.auth_handler.authenticated

    def _settle(self) -> None:
        """All that had come was dealt with: let out what waited for that."""
        if self.may_send():
            while self._waiting:
                self.send(self._waiting.pop(0))
        for channel in list(self.sessions.values()):
            channel.settle()

    # Replacements of the library's own handlers.

    def _ensure_authed(self, ptype: int, m: Message) -> Message | None:
        """What is refused before the login, if this is; what nobody knows is answered alike at any time."""
        refusal: Message | None = None
        if ptype not in _UNHEARD_OF:
            refusal = super()._ensure_authed(ptype, m)  # type: ignore[misc]  # of the library
        return refusal

    def _not_implemented(self, m: Message) -> None:
        """RFC 4253, 11.4: a message nobody knows is answered so, and the connection goes on."""
        self.send(wire.message(MSG_UNIMPLEMENTED, wire.uint32(m.seqno)))

    def _parse_newkeys(self, m: Message) -> None:
        if self.auth_handler is None:
            self.auth_handler = Authentication(self)
        super()._parse_newkeys(m)  # type: ignore[misc]  # of the library

    def _parse_ext_info(self, m: Message) -> None:
        """Nothing a client may announce here matters; the library would loop over a count of the peer's."""
        if wire.Reader(m.get_remainder()).uint32() > _MOST_EXTENSIONS:
            raise SSHException("too many extensions announced")

    def _parse_global_request(self, m: Message) -> None:
        """A proof of the host keys, once; all else is refused. Keep-alives are content with that."""
        reader = wire.Reader(m.get_remainder())
        name, wants_reply = reader.text(), reader.boolean()
        proofs = self._proofs(reader) if name == announcement.PROVE else None
        if wants_reply:
            self.post(proofs or wire.message(MSG_REQUEST_FAILURE))

    def _proofs(self, asked: wire.Reader) -> Message | None:
        may_ask, self._may_ask_for_proof = self._may_ask_for_proof, False
        if not may_ask or not self.session_id:
            return None
        keys = (*self.host_keys.keys, *self.host_keys.others)
        return announcement.proofs(keys, asked, self.session_id, self.host_key_type or "")

    def _parse_channel_open(self, m: Message) -> None:
        reader = wire.Reader(m.get_remainder())
        kind = reader.text()
        remote, window, largest = (reader.uint32() for _ in range(3))
        if kind != "session":
            self._refuse_channel(remote, OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED, "Only SFTP is served here.")
        elif len(self.sessions) >= limits.SESSIONS or self.sessions_ever >= limits.SESSIONS_EVER:
            self._refuse_channel(
                remote, OPEN_FAILED_RESOURCE_SHORTAGE, "Too many sessions on one connection."
            )
        else:
            self._open_channel(remote, window, largest)

    def _open_channel(self, remote: int, window: int, largest: int) -> None:
        number = self.sessions_ever
        self.sessions_ever += 1
        channel = SessionChannel(self, (number, remote), window, largest)
        self.sessions[number] = channel
        self._channels.put(number, channel)
        self.channels_seen[number] = True
        numbers = (remote, number, limits.WINDOW, limits.READ_OR_WRITE)
        self.post(wire.message(_OPEN_CONFIRMATION, *(wire.uint32(value) for value in numbers)))

    def _refuse_channel(self, remote: int, reason: int, words: str) -> None:
        parts = wire.uint32(remote), wire.uint32(reason), wire.string(words), wire.string("en")
        self.post(wire.message(_OPEN_FAILURE, *parts))


def _silence() -> None:
    """The library's own log holds what strangers typed; the gateway writes one line of its own instead."""
    log = logging.getLogger(_LOG)
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
