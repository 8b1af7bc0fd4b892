"""The networks an organization's people may come from: a list of CIDR blocks, none for anywhere."""

import ipaddress

from exchange.errors import FieldsRefusedError

MOST = 50
_WIDEST = {4: 8, 6: 24}
"""Shorter prefixes than these are no restriction at all."""


def admit(allowed: str | None, source: str) -> bool:
    """Whether somebody from `source` may come in; without a list everybody may."""
    if not allowed:
        return True
    try:
        address = ipaddress.ip_address(source.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in ipaddress.ip_network(one) for one in allowed.split())


def parse(typed: str) -> str | None:
    """What was typed, one network a line, as it is kept; None for an empty list.

    Raises `FieldsRefusedError` naming the first network that cannot be used, and why.
    """
    networks = sorted({_network(text) for text in typed.replace(",", " ").split()})
    if len(networks) > MOST:
        raise _refused(f"Give {MOST} networks at most")
    return " ".join(networks) or None


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise _refused(f"Write {text[:60]} as a network, such as 192.0.2.0/24 or 2001:db8::/48") from None
    if network.prefixlen < _WIDEST[network.version]:
        raise _refused(f"{network} is so wide that it keeps nobody out")
    return str(network)


def _refused(why: str) -> FieldsRefusedError:
    return FieldsRefusedError({"networks": why})
