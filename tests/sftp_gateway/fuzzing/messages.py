"""SSH messages that no well-behaved client sends: before keys, before the login, and after it."""

import struct
from collections.abc import Callable

from sftp_gateway import wire
from sftp_gateway.transport import CIPHERS, HOST_KEYS, KEY_EXCHANGES, MACS
from tests.sftp_gateway.fuzzing.pieces import TYPED, Dice

LINE = f"SSH-2.0-{TYPED}\r\n".encode()
_LINES = (
    b"",
    b"\r\n",
    b"SSH-",
    b"SSH-2.0",
    b"SSH-1.99-x\r\n",
    b"SSH-1.5-x\r\n",
    b"SSH-2.0-\xff\r\n",
    b"SSH-2.0-x\0y\r\n",
    b"SSH-3.0-x\r\n",
    b"ssh-2.0-x\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01",
    b"SSH-2.0-" + b"y" * 246 + b"\n",
    b"SSH-2.0-" + b"y" * 300 + b"\r\n",
    b"hello\r\nSSH-2.0-x\r\n",
    b"SSH-2.0-x" + b"\n" * 300,
)
_LISTS = (KEY_EXCHANGES, HOST_KEYS, CIPHERS, CIPHERS, MACS, MACS, ("none",), ("none",), ("",), ("",))


def plain(payload: bytes) -> bytes:
    """A packet as it is before any keys."""
    padding = 8 - (len(payload) + 5) % 8
    padding += 8 if padding < 4 else 0
    return struct.pack(">IB", len(payload) + padding + 1, padding) + payload + bytes(padding)


def kexinit(dice: Dice) -> bytes:
    """A KEXINIT, most of whose lists are as they should be."""
    parts = []
    for proper in _LISTS:
        listed = ",".join(proper).encode()
        hostile = (b"", b",", b"," * 20_000, b"none", b"\xff\xfe", b"a" * 8000, listed * 3, b"x,y,z" * 100)
        parts.append(dice.lie() if dice.random() < 0.02 else wire.string(listed))
        if dice.random() < 0.1:
            parts[-1] = wire.string(dice.choice(hostile))
    return b"\x14" + dice.randbytes(16) + b"".join(parts) + bytes([dice.getrandbits(1)]) + dice.uint32()


def opening(dice: Dice, number: int) -> bytes:
    """All that a peer says that never comes to keys; the first 256 go through all message numbers."""
    if number < 256:
        payload = bytes([number]) + b"".join(dice.anything() for _ in range(dice.randrange(4)))
        return LINE + (plain(kexinit(dice)) if dice.random() < 0.3 else b"") + plain(payload)
    return dice.choice(_OPENINGS)(dice)


def _identification(dice: Dice) -> bytes:
    return dice.mutated(dice.choice(_LINES)) + dice.rubbish(500)


def _lying_packet(dice: Dice) -> bytes:
    return LINE + dice.uint32() + dice.randbytes(dice.choice((1, 4, 100, 5000, 40_000)))


def _hostile_lists(dice: Dice) -> bytes:
    exchange = bytes([dice.choice((30, 30, 31, 32, 34, 20, 21))]) + dice.anything() + dice.anything()
    return LINE + plain(dice.mutated(kexinit(dice))) + plain(exchange)


def _nothing_in_it(dice: Dice) -> bytes:
    return LINE + (plain(kexinit(dice)) if dice.random() < 0.5 else b"") + plain(b"")


def _proper_begin(dice: Dice) -> bytes:
    return LINE + plain(kexinit(dice)) + plain(b"\x1e" + wire.string(dice.randbytes(32))) + plain(b"\x15")


_OPENINGS: tuple[Callable[[Dice], bytes], ...] = (
    _identification,
    _lying_packet,
    _hostile_lists,
    _proper_begin,
)

_METHODS = (b"none", b"password", b"publickey", b"keyboard-interactive", b"hostbased", b"\xff", b"")
_ALGORITHMS = (b"ssh-ed25519", b"ssh-rsa", b"rsa-sha2-512", b"ecdsa-sha2-nistp256", b"ssh-dss", b"\0")


def before_login(dice: Dice, number: int) -> bytes:
    """A message of somebody who has keys and has not signed in."""
    made = {5: _service, 50: _userauth, 61: _answers, 7: _extensions}.get(number)
    if made is None or dice.random() < 0.2:
        return bytes([number]) + b"".join(dice.anything() for _ in range(dice.randrange(5)))
    return dice.mutated(made(dice)) or bytes([number])


def _service(dice: Dice) -> bytes:
    return b"\x05" + (wire.string("ssh-userauth") if dice.random() < 0.7 else dice.text())


def _userauth(dice: Dice) -> bytes:
    name = wire.string(TYPED) if dice.random() < 0.7 else dice.text()
    service = wire.string("ssh-connection") if dice.random() < 0.9 else dice.text()
    method = dice.choice(_METHODS)
    key = wire.string(wire.string(dice.choice(_ALGORITHMS)) + dice.anything())
    rest = {
        b"password": bytes([dice.getrandbits(1)]) + dice.text(),
        b"publickey": bytes([dice.getrandbits(1)])
        + wire.string(dice.choice(_ALGORITHMS))
        + key
        + dice.text(),
        b"keyboard-interactive": dice.text() + dice.text(),
    }.get(method, dice.rubbish())
    return b"\x32" + name + service + wire.string(method) + rest


def _answers(dice: Dice) -> bytes:
    return b"\x3d" + dice.uint32() + b"".join(dice.text() for _ in range(dice.randrange(4)))


def _extensions(dice: Dice) -> bytes:
    return b"\x07" + dice.uint32() + dice.text() + dice.text()


_REQUESTS = (
    b"subsystem",
    b"shell",
    b"exec",
    b"pty-req",
    b"env",
    b"window-change",
    b"auth-agent-req@openssh.com",
)
_KINDS = (b"session", b"x11", b"direct-tcpip", b"forwarded-tcpip", b"tun@openssh.com", b"")


def after_login(dice: Dice, number: int, channel: int) -> bytes:
    """A message of somebody who has signed in; `channel` is one that is open."""
    recipient = wire.uint32(channel) if dice.random() < 0.9 else dice.uint32()
    made = {
        80: lambda: dice.text() + b"\1" + dice.rubbish(),
        90: lambda: wire.string(dice.choice(_KINDS)) + dice.uint32() * 3 + dice.rubbish(),
        93: lambda: recipient + dice.uint32(),
        94: lambda: recipient + dice.text(),
        95: lambda: recipient + dice.uint32() + dice.text(),
        98: lambda: recipient + wire.string(dice.choice(_REQUESTS)) + b"\1" + dice.text(),
    }.get(number)
    body = made() if made else recipient + dice.rubbish()
    return bytes([number]) + dice.mutated(body)
