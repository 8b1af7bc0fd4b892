"""What people who have not signed in may ask of the guide: so much a minute from one address.

Each process counts for itself, in memory: to write every request down for all of them would cost more than
most requests do. Whoever is signed in, or brings a token, is not counted.
"""

from collections import OrderedDict
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from math import ceil
from types import MappingProxyType
from typing import Final

from exchange.errors import TooManyAttemptsError
from exchange.runtime import Exchange

COSTS: Final = MappingProxyType(
    {
        "/api/v1/guide/changes": 3,
        "/api/v1/guide/compare": 4,
        "/api/v1/guide/contacts": 3,
        "/api/v1/guide/download": 10,
        "/api/v1/guide/questions": 4,
        "/api/v1/guide/texts/{id}": 5,
        "/guide/compare": 10,
        "/guide/texts/{id}": 5,
        "/guide/{code:locator}.pdf": 10,
    }
)
"""How many requests one of these counts as, by its route; any other, of 4 to 40 ms, is one."""
_MINUTE = 60.0
_HOUSEHOLD = 64
"""Bits of an IPv6 address that whoever has one has all others of."""


class TooManyRequestsError(TooManyAttemptsError):
    """Somebody who has not signed in asked for more than one address may; `retry_after` in whole seconds."""

    code = "too_many_requests"
    sentence = (
        "More was asked from your address in a minute than we give without a sign-in. "
        "Wait {retry_after} seconds, then go on. Whoever signs in does not have to wait."
    )


class Allowance:
    """What each address has left of its minute: all of it at first, then so much again every second."""

    MOST = 10_000
    """Addresses that are remembered; of more, those that asked longest ago begin anew."""

    def __init__(self, exchange: Exchange) -> None:
        self._clock, self._a_minute = exchange.clock, exchange.settings.guide_requests
        self._whole_at: OrderedDict[str, float] = OrderedDict()

    def spend(self, source: str, route: str) -> None:
        """Count a request. Raises `TooManyRequestsError`, which is not counted, where too little is left."""
        household, now = _household(source), self._clock().timestamp()
        if not (self._a_minute and household):
            return
        spent = min(max(self._whole_at.pop(household, now) - now, 0.0), _MINUTE)
        after = spent + COSTS.get(route, 1) * _MINUTE / self._a_minute
        self._remember(household, now + (after if after <= _MINUTE else spent))
        if after > _MINUTE:
            raise TooManyRequestsError(retry_after=ceil(after - _MINUTE))

    def _remember(self, household: str, whole_at: float) -> None:
        self._whole_at[household] = whole_at
        if len(self._whole_at) > self.MOST:
            self._whole_at.popitem(last=False)


def _household(source: str) -> str:
    """Who asks from an address; empty for this machine itself: its operator, or a proxy nobody named."""
    try:
        address = ip_address(source)
    except ValueError:
        return source
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_loopback:
        return ""
    whole = isinstance(address, IPv4Address)
    return str(address if whole else ip_network((address.packed, _HOUSEHOLD), strict=False))
