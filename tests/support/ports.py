"""Ports for servers that must be told one before they listen."""

import random
import socket
from contextlib import suppress

_NOT_GIVEN_OUT = (20_000, 32_000)
"""Below the ports that Linux gives to whoever asks for any: no client takes one before its server does."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that is free."""
    while True:
        port = random.SystemRandom().randrange(*_NOT_GIVEN_OUT)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
