"""`HOST:PORT` on the command line, and the listening socket for it."""

import socket
from dataclasses import dataclass, replace

from deploy.failure import FailedError


@dataclass(frozen=True)
class Address:
    """Where a door listens; port 0 stands for a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        """`HOST:PORT`, with brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_anywhere(self) -> bool:
        """Whether it stands for every address of the machine."""
        return self.host in {"0.0.0.0", "::"}  # noqa: S104 -- compared with, not bound to

    @property
    def reachable(self) -> "Address":
        """An address that a client on this machine can use."""
        return replace(self, host="127.0.0.1") if self.is_anywhere else self


def parse(text: str) -> Address:
    """The address that `text` names; raises ValueError, which the command line turns into wrong use."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:8080 or [::1]:0")
    return Address(host.removeprefix("[").removesuffix("]") or "127.0.0.1", int(port))


def bound(address: Address) -> tuple[socket.socket, Address]:
    """A listening socket, and the address with its real port; `FailedError` says what is in the way."""
    try:
        listening = listen(address.host, address.port)
    except OSError as error:
        raise FailedError(f"cannot listen on {address}: {error.strerror}") from error
    return listening, Address(address.host, listening.getsockname()[1])


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on `host` and `port` (0 picks a free one), of the address family that `host` has."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1024)
    except OSError:
        listening.close()
        raise
    return listening
