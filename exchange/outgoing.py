"""Asking whether an address in the web answers, without letting it lead us into our own networks.

A name is resolved once for each connection, every address it has is looked at, and the connection goes to
one of those: what the name means a moment later changes nothing. Each step of a redirect is looked at so.
"""

import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpcore2
from httpx2 import URL, InvalidURL

_AGENT = b"Child-Support-Exchange link check"
_MOST_STEPS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})
_SCHEMES = frozenset({"http", "https"})
_GOOD = 400
_EMBEDS_IPV4 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("2002::/16"))
"""IPv6 networks whose addresses lead to an IPv4 address."""
TOO_LATE = "it did not answer in time"
INSIDE = "it leads to an address that is not public"


class _RefusedError(Exception):
    """An address that is not asked; the words say why."""


@dataclass(frozen=True)
class Limits:
    """How long one question may take in all, and whether this machine itself may be asked."""

    seconds: float = 8.0
    loopback: bool = False


def problem_with(url: str, limits: Limits) -> str:
    """What came of asking for an address, in words; empty when it answers. Never raises."""
    network = _Network(limits, time.monotonic() + limits.seconds)
    try:
        with httpcore2.ConnectionPool(network_backend=network) as pool:
            status = _status(pool, url, b"HEAD")
            if status >= _GOOD:  # there are servers that know no HEAD
                status = _status(pool, url, b"GET")
    except _RefusedError as refusal:
        return str(refusal)
    except (httpcore2.TimeoutException, TimeoutError):
        return TOO_LATE
    except (InvalidURL, UnicodeError, ValueError):
        return "it is no address that can be asked"
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
        secure = isinstance(error.__cause__ or error.__context__, ssl.SSLError)
        return "its certificate is not valid" if secure else "the connection failed"
    return "" if status < _GOOD else f"it answers {status}"


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the public internet, and of nobody's own network."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.is_site_local or any(address in network for network in _EMBEDS_IPV4):
            return False  # fec0::/10 was everybody's own until RFC 3879; the library takes it for public
    return address.is_global and not address.is_multicast and not address.is_reserved


def _status(pool: httpcore2.ConnectionPool, address: str, method: bytes) -> int:
    """The status at the end of the way; nothing of a body is read."""
    url = URL(address)
    for _ in range(_MOST_STEPS + 1):
        if url.scheme not in _SCHEMES or not url.host:
            raise _RefusedError("only addresses of http:// and https:// are asked")
        if url.userinfo:
            raise _RefusedError("it holds a username or a password")
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        headers = [(b"Host", url.netloc), (b"User-Agent", _AGENT), (b"Accept", b"*/*")]
        with pool.stream(method, target, headers=headers) as response:
            status, named = response.status, dict(response.headers)
        moved = {name.lower(): value for name, value in named.items()}.get(b"location")
        if status not in _MOVED or moved is None:
            return status
        url = url.join(moved.decode("latin-1"))
    raise _RefusedError("it leads elsewhere again and again")


class _Network(httpcore2.NetworkBackend):
    """Connects to public addresses only, and to nothing after the time is up."""

    def __init__(self, limits: Limits, deadline: float) -> None:
        self._limits, self._deadline = limits, deadline
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 -- one deadline counts for all
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of the name, when all of them are public."""
        address = self._address(host, port)
        left = _left(self._deadline)
        stream = self._plain.connect_tcp(address, port, left, local_address, socket_options)
        return _Stream(stream, self._deadline)

    def _address(self, host: str, port: int) -> str:
        try:
            found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except OSError:
            raise _RefusedError("its name is not known") from None
        addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
        if not all(is_public(one) or (self._limits.loopback and one.is_loopback) for one in addresses):
            raise _RefusedError(INSIDE)
        return str(addresses[0])


class _Stream(httpcore2.NetworkStream):
    """A connection that ends with its deadline, however slowly something drips from it."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 -- see above
        """Read what there is."""
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 -- see above
        """Write all of it."""
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        """End it."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 -- see above
    ) -> httpcore2.NetworkStream:
        """The same connection, secured."""
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What is known of it."""
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout(TOO_LATE)
    return left
